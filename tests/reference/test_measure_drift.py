"""Widened probabilities against a dense lattice and against drifts that are simply drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.reference.slow_drift import drifted_probability, moved
from tests.reference.slow_measure import SlowItem, logistic, probability

from undertow.bank.drift import CarriedDrift
from undertow.measure.grm import widened_probabilities

ITEM = SlowItem(dimension=0, slope=1.7, intercepts=(2.4, 0.5, -0.6, -2.9))
STEEP = SlowItem(dimension=0, slope=3.4, intercepts=(4.1, -0.7))
THETA = (-4.0, -1.3, 0.0, 0.4, 2.2, 5.0)


@pytest.mark.parametrize("item", [ITEM, STEEP])
@pytest.mark.parametrize(
    ("log_slope", "threshold", "close"),
    [(0.2, 0.28, 1e-6), (0.2, 0.0, 1e-6), (0.0, 0.28, 1e-6), (0.4, 0.4, 2e-4)],
)
def test_the_mean_over_drifts(
    item: SlowItem, log_slope: float, threshold: float, close: float
) -> None:
    fast = widened_probabilities(
        np.array(THETA),
        slope=item.slope,
        intercepts=np.array(item.intercepts),
        drift=CarriedDrift(log_slope=log_slope, threshold=threshold),
    )

    for category in range(item.categories):
        expected = [
            drifted_probability(item, category, theta, log_slope=log_slope, threshold=threshold)
            for theta in THETA
        ]
        assert fast[category].tolist() == pytest.approx(expected, abs=close)


def test_drifts_that_are_drawn() -> None:
    rng = np.random.default_rng(20261124)
    n, theta = 20_000, 0.7
    drawn = np.array(
        [
            [probability(moved(ITEM, e, s), category, theta) for category in range(5)]
            for e, s in zip(rng.normal(0, 0.3, n), rng.normal(0, 0.35, n), strict=True)
        ]
    )

    fast = widened_probabilities(
        np.array([theta]),
        slope=ITEM.slope,
        intercepts=np.array(ITEM.intercepts),
        drift=CarriedDrift(log_slope=0.3, threshold=0.35),
    )[:, 0]

    errors = drawn.std(axis=0, ddof=1) / math.sqrt(n)
    assert np.all(np.abs(fast - drawn.mean(axis=0)) < 3.9 * errors)
    # And it is not what sure figures would give.
    plain = np.array([probability(ITEM, category, theta) for category in range(5)])
    assert np.abs(fast - plain).max() > 10 * errors.max()


def test_thresholds_that_move_apart_give_the_same_as_thresholds_that_move_together() -> None:
    # P(X >= k) holds one threshold, so only that one's own spread counts.
    rng = np.random.default_rng(7)
    n, theta = 200_000, -0.4
    slopes = ITEM.slope * np.exp(rng.normal(0, 0.2, n))
    reach = [np.ones(n)]
    for intercept in ITEM.intercepts:
        threshold = -intercept / ITEM.slope + rng.normal(0, 0.28, n)
        reach.append(1 / (1 + np.exp(-slopes * (theta - threshold))))
    reach.append(np.zeros(n))
    drawn = -np.diff(np.array(reach), axis=0)

    fast = widened_probabilities(
        np.array([theta]),
        slope=ITEM.slope,
        intercepts=np.array(ITEM.intercepts),
        drift=CarriedDrift(log_slope=0.2, threshold=0.28),
    )[:, 0]

    errors = drawn.std(axis=1, ddof=1) / math.sqrt(n)
    assert np.all(np.abs(fast - drawn.mean(axis=1)) < 3.9 * errors)


def test_a_person_at_the_threshold_stays_at_a_half() -> None:
    # By symmetry, however far the threshold or the slope may have moved.
    fast = widened_probabilities(
        np.array([0.6, 0.6 + 1.0, 0.6 - 1.0]),
        slope=2.0,
        intercepts=np.array([-1.2]),
        drift=CarriedDrift(log_slope=0.4, threshold=0.5),
    )

    assert fast[1, 0] == pytest.approx(0.5, abs=1e-12)
    assert fast[1, 1] == pytest.approx(1 - fast[1, 2], abs=1e-12)
    # A step of 1 above it tells less than with sure figures.
    assert 0.5 < fast[1, 1] < logistic(2.0)
