"""Marginal maximum likelihood for the graded model in one or two dimensions; more are left to `blocks`.

How EM is made to climb fast is in `accelerate`, what one step does in `maximising`.
Source: bockaitkin1981.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.accelerate import Climbed, Progress, climb
from undertow.calibrate.likelihood import Parameters, Sides, sides_of, working_grid
from undertow.calibrate.maximising import SLOPE_RANGE, maximise
from undertow.calibrate.source import (
    InMemory,
    Source,
    category_counts,
    evaluate,
    every,
    expect,
)
from undertow.calibrate.workers import Mapper, one_by_one, workers
from undertow.errors import ConvergenceError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

PARAMETER_TOLERANCE = 1e-7
"""Largest last change of a log-slope, an intercept or the correlation; the steps shrink tenfold a
cycle by then, and standard errors are a hundred thousand times as large."""
MOST_CYCLES = 500
_WARM_UP_ROWS = 4000
_WARM_UP_CYCLES = 30
_WARM_UP_TOLERANCE = 2e-3
_WARM_UP_LEAST_COUNT = 10
_NEARLY_ONE = 0.97
"""Beyond this correlation the difference of two dimensions has an SD below .25, hardly more than the
grid's step. A grid twice as fine settles up to .99, but all that follows the fit would need it, too."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settled:
    """Where EM came to rest: parameters, E-steps over all rows, log-likelihood of every accepted one.

    The log-likelihoods of `trace` are those of the working grid.
    """

    parameters: Parameters
    iterations: int
    trace: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A settled fit with its log-likelihood on the reporting grid."""

    parameters: Parameters
    log_likelihood: float
    iterations: int
    trace: tuple[float, ...]


def fit_graded(
    keyed: NDArray[np.int8],
    dimension_of: NDArray[np.intp],
    categories: int,
    *,
    names: Sequence[str] = (),
    progress: Progress | None = None,
    most_cycles: int = MOST_CYCLES,
) -> Fit:
    """Fits P(X_j >= k) = logistic(a_j theta_d + d_jk), theta bivariate normal, mean 0, variance 1.

    `keyed` is (N, J) of 0..K-1 or MISSING, `dimension_of` (J,) of 0 and 1. Where all are the same
    theta has one dimension, and the correlation stays 0 and is no parameter. Raises ShapeError for
    a category that nobody chose and ConvergenceError as `settle` does.
    """
    sides = sides_of(keyed, dimension_of, categories)
    with workers() as mapper:
        source = InMemory(sides=sides, mapper=mapper)
        settled = settle(
            source, names=names, progress=progress, most_cycles=most_cycles, mapper=mapper
        )
        evaluation = evaluate(source, settled.parameters)
    return Fit(
        parameters=settled.parameters,
        log_likelihood=evaluation.log_likelihood,
        iterations=settled.iterations,
        trace=settled.trace,
    )


def settle(
    rows: Sides | Source,
    *,
    names: Sequence[str] = (),
    progress: Progress | None = None,
    most_cycles: int = MOST_CYCLES,
    mapper: Mapper = one_by_one,
) -> Settled:
    """The maximum of the marginal likelihood of all rows; `mapper` shares out those that are here.

    Raises ConvergenceError with its trace when likelihood and parameters have not settled after
    `most_cycles`, and when an item's slope ran to a limit (naming it by `names`).
    """
    grid = working_grid()
    source = _source_of(rows, mapper)
    start = starting_point(source)
    part = _warm_up_part(source)
    if part is not None:
        # A few thousand rows bring the parameters close at a fraction of the cost.
        start = climb(
            EmRoute(source=InMemory(sides=part, mapper=mapper), grid=grid),
            start,
            tolerance=_WARM_UP_TOLERANCE,
            most=_WARM_UP_CYCLES,
        ).point
    climbed = climb(
        EmRoute(source=source, grid=grid),
        start,
        tolerance=PARAMETER_TOLERANCE,
        most=most_cycles,
        report=progress,
    )
    _check_slopes(climbed.point.slope, names, climbed.trace)
    if not climbed.settled:
        _check_dimensions(climbed)
        raise ConvergenceError(
            f"The fit had not settled after {climbed.cycles} cycles over {source.rows:,} rows. "
            "Are there enough rows, and do the items of a dimension belong together?",
            trace=climbed.trace,
        )
    return Settled(parameters=climbed.point, iterations=climbed.cycles, trace=climbed.trace)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EmRoute:
    """EM over the rows of a source, for `climb`."""

    source: Source
    grid: Grid

    def step(self, here: Parameters) -> tuple[float, Parameters]:
        expectation = expect(self.source, here, self.grid)
        after = maximise(here, expectation, self.grid, self.source.layout)
        return expectation.log_likelihood, after

    def vector(self, point: Parameters) -> Array:
        return np.concatenate(
            [np.log(point.slope), point.intercepts.ravel(), [np.arctanh(point.correlation)]]
        )

    def point(self, vector: Array, like: Parameters) -> Parameters | None:
        items = like.slope.size
        guess = Parameters(
            # A wild guess is refused below; it must not overflow before.
            slope=np.exp(np.clip(vector[:items], -20.0, 20.0)),
            intercepts=vector[items:-1].reshape(like.intercepts.shape),
            correlation=float(np.tanh(vector[-1])),
        )
        low, high = SLOPE_RANGE
        sensible = (
            guess.ordered()
            and abs(guess.correlation) < 1
            and np.all((guess.slope >= low) & (guess.slope <= high))
        )
        return guess if sensible else None


def starting_point(rows: Sides | Source) -> Parameters:
    """Slopes of 1.5 and intercepts from the shares at or above each category."""
    source = _source_of(rows)
    items = sum(side.items.size for side in source.layout)
    slope = np.full(items, 1.5)
    intercepts = np.zeros((items, source.layout[0].categories - 1))
    for side, counts in zip(source.layout, category_counts(source), strict=True):
        at_least = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1][:, 1:]
        share = at_least / counts.sum(axis=1, keepdims=True)
        intercepts[side.items] = np.log(share / (1 - share))
    # A logistic model's margin is flatter than its curve by about sqrt(1 + (a / 1.7)^2).
    intercepts *= np.sqrt(1 + (slope / 1.7) ** 2)[:, None]
    return Parameters(slope=slope, intercepts=intercepts, correlation=0.0)


def _warm_up_part(source: Source) -> Sides | None:
    """Every so-manieth row, where there are many and each category is still there often enough."""
    step = source.rows // _WARM_UP_ROWS
    if step < 2:
        return None
    part = every(source, step)
    rare = min(int(side.category_counts().min()) for side in part if side.items.size)
    return part if rare >= _WARM_UP_LEAST_COUNT else None


def _source_of(rows: Sides | Source, mapper: Mapper = one_by_one) -> Source:
    return InMemory(sides=rows, mapper=mapper) if isinstance(rows, tuple) else rows


def _check_dimensions(climbed: Climbed[Parameters]) -> None:
    """Says so where the climb broke off because two dimensions are one.

    Then the prior is a ridge as narrow as the grid's step, on which even a plain step may lose
    likelihood.
    """
    correlation = climbed.point.correlation
    if abs(correlation) > _NEARLY_ONE:
        raise ConvergenceError(
            f"The two dimensions are nearly one: their correlation came to {correlation:.3f}, and "
            f"the fit had not settled after {climbed.cycles} cycles. Give all their items one "
            "dimension in the recipe.",
            trace=climbed.trace,
        )


def _check_slopes(slope: Array, names: Sequence[str], trace: tuple[float, ...]) -> None:
    low, high = SLOPE_RANGE
    for limit, why in (
        (low, "does not go with the other items of its dimension; check its keying."),
        (high, "goes with another almost perfectly; is it there twice, or are there too few rows?"),
    ):
        at_limit = np.flatnonzero(np.isclose(slope, limit, rtol=1e-3))
        if at_limit.size:
            first = int(at_limit[0])
            name = names[first] if first < len(names) else f"number {first + 1}"
            raise ConvergenceError(
                f"Item {name} {why} Its slope ran to the limit of {limit:g}.", trace=trace
            )
