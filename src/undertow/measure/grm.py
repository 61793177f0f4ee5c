"""The graded response model's category probabilities; combining answers is left to `posterior`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from undertow.errors import ShapeError

Array = NDArray[np.float64]

_SMALLEST_PROBABILITY = 1e-12
"""Floor before logs: two boundaries that meet at a far node differ by less than a double can tell."""


def category_probabilities(theta: Array, *, slope: float, intercepts: Array) -> Array:
    """P(X = k | theta) of one item, (K, Q) for `theta` (Q,) and `intercepts` (K-1,).

    P(X >= k) = logistic(slope * theta + intercepts[k-1]); neighbours' differences are the
    categories. Columns sum to 1. Raises ShapeError for arrays of other shapes.
    Source: samejima1969.
    """
    if theta.ndim != 1 or intercepts.ndim != 1 or intercepts.size == 0:
        raise ShapeError("theta must be (Q,) and intercepts (K-1,) with K at least 2")
    boundary = _logistic(slope * theta[None, :] + intercepts[:, None])
    at_least = np.concatenate(
        [np.ones((1, theta.size)), boundary, np.zeros((1, theta.size))], axis=0
    )
    floored = np.maximum(at_least[:-1] - at_least[1:], _SMALLEST_PROBABILITY)
    probabilities: Array = floored / floored.sum(axis=0)
    return probabilities


def _logistic(x: Array) -> Array:
    # tanh does not overflow at far nodes, 1 / (1 + exp(-x)) does.
    value: Array = 0.5 * (1.0 + np.tanh(0.5 * x))
    return value
