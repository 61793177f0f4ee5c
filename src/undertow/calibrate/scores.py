"""Each person's score vector: how their log marginal likelihood moves with every parameter.

Standard errors, Wald tests and other uses of the sums are left to whoever asks for them.

Order of parameters, here and in all matrices made from scores: item by item in the order of all
items, the slope first and then its K-1 intercepts, so item j has the places j*K .. j*K + K-1; then
the latent moments: mean of anxiety, mean of avoidance, deviation of anxiety, deviation of
avoidance, correlation (`LATENT`). Whoever holds a moment fixed leaves its row and column out. Where
a side has no items nothing tells its mean, its deviation and the correlation: their scores are 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import (
    Sides,
    boundary_probabilities,
    category_tables,
    folded,
    log_tables,
    nodes_of,
    parts_of,
    scaled,
)
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ShapeError

Array = NDArray[np.float64]

LATENT = ("mean 1", "mean 2", "deviation 1", "deviation 2", "correlation")
"""The latent moments in their order after the items."""
CHUNK_ROWS = 1024
"""Rows at a time: what the products work on stays near the processor, and memory stays flat."""
PART_ROWS = 4 * CHUNK_ROWS
"""Rows that one worker adds up before it hands over; fixed, so that workers change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Latent:
    """A group's bivariate normal: `means` (2,), `deviations` (2,) and the correlation."""

    means: Array
    deviations: Array
    correlation: float

    def __post_init__(self) -> None:
        if self.means.shape != (2,) or self.deviations.shape != (2,):
            raise ShapeError("latent means and deviations must each be (2,)")
        if not (np.all(self.deviations > 0) and abs(self.correlation) < 1):
            raise ShapeError("latent deviations must be above 0 and the correlation within -1 to 1")

    @classmethod
    def standard(cls, correlation: float) -> Latent:
        """Mean 0 and deviation 1 in both dimensions."""
        return cls(means=np.zeros(2), deviations=np.ones(2), correlation=correlation)

    def standardised(self, nodes: Array) -> tuple[Array, Array]:
        """The nodes in this group's own deviations from its own means; each (Q,)."""
        one, two = (
            (nodes - mean) / deviation
            for mean, deviation in zip(self.means, self.deviations, strict=True)
        )
        return one, two

    def prior(self, nodes: Array) -> Array:
        """Weights at every pair of nodes, anxiety first, sum 1; (Q, Q)."""
        one, two = self.standardised(nodes)
        x, y = one[:, None], two[None, :]
        form = (x**2 - 2 * self.correlation * x * y + y**2) / (1 - self.correlation**2)
        # The smallest form is taken off first: a far group on a short grid must not underflow.
        weight: Array = np.exp(-(form - form.min()) / 2)
        weight /= weight.sum()
        return weight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posteriors:
    """A few rows' posteriors: `margins` (n, Q) each, sum 1, and `cross` (n,), the mean of z1 * z2.

    z are the latent values in the group's own deviations from its own means. `likelihoods` (n, Q)
    each are scaled so that the first's times the prior times the second's sums to 1 for each row.
    """

    rows: slice
    indicators: tuple[Array, Array]
    likelihoods: tuple[Array, Array]
    margins: tuple[Array, Array]
    cross: Array
    log_likelihood: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PosteriorTables:
    """What the posteriors of all rows share; make it once by `of`, then ask for rows."""

    log_categories: tuple[Array, Array]
    standardised: tuple[Array, Array]
    prior: Array

    @classmethod
    def of(
        cls, sides: Sides, slope: Array, intercepts: Array, latent: Latent, nodes: Array
    ) -> PosteriorTables:
        return cls(
            log_categories=log_tables(sides, slope, intercepts, nodes),
            standardised=_standardised(sides, latent, nodes),
            prior=folded(latent.prior(nodes), sides),
        )

    def posteriors(self, sides: Sides, rows: slice) -> Posteriors:
        """The posteriors of some rows. Source: bockmislevy1982."""
        one, two = (side.indicators[rows].astype(np.float64) for side in sides)
        first, first_peak = scaled(one @ self.log_categories[0])
        second, second_peak = scaled(two @ self.log_categories[1])
        from_first = first @ self.prior
        likelihood = np.einsum("nq,nq->n", from_first, second)
        first /= likelihood[:, None]
        second_margin = from_first * second / likelihood[:, None]
        first_margin = first * (second @ self.prior.T)
        z_first, z_second = self.standardised
        moved = first @ (z_first[:, None] * self.prior * z_second)
        cross = np.einsum("nq,nq->n", moved, second)
        return Posteriors(
            rows=rows,
            indicators=(one, two),
            likelihoods=(first, second),
            margins=(first_margin, second_margin),
            cross=cross,
            log_likelihood=np.log(likelihood) + first_peak + second_peak,
        )

    def chunks(self, sides: Sides, rows: slice) -> Iterator[Posteriors]:
        """The posteriors of many rows, CHUNK_ROWS at a time."""
        for own in parts_of(rows.stop - rows.start, CHUNK_ROWS):
            yield self.posteriors(sides, slice(rows.start + own.start, rows.start + own.stop))


