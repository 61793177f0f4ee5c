"""Pairs of items that go together more than theta explains, and what that costs in precision.

Single items are left to `item_fit`; which of a pair a short test may ask is left to whoever picks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import (
    Answers,
    Parameters,
    Sides,
    category_tables,
    dimensions_of,
    parts_of,
)
from undertow.calibrate.reliability import (
    Standings,
    category_slopes,
    item_information,
    standings,
)
from undertow.calibrate.scores import PART_ROWS
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ShapeError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

Q3_CUT = 0.2
"""Q3* above this is the usual warning; under independence it stays below at any usual length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One pair of items by their places among all, with its figures; see `LocalDependence`."""

    first: int
    second: int
    q3: float
    q3_star: float
    chi_square: float
    dependence: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalDependence:
    """Figures of all pairs, each (J, J) and symmetric; a diagonal means nothing unless it is named.

    `chi_square` is (X2 - df) / sqrt(2 df), 0 where X2 is below df, with a sign: positive where the two
    go together more than the model says. `q3` is the correlation of residuals, `q3_star` the same less
    the mean of the pairs of the same kind (within anxiety, within avoidance, across).
    `dependence` is the correlation of the two items' theta scores (d log P / d theta) at equal theta,
    0 where the model holds; it is NaN across dimensions. `information` is the mean over N(0,1) of
    sqrt(I_j I_l), its diagonal the items' mean information. `dimension_of` is (J,).
    """

    dimension_of: NDArray[np.intp]
    chi_square: Array
    q3: Array
    q3_star: Array
    dependence: Array
    information: Array

    def pairs(self, *, least: float = Q3_CUT) -> tuple[Pair, ...]:
        """Pairs of one dimension with Q3* above `least`, the highest first."""
        first, second = np.triu_indices(self.dimension_of.size, 1)
        kept = self.q3_star[first, second] > least
        kept &= self.dimension_of[first] == self.dimension_of[second]
        first, second = first[kept], second[kept]
        order = np.argsort(-self.q3_star[first, second], kind="stable")
        return tuple(self.pair(int(first[at]), int(second[at])) for at in order)

    def pair(self, first: int, second: int) -> Pair:
        """The figures of one pair, whatever they are."""
        at = (first, second)
        return Pair(
            first=first,
            second=second,
            q3=float(self.q3[at]),
            q3_star=float(self.q3_star[at]),
            chi_square=float(self.chi_square[at]),
            dependence=float(self.dependence[at]),
        )

    def information_share(self, first: int, second: int) -> float:
        """How much of the second item's information is left once the first is answered; 0 to 1.

        With scores U of variance V = I1 + I2 + 2 r sqrt(I1 I2) instead of I1 + I2, the pair is worth
        (I1 + I2)^2 / V; the share is that less I1, over I2. For equal items it is (1-r) / (1+r). A
        pair that goes together less than the model says gets no bonus. 1 across dimensions.
        """
        if self.dimension_of[first] != self.dimension_of[second] or first == second:
            return 0.0 if first == second else 1.0
        one, two = self.information[first, first], self.information[second, second]
        excess = 2 * self.dependence[first, second] * self.information[first, second]
        share = ((one + two) ** 2 / max(one + two + excess, 1e-12) - one) / two
        return float(np.clip(share, 0.0, 1.0))

    def inflation(self, items: Sequence[int]) -> float:
        """Actual over nominal sampling variance of theta from these items of one dimension.

        The sandwich on theta: variance of the summed theta scores over the summed information,
        1 + sum over pairs of 2 r_jl sqrt(I_j I_l) / sum of I_j. Multiply psd^2 by it where the prior
        adds little. For a few items it is close; for all it is a floor, since the fit makes up for
        pairs that go together by others that seem to go apart. What all pairs share alike cannot be
        told from theta itself. Raises ShapeError for items of both dimensions, twice, or none.
        Source: white1982.
        """
        own = np.asarray(items, dtype=np.intp)
        if not own.size or np.unique(self.dimension_of[own]).size != 1:
            raise ShapeError("inflation is asked for items of one dimension, at least one")
        if np.unique(own).size != own.size:
            raise ShapeError("inflation is asked with each item once")
        information = self.information[np.ix_(own, own)]
        dependence = self.dependence[np.ix_(own, own)].copy()
        np.fill_diagonal(dependence, 1.0)
        return float((dependence * information).sum() / np.trace(information))


def local_dependence(
    sides: Sides,
    parameters: Parameters,
    grid: Grid,
    found: Standings,
    *,
    mapper: Mapper = one_by_one,
) -> LocalDependence:
    """All pairs' figures; rows count for a pair where they answer both items.

    Q3 takes residuals from the expected answers at the posterior means in `found`. X2 compares
    counts of pairs of answers with the model's at N(0,1); its denominators are at least 1, so that a
    cell without expectation can't make a pair. `dependence` is the least-squares size of the model
    P(k, l | theta) = P_k P_l (1 + r u_k u_l), u the standardised theta scores, in the same counts.
    Source: chenthissen1997, yen1984, christensenetal2017.
    """
    items, categories = parameters.slope.size, parameters.intercepts.shape[1] + 1
    dimension_of = dimensions_of(sides)
    if dimension_of.size != items:
        raise ShapeError("parameters must be those of the items of both sides")
    same = dimension_of[:, None] == dimension_of
    counts, q3 = _counts_and_q3(sides, parameters, grid, found, mapper)
    people = _by_pair(counts, items)
    tables = category_tables(parameters.slope, parameters.intercepts, grid.nodes)
    moved = category_slopes(parameters.slope, parameters.intercepts, grid.nodes)
    information = item_information(parameters.slope, parameters.intercepts, grid.nodes)
    prior = grid.prior(parameters.correlation)
    expected = _pair_shares(tables.reshape(-1, grid.nodes.size), prior, dimension_of, categories)
    apart = counts - expected * np.repeat(np.repeat(people, categories, 0), categories, 1)
    floor = np.maximum(counts - apart, 1.0)
    df = (categories - 1) ** 2
    statistic = _by_pair(apart**2 / floor, items)
    values = np.tile(np.arange(categories, dtype=np.float64), items)
    sign = np.sign(_by_pair(apart * np.outer(values, values), items))
    weights = prior.sum(axis=1)
    scores = (moved / np.sqrt(information)[:, None, :]).reshape(-1, grid.nodes.size)
    pattern = (scores * weights) @ scores.T
    found_size = _by_pair(apart * pattern / expected, items) / np.maximum(people, 1.0)
    full_size = _by_pair(pattern**2 / expected, items)
    root = np.sqrt(information)
    return LocalDependence(
        dimension_of=dimension_of,
        chi_square=sign * np.maximum(statistic - df, 0.0) / np.sqrt(2 * df),
        q3=q3,
        q3_star=q3 - _mean_of_kind(q3, dimension_of),
        dependence=np.where(same, found_size / full_size, np.nan),
        information=(root * weights) @ root.T,
    )


def _by_pair(cells: Array, items: int) -> Array:
    """Sums of the K x K cells of every pair; (J, J) from (J*K, J*K)."""
    size = cells.shape[0] // items
    sums: Array = cells.reshape(items, size, items, size).sum(axis=(1, 3))
    return sums


def _pair_shares(
    tables: Array, prior: Array, dimension_of: NDArray[np.intp], categories: int
) -> Array:
    """P(X_j = k, X_l = m) of all pairs under the model; (J*K, J*K), meaningless for j = l."""
    own = np.repeat(dimension_of, categories)
    shares = np.empty((own.size, own.size))
    weights = prior.sum(axis=1), prior.sum(axis=0)
    for one in (0, 1):
        at = tables[own == one]
        shares[np.ix_(own == one, own == one)] = (at * weights[one]) @ at.T
    across = tables[own == 0] @ prior @ tables[own == 1].T
    shares[np.ix_(own == 0, own == 1)] = across
    shares[np.ix_(own == 1, own == 0)] = across.T
    return shares


def _mean_of_kind(q3: Array, dimension_of: NDArray[np.intp]) -> Array:
    """For each pair the mean Q3 of all pairs of the same two dimensions; (J, J)."""
    means = np.zeros_like(q3)
    kind = dimension_of[:, None] + dimension_of
    off = ~np.eye(dimension_of.size, dtype=bool)
    for one in (0, 1, 2):
        if (off & (kind == one)).any():
            means[kind == one] = q3[off & (kind == one)].mean()
    return means


def _counts_and_q3(
    sides: Sides, parameters: Parameters, grid: Grid, found: Standings, mapper: Mapper
) -> tuple[Array, Array]:
    """Counts of pairs of answers (J*K, J*K) and Q3 (J, J), items in the order of all items."""
    categories = sides[0].categories
    # Read off along lines between these, the expected answers are right to a thousandth.
    fine = np.linspace(grid.nodes[0], grid.nodes[-1], 8 * (grid.nodes.size - 1) + 1)
    tables = category_tables(parameters.slope, parameters.intercepts, fine)
    values = np.arange(categories, dtype=np.float64)
    expected_answers = np.einsum("jkq,k->jq", tables, values)
    items = parameters.slope.size
    columns = np.concatenate(
        [(side.items[:, None] * categories + np.arange(categories)).ravel() for side in sides]
    )

    def part(rows: slice) -> tuple[Array, Array]:
        answers = np.empty((rows.stop - rows.start, items * categories))
        answers[:, columns] = np.concatenate([side.indicators[rows] for side in sides], axis=1)
        each = answers.reshape(-1, items, categories)
        answered = each.sum(axis=2)
        residual = each @ values
        for dimension, side in enumerate(sides):
            places = found.means[rows, dimension]
            for item in side.items:
                residual[:, item] -= np.interp(places, fine, expected_answers[item])
        residual *= answered
        moments = np.stack(
            [
                answered.T @ answered,
                residual.T @ answered,
                residual.T**2 @ answered,
                residual.T @ residual,
            ]
        )
        return answers.T @ answers, moments

    counts = np.zeros((items * categories,) * 2)
    moments = np.zeros((4, items, items))
    for own_counts, own_moments in mapper(part, parts_of(sides[0].rows, PART_ROWS)):
        counts += own_counts
        moments += own_moments
    people, total, squares, cross = moments
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = cross / people - total * total.T / people**2
        variance = squares / people - (total / people) ** 2
        q3 = covariance / np.sqrt(variance * variance.T)
    # Nobody answered both: nothing is known of the pair, and nothing is claimed.
    return counts, np.where(people > 1, q3, 0.0)


def nested_ratio(
    sides: Sides,
    parameters: Parameters,
    grid: Grid,
    items: Sequence[int],
    found: Standings,
    *,
    mapper: Mapper = one_by_one,
) -> Array:
    """How much further a short test strays from the whole one than it says; (D,), 1 if honest.

    Mean square of (mean by `items` - mean by all) over the mean of (psd^2 by `items` - psd^2 by all):
    under the model the two are equal. `found` are the standings by all items. NaN for a dimension
    none of whose items is asked, or all.
    """
    short = standings(
        _only(sides, frozenset(int(item) for item in items)), parameters, grid, mapper=mapper
    )
    strayed = ((short.means - found.means) ** 2).mean(axis=0)
    said = (short.psd**2 - found.psd**2).mean(axis=0)
    part = [0 < np.isin(side.items, items).sum() < side.items.size for side in sides]
    return np.where(part, strayed / np.where(said > 0, said, np.nan), np.nan)


def _only(sides: Sides, items: frozenset[int]) -> Sides:
    """The same rows with all other answers taken as missing."""

    def kept(side: Answers) -> Answers:
        asked = np.repeat(np.isin(side.items, list(items)), side.categories)
        return Answers(
            indicators=side.indicators * asked.astype(np.uint8),
            items=side.items,
            categories=side.categories,
        )

    first, second = sides
    return kept(first), kept(second)
