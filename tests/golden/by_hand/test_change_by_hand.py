"""Change between two sittings where every figure can be redone with a pocket calculator.

psd^2 = .2 makes Var(x) = 1 / .8 = 1.25, so a mean of .8 is an x of 1, and a mean of 0 stays 0.

    c     Var - c^2 / Var            root      with the first given   with the second given
    .85   1.25 - .7225 / 1.25        .819756   1 / root = 1.2199      .85 * .8 / root =  .8295
    .93   1.25 - .8649 / 1.25        .747048   1 / root = 1.3386      .93 * .8 / root =  .9959

From a table of the normal: Phi(.8295) = .7966, Phi(1.3386) = .9096.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from tests.made_up_bank import large_bank

from undertow.bank.calibrated import Bank
from undertow.measure.change import (
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


def sitting(bank: Bank, mean: float, variance: float) -> TakenSitting:
    return TakenSitting(
        estimate=Estimate(mean=np.array([mean, 0.0]), covariance=np.eye(2) * variance),
        answered=tuple(item.id for item in bank.items),
        bank=bank.checksum,
    )


def anxiety(first: float, second: float, variance: float) -> DimensionChange:
    bank = large_bank()
    pair = (sitting(bank, first, variance), sitting(bank, second, variance))
    return change_between(*pair, days=40, bank=bank, drift=None).dimensions[0]


def test_a_rise_within_what_noise_makes() -> None:
    change = anxiety(0.0, 0.8, 0.2)

    assert change.more == pytest.approx((0.7966, 0.9096), abs=1e-4)
    assert (change.verdict, change.doubt) == (Verdict.CANT_TELL, Doubt.NOISE)
    assert change.sure == pytest.approx(0.7966, abs=1e-4)
    assert change.difference == pytest.approx(0.8)


def test_a_rise_beyond_it() -> None:
    # Var(x) = 1 / .9, x from -.5556 to 1. c = .85: root of 1.1111 - .65025 is .67887;
    # given the first (1 + .425) / .67887 = 2.0991, given the second (.765 + .5556) / .67887 = 1.9453.
    # c = .93: root of 1.1111 - .77841 is .57680; 1.465 / .57680 = 2.5399, 1.39256 / .57680 = 2.4143.
    change = anxiety(-0.5, 0.9, 0.1)

    # Phi(1.9453) = .9741, Phi(2.5399) = .9945
    assert change.more == pytest.approx((0.9741, 0.9945), abs=1e-4)
    assert (change.verdict, change.doubt) == (Verdict.MORE, None)
    assert change.sure == pytest.approx(0.9741, abs=1e-4)


def test_the_same_fall_is_the_mirror_of_the_rise() -> None:
    change = anxiety(0.9, -0.5, 0.1)

    assert change.more == pytest.approx((0.0055, 0.0259), abs=1e-4)
    assert (change.verdict, change.doubt) == (Verdict.LESS, None)
    assert change.sure == pytest.approx(0.9741, abs=1e-4)


def test_a_fall_from_a_high_place_is_partly_expected() -> None:
    # From x = 2 down to x = 1 at Var(x) = 1.25. Of the 2 only .85 * 1.6 = 1.36 was to be expected again,
    # so the fall counts as .36 / .819756 = .4392 with the first given: Phi = .6697. With the second
    # given it is 2 - .85 * .8 = 1.32, over .819756 = 1.6102. At c = .93: (1.488 - 1) / .747048 = .6532
    # and (2 - .744) / .747048 = 1.6813: Phi = .9536.
    change = anxiety(1.6, 0.8, 0.2)

    assert change.more == pytest.approx((1 - 0.9536, 1 - 0.6697), abs=1e-4)
    assert change.sure == pytest.approx(0.6697, abs=1e-4)
    # The same step between 1 and 0 counts for more.
    assert change.sure < anxiety(0.8, 0.0, 0.2).sure


def test_the_smallest_change_that_is_seen_four_times_in_five() -> None:
    # z(.90) = 1.28155, z(.80) = .84162; their sum times .819756.
    psd = sqrt(0.2)

    assert smallest_change((psd, psd)) == pytest.approx(1.74048, abs=1e-4)
    assert smallest_change((psd, psd), power=0.5) == pytest.approx(1.05056, abs=1e-4)
    # With a perfect measure only the ups and downs are left: 1.28155 * root of (1 - .7225) = .67509.
    assert smallest_change((1e-6, 1e-6), power=0.5) == pytest.approx(0.67509, abs=1e-4)
    rule = ChangeRule(stability=(0.93, 0.93))
    assert smallest_change((psd, psd), rule=rule, power=0.5) == pytest.approx(0.95738, abs=1e-4)


def test_without_drift_nothing_is_shared() -> None:
    bank = large_bank()
    ids = tuple(item.id for item in bank.items)

    assert shared_drift(bank, ids, ids, place=np.zeros(2), drift=None).tolist() == [0.0, 0.0]