def _standardised(sides: Sides, latent: Latent, nodes: Array) -> tuple[Array, Array]:
    """The places of each side in the group's deviations from its means; 0 for one without items."""
    first, second = (
        own if side.items.size else np.zeros(1)
        for own, side in zip(latent.standardised(nodes), sides, strict=True)
    )
    return first, second


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreTable:
    """d log P_k(q) by the item's parameters where it is not 0; make it once by `of`.

    A category's probability hangs on its two borders only, so three blocks of columns hold all:
    by the lower border (J_d * (K-1)), by the upper border (J_d * (K-1)), by the slope (J_d * K).
    """

    columns: Array
    items: int
    categories: int

    @classmethod
    def of(cls, slope: Array, intercepts: Array, nodes: Array) -> ScoreTable:
        """From one dimension's slope (J_d,) and intercepts (J_d, K-1). Source: samejima1969."""
        above, below = boundary_probabilities(slope, intercepts, nodes)
        density = above * below
        probability = category_tables(slope, intercepts, nodes)
        lower = density / probability[:, 1:]
        upper = density / probability[:, :-1]
        by_slope = np.zeros_like(probability)
        by_slope[:, 1:] += lower
        by_slope[:, :-1] -= upper
        by_slope *= nodes
        blocks = [block.reshape(-1, nodes.size) for block in (lower, upper, by_slope)]
        return cls(
            columns=np.ascontiguousarray(np.concatenate(blocks).T),
            items=slope.size,
            categories=probability.shape[1],
        )


def item_scores(indicators: Array, margin: Array, table: ScoreTable) -> Array:
    """Each row's derivatives by one dimension's item parameters; (n, J_d * K), slope first.

    The posterior mean of d log P_x / d parameter (Fisher's identity). `indicators` (n, J_d * K) are
    the rows' answers, all 0 where missing (the score is then 0), `margin` (n, Q) their posterior in
    that dimension. Source: louis1982.
    """
    rows, items, categories = indicators.shape[0], table.items, table.categories
    means = margin @ table.columns
    cuts = items * (categories - 1)
    chosen = indicators.reshape(rows, items, categories)
    lower = means[:, :cuts].reshape(rows, items, categories - 1)
    upper = means[:, cuts : 2 * cuts].reshape(rows, items, categories - 1)
    by_slope = means[:, 2 * cuts :].reshape(rows, items, categories)
    scores = np.empty((rows, items, categories))
    scores[:, :, 0] = np.einsum("njk,njk->nj", chosen, by_slope)
    scores[:, :, 1:] = chosen[:, :, 1:] * lower
    scores[:, :, 1:] -= chosen[:, :, :-1] * upper
    return scores.reshape(rows, items * categories)


def latent_scores(posteriors: Posteriors, latent: Latent, nodes: Array) -> Array:
    """Each row's derivatives by the latent moments, in the order of `LATENT`; (n, 5).

    With one dimension (the latent correlation is then 0) those of the other side are 0.
    """
    first, second = posteriors.margins
    z_first, z_second = (
        own if margin.shape[1] == nodes.size else np.zeros(1)
        for own, margin in zip(latent.standardised(nodes), (first, second), strict=True)
    )
    moments = np.stack(
        [
            first @ z_first,
            second @ z_second,
            first @ z_first**2,
            second @ z_second**2,
            posteriors.cross,
        ],
        axis=1,
    )
    prior = latent.prior(nodes)
    for axis, margin in enumerate((first, second)):
        if margin.shape[1] != nodes.size:
            prior = prior.sum(axis=axis, keepdims=True)
    margins = prior.sum(axis=1), prior.sum(axis=0)
    # On the grid the prior's weights are made to sum to 1; their derivatives then have mean 0.
    moments -= np.array(
        [
            margins[0] @ z_first,
            margins[1] @ z_second,
            margins[0] @ z_first**2,
            margins[1] @ z_second**2,
            z_first @ prior @ z_second,
        ]
    )
    scores: Array = moments @ _latent_derivatives(latent).T
    return scores


