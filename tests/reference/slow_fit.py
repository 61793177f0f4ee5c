"""Standard errors, fit and local dependence written straight from their definitions: slow, obviously right.

Nothing of the code under test is used here: every pattern of answers is listed, every derivative is
a difference, every sum a loop.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from tests.reference.slow_calibration import MISSING, SlowItem, Weights, joint

Vector = list[float]
Matrix = list[Vector]
Person = tuple[int, ...]


def with_parameters(items: Sequence[SlowItem], vector: Sequence[float]) -> tuple[SlowItem, ...]:
    """Items with slope and intercepts from `vector`, item by item; what follows is not theirs."""
    made, at = [], 0
    for item in items:
        size = 1 + len(item.intercepts)
        own = vector[at : at + size]
        made.append(SlowItem(dimension=item.dimension, slope=own[0], intercepts=tuple(own[1:])))
        at += size
    return tuple(made)


def vector_of(items: Sequence[SlowItem]) -> Vector:
    return [value for item in items for value in (item.slope, *item.intercepts)]


def normal_at(
    nodes: Sequence[float], means: Sequence[float], deviations: Sequence[float], correlation: float
) -> Weights:
    """The bivariate normal density with any moments at every pair of nodes, made to sum to 1."""
    density = {}
    for x, y in itertools.product(nodes, nodes):
        u, v = (x - means[0]) / deviations[0], (y - means[1]) / deviations[1]
        form = (u * u - 2 * correlation * u * v + v * v) / (1 - correlation * correlation)
        density[x, y] = math.exp(-form / 2)
    total = math.fsum(density.values())
    return {place: value / total for place, value in density.items()}


def log_marginal(person: Sequence[int], items: Sequence[SlowItem], weights: Weights) -> float:
    return math.log(math.fsum(joint(person, items, weights).values()))


def gradient(function: Callable[[Vector], float], at: Vector, step: float = 1e-5) -> Vector:
    """Central differences."""
    slopes = []
    for place in range(len(at)):
        up, down = list(at), list(at)
        up[place] += step
        down[place] -= step
        slopes.append((function(up) - function(down)) / (2 * step))
    return slopes


def patterns(items: Sequence[SlowItem], weights: Weights) -> dict[Person, float]:
    """The probability of every way to answer all items."""
    answers = [range(1 + len(item.intercepts)) for item in items]
    return {
        person: math.fsum(joint(person, items, weights).values())
        for person in itertools.product(*answers)
    }


def moments_of(person: Sequence[int], categories: int) -> Vector:
    """1(X >= k) item by item, then the products of all pairs."""
    singles = [float(answer >= k) for answer in person for k in range(1, categories)]
    pairs = [float(x * y) for x, y in itertools.combinations(person, 2)]
    return singles + pairs


def expected_moments(items: Sequence[SlowItem], weights: Weights, categories: int) -> Vector:
    every = patterns(items, weights)
    size = len(moments_of(next(iter(every)), categories))
    total = [0.0] * size
    for person, probability in every.items():
        for at, value in enumerate(moments_of(person, categories)):
            total[at] += probability * value
    return total


def moment_covariance(items: Sequence[SlowItem], weights: Weights, categories: int) -> Matrix:
    mean = expected_moments(items, weights, categories)
    covariance = [[0.0] * len(mean) for _ in mean]
    for person, probability in patterns(items, weights).items():
        apart = [v - m for v, m in zip(moments_of(person, categories), mean, strict=True)]
        for row, one in enumerate(apart):
            for column, other in enumerate(apart):
                covariance[row][column] += probability * one * other
    return covariance


def item_chi_square(
    people: Sequence[Sequence[int]], items: Sequence[SlowItem], weights: Weights, which: int
) -> tuple[float, int]:
    """S-X2 of one item among those of one dimension without joining cells, and its degrees of freedom.

    `items` and `people` hold that dimension only.
    """
    every = patterns(items, weights)
    categories = 1 + len(items[which].intercepts)
    statistic, cells = 0.0, 0
    for total in range(1, len(items) * (categories - 1)):
        met = [person for person in people if sum(person) == total]
        at_sum = math.fsum(p for person, p in every.items() if sum(person) == total)
        for category in range(categories):
            share = math.fsum(
                p for q, p in every.items() if sum(q) == total and q[which] == category
            )
            if not met or share == 0.0:
                continue
            expected = len(met) * share / at_sum
            observed = sum(person[which] == category for person in met)
            statistic += (observed - expected) ** 2 / expected
            cells += 1
        if met:
            cells -= 1
    return statistic, cells - categories


def posterior_moments(
    person: Sequence[int], items: Sequence[SlowItem], weights: Weights, axis: int
) -> tuple[float, float]:
    """Mean and standard deviation of one dimension's posterior."""
    product = joint(person, items, weights)
    total = math.fsum(product.values())
    mean = math.fsum(value * place[axis] for place, value in product.items()) / total
    square = math.fsum(value * (place[axis] - mean) ** 2 for place, value in product.items())
    return mean, math.sqrt(square / total)


