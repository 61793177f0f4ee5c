"""Correlations of dimensions that were fitted alone, pair by pair; the dimensions' own fits are left to `em`.

A pair's two-dimensional marginal likelihood is climbed over the correlation with the items held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import Answers, Parameters, Sides, category_tables, parts_of
from undertow.calibrate.scores import (
    LATENT,
    PART_ROWS,
    Latent,
    PosteriorTables,
    ScoreTable,
    correlation_derivative,
    cross_products,
    item_scores,
    latent_scores,
)
from undertow.calibrate.standard_errors import inverse, one_group_information
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ConvergenceError, ShapeError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

LARGEST = 0.995
"""Beyond it two dimensions are one; the pair's likelihood hardly tells these places apart."""
_TOLERANCE = 1e-6
_MOST_CYCLES = 60
_CHUNK_ROWS = 1024
_WARM_UP_ROWS = 8000
_SMALLEST_LIKELIHOOD = 1e-300
_SMALLEST_EIGENVALUE = 1e-4
"""A share of variance that no other dimension explains; 0 would leave a matrix without an inverse."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alone:
    """A dimension that was fitted alone: its answers and its items' parameters, (J_d,) and (J_d, K-1)."""

    answers: Answers
    parameters: Parameters


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Correlations:
    """The matrix (D, D), and `moved`: how far clipping moved the pairs' own estimates, 0 if not at all."""

    matrix: Array
    moved: float


def pair_grid() -> Grid:
    """-6 to 6 by 0.3: the trapezoid rule's error at a posterior SD of 0.25 is below 1e-5."""
    return Grid(nodes=np.linspace(-6.0, 6.0, 41))


