"""What a bank may say about wording that drifted, and what an adaptation carries of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.adapted_bank import adapting
from tests.made_up_bank import small_bank

from undertow.bank.drift import CarriedDrift, Spread, WordingDrift
from undertow.errors import InstrumentError

MEASURED = WordingDrift(
    log_slope=Spread(sd=0.10, se=0.03),
    threshold=Spread(sd=0.14, se=0.04),
    threshold_spacing=None,
    gender_difference=Spread(sd=0.08, se=0.02),
    families=(("a1", "a2"),),
)


def test_fresh_wording_carries_twice_what_was_measured() -> None:
    assert MEASURED.factor == 2
    assert MEASURED.carried.log_slope == pytest.approx(0.20)
    assert MEASURED.carried.threshold == pytest.approx(0.28)
    assert MEASURED.carried_gender_difference == pytest.approx(0.16)


def test_the_factor_is_the_banks_to_say() -> None:
    assert replace(MEASURED, factor=3.0).carried.threshold == pytest.approx(0.42)
    assert replace(MEASURED, gender_difference=None).carried_gender_difference is None


def test_a_bank_of_first_wording_carries_nothing() -> None:
    bank = small_bank()

    assert bank.carried_drift is None
    assert replace(bank, drift=MEASURED).carried_drift is None
    assert adapting(bank).carried_drift is None
    assert adapting(replace(bank, drift=MEASURED)).carried_drift == MEASURED.carried


@pytest.mark.parametrize(
    ("sd", "se"), [(-0.1, 0.1), (0.1, -0.1), (float("nan"), 0.1), (0.1, float("inf"))]
)
def test_spreads_that_cannot_be(sd: float, se: float) -> None:
    with pytest.raises(InstrumentError, match="sd and se"):
        Spread(sd=sd, se=se)


@pytest.mark.parametrize(("log_slope", "threshold"), [(-0.1, 0.1), (0.1, float("nan"))])
def test_drift_that_cannot_be_carried(log_slope: float, threshold: float) -> None:
    with pytest.raises(InstrumentError, match="sd must be 0 or more"):
        CarriedDrift(log_slope=log_slope, threshold=threshold)


@pytest.mark.parametrize("factor", [0.0, -2.0, float("nan"), float("inf")])
def test_factors_that_cannot_be(factor: float) -> None:
    with pytest.raises(InstrumentError, match="above 0"):
        replace(MEASURED, factor=factor)


@pytest.mark.parametrize("families", [(), (("a1",),), (("a1", "a1"),)])
def test_families_without_anything_to_compare(families: tuple[tuple[str, ...], ...]) -> None:
    with pytest.raises(InstrumentError, match="two or more"):
        replace(MEASURED, families=families)