def pair_residuals(
    people: Sequence[Sequence[int]],
    items: Sequence[SlowItem],
    weights: Weights,
    first: int,
    second: int,
) -> list[tuple[float, float]]:
    """Both items' answers less what the person's posterior means say, of whoever answered both."""
    residuals = []
    for person in people:
        if MISSING in (person[first], person[second]):
            continue
        own = []
        for which in (first, second):
            item = items[which]
            theta, _ = posterior_moments(person, items, weights, item.dimension)
            said = math.fsum(
                k * item.probability(k, theta) for k in range(1 + len(item.intercepts))
            )
            own.append(person[which] - said)
        residuals.append((own[0], own[1]))
    return residuals


def correlation_of(pairs: Sequence[tuple[float, float]]) -> float:
    n = len(pairs)
    x, y = math.fsum(p[0] for p in pairs) / n, math.fsum(p[1] for p in pairs) / n
    cross = math.fsum((p[0] - x) * (p[1] - y) for p in pairs)
    return cross / math.sqrt(
        math.fsum((p[0] - x) ** 2 for p in pairs) * math.fsum((p[1] - y) ** 2 for p in pairs)
    )


def pair_chi_square(
    people: Sequence[Sequence[int]],
    items: Sequence[SlowItem],
    weights: Weights,
    first: int,
    second: int,
) -> float:
    """X2 of one pair's table against the model's; a denominator is at least 1."""
    both = [p for p in people if MISSING not in (p[first], p[second])]
    one, two = items[first], items[second]
    statistic = 0.0
    for k, m in itertools.product(range(1 + len(one.intercepts)), range(1 + len(two.intercepts))):
        expected = len(both) * math.fsum(
            w * one.probability(k, place[one.dimension]) * two.probability(m, place[two.dimension])
            for place, w in weights.items()
        )
        observed = sum(p[first] == k and p[second] == m for p in both)
        statistic += (observed - expected) ** 2 / max(expected, 1.0)
    return statistic


def pair_dependence(
    people: Sequence[Sequence[int]],
    items: Sequence[SlowItem],
    weights: Weights,
    first: int,
    second: int,
) -> float:
    """Least squares for r in P(k, m) = sum over theta of w P P' (1 + r u u'), cells weighted 1 / P."""
    both = [p for p in people if MISSING not in (p[first], p[second])]
    one, two = items[first], items[second]
    axis = one.dimension
    above, below = 0.0, 0.0
    for k, m in itertools.product(range(1 + len(one.intercepts)), range(1 + len(two.intercepts))):
        plain = math.fsum(
            w * one.probability(k, place[axis]) * two.probability(m, place[axis])
            for place, w in weights.items()
        )
        turned = math.fsum(
            w
            * one.probability(k, place[axis])
            * two.probability(m, place[axis])
            * standard_score(one, k, place[axis])
            * standard_score(two, m, place[axis])
            for place, w in weights.items()
        )
        share = sum(p[first] == k and p[second] == m for p in both) / len(both)
        above += (share - plain) * turned / plain
        below += turned * turned / plain
    return above / below


def standard_score(item: SlowItem, k: int, theta: float, step: float = 1e-5) -> float:
    """d log P_k / d theta over its standard deviation, which is the root of the information."""

    def slope(category: int) -> float:
        up, down = (item.probability(category, theta + by) for by in (step, -step))
        return (up - down) / (2 * step)

    information = math.fsum(
        slope(c) ** 2 / item.probability(c, theta) for c in range(1 + len(item.intercepts))
    )
    return slope(k) / item.probability(k, theta) / math.sqrt(information)
