"""The graded response model's category probabilities; combining answers is left to `posterior`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from undertow.errors import ShapeError

Array = NDArray[np.float64]

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


def _logistic(x: Array) -> Array:
    # exp of a negative number never overflows, and keeps the digits of a small probability.
    small = np.exp(-np.abs(x))
    value: Array = np.where(x >= 0, 1.0, small) / (1.0 + small)
    return value
