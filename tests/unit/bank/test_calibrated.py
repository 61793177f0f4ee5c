"""Calibrated items and banks: each rule; adapting them to an instrument is left to
`test_adapted_bank`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.made_up_bank import ANXIETY, AVOIDANCE, calibrated_item, small_bank

from undertow.bank.calibrated import CalibratedItem
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
