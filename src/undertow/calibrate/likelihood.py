"""The factorised likelihood: with simple structure a person's is L1(theta1) * L2(theta2), so an
E-step is a handful of (N, Q) matrix products, never a Q x Q grid a person. Climbing it is left to `em`.

One dimension is two of which one has no items. That side is given a single place, at 0, so that all
products go on with one column there and nothing is computed for a dimension that isn't.

Everything is in double precision: in single precision the products are twice as fast, but their
last digits hang on the processor and the number of threads, and a bank would not come out the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ShapeError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

_CHUNK_ROWS = 1024
"""Rows at a time: what the products work on stays near the processor, and memory stays flat."""
_PART_ROWS = 4 * _CHUNK_ROWS
"""Rows that one worker adds up before it hands over."""
_SMALLEST_PROBABILITY = 1e-300
"""Before logs, as in scoring: a double holds nothing much smaller."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parameters:
    """All items' parameters: `slope` (J,), `intercepts` (J, K-1) falling, and the correlation."""

    slope: Array
    intercepts: Array
    correlation: float

    def ordered(self) -> bool:
        return bool(np.all(self.slope > 0) and np.all(np.diff(self.intercepts, axis=1) < 0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Answers to one dimension's items as indicator rows; (N, J_d * K) of 0 and 1, all 0 where missing.

    `items` are the positions of the dimension's items among all.
    """

    indicators: NDArray[np.uint8]
    items: NDArray[np.intp]
    categories: int

    @property
    def rows(self) -> int:
        return int(self.indicators.shape[0])

    def part(self, rows: slice) -> Answers:
        return Answers(
            indicators=self.indicators[rows], items=self.items, categories=self.categories
        )

    def category_counts(self) -> NDArray[np.int64]:
        """How often each category was chosen; (J_d, K)."""
        sums: NDArray[np.int64] = self.indicators.sum(axis=0, dtype=np.int64)
        return sums.reshape(self.items.size, self.categories)


Sides = tuple[Answers, Answers]
"""Both dimensions' answers of the same rows, anxiety first; with one dimension a side has no items."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunk:
    """A few rows' likelihoods and posteriors on a grid; all (n, Q) but `log_likelihood` (n,).

    On a side without items (n, 1), see `nodes_of`.

    `first` and `second` are L1 and L2, each divided by its row's maximum, and L1 by the marginal
    likelihood too, so that first.T @ second times the prior is the expected joint count.
    `indicators` are the rows' answers as numbers.
    """

    rows: slice
    indicators: tuple[Array, Array]
    first: Array
    second: Array
    margins: tuple[Array, Array]
    log_likelihood: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expectation:
    """What an E-step gives: `counts` (J, K, Q), `joint` (Q, Q) and the log-likelihood.

    Where a side has no items `joint` is (Q, 1) or (1, Q).

    Both are sums over people, so those of two halves of the rows add up to those of all.
    """

    counts: Array
    joint: Array
    log_likelihood: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """The log-likelihood on the reporting grid and each group's posterior mass there, (G, 2, Q).

    The mass of a side without items is NaN: nothing is known there.
    """

    log_likelihood: float
    mass: Array


def sides_of(keyed: NDArray[np.int8], dimension_of: NDArray[np.intp], categories: int) -> Sides:
    """Indicator rows of both dimensions from keyed categories (N, J) of 0..K-1 or MISSING.

    With one dimension `dimension_of` is all 0 (or all 1) and the other side has no items. Raises
    ShapeError for no item at all, a dimension that is neither, a category outside that range and
    one that nobody chose.
    """
    if keyed.ndim != 2 or dimension_of.shape != keyed.shape[1:]:
        raise ShapeError("keyed must be (N, J) beside dimension_of (J,)")
    if not keyed.shape[1] or not np.isin(dimension_of, (0, 1)).all():
        raise ShapeError("dimension_of must hold 0 or 1 for each of at least one item")
    if keyed.size and (keyed.min() < MISSING or keyed.max() >= categories):
        raise ShapeError(f"keyed must hold 0..{categories - 1} or {MISSING} for missing")
    first, second = (
        Answers(
            indicators=indicators_of(keyed[:, dimension_of == side], categories),
            items=np.flatnonzero(dimension_of == side),
            categories=categories,
        )
        for side in (0, 1)
    )
    if any((side.category_counts() == 0).any() for side in (first, second)):
        raise ShapeError("each category of each item needs at least one answer")
    return first, second


def indicators_of(own: NDArray[np.int8], categories: int) -> NDArray[np.uint8]:
    """Keyed categories (N, J) as indicator rows; (N, J * K)."""
    # MISSING equals no category, so its block stays 0 and the item drops out for that person.
    equal = own[:, :, None] == np.arange(categories, dtype=np.int8)
    rows: NDArray[np.uint8] = equal.reshape(own.shape[0], own.shape[1] * categories).view(np.uint8)
    return rows


def dimensions_of(sides: Sides) -> NDArray[np.intp]:
    """Which dimension each item belongs to; (J,)."""
    dimension_of = np.zeros(sum(side.items.size for side in sides), dtype=np.intp)
    dimension_of[sides[1].items] = 1
    return dimension_of


def one_dimensional(sides: Sides) -> bool:
    """Whether one of the sides has no items, so that there is no correlation to speak of."""
    return any(not side.items.size for side in sides)


def nodes_of(side: Answers, nodes: Array) -> Array:
    """The places of a side: all nodes, or 0 alone where it has no items; (Q,) or (1,)."""
    return nodes if side.items.size else np.zeros(1)


def folded(prior: Array, sides: Sides) -> Array:
    """A prior (Q, Q) summed over a side without items: (Q, 1) or (1, Q); else as it is."""
    for axis, side in enumerate(sides):
        if not side.items.size:
            prior = prior.sum(axis=axis, keepdims=True)
    return prior


def log_tables(sides: Sides, slope: Array, intercepts: Array, nodes: Array) -> tuple[Array, Array]:
    """log P(X_j = k) of each side's items at its places; (J_d * K, Q) each."""
    logs = np.log(category_tables(slope, intercepts, nodes))
    first, second = (
        logs[side.items].reshape(side.indicators.shape[1], nodes.size)
        if side.items.size
        else np.zeros((0, 1))
        for side in sides
    )
    return first, second


def masses(inside: Array, margins: tuple[Array, Array], sides: Sides, size: int) -> Array:
    """Sums over members of rows of posteriors, (G, 2, size) from `inside` (G, n); NaN without items."""
    return np.stack(
        [
            inside @ margin if side.items.size else np.full((inside.shape[0], size), np.nan)
            for margin, side in zip(margins, sides, strict=True)
        ],
        axis=1,
    )


def category_tables(slope: Array, intercepts: Array, nodes: Array) -> Array:
    """P(X_j = k) of every item at every node; (J, K, Q). Source: samejima1969."""
    above, below = boundary_probabilities(slope, intercepts, nodes)
    items, _, size = above.shape
    sure = np.ones((items, 1, size))
    # L(u) - L(v) = L(u) L(-v) (1 - exp(v - u)), which keeps its digits where both are near 0 or 1.
    gaps = -np.expm1(np.diff(intercepts, axis=1))
    between = np.concatenate([np.ones((items, 1)), gaps, np.ones((items, 1))], axis=1)
    table: Array = np.concatenate([sure, above], axis=1) * np.concatenate([below, sure], axis=1)
    table *= between[:, :, None]
    np.maximum(table, _SMALLEST_PROBABILITY, out=table)
    table /= table.sum(axis=1, keepdims=True)
    return table


def boundary_probabilities(slope: Array, intercepts: Array, nodes: Array) -> tuple[Array, Array]:
    """P(X_j >= k) and P(X_j < k), k = 1..K-1, at every node; each (J, K-1, Q)."""
    at = slope[:, None, None] * nodes + intercepts[:, :, None]
    # exp of a negative number never overflows, and keeps the digits of a small probability.
    small = np.exp(-np.abs(at))
    less, more = small / (1.0 + small), 1.0 / (1.0 + small)
    return np.where(at >= 0, more, less), np.where(at >= 0, less, more)


def parts_of(rows: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tables:
    """What every row of an E-step shares: log P (J_d * K, Q) of each side and the prior (Q, Q)."""

    log_categories: tuple[Array, Array]
    prior: Array

    @classmethod
    def of(
        cls, sides: Sides, parameters: Parameters, grid: Grid, prior: Array | None = None
    ) -> _Tables:
        own = grid.prior(parameters.correlation) if prior is None else prior
        return cls(
            log_categories=log_tables(sides, parameters.slope, parameters.intercepts, grid.nodes),
            prior=folded(own, sides),
        )

    def chunk(self, sides: Sides, rows: slice) -> Chunk:
        one, two = (side.indicators[rows].astype(np.float64) for side in sides)
        first, first_peak = scaled(one @ self.log_categories[0])
        second, second_peak = scaled(two @ self.log_categories[1])
        second_margin = first @ self.prior
        second_margin *= second
        likelihood = second_margin.sum(axis=1)
        share = (1.0 / likelihood)[:, None]
        first *= share
        second_margin *= share
        first_margin = second @ self.prior.T
        first_margin *= first
        return Chunk(
            rows=rows,
            indicators=(one, two),
            first=first,
            second=second,
            margins=(first_margin, second_margin),
            log_likelihood=np.log(likelihood) + first_peak + second_peak,
        )


def scaled(log_likelihood: Array) -> tuple[Array, Array]:
    """exp of each row less its maximum, in its place, and the maxima: hundreds of items would underflow."""
    peak = log_likelihood.max(axis=1)
    log_likelihood -= peak[:, None]
    np.exp(log_likelihood, out=log_likelihood)
    return log_likelihood, peak


def expect(
    sides: Sides,
    parameters: Parameters,
    grid: Grid,
    mapper: Mapper = one_by_one,
    *,
    prior: Array | None = None,
    counted: bool = True,
) -> Expectation:
    """One E-step over all rows. Source: bockaitkin1981.

    `prior` (Q, Q) replaces the standard one of the parameters' correlation, for a group with a mean
    and a spread of its own. Without `counted` all counts stay 0, which is quicker where items are
    held. Parts of a fixed size are added up in a fixed order, so the number of
    workers changes nothing.
    """
    size, categories = grid.nodes.size, sides[0].categories
    tables = _Tables.of(sides, parameters, grid, prior)

    def part(rows: slice) -> tuple[Array, Array, Array, float]:
        first, second = (
            np.zeros((side.indicators.shape[1], places))
            for side, places in zip(sides, tables.prior.shape, strict=True)
        )
        joint = np.zeros(tables.prior.shape)
        total = 0.0
        for own in parts_of(rows.stop - rows.start, _CHUNK_ROWS):
            chunk = tables.chunk(sides, slice(rows.start + own.start, rows.start + own.stop))
            if counted:
                first += chunk.indicators[0].T @ chunk.margins[0]
                second += chunk.indicators[1].T @ chunk.margins[1]
            joint += chunk.first.T @ chunk.second
            total += float(chunk.log_likelihood.sum())
        return first, second, joint, total

    counts = np.zeros((parameters.slope.size, categories, size))
    joint = np.zeros(tables.prior.shape)
    total = 0.0
    for *sums, own_joint, own_total in mapper(part, parts_of(sides[0].rows, _PART_ROWS)):
        for side, own in zip(sides, sums, strict=True):
            if side.items.size:
                counts[side.items] += own.reshape(-1, categories, size)
        joint += own_joint
        total += own_total
    joint *= tables.prior
    return Expectation(counts=counts, joint=joint, log_likelihood=total)


def evaluate(
    sides: Sides,
    parameters: Parameters,
    members: NDArray[np.bool_] | None = None,
    mapper: Mapper = one_by_one,
) -> Evaluation:
    """One pass over all rows on the reporting grid.

    `members` (G, N) says who belongs to which group; a group's mass is the sum of its members'
    posterior marginals.
    """
    groups = np.zeros((0, sides[0].rows), dtype=bool) if members is None else members
    grid = reporting_grid()
    tables = _Tables.of(sides, parameters, grid)

    def part(rows: slice) -> tuple[Array, float]:
        chunk = tables.chunk(sides, rows)
        inside = groups[:, rows].astype(np.float64)
        mass = masses(inside, chunk.margins, sides, grid.nodes.size)
        return mass, float(chunk.log_likelihood.sum())

    mass = np.zeros((groups.shape[0], 2, grid.nodes.size))
    total = 0.0
    for own, log_likelihood in mapper(part, parts_of(sides[0].rows, _CHUNK_ROWS)):
        mass += own
        total += log_likelihood
    return Evaluation(log_likelihood=total, mass=mass)


def reporting_grid() -> Grid:
    """-6.5 to 6.5 by 0.1: every log-likelihood that is reported is evaluated here."""
    return Grid(nodes=np.linspace(-6.5, 6.5, 131))


def working_grid() -> Grid:
    """-6 to 6 by 0.2: the fit happens here.

    The trapezoid rule's error for a posterior of SD s at step h is about exp(-2 (pi s / h)^2);
    36 items leave s above 0.2, so it is below 1e-8.
    """
    return Grid(nodes=np.linspace(-6.0, 6.0, 61))
