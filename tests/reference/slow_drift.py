"""Probabilities under drifted wording, the slow way: one sum over a dense lattice of drifts.

The definition: a person at theta answers an item whose log-slope has moved by e ~ N(0, log_slope^2)
and whose thresholds by s ~ N(0, threshold^2), nobody knows how far. Comparing is left to
`test_measure_drift`.
"""

from __future__ import annotations

import math
from dataclasses import replace

from tests.reference.slow_measure import SlowItem, probability

_REACH = 6.0
_STEPS = 60


def lattice(sd: float) -> list[tuple[float, float]]:
    """Places and weights of N(0, sd^2): equal steps of a fifth of an SD, to six SDs."""
    if sd == 0:
        return [(0.0, 1.0)]
    places = [_REACH * (2 * k / _STEPS - 1) for k in range(_STEPS + 1)]
    weights = [math.exp(-z * z / 2) for z in places]
    total = sum(weights)
    return [(sd * z, weight / total) for z, weight in zip(places, weights, strict=True)]


def moved(item: SlowItem, log_slope: float, shift: float) -> SlowItem:
    """The item with slope a * exp(log_slope) and thresholds b + shift; d = -a * b."""
    slope = item.slope * math.exp(log_slope)
    thresholds = [-d / item.slope + shift for d in item.intercepts]
    return replace(item, slope=slope, intercepts=tuple(-slope * b for b in thresholds))


def drifted_probability(
    item: SlowItem, tapped: int, theta: float, *, log_slope: float, threshold: float
) -> float:
    """P(this answer | theta), averaged over what the wording may have done."""
    return sum(
        by_slope * by_shift * probability(moved(item, e, s), tapped, theta)
        for e, by_slope in lattice(log_slope)
        for s, by_shift in lattice(threshold)
    )
