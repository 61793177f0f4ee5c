"""Laws of change: time turned round, nothing new, more doubt, other ends."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.adapted_bank import drifting
from tests.made_up_bank import ANXIETY, AVOIDANCE, bank_of, calibrated_item
from tests.property.drawing import hundredths

from undertow.bank.calibrated import Bank
from undertow.measure.change import (
    Change,
    ChangeRule,
    DimensionChange,
    TakenSitting,
    Verdict,
    change_between,
)
from undertow.measure.posterior import Estimate

MEANS = hundredths(-3.0, 3.0)
PSD = hundredths(0.05, 1.2)
STABLE = hundredths(0.80, 0.97)
MIRRORED = {
    Verdict.MORE: Verdict.LESS,
    Verdict.LESS: Verdict.MORE,
    Verdict.CANT_TELL: Verdict.CANT_TELL,
}


def tiny_bank() -> Bank:
    """Three adapted items a dimension, since laws of drift need no more and wait for each."""
    return drifting(
        bank_of(
            [
                calibrated_item(f"{letter}{n}", dimension, slope=1.2 + n / 3, thresholds=(-1, 0, 1))
                for letter, dimension in (("a", ANXIETY), ("v", AVOIDANCE))
                for n in range(3)
            ]
        )
    )


BANK = tiny_bank()
IDS = [item.id for item in BANK.items]


def rule(stability: tuple[float, float] = (0.85, 0.93)) -> ChangeRule:
    # The widest psd for the least stability that is drawn, and as few answers as there are.
    return ChangeRule(stability=stability, least_answers=1, least_in_all=1, widest_psd=0.6)


@st.composite
def sittings(draw: st.DrawFn) -> TakenSitting:
    psd = np.array([draw(PSD), draw(PSD)])
    cross = draw(hundredths(-0.8, 0.8)) * psd[0] * psd[1]
    return TakenSitting(
        estimate=Estimate(
            mean=np.array([draw(MEANS), draw(MEANS)]),
            covariance=np.array([[psd[0] ** 2, cross], [cross, psd[1] ** 2]]),
        ),
        answered=tuple(draw(st.lists(st.sampled_from(IDS), unique=True))),
        bank=BANK.checksum,
    )


def change(first: TakenSitting, second: TakenSitting, *, by: ChangeRule | None = None) -> Change:
    return change_between(
        first, second, days=40, bank=BANK, drift=BANK.carried_drift, rule=by or rule()
    )


def widened(sitting: TakenSitting, by: tuple[float, float]) -> TakenSitting:
    covariance = sitting.estimate.covariance + np.diag(np.square(by))
    return TakenSitting(
        estimate=Estimate(mean=sitting.estimate.mean, covariance=covariance),
        answered=sitting.answered,
        bank=sitting.bank,
    )


def check_no_surer(doubtful: DimensionChange, sure: DimensionChange) -> None:
    """What the doubtful one says, the sure one said at least as surely."""
    if doubtful.verdict is not Verdict.CANT_TELL:
        assert sure.verdict is doubtful.verdict
    if sure.sure >= 0.5 or doubtful.sure >= 0.5:
        assert doubtful.sure <= sure.sure + 1e-12


@given(sittings(), sittings())
def test_exchanging_the_sittings_exchanges_more_and_less(
    first: TakenSitting, second: TakenSitting
) -> None:
    there, back = change(first, second), change(second, first)

    for one, other in zip(there.dimensions, back.dimensions, strict=True):
        assert other.verdict is MIRRORED[one.verdict]
        assert other.doubt is one.doubt
        np.testing.assert_allclose(other.more, [1 - one.more[1], 1 - one.more[0]], atol=1e-12)
        assert other.difference == -one.difference
        assert other.smallest == one.smallest


@given(sittings(), sittings())
def test_the_mirrored_person_changes_the_other_way(
    first: TakenSitting, second: TakenSitting
) -> None:
    # All thresholds of the tiny bank lie around 0, so drift is the same on both sides.
    def mirrored(sitting: TakenSitting) -> TakenSitting:
        return TakenSitting(
            estimate=Estimate(mean=-sitting.estimate.mean, covariance=sitting.estimate.covariance),
            answered=sitting.answered,
            bank=sitting.bank,
        )

    for one, other in zip(
        change(first, second).dimensions,
        change(mirrored(first), mirrored(second)).dimensions,
        strict=True,
    ):
        assert other.verdict is MIRRORED[one.verdict]
        np.testing.assert_allclose(other.more, [1 - one.more[1], 1 - one.more[0]], atol=1e-9)


@given(sittings())
def test_the_same_answers_twice_tell_nothing(sitting: TakenSitting) -> None:
    for one in change(sitting, sitting).dimensions:
        assert one.verdict is Verdict.CANT_TELL
        assert abs(sum(one.more) / 2 - 0.5) < 1e-12
        assert one.sure <= 0.5


@given(sittings(), sittings(), st.tuples(PSD, PSD), st.tuples(PSD, PSD))
def test_a_wider_posterior_never_makes_it_surer(
    first: TakenSitting,
    second: TakenSitting,
    by_first: tuple[float, float],
    by_second: tuple[float, float],
) -> None:
    sure = change(first, second)
    doubtful = change(widened(first, by_first), widened(second, by_second))

    for less, more in zip(doubtful.dimensions, sure.dimensions, strict=True):
        check_no_surer(less, more)


@given(sittings(), sittings(), st.lists(STABLE, min_size=3, max_size=3))
def test_more_ups_and_downs_never_make_it_surer(
    first: TakenSitting, second: TakenSitting, drawn: list[float]
) -> None:
    low, middle, high = sorted(drawn)
    steady = change(first, second, by=rule((middle, high)))
    unsteady = change(first, second, by=rule((low, high)))

    for less, more in zip(unsteady.dimensions, steady.dimensions, strict=True):
        check_no_surer(less, more)


@given(sittings(), sittings(), STABLE, STABLE)
def test_what_is_said_for_a_range_is_said_at_both_its_ends(
    first: TakenSitting, second: TakenSitting, one: float, other: float
) -> None:
    low, high = min(one, other), max(one, other)
    whole = change(first, second, by=rule((low, high)))
    ends = [change(first, second, by=rule((end, end))) for end in (low, high)]

    for at, told in enumerate(whole.dimensions):
        own = [end.dimensions[at] for end in ends]
        assert told.more == (min(o.more[0] for o in own), max(o.more[1] for o in own))
        if told.verdict is not Verdict.CANT_TELL:
            assert {o.verdict for o in own} == {told.verdict}


@given(sittings(), sittings())
def test_the_other_dimension_changes_nothing_here(
    first: TakenSitting, second: TakenSitting
) -> None:
    def without_avoidance(sitting: TakenSitting) -> TakenSitting:
        spread = sitting.estimate.covariance[0, 0]
        return TakenSitting(
            estimate=Estimate(
                mean=np.array([sitting.estimate.mean[0], 0.0]),
                covariance=np.array([[spread, 0.0], [0.0, 1.0]]),
            ),
            answered=tuple(i for i in sitting.answered if i.startswith("a")),
            bank=sitting.bank,
        )

    alone = change(without_avoidance(first), without_avoidance(second))

    assert alone.dimensions[0] == change(first, second).dimensions[0]
