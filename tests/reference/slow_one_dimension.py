"""A one-dimensional fit and a pair's likelihood written straight from their definitions: slow, obviously right.

Nothing of the code under test is used here: patterns are counted, integrals are sums over a fine
grid, and a maximum is found by a general-purpose climber that knows nothing of the model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from tests.reference.slow_calibration import MISSING, SlowItem

Array = NDArray[np.float64]
Patterns = Counter[tuple[int, ...]]

NODES = [-6.0 + 0.15 * step for step in range(81)]


def likelihood_at(person: Sequence[int], items: Sequence[SlowItem], theta: float) -> float:
    return math.prod(
        item.probability(answer, theta)
        for item, answer in zip(items, person, strict=True)
        if answer != MISSING
    )


def log_likelihood(
    patterns: Patterns, items: Sequence[SlowItem], nodes: Sequence[float] = NODES
) -> float:
    """Of people with one theta, standard normal."""
    density = [math.exp(-node * node / 2) for node in nodes]
    total = math.fsum(density)
    return math.fsum(
        count
        * math.log(
            math.fsum(
                d * likelihood_at(person, items, node)
                for node, d in zip(nodes, density, strict=True)
            )
            / total
        )
        for person, count in patterns.items()
    )


def fitted(patterns: Patterns, items: int, cuts: int) -> tuple[list[SlowItem], float]:
    """The items of the highest likelihood, and that; by BFGS on free scales from a plain start."""

    def items_of(free: Array) -> list[SlowItem]:
        made = []
        for row in free.reshape(items, cuts + 1):
            # The first intercept, then how far each next one lies below the one before.
            intercepts = row[1] - np.concatenate([[0.0], np.cumsum(np.exp(row[2:]))])
            made.append(
                SlowItem(
                    dimension=0,
                    slope=math.exp(row[0]),
                    intercepts=tuple(float(d) for d in intercepts),
                )
            )
        return made

    start = np.tile([0.0, 1.0, *[0.5] * (cuts - 1)], items)
    found = optimize.minimize(
        lambda free: -log_likelihood(patterns, items_of(free)), start, method="BFGS", tol=1e-6
    )
    return items_of(found.x), -float(found.fun)


def pair_log_likelihood(
    people: Sequence[tuple[Sequence[int], Sequence[int]]],
    first: Sequence[SlowItem],
    second: Sequence[SlowItem],
    rho: float,
    nodes: Sequence[float],
) -> float:
    """Of people's answers to two dimensions' items, theta bivariate normal with correlation rho."""
    density = [
        [math.exp(-(x * x - 2 * rho * x * y + y * y) / (2 * (1 - rho * rho))) for y in nodes]
        for x in nodes
    ]
    total = math.fsum(math.fsum(row) for row in density)
    result = 0.0
    for one, two in people:
        left = [likelihood_at(one, first, x) for x in nodes]
        right = [likelihood_at(two, second, y) for y in nodes]
        both = math.fsum(
            a * math.fsum(d * b for d, b in zip(row, right, strict=True))
            for a, row in zip(left, density, strict=True)
        )
        result += math.log(both / total)
    return result
