"""Calibrated items and banks: each rule; adapting them to an instrument is left to
`test_adapted_bank`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.made_up_bank import ANXIETY, AVOIDANCE, calibrated_item, small_bank

from undertow.bank.calibrated import CalibratedItem, DependentPair, GroupFigures
from undertow.errors import InstrumentError

NAN, INFINITY = float("nan"), float("inf")


def item(slope: float = 1.5, intercepts: tuple[float, ...] = (2.0, 0.0, -1.0)) -> CalibratedItem:
    return CalibratedItem(
        id="Q7", dimension=AVOIDANCE, keying=1, slope=slope, intercepts=intercepts
    )


def test_categories_are_one_more_than_intercepts() -> None:
    assert item().categories == 4
    assert item(intercepts=(0.0,)).categories == 2


def test_thresholds_are_where_half_reach_a_category() -> None:
    # b = -d / a: -2 / 1.5, 0, 1 / 1.5
    assert item().thresholds == pytest.approx((-4 / 3, 0.0, 2 / 3))


@pytest.mark.parametrize("slope", [0.0, -1.0, NAN, INFINITY])
def test_a_slope_that_is_not_positive(slope: float) -> None:
    with pytest.raises(InstrumentError) as caught:
        item(slope=slope)

    assert (caught.value.file, caught.value.key) == ("bank", "Q7")
    assert caught.value.rule == "slope must be a positive number"


@pytest.mark.parametrize("intercepts", [(), (NAN,), (1.0, -INFINITY), (INFINITY, 0.0)])
def test_intercepts_that_are_no_numbers(intercepts: tuple[float, ...]) -> None:
    with pytest.raises(InstrumentError) as caught:
        item(intercepts=intercepts)

    assert (caught.value.file, caught.value.key) == ("bank", "Q7")
    assert caught.value.rule == "intercepts must be numbers"


@pytest.mark.parametrize("intercepts", [(0.0, 1.0), (1.0, 1.0), (2.0, 0.0, 0.5)])
def test_intercepts_that_do_not_fall(intercepts: tuple[float, ...]) -> None:
    with pytest.raises(InstrumentError) as caught:
        item(intercepts=intercepts)

    assert (caught.value.file, caught.value.key) == ("bank", "Q7")
    assert "fall strictly" in caught.value.rule


@pytest.mark.parametrize("correlation", [-1.0, 1.0, 1.5, NAN])
def test_a_correlation_that_cannot_be(correlation: float) -> None:
    with pytest.raises(InstrumentError) as caught:
        small_bank(correlation=correlation)

    assert (caught.value.file, caught.value.key) == ("bank", "correlation")


@pytest.mark.parametrize("borders", [(NAN, 0.0), (0.0, INFINITY)])
def test_borders_that_are_no_numbers(borders: tuple[float, float]) -> None:
    with pytest.raises(InstrumentError) as caught:
        replace(small_bank(), borders=borders)

    assert (caught.value.file, caught.value.key) == ("bank", "borders")


def test_an_item_twice() -> None:
    bank = small_bank()
    with pytest.raises(InstrumentError) as caught:
        replace(bank, items=(*bank.items, bank.items[0]))

    assert (caught.value.key, caught.value.rule) == ("items", "an id is there twice")


@pytest.mark.parametrize("absent", [ANXIETY, AVOIDANCE])
def test_a_dimension_without_items(absent: str) -> None:
    bank = small_bank()
    with pytest.raises(InstrumentError) as caught:
        replace(bank, items=tuple(item for item in bank.items if item.dimension != absent))

    assert (caught.value.key, caught.value.rule) == ("items", f"none belongs to {absent}")


def test_items_made_from_thresholds_for_tests_are_what_they_say() -> None:
    made = calibrated_item("x", ANXIETY, slope=2.0, thresholds=(-0.5, 1.0))

    assert made.intercepts == (1.0, -2.0)
    assert made.thresholds == (-0.5, 1.0)


# ---- figures by group -----------------------------------------------------------------------------


def figures(
    group: str, slope: float = 1.5, intercepts: tuple[float, ...] = (2.0, 0.0, -1.0)
) -> GroupFigures:
    return GroupFigures(group=group, slope=slope, intercepts=intercepts)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (figures("man", slope=-1.0), "slope for man must be a positive number"),
        (figures("man", intercepts=(0.0, 1.0, -1.0)), "intercepts for man must fall strictly"),
        (figures("man", intercepts=(0.0, NAN, -1.0)), "intercepts for man must be numbers"),
        (figures("man", intercepts=(1.0, 0.0)), "intercepts for man must be as many"),
    ],
)
def test_figures_of_a_group_keep_the_same_rules(wrong: GroupFigures, rule: str) -> None:
    with pytest.raises(InstrumentError, match=rule):
        replace(item(), by_group=(wrong,))


def test_a_bank_knows_the_groups_of_its_items() -> None:
    bank = small_bank()
    assert bank.groups == ()
    both = (figures("man"), figures("woman", slope=1.2))
    items = tuple(
        replace(
            one,
            by_group=tuple(replace(figure, intercepts=one.intercepts) for figure in both),
        )
        for one in bank.items
    )
    assert replace(bank, items=items, group_correlation=0.1).groups == ("man", "woman")
    with pytest.raises(InstrumentError, match="other groups in some items"):
        replace(bank, items=(bank.items[0], *items[1:]), group_correlation=0.1)


@pytest.mark.parametrize("correlation", [None, 1.0, -1.0, NAN])
def test_figures_by_group_need_their_correlation(correlation: float | None) -> None:
    bank = small_bank()
    items = tuple(
        replace(one, by_group=(GroupFigures(group="man", slope=1.0, intercepts=one.intercepts),))
        for one in bank.items
    )
    with pytest.raises(InstrumentError, match="need a correlation"):
        replace(bank, items=items, group_correlation=correlation)


# ---- items that go together ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "dependence"),
    [("a1", "a1", 0.3), ("a1", "a2", -0.1), ("a1", "a2", 1.0), ("a1", "a2", NAN)],
)
def test_a_pair_that_cannot_be(first: str, second: str, dependence: float) -> None:
    with pytest.raises(InstrumentError) as caught:
        DependentPair(first=first, second=second, dependence=dependence)

    assert (caught.value.file, caught.value.key) == ("bank", "pairs")
    assert "two items and a dependence from 0 to below 1" in caught.value.rule


@pytest.mark.parametrize(
    ("pairs", "rule"),
    [
        ([("a1", "v1")], "must name two items of one dimension"),
        ([("a1", "elsewhere")], "must name two items of one dimension"),
        ([("elsewhere", "nowhere")], "must name two items of one dimension"),
        ([("a1", "a2"), ("a1", "a2")], "names a pair twice"),
        ([("a1", "a2"), ("a2", "a1")], "names a pair twice"),
    ],
)
def test_pairs_that_do_not_fit_the_bank(pairs: list[tuple[str, str]], rule: str) -> None:
    made = tuple(DependentPair(first=one, second=two, dependence=0.2) for one, two in pairs)

    with pytest.raises(InstrumentError) as caught:
        replace(small_bank(), pairs=made)

    assert (caught.value.key, caught.value.rule) == ("pairs", rule)


def test_a_bank_may_have_pairs_that_share_an_item() -> None:
    pairs = tuple(
        DependentPair(first="a1", second=second, dependence=0.2) for second in ("a2", "a3")
    )

    assert replace(small_bank(), pairs=pairs).pairs == pairs