def complete_scores(latent: Latent, nodes: Array, sides: Sides) -> Array:
    """Derivatives of log density by the moments at every pair of places, as in `LATENT`; (5, Q, Q).

    One place where a side has no items; that side's derivatives mean nothing then.
    """
    first, second = _standardised(sides, latent, nodes)
    one, two = np.broadcast_arrays(first[:, None], second[None, :])
    moments = np.stack([one, two, one**2, two**2, one * two])
    prior = folded(latent.prior(nodes), sides)
    # On the grid the prior's weights are made to sum to 1; their derivatives then have mean 0.
    moments -= (moments * prior).sum(axis=(1, 2), keepdims=True)
    scores: Array = np.tensordot(_latent_derivatives(latent), moments, axes=1)
    return scores


def correlation_derivative(nodes: Array, prior: Array, rho: float) -> Array:
    """How the bivariate normal's weights `prior` move with their correlation; (Q, Q), sum 0."""
    rest = 1 - rho**2
    x, y = nodes[:, None], nodes[None, :]
    moved = (rho + x * y) / rest - rho * (x**2 - 2 * rho * x * y + y**2) / rest**2
    by_rho: Array = prior * (moved - (prior * moved).sum())
    return by_rho


def _latent_derivatives(latent: Latent) -> Array:
    """d log density by each latent moment, as weights of z1, z2, z1^2, z2^2, z1 z2; (5, 5)."""
    r, rest = latent.correlation, 1 - latent.correlation**2
    by_means = np.array([[1, -r, 0, 0, 0], [-r, 1, 0, 0, 0]]) / rest
    by_deviations = np.array([[0, 0, 1, 0, -r], [0, 0, 0, 1, -r]]) / rest
    by_correlation = np.array([[0, 0, -r, -r, 1 + r**2]]) / rest**2
    scale = latent.deviations[:, None]
    return np.concatenate([by_means / scale, by_deviations / scale, by_correlation])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrossProducts:
    """`products` (P, P), the sum over people of score times score; `total` (P,), the summed score.

    P is J * K + 5, in the order that the module's docstring gives. At a maximum `total` is 0.
    `told` (5,) says which latent moments the answers tell at all: those of a side with items.
    """

    products: Array
    total: Array
    rows: int
    told: NDArray[np.bool_]


def told_moments(sides: Sides) -> NDArray[np.bool_]:
    """Which moments of `LATENT` the answers can tell; (5,), the correlation only with both sides."""
    first, second = (bool(side.items.size) for side in sides)
    return np.array([first, second, first, second, first and second])


def cross_products(
    sides: Sides,
    slope: Array,
    intercepts: Array,
    latent: Latent,
    nodes: Array,
    *,
    mapper: Mapper = one_by_one,
) -> CrossProducts:
    """Sums of score times score and of the score over all rows.

    `slope` (J,), `intercepts` (J, K-1), `nodes` (Q,). For several groups call it once a group, with
    the group's rows, items and latent moments: the groups' sums are each other's only in the
    parameters they share.
    Parts of a fixed size are added up in a fixed order, so the number of workers changes nothing.
    Source: louis1982.
    """
    categories = intercepts.shape[1] + 1
    tables = PosteriorTables.of(sides, slope, intercepts, latent, nodes)
    score_tables = [
        ScoreTable.of(slope[s.items], intercepts[s.items], nodes_of(s, nodes)) for s in sides
    ]
    size = slope.size * categories + len(LATENT)
    places = [(side.items[:, None] * categories + np.arange(categories)).ravel() for side in sides]
    order = np.concatenate([*places, np.arange(size - len(LATENT), size)])

    def part(rows: slice) -> tuple[Array, Array]:
        products, total = np.zeros((size, size)), np.zeros(size)
        for own in tables.chunks(sides, rows):
            scores = np.concatenate(
                [
                    *map(item_scores, own.indicators, own.margins, score_tables),
                    latent_scores(own, latent, nodes),
                ],
                axis=1,
            )
            products += scores.T @ scores
            total += scores.sum(axis=0)
        return products, total

    products, total = np.zeros((size, size)), np.zeros(size)
    for own_products, own_total in mapper(part, parts_of(sides[0].rows, PART_ROWS)):
        products += own_products
        total += own_total
    # The sides' columns were made one after the other; here they go to their items' places.
    placed, placed_total = np.empty_like(products), np.empty_like(total)
    placed[np.ix_(order, order)] = products
    placed_total[order] = total
    return CrossProducts(
        products=placed, total=placed_total, rows=sides[0].rows, told=told_moments(sides)
    )
