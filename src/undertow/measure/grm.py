"""The graded response model's category probabilities, with sure or with uncertain parameters.

Combining answers is left to `posterior`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from undertow.bank.drift import CarriedDrift
from undertow.errors import ShapeError

Array = NDArray[np.float64]

_SLOPE_NODES = 7
_SHIFT_NODES = 13
"""Gauss-Hermite nodes: averages are right to 1e-7 for SDs near 0.2, to 2e-4 for SDs of 0.4 and a
slope of 3.5."""

_SMALLEST_PROBABILITY = 1e-300
"""Floor before logs, for slopes and nodes so far out that a double holds nothing smaller."""


def category_probabilities(theta: Array, *, slope: float, intercepts: Array) -> Array:
    """P(X = k | theta) of one item, (K, Q) for `theta` (Q,) and `intercepts` (K-1,).

    P(X >= k) = logistic(slope * theta + intercepts[k-1]); neighbours' differences are the
    categories. Columns sum to 1. Raises ShapeError for arrays of other shapes or intercepts
    that do not fall. Source: samejima1969.
    """
    if theta.ndim != 1 or intercepts.ndim != 1 or intercepts.size == 0:
        raise ShapeError("theta must be (Q,) and intercepts (K-1,) with K at least 2")
    gaps = intercepts[:-1] - intercepts[1:]
    if np.any(gaps <= 0):
        raise ShapeError("intercepts must fall strictly from first to last")
    boundary = slope * theta[None, :] + intercepts[:, None]
    sure = np.ones((1, theta.size))
    at_least = np.concatenate([sure, _logistic(boundary)], axis=0)
    below_next = np.concatenate([_logistic(-boundary), sure], axis=0)
    # L(u) - L(v) = L(u) L(-v) (1 - exp(v - u)). The plain difference loses its digits where both
    # boundaries are near 0 or 1, and with them the order of the categories at far nodes.
    between = np.concatenate([[1.0], -np.expm1(-gaps), [1.0]])[:, None]
    floored = np.maximum(at_least * below_next * between, _SMALLEST_PROBABILITY)
    probabilities: Array = floored / floored.sum(axis=0)
    return probabilities


def item_information(theta: Array, *, slope: float, intercepts: Array) -> Array:
    """Fisher information of one item on theta at every node; (Q,). Source: samejima1969."""
    probabilities = category_probabilities(theta, slope=slope, intercepts=intercepts)
    boundary = slope * theta[None, :] + intercepts[:, None]
    steep = np.pad(slope * _logistic(boundary) * _logistic(-boundary), ((1, 1), (0, 0)))
    value: Array = ((steep[:-1] - steep[1:]) ** 2 / probabilities).sum(axis=0)
    return value


def widened_probabilities(
    theta: Array, *, slope: float, intercepts: Array, drift: CarriedDrift
) -> Array:
    """P(X = k | theta) of one item whose parameters have drifted by who knows how much; (K, Q).

    The mean of `category_probabilities` over log a' ~ N(log a, log_slope^2) and b'_k = b_k + s,
    s ~ N(0, threshold^2). An item is asked once and drifts on its own, so scoring with this mean is
    the whole Bayesian answer to not knowing its parameters. Shifts of the thresholds that are not
    shared give the same mean. Without drift it is `category_probabilities` itself. Raises ShapeError
    as that does. Source: tsutakawa1990.
    """
    if drift.log_slope == 0 and drift.threshold == 0:
        return category_probabilities(theta, slope=slope, intercepts=intercepts)
    slopes, slope_weights = _normal_nodes(drift.log_slope, _SLOPE_NODES)
    shifts, shift_weights = _normal_nodes(drift.threshold, _SHIFT_NODES)
    shifted = (theta[None, :] - shifts[:, None]).ravel()
    mean = np.zeros((intercepts.size + 1, theta.size))
    for step, slope_weight in zip(slopes, slope_weights, strict=True):
        # A steeper item turns around its thresholds, so a and d grow together.
        times = float(np.exp(step))
        table = category_probabilities(shifted, slope=slope * times, intercepts=intercepts * times)
        by_shift = table.reshape(mean.shape[0], shifts.size, theta.size)
        mean += slope_weight * np.einsum("s,ksq->kq", shift_weights, by_shift)
    return mean


def rising_ratios(table: Array, *, thresholds: Array, theta: Array) -> Array:
    """The table (K, Q) with every ratio of a category to the one below rising along `theta` (Q,).

    The graded model has that law: raising an answer never lowers the place. Averaged over slopes it
    breaks far from the threshold between two categories, where an answer that contradicts all
    others speaks for a flat item. There the ratio is held at its last value. For SDs near 0.2 that
    moves a probability by less than 0.001, an estimate by less than 0.05 psd in a likely sitting and by
    0.1 psd where one answer contradicts 35. Drift of thresholds alone keeps the law.
    """
    ratios = np.diff(np.log(table), axis=0)
    for row, threshold in zip(ratios, thresholds, strict=True):
        middle = int(np.argmin(np.abs(theta - threshold)))
        row[middle:] = np.maximum.accumulate(row[middle:])
        row[: middle + 1] = np.minimum.accumulate(row[middle::-1])[::-1]
    logs = np.concatenate([np.zeros((1, theta.size)), np.cumsum(ratios, axis=0)])
    held: Array = np.exp(logs - logs.max(axis=0))
    held /= held.sum(axis=0)
    return held


def _normal_nodes(sd: float, size: int) -> tuple[Array, Array]:
    """Places and weights that stand for N(0, sd^2); one place where there is nothing to average."""
    if sd == 0:
        return np.zeros(1), np.ones(1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(size)
    return sd * nodes, weights / weights.sum()


def _logistic(x: Array) -> Array:
    # exp of a negative number never overflows, and keeps the digits of a small probability.
    small = np.exp(-np.abs(x))
    value: Array = np.where(x >= 0, 1.0, small) / (1.0 + small)
    return value
