"""What is compared, what is refused, and which reason comes first when a change can't be told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.adapted_bank import drifting
from tests.made_up_bank import large_bank

from undertow.bank.calibrated import Bank
from undertow.bank.item import Dimension
from undertow.errors import InputError
from undertow.measure.change import (
    Change,
    ChangeRule,
    DimensionChange,
    Doubt,
    TakenSitting,
    Verdict,
    change_between,
    shared_drift,
    smallest_change,
)
from undertow.measure.posterior import Estimate

BANK = large_bank()
ALL = tuple(item.id for item in BANK.items)
SIX_EACH = ALL[:12]
A = tuple(i for i in ALL if i.startswith("a"))


def sitting(
    anxiety: float = 0.0,
    avoidance: float = 0.0,
    *,
    psd: float = 0.3,
    answered: tuple[str, ...] = ALL,
    bank: str = BANK.checksum,
) -> TakenSitting:
    return TakenSitting(
        estimate=Estimate(mean=np.array([anxiety, avoidance]), covariance=np.eye(2) * psd**2),
        answered=answered,
        bank=bank,
    )


def change(first: TakenSitting, second: TakenSitting, *, days: int = 40) -> Change:
    return change_between(first, second, days=days, bank=BANK, drift=None)


def both(
    first: TakenSitting, second: TakenSitting, *, days: int = 40
) -> tuple[tuple[Verdict, Doubt | None], ...]:
    return tuple((one.verdict, one.doubt) for one in change(first, second, days=days).dimensions)


# ---- verdicts ------------------------------------------------------------------------------------


def test_each_dimension_has_its_own_verdict() -> None:
    told = change(sitting(1.5, -0.9), sitting(-0.5, 0.9)).dimensions

    assert [one.dimension for one in told] == [Dimension.ANXIETY, Dimension.AVOIDANCE]
    assert [one.verdict for one in told] == [Verdict.LESS, Verdict.MORE]
    assert [one.doubt for one in told] == [None, None]


def test_the_same_result_twice_tells_nothing() -> None:
    for one in change(sitting(1.5, 0.0), sitting(1.5, 0.0)).dimensions:
        assert (one.verdict, one.doubt) == (Verdict.CANT_TELL, Doubt.NOISE)
        assert sum(one.more) / 2 == pytest.approx(0.5)


def test_the_range_of_stability_shows() -> None:
    low, high = change(sitting(0.0), sitting(0.9)).dimensions[0].more

    assert low + 0.01 < high


# ---- reasons -------------------------------------------------------------------------------------


def test_too_soon_comes_before_everything() -> None:
    far = sitting(2.0, 2.0), sitting(-2.0, -2.0, answered=SIX_EACH)

    assert both(*far, days=27) == ((Verdict.CANT_TELL, Doubt.TOO_SOON),) * 2
    assert both(*far, days=28) == ((Verdict.CANT_TELL, Doubt.TOO_FEW),) * 2


@pytest.mark.parametrize("short", [0, 1])
def test_a_short_form_in_either_sitting_shows_no_change(short: int) -> None:
    pair = [sitting(2.0, 2.0), sitting(-2.0, -2.0)]
    pair[short] = replace(pair[short], answered=SIX_EACH)

    assert both(pair[0], pair[1]) == ((Verdict.CANT_TELL, Doubt.TOO_FEW),) * 2


def test_answers_are_counted_by_dimension() -> None:
    def lopsided(avoidance: int) -> TakenSitting:
        answered = A + tuple(i for i in ALL if i.startswith("v"))[:avoidance]
        return sitting(-2.0, -2.0, answered=answered)

    assert both(sitting(2.0, 2.0), lopsided(6)) == ((Verdict.LESS, None),) * 2
    assert both(sitting(2.0, 2.0), lopsided(5)) == (
        (Verdict.LESS, None),
        (Verdict.CANT_TELL, Doubt.TOO_FEW),
    )


def test_thirteen_answers_are_the_fewest() -> None:
    far = sitting(2.0, 2.0)

    assert both(far, sitting(-2.0, -2.0, answered=ALL[:13])) == ((Verdict.LESS, None),) * 2
    assert both(far, sitting(-2.0, -2.0, answered=ALL[:12]))[0][1] is Doubt.TOO_FEW


def test_a_posterior_that_is_too_wide_is_not_compared() -> None:
    assert both(sitting(2.0, psd=0.6), sitting(-2.0))[0] == (Verdict.LESS, None)
    assert both(sitting(2.0, psd=0.61), sitting(-2.0))[0] == (Verdict.CANT_TELL, Doubt.TOO_FEW)
    # As wide as the prior, or wider: no answers at all.
    nothing = change(sitting(0.0, psd=1.0), sitting(0.0, psd=1.2)).dimensions[0]
    assert nothing.doubt is Doubt.TOO_FEW
    assert nothing.more == (0.5, 0.5)


# ---- what is refused -----------------------------------------------------------------------------


def test_negative_days_are_refused() -> None:
    with pytest.raises(InputError, match="must not be earlier"):
        change(sitting(), sitting(), days=-1)
    assert change(sitting(), sitting(), days=0).days == 0


@pytest.mark.parametrize("other", [0, 1])
def test_another_bank_is_refused(other: int) -> None:
    pair = [sitting(), sitting()]
    pair[other] = replace(pair[other], bank="sha256:another")

    with pytest.raises(InputError, match="same bank"):
        change(pair[0], pair[1])


def test_a_bank_that_neither_was_taken_on_is_refused() -> None:
    pair = sitting(bank="sha256:another"), sitting(bank="sha256:another")

    with pytest.raises(InputError, match="same bank"):
        change(*pair)


@pytest.mark.parametrize("answered", [("a1", "a1"), ("a1", "nobody-asked-this")])
def test_items_that_cannot_be_are_refused_without_naming_them(answered: tuple[str, ...]) -> None:
    for pair in [(sitting(), sitting(answered=answered)), (sitting(answered=answered), sitting())]:
        with pytest.raises(InputError, match="names an item twice, or one") as caught:
            change(*pair)
        assert answered[1] not in str(caught.value)


@pytest.mark.parametrize(
    "broken",
    [
        {"stability": (0.93, 0.85)},
        {"stability": (0.4, 0.85)},
        {"stability": (0.85, 1.0)},
        {"at_least": 0.5},
        {"at_least": 1.0},
        {"least_days": -1},
        {"least_answers": 0},
        {"least_in_all": 0},
        {"widest_psd": 0.0},
        {"widest_psd": 0.65},
        {"widest_psd": float("nan")},
        {"stability": (0.7, 0.8)},
    ],
)
def test_a_rule_that_cannot_be_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(InputError, match="change rule"):
        ChangeRule(**broken)  # type: ignore[arg-type]


def test_the_widest_psd_that_a_rule_may_have_is_named() -> None:
    # 1 / (1 - psd^2) = 2 * .7: psd = root of (1 - 1 / 1.4) = .5345
    with pytest.raises(InputError, match=r"0\.535"):
        ChangeRule(stability=(0.7, 0.8))


@pytest.mark.parametrize("psd", [(0.0, 0.3), (0.3, 1.0), (0.3, float("nan"))])
def test_the_smallest_change_needs_psd_that_can_be(psd: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        smallest_change(psd)


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_the_smallest_change_needs_a_power_that_can_be(power: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        smallest_change((0.3, 0.3), power=power)


def test_a_verdict_without_its_probability_or_a_doubt_without_its_reason_cannot_be_made() -> None:
    told = change(sitting(1.5), sitting(-0.5)).dimensions[0]

    with pytest.raises(TypeError):
        DimensionChange(  # type: ignore[call-arg]
            dimension=Dimension.ANXIETY,
            difference=1.0,
            smallest=1.0,
            verdict=Verdict.MORE,
            doubt=None,
        )
    wrongs: tuple[dict[str, object], ...] = (
        {"doubt": Doubt.NOISE},
        {"verdict": Verdict.CANT_TELL},
        {"more": (0.9, 0.1)},
        {"more": (0.9, 1.1)},
    )
    for wrong in wrongs:
        with pytest.raises(InputError):
            replace(told, **wrong)  # type: ignore[arg-type]


# ---- drift that both sittings share --------------------------------------------------------------

DRIFTED = drifting(BANK)


def shared(first: tuple[str, ...], second: tuple[str, ...], *, bank: Bank = DRIFTED) -> list[float]:
    found = shared_drift(bank, first, second, place=np.zeros(2), drift=DRIFTED.carried_drift)
    return [float(one) for one in found]


def test_drift_is_shared_by_common_items_only() -> None:
    whole = shared(ALL, ALL)

    assert min(whole) > 0
    assert shared(A, A)[1] == 0
    assert shared(A[:9], A[9:]) == [0.0, 0.0]
    assert shared((), ALL) == [0.0, 0.0]
    # Half in common shares less of each than all in common does.
    assert 0 < shared(A[:12], A[6:])[0] < shared(A[:12], A[:12])[0]


def test_fewer_items_share_more_since_less_of_it_averages_out() -> None:
    assert shared(A[:6], A[:6])[0] > shared(A, A)[0]


def test_items_of_their_own_words_share_none() -> None:
    # The bank's items adapt nothing, so nothing has drifted whatever the bank may carry.
    assert shared(ALL, ALL, bank=BANK) == [0.0, 0.0]


def test_a_change_is_surer_where_the_same_items_were_asked() -> None:
    def sure(second: tuple[str, ...]) -> float:
        pair = sitting(0.5, answered=A[:9] + ALL[1::2]), sitting(-0.9, answered=second)
        told = change_between(*pair, days=40, bank=DRIFTED, drift=DRIFTED.carried_drift)
        return told.dimensions[0].sure

    assert sure(A[:9] + ALL[1::2]) > sure(A[9:] + ALL[1::2])
