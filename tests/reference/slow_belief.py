"""Person-fit and doubt from their definitions, one node and one answer at a time.

Nothing here shares code with `measure`: it is what the fast way must agree with.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One answered item: `table[g][k][q]`."""

    table: Array
    keyed: int
    keying: int
    dimension: int
    weight: float

    @property
    def tapped(self) -> int:
        return self.keyed if self.keying == 1 else self.table.shape[1] - 1 - self.keyed


@dataclass(frozen=True, kw_only=True)
class Moments:
    value: float
    variance: float
    third: float


def slope_at(row: Array, nodes: Array, q: int) -> float:
    low, high = max(q - 1, 0), min(q + 1, nodes.size - 1)
    return float((row[high] - row[low]) / (nodes[high] - nodes[low]))


def terms(asked: Asked, g: int, q: int, nodes: Array) -> list[tuple[float, float, float]]:
    """For each category its chance, its weighted log less the mean, and its weighted score."""
    chances = [float(row[q]) for row in asked.table[g]]
    mean = sum(p * math.log(p) for p in chances)
    return [
        (
            p,
            asked.weight * (math.log(p) - mean),
            asked.weight * slope_at(asked.table[g][k], nodes, q) / p,
        )
        for k, p in enumerate(chances)
    ]


def along(items: Sequence[Asked], g: int, q: int, nodes: Array) -> float:
    """How much of the log-likelihood goes with the score at one node."""
    every = [row for one in items for row in terms(one, g, q, nodes)]
    information = sum(p * s * s for p, _, s in every)
    return sum(p * a * s for p, a, s in every) / information if information else 0.0


def moments(items: Sequence[Asked], g: int, q: int, nodes: Array) -> Moments:
    c = along(items, g, q, nodes)
    value = variance = third = 0.0
    for one in items:
        for k, (p, a, s) in enumerate(terms(one, g, q, nodes)):
            residual = a - c * s
            value += residual if k == one.keyed else 0.0
            variance += p * residual**2
            third += p * residual**3
    return Moments(value=value, variance=variance, third=third)


def posterior(
    items: Sequence[Asked], shares: Sequence[float], log_prior: Array
) -> dict[tuple[int, int, int], float]:
    size = log_prior.shape[0]
    chance = {}
    for g, x, y in itertools.product(range(len(shares)), range(size), range(size)):
        total = math.log(shares[g]) + float(log_prior[x, y])
        for one in items:
            total += one.weight * math.log(one.table[g][one.keyed][(x, y)[one.dimension]])
        chance[g, x, y] = math.exp(total)
    whole = sum(chance.values())
    return {key: value / whole for key, value in chance.items()}


def habits(items: Sequence[Asked]) -> list[tuple[float, list[float]]]:
    """(how usual, what it gives to each answer as tapped); all items have as many categories."""
    size = items[0].table.shape[1]
    pairs = list(itertools.combinations(range(size), 2))
    found = [(1 / 3, [1 / size] * len(items))]
    for clung in ({k} for k in range(size)):
        found.append((1 / 3 / size, [clinging(one.tapped, clung, size) for one in items]))
    for pair in pairs:
        found.append((1 / 3 / len(pairs), [clinging(one.tapped, set(pair), size) for one in items]))
    return found


def clinging(tapped: int, clung: set[int], size: int) -> float:
    """19 of 20 answers are one of those clung to, each as often; the rest are any."""
    return 0.95 * (tapped in clung) / len(clung) + 0.05 / size


def doubt(
    items: Sequence[Asked], shares: Sequence[float], log_prior: Array, careless: float
) -> tuple[float, float]:
    """P(some answers without the questions | answers), and of that the part with attention below 1/2."""
    size = log_prior.shape[0]

    def evidence(attention: float, habit: Sequence[float]) -> float:
        total = 0.0
        for g, x, y in itertools.product(range(len(shares)), range(size), range(size)):
            chance = shares[g] * math.exp(log_prior[x, y])
            for one, other in zip(items, habit, strict=True):
                model = one.table[g][one.keyed][(x, y)[one.dimension]]
                chance *= (attention * model + (1 - attention) * other) ** one.weight
            total += chance
        return total

    without = (1 - careless) * evidence(1.0, [0.0] * len(items))
    parts = {
        attention: careless
        / 4
        * sum(share * evidence(attention, habit) for share, habit in habits(items))
        for attention in (0.0, 0.25, 0.5, 0.75)
    }
    whole = without + sum(parts.values())
    return sum(parts.values()) / whole, (parts[0.0] + parts[0.25]) / whole
