"""The marginal likelihood and one EM step written straight from their definitions: slow, obviously right.

Nothing of the code under test is used here: loops over people, items and both axes of the grid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

MISSING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowItem:
    """P(X >= k) = 1 / (1 + exp(-(slope * theta + intercepts[k-1]))) on one of two dimensions."""

    dimension: int
    slope: float
    intercepts: tuple[float, ...]

    def at_least(self, k: int, theta: float) -> float:
        if k <= 0:
            return 1.0
        if k > len(self.intercepts):
            return 0.0
        return 1.0 / (1.0 + math.exp(-(self.slope * theta + self.intercepts[k - 1])))

    def probability(self, k: int, theta: float) -> float:
        return self.at_least(k, theta) - self.at_least(k + 1, theta)


Weights = dict[tuple[float, float], float]


def normal_weights(nodes: Sequence[float], correlation: float) -> Weights:
    """The bivariate normal density at every pair of nodes, made to sum to 1."""
    density = {
        (x, y): math.exp(
            -(x * x - 2 * correlation * x * y + y * y) / (2 * (1 - correlation * correlation))
        )
        for x in nodes
        for y in nodes
    }
    total = math.fsum(density.values())
    return {place: value / total for place, value in density.items()}


def joint(person: Sequence[int], items: Sequence[SlowItem], weights: Weights) -> Weights:
    """Prior times likelihood at every pair of nodes; an item without answer is left out."""
    product = {}
    for place, weight in weights.items():
        value = weight
        for item, answer in zip(items, person, strict=True):
            if answer != MISSING:
                value *= item.probability(answer, place[item.dimension])
        product[place] = value
    return product


def log_likelihood(
    people: Sequence[Sequence[int]], items: Sequence[SlowItem], weights: Weights
) -> float:
    return math.fsum(
        math.log(math.fsum(joint(person, items, weights).values())) for person in people
    )


def expected_counts(
    people: Sequence[Sequence[int]],
    items: Sequence[SlowItem],
    weights: Weights,
    nodes: Sequence[float],
) -> tuple[dict[tuple[int, int, float], float], Weights]:
    """How many people at each node answered each category of each item, and how many are where."""
    counts = {
        (j, k, node): 0.0
        for j, item in enumerate(items)
        for k in range(len(item.intercepts) + 1)
        for node in nodes
    }
    places = dict.fromkeys(weights, 0.0)
    for person in people:
        product = joint(person, items, weights)
        total = math.fsum(product.values())
        for place, value in product.items():
            share = value / total
            places[place] += share
            for j, (item, answer) in enumerate(zip(items, person, strict=True)):
                if answer != MISSING:
                    counts[j, answer, place[item.dimension]] += share
    return counts, places
