"""Norms: who belongs to which group, and a normal group's shares against the error function."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import pytest
from tests.unit.calibrate.making import csv_of, simulated_answers

from undertow.calibrate import Calibration, Recipe
from undertow.calibrate.archive import parse_table
from undertow.calibrate.likelihood import reporting_grid
from undertow.calibrate.norming import KNOTS, Group, groups_of, norms_from
from undertow.calibrate.sample import sample_of


def normal_share(place: float) -> float:
    return 0.5 * (1 + erf(place / sqrt(2)))


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (-0.4, 0.8), (0.7, 0.6)])
def test_a_normal_group_gets_the_normal_curve(mean: float, deviation: float) -> None:
    nodes = reporting_grid().nodes
    mass = 250 * np.exp(-(((nodes - mean) / deviation) ** 2) / 2)
    group = Group(name="g", gender=None, age_band=None, member=np.ones(3, dtype=bool))
    (norm,) = norms_from((group,), np.stack([mass, mass])[None])
    expected = [normal_share((knot - mean) / deviation) for knot in KNOTS]
    assert np.allclose(norm.cdf, [expected, expected], atol=2e-5)
    assert norm.n == 3
    assert norm.place(0.5) == pytest.approx((mean, mean), abs=2e-3)


def test_groups_need_enough_rows_and_everyone_comes_first(recipe: Recipe) -> None:
    # Ages go round by 3, genders by 2: 150 men and 150 women of each age.
    table = parse_table(csv_of(simulated_answers(900, seed=5)), recipe)
    sample = sample_of(table, recipe, complete_cases=False)
    groups = groups_of(sample, recipe)
    assert [(g.name, g.gender, g.age_band, int(g.member.sum())) for g in groups] == [
        ("adults who were made up", None, None, 900),
        ("men", "man", None, 450),
        ("women", "woman", None, 450),
        ("people aged 18 to 24", None, "18-24", 300),
        ("people aged 25 to 80", None, "25-80", 600),
        ("men aged 25 to 80", "man", "25-80", 300),
        ("women aged 25 to 80", "woman", "25-80", 300),
    ]


def test_complete_cases_have_one_group_under_its_own_name(recipe: Recipe) -> None:
    table = parse_table(csv_of(simulated_answers(900, seed=5)), recipe)
    groups = groups_of(sample_of(table, recipe, complete_cases=True), recipe)
    assert [g.name for g in groups] == ["people of any age who were made up"]


def test_shares_rise_from_nothing_to_everyone(calibration: Calibration) -> None:
    for norm in calibration.norms:
        assert np.all(np.diff(norm.cdf, axis=1) >= 0)
        assert np.all(norm.cdf[:, 0] < 0.01)
        assert np.all(norm.cdf[:, -1] > 0.99)


def test_men_and_women_together_are_nearly_everyone(calibration: Calibration) -> None:
    by_gender = {n.gender: n for n in calibration.norms if n.age_band is None}
    men, women, all_of_them = by_gender["man"], by_gender["woman"], by_gender[None]
    together = (men.n * men.cdf + women.n * women.cdf) / (men.n + women.n)
    # Two normals of their own make a mixture that is not quite the one normal of everyone.
    assert np.allclose(together, all_of_them.cdf, atol=0.01)
