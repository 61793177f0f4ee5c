"""What makes a test fair, written out slowly: worth of near-duplicates, shares of facets, groups, borders.

Plain loops, nothing shared with the code under test; scoring and what is expected of an item come
from `slow_measure`, beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference import slow_measure
from tests.reference.slow_measure import Given, SlowItem, Weights, probability

Matrix = list[list[float]]

LEAST_WEIGHT, LEAST_LEFT, LEAST_OWED = 0.1, 0.02, 0.001
SURE_SIDE = 0.8


@dataclass(frozen=True)
class SlowFairTest:
    """Items under each group's figures, whose numbers, keying and dimension are the same in all.

    `covariance` is that of their scores; `facets` and `most` say who gets which share of a sitting.
    """

    groups: tuple[tuple[SlowItem, ...], ...]
    correlation: float
    nodes: tuple[float, ...]
    covariance: Matrix
    facets: tuple[str, ...]
    most: int

    @property
    def items(self) -> tuple[SlowItem, ...]:
        return self.groups[0]


# ---- near-duplicates ---------------------------------------------------------------------------


def solve(matrix: Matrix, right: Sequence[float]) -> list[float]:
    """Gauss's elimination with the largest pivot first."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    n = len(rows)
    for column in range(n):
        pivot = max(range(column, n), key=lambda r: abs(rows[r][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(n):
            if row != column:
                times = rows[row][column] / rows[column][column]
                for k in range(column, n + 1):
                    rows[row][k] -= times * rows[column][k]
    return [rows[k][n] / rows[k][k] for k in range(n)]


def best_weights(covariance: Matrix, chosen: Sequence[int]) -> list[float]:
    """w with C w = d among the chosen, d their information alone."""
    among = [[covariance[a][b] for b in chosen] for a in chosen]
    return solve(among, [covariance[a][a] for a in chosen])


def information(covariance: Matrix, chosen: Sequence[int]) -> float:
    """d' C^-1 d: what the chosen are worth together."""
    best = best_weights(covariance, chosen) if chosen else []
    return sum(weight * covariance[a][a] for weight, a in zip(best, chosen, strict=True))


def weights(covariance: Matrix, chosen: Sequence[int]) -> list[float]:
    return [min(1.0, max(LEAST_WEIGHT, w)) for w in best_weights(covariance, chosen)]


def left(covariance: Matrix, chosen: Sequence[int], candidate: int) -> float:
    """What the candidate would add to the set's worth, as a share of its own; nothing where it would
    count against itself."""
    both = [*chosen, candidate]
    added = information(covariance, both) - information(covariance, chosen)
    if best_weights(covariance, both)[-1] <= 0:
        added = 0.0
    return min(1.0, max(LEAST_LEFT, added / covariance[candidate][candidate]))


# ---- several groups --------------------------------------------------------------------------------


def posterior_by_group(test: SlowFairTest, given: Sequence[Given]) -> list[Weights]:
    """Each group's part: prior times the probability of each answer to the power of its weight."""
    spoken = [answer for answer in given if answer.category is not None]
    counts = weights(test.covariance, [answer.item for answer in spoken]) if spoken else []
    parts: list[Weights] = []
    for items in test.groups:
        part = []
        for x in test.nodes:
            row = []
            for y in test.nodes:
                weight = slow_measure.normal_density(x, y, test.correlation)
                for answer, count in zip(spoken, counts, strict=True):
                    item = items[answer.item]
                    theta = x if item.dimension == 0 else y
                    weight *= probability(item, answer.category or 0, theta) ** count
                row.append(weight)
            part.append(row)
        parts.append(part)
    total = sum(weight for part in parts for row in part for weight in row)
    return [[[weight / total for weight in row] for row in part] for part in parts]


def together(parts: Sequence[Weights]) -> Weights:
    return [
        [sum(weights) for weights in zip(*rows, strict=True)] for rows in zip(*parts, strict=True)
    ]


def plane(test: SlowFairTest) -> slow_measure.SlowTest:
    """What the moments of a plane need to know."""
    return slow_measure.SlowTest(items=test.items, correlation=test.correlation, nodes=test.nodes)


def expected_variances(
    test: SlowFairTest, given: Sequence[Given], candidate: int
) -> tuple[float, float]:
    """Imagine each answer of the candidate, counted in full on top of what is known, and average."""
    parts = posterior_by_group(test, given)
    first = second = 0.0
    for category in range(test.items[candidate].categories):
        then: list[Weights] = []
        for items, part in zip(test.groups, parts, strict=True):
            item = items[candidate]
            then.append(
                [
                    [
                        weight * probability(item, category, x if item.dimension == 0 else y)
                        for y, weight in zip(test.nodes, row, strict=True)
                    ]
                    for x, row in zip(test.nodes, part, strict=True)
                ]
            )
        mixed = together(then)
        chance = sum(weight for row in mixed for weight in row)
        covariance = slow_measure.covariance_of(
            plane(test), [[weight / chance for weight in row] for row in mixed]
        )
        first += chance * covariance[0][0]
        second += chance * covariance[1][1]
    return first, second


# ---- shares and borders ------------------------------------------------------------------------------


def owed(test: SlowFairTest, asked: Sequence[int], candidate: int) -> float:
    """How much of the share of its facet and of its keying is still due, one times the other."""

    def facet(number: int) -> tuple[int, str]:
        return test.items[number].dimension, test.facets[number]

    def keying(number: int) -> tuple[int, bool]:
        return test.items[number].dimension, test.items[number].reversed_

    product = 1.0
    for kind in (facet, keying):
        mine = kind(candidate)
        size = sum(kind(number) == mine for number in range(len(test.items)))
        share = size * test.most / len(test.items) + 0.5
        had = sum(kind(number) == mine for number in asked)
        product *= max((share - had) / share, LEAST_OWED)
    return product


def normal_below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def told(place: float, psd: float, border: float) -> int:
    """1 above, -1 below, 0 where it is not sure enough."""
    above = normal_below((place - border) / psd)
    return 1 if above >= SURE_SIDE else -1 if 1 - above >= SURE_SIDE else 0


def unchanged(
    borders: Sequence[float], mean: float, psd: float, last: float, *, steps: int = 20_000
) -> float:
    """The chance that all is told as now, by walking through where the mean may end up."""
    now = [told(mean, psd, border) for border in borders]
    spread = math.sqrt(psd**2 - last**2)
    total = same = 0.0
    for step in range(steps):
        z = -8 + 16 * (step + 0.5) / steps
        density = math.exp(-z * z / 2)
        total += density
        if [told(mean + spread * z, last, border) for border in borders] == now:
            same += density
    return same / total


def last_psd(psd: float, gains: Sequence[float], questions: int) -> float:
    """The psd after the `questions` that add most."""
    precision = 1 / psd**2
    for gain in sorted(gains, reverse=True)[:questions]:
        precision += max(gain, 0.0)
    return 1 / math.sqrt(precision)
