"""Change between two sittings against people who are drawn, and against sums over raw answers."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from tests.adapted_bank import drifting
from tests.made_up_bank import large_bank
from tests.reference.slow_change import (
    chance_of_more_given_first,
    chance_of_more_given_first_by_answers,
)
from tests.reference.slow_measure import SlowItem, probability

from undertow.bank.calibrated import Bank
from undertow.bank.drift import CarriedDrift
from undertow.bank.item import Dimension
from undertow.bank.responses import Answer
from undertow.measure.change import ChangeRule, TakenSitting, change_between, shared_drift
from undertow.measure.model import model_of
from undertow.measure.posterior import Estimate, posterior

DRAWS = 400_000
NODES = [x / 10 for x in range(-50, 51)]


def taken(bank: Bank, estimate: Estimate) -> TakenSitting:
    ids = tuple(item.id for item in bank.items)
    return TakenSitting(estimate=estimate, answered=ids, bank=bank.checksum)


def estimate_at(mean: float, variance: float) -> Estimate:
    return Estimate(mean=np.array([mean, 0.0]), covariance=np.eye(2) * variance)


def both_ways(
    first: Estimate, second: Estimate, *, bank: Bank, stability: float, drift: bool = False
) -> tuple[float, float]:
    """(lower, higher) of the chance with the first result given and with the second."""
    return (
        change_between(
            taken(bank, first),
            taken(bank, second),
            days=40,
            bank=bank,
            drift=bank.carried_drift if drift else None,
            rule=ChangeRule(stability=(stability, stability)),
        )
        .dimensions[0]
        .more
    )


@pytest.mark.parametrize("stability", [0.85, 0.93])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0.0, 0.09), (0.8, 0.09)),
        ((1.4, 0.12), (0.3, 0.07)),
        ((-0.4, 0.2), (-1.5, 0.06)),
        ((1.0, 0.1), (1.0, 0.1)),
    ],
)
def test_people_who_are_drawn(
    first: tuple[float, float], second: tuple[float, float], stability: float
) -> None:
    rng = np.random.default_rng(20261124)
    slow = partial(
        chance_of_more_given_first, stability=stability, shared=0.0, draws=DRAWS, rng=rng
    )
    given_first, given_second = slow(first, second), 1 - slow(second, first)

    fast = both_ways(
        estimate_at(*first), estimate_at(*second), bank=large_bank(), stability=stability
    )

    # A weighted share of 400,000, of which some ten thousand fit well.
    assert fast == pytest.approx(sorted((given_first, given_second)), abs=0.01)


def test_people_whose_wording_drifted_alike_both_times() -> None:
    rng = np.random.default_rng(7)
    bank = drifting(large_bank(), log_slope=0.3, threshold=0.5)
    first, second = (0.9, 0.12), (-0.3, 0.12)
    ids = tuple(item.id for item in bank.items)
    shared = shared_drift(
        bank, ids, ids, place=np.array([0.3, 0.0]), drift=CarriedDrift(log_slope=0.3, threshold=0.5)
    )[0]
    slow = partial(chance_of_more_given_first, stability=0.85, shared=shared, draws=DRAWS, rng=rng)

    estimates = estimate_at(*first), estimate_at(*second)
    fast = both_ways(*estimates, bank=bank, stability=0.85, drift=True)
    without = both_ways(*estimates, bank=bank, stability=0.85)

    assert fast == pytest.approx(sorted((slow(first, second), 1 - slow(second, first))), abs=0.01)
    # Sharing some of the error makes the same fall surer.
    assert fast[1] < without[1]


@pytest.mark.parametrize(
    ("first", "second"), [(3, 1), (2, 2), (1, 3), (3, 0)], ids=lambda lean: f"lean {lean}"
)
def test_answers_without_taking_anything_for_normal(first: int, second: int) -> None:
    bank = large_bank(correlation=0.0)
    model = model_of(bank)
    wiggle = (0, 1, -1, 0, 0, 1)  # no one answers like a ruler

    def keyed(lean: int) -> list[int]:
        return [min(4, max(0, lean + wiggle[n % 6])) for n in range(18)]

    def estimate(lean: int) -> Estimate:
        own = [item for item in bank.items if item.dimension is Dimension.ANXIETY]
        return posterior(
            model,
            tuple(
                Answer(item_id=item.id, category=k if item.keying == 1 else 4 - k)
                for item, k in zip(own, keyed(lean), strict=True)
            ),
        ).estimate()

    def chances(lean: int) -> list[partial[float]]:
        own = [item for item in bank.items if item.dimension is Dimension.ANXIETY]
        slow = [SlowItem(dimension=0, slope=i.slope, intercepts=i.intercepts) for i in own]
        return [partial(probability, item, k) for item, k in zip(slow, keyed(lean), strict=True)]

    exact = [
        chance_of_more_given_first_by_answers(
            chances(first), chances(second), stability=0.85, nodes=NODES
        ),
        1
        - chance_of_more_given_first_by_answers(
            chances(second), chances(first), stability=0.85, nodes=NODES
        ),
    ]
    fast = both_ways(estimate(first), estimate(second), bank=bank, stability=0.85)

    assert fast == pytest.approx(sorted(exact), abs=0.015)
