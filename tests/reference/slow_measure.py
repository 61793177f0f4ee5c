"""The measurement written out slowly from the papers' definitions, to compare the fast one with.

Plain loops and `math.exp`, nothing shared with the code under test, nothing done twice as fast as
it reads. The graded response model is Samejima's (1969), the posterior mean Bock and Mislevy's
(1982), the choice by expected posterior variance van der Linden's (1998). Comparing is left to
the test files beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SlowItem:
    """`dimension` 0 or 1; `reversed_` for an item whose agreement speaks against the dimension."""

    dimension: int
    slope: float
    intercepts: tuple[float, ...]
    reversed_: bool = False

    @property
    def categories(self) -> int:
        return len(self.intercepts) + 1


@dataclass(frozen=True)
class SlowTest:
    """Items, the correlation of the dimensions, and the nodes that integrals are sums over."""

    items: tuple[SlowItem, ...]
    correlation: float
    nodes: tuple[float, ...]


@dataclass(frozen=True)
class Given:
    """Item number, and the category as it was tapped; None for a missing answer."""

    item: int
    category: int | None


Weights = list[list[float]]
"""One row for each node of the first dimension."""


def logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def probability(item: SlowItem, tapped: int, theta: float) -> float:
    """P(this answer | theta): the chance to reach the category less that to reach the next."""
    category = len(item.intercepts) - tapped if item.reversed_ else tapped
    reach = 1.0
    if category > 0:
        reach = logistic(item.slope * theta + item.intercepts[category - 1])
    reach_next = 0.0
    if category < len(item.intercepts):
        reach_next = logistic(item.slope * theta + item.intercepts[category])
    return reach - reach_next


def normal_density(x: float, y: float, correlation: float) -> float:
    """Of two standard normals with this correlation, up to a constant."""
    left = 1 - correlation * correlation
    return math.exp(-(x * x - 2 * correlation * x * y + y * y) / (2 * left))


def posterior_weights(test: SlowTest, given: Sequence[Given]) -> Weights:
    """Prior times the probability of every answer, at every pair of nodes, summing to 1."""
    weights: Weights = []
    total = 0.0
    for x in test.nodes:
        row = []
        for y in test.nodes:
            weight = normal_density(x, y, test.correlation)
            for answer in given:
                item = test.items[answer.item]
                if answer.category is not None:
                    theta = x if item.dimension == 0 else y
                    weight *= probability(item, answer.category, theta)
            row.append(weight)
            total += weight
        weights.append(row)
    return [[weight / total for weight in row] for row in weights]


def mean_of(test: SlowTest, weights: Weights) -> tuple[float, float]:
    first = second = 0.0
    for x, row in zip(test.nodes, weights, strict=True):
        for y, weight in zip(test.nodes, row, strict=True):
            first += weight * x
            second += weight * y
    return first, second


def covariance_of(test: SlowTest, weights: Weights) -> list[list[float]]:
    mean = mean_of(test, weights)
    covariance = [[0.0, 0.0], [0.0, 0.0]]
    for x, row in zip(test.nodes, weights, strict=True):
        for y, weight in zip(test.nodes, row, strict=True):
            off = (x - mean[0], y - mean[1])
            for a in range(2):
                for b in range(2):
                    covariance[a][b] += weight * off[a] * off[b]
    return covariance


def expected_variances(
    test: SlowTest, given: Sequence[Given], candidate: int
) -> tuple[float, float]:
    """Ask the candidate, imagine each answer, score everything anew, average the variances."""
    now = posterior_weights(test, given)
    item = test.items[candidate]
    first = second = 0.0
    for category in range(item.categories):
        chance = 0.0
        for x, row in zip(test.nodes, now, strict=True):
            for y, weight in zip(test.nodes, row, strict=True):
                theta = x if item.dimension == 0 else y
                chance += weight * probability(item, category, theta)
        then = posterior_weights(test, [*given, Given(candidate, category)])
        covariance = covariance_of(test, then)
        first += chance * covariance[0][0]
        second += chance * covariance[1][1]
    return first, second


def savings(
    test: SlowTest, given: Sequence[Given], candidate: int, wanted: tuple[bool, bool]
) -> float:
    """How much variance the candidate is expected to take from the dimensions that want it."""
    covariance = covariance_of(test, posterior_weights(test, given))
    expected = expected_variances(test, given, candidate)
    saved = 0.0
    for dimension in range(2):
        if wanted[dimension]:
            saved += covariance[dimension][dimension] - expected[dimension]
    return saved


def needs(
    test: SlowTest, given: Sequence[Given], *, psd: float, least: int
) -> tuple[tuple[bool, bool], tuple[int, int]]:
    """Which dimensions want more answers, and how many questions each lacks of the least."""
    covariance = covariance_of(test, posterior_weights(test, given))
    counts = [0, 0]
    for answer in given:
        if answer.category is not None:
            counts[test.items[answer.item].dimension] += 1
    wanted = [
        math.sqrt(covariance[d][d]) > psd or counts[d] < least  # not known well enough, or too few
        for d in range(2)
    ]
    shown = [sum(test.items[answer.item].dimension == d for answer in given) for d in range(2)]
    lacking = [least - count if count < least else 0 for count in shown]
    return (wanted[0], wanted[1]), (lacking[0], lacking[1])


def next_step(
    test: SlowTest, given: Sequence[Given], *, psd: float, least: int, most: int
) -> str | dict[int, float]:
    """The reason to stop, or every item that may be asked now with what it is expected to save."""
    wanted, lacking = needs(test, given, psd=psd, least=least)
    if not wanted[0] and not wanted[1]:
        return "precise"
    if len(given) >= most:
        return "length"
    asked = {answer.item for answer in given}
    open_items = [
        number
        for number, item in enumerate(test.items)
        if number not in asked and wanted[item.dimension]
    ]
    if not open_items:
        return "exhausted"
    if most - len(given) <= lacking[0] + lacking[1]:
        short = [number for number in open_items if lacking[test.items[number].dimension] > 0]
        if short:
            open_items = short
    return {
        number: answer_chance(test, given, number) * savings(test, given, number, wanted)
        for number in open_items
    }


def answer_chance(test: SlowTest, given: Sequence[Given], candidate: int) -> float:
    """How likely the candidate is answered: of the items of its dimension shown so far, and one
    more that counts as answered, the share that was not left out."""
    shown = answered = 1
    for answer in given:
        if test.items[answer.item].dimension == test.items[candidate].dimension:
            shown += 1
            answered += 0 if answer.category is None else 1
    return answered / shown


def marginal(weights: Weights, dimension: int) -> list[float]:
    if dimension == 0:
        return [sum(row) for row in weights]
    return [sum(row[column] for row in weights) for column in range(len(weights))]


def quantile(test: SlowTest, weights: Weights, dimension: int, share: float) -> float:
    """Walk through the cells, each node's weight spread evenly over its own, until `share` lies below."""
    step = test.nodes[1] - test.nodes[0]
    below = 0.0
    for node, weight in zip(test.nodes, marginal(weights, dimension), strict=True):
        if below + weight >= share:
            return node - step / 2 + step * (share - below) / weight
        below += weight
    raise AssertionError("the weights do not reach the share")


def cell_share_above(node: float, step: float, border: float) -> float:
    low, high = node - step / 2, node + step / 2
    if border <= low:
        return 1.0
    if border >= high:
        return 0.0
    return (high - border) / step


def region_masses(
    test: SlowTest, weights: Weights, borders: tuple[float, float]
) -> list[list[float]]:
    """[first above its border?][second above its border?]"""
    step = test.nodes[1] - test.nodes[0]
    masses = [[0.0, 0.0], [0.0, 0.0]]
    for x, row in zip(test.nodes, weights, strict=True):
        for y, weight in zip(test.nodes, row, strict=True):
            above_x = cell_share_above(x, step, borders[0])
            above_y = cell_share_above(y, step, borders[1])
            masses[0][0] += weight * (1 - above_x) * (1 - above_y)
            masses[0][1] += weight * (1 - above_x) * above_y
            masses[1][0] += weight * above_x * (1 - above_y)
            masses[1][1] += weight * above_x * above_y
    return masses
