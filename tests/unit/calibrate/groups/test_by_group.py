"""Parameters by group: who needs them, whole tables on one metric, and tables that can't be built."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.calibrate.groups.conftest import GROUPS, Compared

from undertow.calibrate.by_group import METRIC, ByGroup, fit_by_group, needs_own
from undertow.calibrate.dif import EffectClass, ItemDif
from undertow.calibrate.groups import rescaled
from undertow.errors import ShapeError


def dif(standardised: float, p_adjusted: float, effect: EffectClass) -> ItemDif:
    return ItemDif(
        item=0,
        between=GROUPS,
        difference=standardised,
        standard_error=0.01,
        standardised=standardised,
        effect_class=effect,
        statistic=1.0,
        df=3,
        p=p_adjusted,
        p_adjusted=p_adjusted,
        low=-1.0,
        high=1.0,
        anchor=False,
    )


@pytest.mark.parametrize(
    ("standardised", "p_adjusted", "effect", "own"),
    [
        (0.30, 0.001, EffectClass.LARGE, True),
        (-0.20, 0.001, EffectClass.MODERATE, True),
        (0.06, 0.04, EffectClass.NEGLIGIBLE, True),
        (-0.06, 0.04, EffectClass.NEGLIGIBLE, True),
        (0.06, 0.06, EffectClass.NEGLIGIBLE, False),
        (0.05, 0.001, EffectClass.NEGLIGIBLE, False),
    ],
)
def test_who_needs_parameters_by_group(
    standardised: float, p_adjusted: float, effect: EffectClass, own: bool
) -> None:
    assert needs_own([dif(standardised, p_adjusted, effect)]).tolist() == [own]


def test_the_planted_items_get_their_own(by_group: ByGroup) -> None:
    assert {0, 3} <= set(by_group.differing.tolist())
    assert by_group.differing.size <= 4
    own = by_group.parameters
    apart = own.intercepts[0, 0] - own.intercepts[1, 0]
    # .9 was added to both intercepts of the first group.
    assert apart == pytest.approx([0.9, 0.9], abs=0.35)


def test_the_others_are_the_same_for_everyone(by_group: ByGroup) -> None:
    equal = np.setdiff1d(np.arange(12), by_group.differing)
    assert np.array_equal(by_group.parameters.slope[0, equal], by_group.parameters.slope[1, equal])


def test_which_items_differ_can_be_given(two: Compared) -> None:
    # Even the item that differs least may be free, where it is asked for.
    least = min(two.difs, key=lambda one: abs(one.standardised)).item
    wanted = np.arange(12) == least
    found = fit_by_group(two.comparison, two.difs, two.sides, differing=wanted)
    assert found.differing.tolist() == [least]
    # Two in each dimension stay equal, or nothing would tie the groups together.
    all_of_them = fit_by_group(
        two.comparison, two.difs, two.sides, differing=np.ones(12, dtype=bool)
    )
    assert all_of_them.differing.size == 8


def test_one_prior_serves_everyone(by_group: ByGroup) -> None:
    # Men and women differ on both dimensions in the same direction, and that is all they share.
    assert by_group.correlation == pytest.approx(0.04, abs=0.06)


def test_the_table_is_whole_for_each_group(by_group: ByGroup, two: Compared) -> None:
    table = json.loads(json.dumps(by_group.as_table(), allow_nan=False))
    assert table["metric"] == METRIC
    assert list(table["groups"]) == list(GROUPS)
    assert list(by_group.as_table(("m", "w"))["groups"]) == ["m", "w"]  # type: ignore[call-overload]
    assert table["differing_items"][:2] == ["Q1", "Q4"]
    for name in GROUPS:
        own = table["groups"][name]
        assert list(own["items"]) == two.items
        assert len(own["mean"]) == len(own["deviation"]) == 2
        assert all(len(item["intercepts"]) == 2 for item in own["items"].values())
    man, woman = (table["groups"][name] for name in GROUPS)
    assert man["share"] + woman["share"] == pytest.approx(1)
    assert man["share"] * man["mean"][0] + woman["share"] * woman["mean"][0] == pytest.approx(
        0, abs=1e-5
    )
    assert man["items"]["Q2"] == woman["items"]["Q2"]
    assert man["items"]["Q1"] != woman["items"]["Q1"]


def test_one_dimension_has_one_mean(one: Compared) -> None:
    found = fit_by_group(one.comparison, one.difs, one.sides)
    assert 0 in found.differing
    assert found.correlation == 0
    table = json.loads(json.dumps(found.as_table()))
    assert len(table["groups"]["man"]["mean"]) == 1


def test_another_metric_is_refused(by_group: ByGroup) -> None:
    dimension_of = np.arange(12) % 2
    moved = rescaled(by_group.parameters, np.array([1.0, 0.0]), dimension_of)
    with pytest.raises(ShapeError, match="groups must be on the metric"):
        replace(by_group, parameters=moved)


def test_parts_that_do_not_fit_are_refused(by_group: ByGroup) -> None:
    with pytest.raises(ShapeError, match="a column for each item"):
        replace(by_group, items=by_group.items[:-1])
    with pytest.raises(ShapeError, match="a row for each group"):
        replace(by_group, shares=np.ones(3) / 3)
    with pytest.raises(ShapeError, match="must have the same parameters"):
        replace(by_group, differing=np.array([3]))
    crossed = replace(by_group.parameters, intercepts=by_group.parameters.intercepts[:, :, ::-1])
    with pytest.raises(ShapeError, match="intercepts must fall"):
        replace(by_group, parameters=crossed)
