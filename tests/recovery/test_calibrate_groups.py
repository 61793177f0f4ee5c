"""Where groups are alike tests stay quiet, where they differ it is found; errors are as large as they say.

Small simulations that hold the tests in place; the long one, with many conditions, is a report.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.calibrate.making_groups import Truth, groups_of, names_of, truth

from undertow.calibrate.anchors import ALL, NAMED, AnchorRule
from undertow.calibrate.comparison import Comparison, Linked, compare, differences_of
from undertow.calibrate.dif import ItemDif, item_difs, latent_differences
from undertow.calibrate.em import settle
from undertow.calibrate.groups import GroupParameters
from undertow.calibrate.likelihood import Parameters, Sides, category_tables
from undertow.calibrate.multigroup import fit_groups
from undertow.calibrate.scores import Latent
from undertow.calibrate.short_tests import agreement

Array = NDArray[np.float64]

ITEMS, ROWS, REPLICATIONS = 8, 500, 24
FREE = 3


def under(
    sides: tuple[Sides, ...], own: tuple[Parameters, ...], true: Truth, anchors: NDArray[np.bool_]
) -> Comparison:
    """A comparison under one rule only, which is all that a replication needs."""
    start = GroupParameters(
        slope=np.repeat(true.slope[None], 2, axis=0),
        intercepts=np.repeat(true.intercepts[None], 2, axis=0),
        latents=(Latent.standard(0.0), Latent.standard(0.0)),
    )
    fit = fit_groups(sides, start, anchors, tolerance=1e-5)
    differences, spread = differences_of(own, fit.parameters.latents, true.dimension_of)
    linked = Linked(
        rule=AnchorRule(name=ALL if anchors.all() else NAMED, items=anchors),
        fit=fit,
        differences=differences,
        standardised=differences / spread,
    )
    return Comparison(
        names=("man", "woman"),
        items=tuple(names_of(true)),
        rows=(ROWS, ROWS),
        own=own,
        rules=(linked,),
        chosen=linked,
        settled=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replications:
    """Tests of anchors and of free items in groups that are alike; latent gaps in their errors."""

    anchors: tuple[ItemDif, ...]
    free: tuple[ItemDif, ...]
    latent: Array


@pytest.fixture(scope="module")
def alike() -> Replications:
    true = truth(ITEMS, seed=3, means=(-0.15, 0.15))
    all_items, some = np.ones(ITEMS, dtype=bool), np.arange(ITEMS) >= FREE
    # In SD of all, whose variance is 1 within and .15^2 between.
    expected = -0.3 / np.sqrt(1 + 0.15**2)
    anchors: list[ItemDif] = []
    free: list[ItemDif] = []
    latent = []
    for seed in range(REPLICATIONS):
        sides = groups_of(true, (ROWS, ROWS), seed=1000 + seed)
        own = tuple(settle(one).parameters for one in sides)
        whole = under(sides, own, true, all_items)
        anchors += item_difs(whole, sides)
        gap = latent_differences(whole, sides)[0]
        latent.append((gap.difference[0] - expected) / gap.standard_error[0])
        free += item_difs(under(sides, own, true, some), sides)[:FREE]
    return Replications(anchors=tuple(anchors), free=tuple(free), latent=np.array(latent))


def test_false_alarms_are_near_alpha(alike: Replications) -> None:
    for found in (alike.anchors, alike.free):
        p = np.array([one.p for one in found])
        # 192 and 72 tests: five in a hundred, give or take three standard errors.
        most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / p.size)
        assert (p < 0.05).mean() < most
        assert (p < 0.001).mean() <= 1 / p.size * 2
        # The p values are spread evenly, not all near 1.
        assert 0.35 < np.median(p) < 0.65


def test_differences_stray_as_far_as_their_errors_say(alike: Replications) -> None:
    free = np.array([one.difference / one.standard_error for one in alike.free])
    assert abs(free.mean()) < 3 / np.sqrt(free.size)
    assert 0.8 < free.std() < 1.2
    # An anchor is part of its own yardstick, so its difference strays a little less far.
    anchors = np.array([one.difference / one.standard_error for one in alike.anchors])
    assert 0.75 < anchors.std() < 1.05


def test_the_latent_difference_strays_as_far_as_its_error_says(alike: Replications) -> None:
    assert abs(alike.latent.mean()) < 3 / np.sqrt(REPLICATIONS)
    assert 0.65 < alike.latent.std() < 1.4


def test_planted_differences_are_found_at_their_size() -> None:
    true = truth(10, seed=12, means=(-0.2, 0.2), planted={1: 0.8, 4: 0.8, 7: -0.5})
    sides = groups_of(true, (1500, 1500), seed=5)
    comparison = compare(sides, ("man", "woman"), names_of(true))
    difs = item_difs(comparison, sides)
    # What the true parameters give over the pooled population, N(0, 1 + .04).
    nodes = np.linspace(-6, 6, 241)
    weight = np.exp(-(nodes**2) / 2 / 1.04)
    shares = [
        category_tables(true.slope, true.intercepts + true.shifts[group][:, None], nodes)
        @ (weight / weight.sum())
        for group in (0, 1)
    ]
    expected = (shares[0] - shares[1]) @ np.arange(3)
    for item in (1, 4, 7):
        assert difs[item].difference == pytest.approx(
            expected[item], abs=3 * difs[item].standard_error
        )
        assert difs[item].p_adjusted < 1e-4
        assert not difs[item].anchor
    gap = next(g for g in latent_differences(comparison, sides) if g.rule == "purified")
    assert gap.difference[0] == pytest.approx(
        -0.4 / np.sqrt(1.04), abs=3 * gap.standard_error[0] + 0.02
    )


def test_errors_of_bias_and_gap_are_those_of_drawing_people_again() -> None:
    rng = np.random.default_rng(6)
    standards = [rng.normal(-0.1, 1.0, 1500), rng.normal(0.1, 0.9, 2500)]
    tests = [
        own * 0.9 + rng.normal(shift, 0.4, own.size)
        for own, shift in zip(standards, (0, 0.1), strict=True)
    ]
    found = agreement(tests, standards)
    drawn = []
    for _ in range(400):
        picked = [rng.integers(0, own.size, own.size) for own in standards]
        again = agreement(
            [own[at] for own, at in zip(tests, picked, strict=True)],
            [own[at] for own, at in zip(standards, picked, strict=True)],
        )
        drawn.append([*again.bias, *again.found, again.gap])
    spread = np.std(drawn, axis=0)
    told = [*found.bias_error, *found.found_error, found.gap_error]
    assert np.array(told) == pytest.approx(spread, rel=0.2)