def correlations_between(
    dimensions: Sequence[Alone], *, mapper: Mapper = one_by_one
) -> Correlations:
    """The correlation of every two dimensions, items held at what each dimension alone gave.

    Each is the maximum of sum over people of log integral L_d(x) L_e(y) phi(x, y; rho), found by
    scoring on people's own derivatives. Estimates of pairs need not fit together; where they make no
    correlation matrix the nearest by clipped eigenvalues is given. Raises ConvergenceError where a
    pair does not settle. Source: gongsamaniego1981, berndtetal1974, rousseeuwmolenberghs1993.
    """
    if len(dimensions) < 2 or len({one.answers.rows for one in dimensions}) != 1:
        raise ShapeError("correlations need two dimensions or more, with the same rows")
    start = np.zeros(len(dimensions) * (len(dimensions) - 1) // 2)
    rows = dimensions[0].answers.rows
    step = rows // _WARM_UP_ROWS
    if step > 1:
        # A few thousand rows bring the pairs close at a fraction of the cost.
        some = [
            Alone(answers=one.answers.part(slice(None, None, step)), parameters=one.parameters)
            for one in dimensions
        ]
        start = _climbed(some, start, tolerance=1e-3, mapper=mapper)
    found = _climbed(dimensions, start, tolerance=_TOLERANCE, mapper=mapper)
    matrix = np.eye(len(dimensions))
    first, second = np.triu_indices(len(dimensions), 1)
    matrix[first, second] = matrix[second, first] = found
    return nearest(matrix)


def nearest(matrix: Array) -> Correlations:
    """The correlation matrix with eigenvalues clipped from below, scaled back to a diagonal of 1.

    Source: rousseeuwmolenberghs1993.
    """
    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= _SMALLEST_EIGENVALUE:
        return Correlations(matrix=matrix, moved=0.0)
    clipped = (vectors * np.maximum(values, _SMALLEST_EIGENVALUE)) @ vectors.T
    size = np.sqrt(np.diag(clipped))
    made = clipped / np.outer(size, size)
    np.fill_diagonal(made, 1.0)
    return Correlations(matrix=made, moved=float(np.abs(made - matrix).max()))


def _climbed(
    dimensions: Sequence[Alone], start: Array, *, tolerance: float, mapper: Mapper
) -> Array:
    """All pairs at once from `start` (P,), pairs in the order of `combinations`.

    Score over the sum of its squares is a step uphill; one that loses likelihood is halved.
    """
    here, step = start, np.zeros_like(start)
    reached = np.full(start.shape, -np.inf)
    trace: list[float] = []
    for _ in range(_MOST_CYCLES):
        there = np.clip(here + step, -LARGEST, LARGEST)
        total, score, square = _pass(dimensions, there, mapper)
        better = total >= reached - 1e-12 * np.abs(total)
        here = np.where(better, there, here)
        reached = np.where(better, total, reached)
        uphill = score / np.where(square > 0, square, 1.0)
        # Half the way to the end at most: a first guess is far too sure of itself near it.
        room = np.where(uphill > 0, LARGEST - here, LARGEST + here)
        step = np.where(better, np.clip(uphill, -room / 2, room / 2), step / 2)
        trace.append(float(reached.sum()))
        # At an end the step shrinks with the room that is left.
        if np.abs(step).max(initial=0.0) < tolerance:
            return here
    raise ConvergenceError(
        f"The correlations of the dimensions had not settled after {_MOST_CYCLES} cycles. "
        "Are there enough rows that answer items of both?",
        trace=tuple(trace),
    )


def _pass(
    dimensions: Sequence[Alone], correlations: Array, mapper: Mapper
) -> tuple[Array, Array, Array]:
    """Of every pair the log-likelihood, its derivative by rho, and the sum of people's squared ones."""
    grid = pair_grid()
    logs = [
        np.log(
            category_tables(one.parameters.slope, one.parameters.intercepts, grid.nodes)
        ).reshape(-1, grid.nodes.size)
        for one in dimensions
    ]
    pairs = list(combinations(range(len(dimensions)), 2))
    weights = []
    for rho in correlations:
        prior = grid.prior(float(rho))
        moved = correlation_derivative(grid.nodes, prior, float(rho))
        weights.append(np.concatenate([prior, moved], axis=1))

    def part(rows: slice) -> Array:
        sums = np.zeros((3, len(pairs)))
        for own in parts_of(rows.stop - rows.start, _CHUNK_ROWS):
            chunk = slice(rows.start + own.start, rows.start + own.stop)
            likelihoods, peaks = [], []
            for one, log in zip(dimensions, logs, strict=True):
                values = one.answers.indicators[chunk].astype(np.float64) @ log
                peaks.append(values.max(axis=1))
                likelihoods.append(np.exp(values - peaks[-1][:, None]))
            for at, ((first, second), both) in enumerate(zip(pairs, weights, strict=True)):
                seen = likelihoods[first] @ both
                size = grid.nodes.size
                likelihood = np.einsum("nq,nq->n", seen[:, :size], likelihoods[second])
                # Near 1 or -1 the prior is 0 in the corners, where answers against it may lie.
                np.maximum(likelihood, _SMALLEST_LIKELIHOOD, out=likelihood)
                score = np.einsum("nq,nq->n", seen[:, size:], likelihoods[second]) / likelihood
                sums[0, at] += float((np.log(likelihood) + peaks[first] + peaks[second]).sum())
                sums[1, at] += float(score.sum())
                sums[2, at] += float(score @ score)
        return sums

    sums = np.zeros((3, len(pairs)))
    for own in mapper(part, parts_of(dimensions[0].answers.rows, PART_ROWS)):
        sums += own
    return sums[0], sums[1], sums[2]


def correlation_errors(
    dimensions: Sequence[Alone],
    matrix: Array,
    grid: Grid,
    *,
    names: Sequence[Sequence[str]] = (),
    mapper: Mapper = one_by_one,
) -> Array:
    """Standard errors of the correlations of `correlations_between`; (D, D), 0 on the diagonal.

    With S people's derivatives by rho and s those of each dimension's own fit by its items,
    rho is off by I^-1 times the sum of S - C H^-1 s, where I is the sum of S^2, C the sum of S times
    the pair's own item derivatives, H the information of the dimensions' own fits: the items are
    estimates, too, and that counts here. `names` are each dimension's items. Raises NotReady as
    `standard_errors` does.
    Source: gongsamaniego1981.
    """
    inverses = []
    for place, one in enumerate(dimensions):
        sides = _pair(one, None)
        own = one.parameters
        sums = cross_products(
            sides, own.slope, own.intercepts, Latent.standard(0.0), grid.nodes, mapper=mapper
        )
        called = names[place] if names else ()
        inverses.append(inverse(one_group_information(sums, own), own, called))
    errors = np.zeros_like(matrix)
    for first, second in combinations(range(len(dimensions)), 2):
        rho = float(np.clip(matrix[first, second], -LARGEST, LARGEST))
        variance = _pair_variance(
            (dimensions[first], dimensions[second]),
            (inverses[first], inverses[second]),
            rho,
            grid.nodes,
            mapper,
        )
        errors[first, second] = errors[second, first] = np.sqrt(variance)
    return errors


def _pair(one: Alone, two: Alone | None) -> Sides:
    """Two dimensions' answers with their items one after the other; without the second, none."""
    answers, size = one.answers, one.answers.items.size
    other = answers.indicators[:, :0] if two is None else two.answers.indicators
    return (
        Answers(
            indicators=answers.indicators,
            items=np.arange(size),
            categories=answers.categories,
        ),
        Answers(
            indicators=other,
            items=size + np.arange(other.shape[1] // answers.categories),
            categories=answers.categories,
        ),
    )


def _pair_variance(
    dimensions: tuple[Alone, Alone],
    inverses: tuple[Array, Array],
    rho: float,
    nodes: Array,
    mapper: Mapper,
) -> float:
    sides = _pair(*dimensions)
    slope, intercepts = (
        np.concatenate([getattr(one.parameters, name) for one in dimensions])
        for name in ("slope", "intercepts")
    )
    latent = Latent.standard(rho)
    together = PosteriorTables.of(sides, slope, intercepts, latent, nodes)
    # Without a correlation the posteriors of the pair are those of each dimension alone.
    apart = PosteriorTables.of(sides, slope, intercepts, Latent.standard(0.0), nodes)
    tables = [ScoreTable.of(slope[s.items], intercepts[s.items], nodes) for s in sides]
    size = sum(own.shape[0] for own in inverses)

    def part(rows: slice) -> tuple[float, Array, Array, Array]:
        square, with_pair, with_own = 0.0, np.zeros(size), np.zeros(size)
        own_products = np.zeros((size, size))
        for here, there in zip(
            together.chunks(sides, rows), apart.chunks(sides, rows), strict=True
        ):
            score = latent_scores(here, latent, nodes)[:, LATENT.index("correlation")]
            pair, own = (
                np.concatenate(
                    list(map(item_scores, found.indicators, found.margins, tables)), axis=1
                )
                for found in (here, there)
            )
            square += float(score @ score)
            with_pair += score @ pair
            with_own += score @ own
            own_products += own.T @ own
        return square, with_pair, with_own, own_products

    square, with_pair, with_own = 0.0, np.zeros(size), np.zeros(size)
    own_products = np.zeros((size, size))
    for sums in mapper(part, parts_of(sides[0].rows, PART_ROWS)):
        square += sums[0]
        with_pair += sums[1]
        with_own += sums[2]
        own_products += sums[3]
    cut = inverses[0].shape[0]
    passed_on = np.concatenate([inverses[0] @ with_pair[:cut], inverses[1] @ with_pair[cut:]])
    spread = square - 2 * passed_on @ with_own + passed_on @ own_products @ passed_on
    return float(spread) / square**2
