"""A model for several groups, maximised by scipy from its definition: slow, obviously right.

Nothing of the code under test is used here. The order of parameters is that of `Layout.unpacked`:
items that are equal, then each group's own items and its latent moments, the first group's held.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Array = NDArray[np.float64]

NODES = np.arange(-6.0, 6.01, 0.2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """One dimension's items, of which `equal` (J,) are the same in all groups; three categories.

    `first` holds the first group's mean and deviation, which name the metric.
    """

    equal: NDArray[np.bool_]
    groups: int
    first: tuple[float, float]

    def unpacked(self, vector: Array) -> list[tuple[Array, float, float]]:
        """Each group's items (J, 3), slope first, then its mean and deviation."""
        own = int((~self.equal).sum()) * 3
        shared = vector[: int(self.equal.sum()) * 3].reshape(-1, 3)
        rest = vector[shared.size :]
        groups = []
        for group in range(self.groups):
            items = np.empty((self.equal.size, 3))
            items[self.equal] = shared
            items[~self.equal] = rest[:own].reshape(-1, 3)
            rest = rest[own:]
            mean, deviation = self.first
            if group:
                (mean, deviation), rest = rest[:2], rest[2:]
            groups.append((items, float(mean), float(deviation)))
        return groups


def probabilities(item: Array, nodes: Array = NODES) -> Array:
    """P(X = 0, 1, 2) at each node; (3, Q)."""
    slope, first, second = item
    at_least = [
        np.ones_like(nodes),
        1 / (1 + np.exp(-(slope * nodes + first))),
        1 / (1 + np.exp(-(slope * nodes + second))),
        np.zeros_like(nodes),
    ]
    return np.array([at_least[k] - at_least[k + 1] for k in range(3)])


def log_marginals(rows: NDArray[np.int8], items: Array, mean: float, deviation: float) -> Array:
    """log of each row's likelihood averaged over a normal on the grid; (N,)."""
    weight = np.exp(-(((NODES - mean) / deviation) ** 2) / 2)
    weight /= weight.sum()
    tables = [probabilities(item) for item in items]
    likelihood = np.ones((len(rows), NODES.size))
    for item, table in enumerate(tables):
        likelihood *= table[rows[:, item]]
    return np.asarray(np.log(likelihood @ weight))


Folded = Sequence[tuple[NDArray[np.int8], NDArray[np.int64]]]
"""Each group's different rows, and how many people gave each."""


def folded(groups: Sequence[NDArray[np.int8]]) -> Folded:
    return [np.unique(rows, axis=0, return_counts=True) for rows in groups]


def log_likelihood(groups: Folded, layout: Layout, vector: Array) -> float:
    total = 0.0
    for (rows, counts), own in zip(groups, layout.unpacked(vector), strict=True):
        total += float(counts @ log_marginals(rows, *own))
    return total


def maximised(groups: Folded, layout: Layout) -> tuple[Array, float]:
    """The parameters at the highest log-likelihood, and that; from a start that knows nothing."""
    plain = np.tile([1.0, 0.7, -0.7], (layout.equal.size, 1))
    own, later = plain[~layout.equal].ravel(), np.array([0.0, 1.0])
    start = [plain[layout.equal].ravel(), own]
    for _ in range(layout.groups - 1):
        start += [own, later]

    def loss(vector: Array) -> float:
        # The line search may step to where intercepts cross; there is no likelihood there.
        with np.errstate(all="ignore"):
            value = -log_likelihood(groups, layout, vector)
        return value if np.isfinite(value) else 1e10

    found = minimize(loss, np.concatenate(start), method="L-BFGS-B", options={"maxfun": 100_000})
    found = minimize(loss, found.x, method="BFGS", options={"gtol": 1e-3})
    return np.asarray(found.x), -float(found.fun)


def scores_of(rows: NDArray[np.int8], layout: Layout, group: int, vector: Array) -> Array:
    """Each row's derivatives by all parameters, by differences; (N, P)."""
    return slopes(lambda v: log_marginals(rows, *layout.unpacked(v)[group]), vector).T


def slopes(function: Callable[[Array], Array], at: Array, step: float = 1e-5) -> Array:
    """Central differences; (P, ...)."""
    moves = step * np.eye(at.size)
    return np.array([(function(at + m) - function(at - m)) / (2 * step) for m in moves])


def hessian(groups: Folded, layout: Layout, vector: Array) -> Array:
    """Second differences of the log-likelihood; (P, P)."""
    return slopes(
        lambda v: slopes(lambda w: np.array(log_likelihood(groups, layout, w)), v, 1e-4),
        vector,
        1e-4,
    )


def wald(estimate: Array, covariance: Array, first: Sequence[int], second: Sequence[int]) -> float:
    """Chi-square of equal parameters in two groups."""
    gap = estimate[list(first)] - estimate[list(second)]
    block = (
        covariance[np.ix_(first, first)]
        + covariance[np.ix_(second, second)]
        - covariance[np.ix_(first, second)]
        - covariance[np.ix_(second, first)]
    )
    return float(gap @ np.linalg.solve(block, gap))
