"""Marginal maximum likelihood for the two-dimensional graded model; reading answers is left to others.

EM, accelerated by Anderson's method: the next point is guessed from the last few steps, and a guess
that loses likelihood is taken back, so accepted points never fall.
Source: bockaitkin1981, walkerni2011.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import (
    Parameters,
    Sides,
    evaluate,
    expect,
    sides_of,
    working_grid,
)
from undertow.calibrate.maximising import SLOPE_RANGE, maximise
from undertow.calibrate.workers import Mapper, one_by_one, workers
from undertow.errors import ConvergenceError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]
Progress = Callable[[int, float], None]

PARAMETER_TOLERANCE = 1e-7
"""Largest last change of a log-slope, an intercept or the correlation; the steps shrink tenfold a
cycle by then, and standard errors are a hundred thousand times as large."""
LIKELIHOOD_TOLERANCE = 1e-5
MOST_CYCLES = 500
_WARM_UP_ROWS = 4000
_WARM_UP_CYCLES = 30
_WARM_UP_TOLERANCE = 2e-3
_WARM_UP_LEAST_COUNT = 10
_MEMORY = 5


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

    `keyed` is (N, J) of 0..K-1 or MISSING, `dimension_of` (J,) of 0 and 1. Raises ShapeError for a
    category that nobody chose and ConvergenceError as `settle` does.
    """
    sides = sides_of(keyed, dimension_of, categories)
    with workers() as mapper:
        settled = settle(
            sides, names=names, progress=progress, most_cycles=most_cycles, mapper=mapper
        )
        evaluation = evaluate(sides, settled.parameters, mapper=mapper)
    return Fit(
        parameters=settled.parameters,
        log_likelihood=evaluation.log_likelihood,
        iterations=settled.iterations,
        trace=settled.trace,
    )


def settle(
    sides: Sides,
    *,
    names: Sequence[str] = (),
    progress: Progress | None = None,
    most_cycles: int = MOST_CYCLES,
    mapper: Mapper = one_by_one,
) -> Settled:
    """The maximum of the marginal likelihood of all rows.

    Raises ConvergenceError with its trace when likelihood and parameters have not settled after
    `most_cycles`, and when an item's slope ran to a limit (naming it by `names`).
    """
    grid = working_grid()
    start = starting_point(sides)
    part = _warm_up_part(sides)
    if part is not None:
        # A few thousand rows bring the parameters close at a fraction of the cost.
        start, *_ = climb(
            part,
            start,
            grid,
            tolerance=_WARM_UP_TOLERANCE,
            most=_WARM_UP_CYCLES,
            report=None,
            mapper=mapper,
        )
    parameters, cycles, trace, settled = climb(
        sides,
        start,
        grid,
        tolerance=PARAMETER_TOLERANCE,
        most=most_cycles,
        report=progress,
        mapper=mapper,
    )
    _check_slopes(parameters.slope, names, trace)
    if not settled:
        raise ConvergenceError(
            f"The fit had not settled after {cycles} cycles over {sides[0].rows:,} rows. "
            "Are there enough rows, and do the items of a dimension belong together?",
            trace=trace,
        )
    return Settled(parameters=parameters, iterations=cycles, trace=trace)


def climb(
    sides: Sides,
    start: Parameters,
    grid: Grid,
    *,
    tolerance: float,
    most: int,
    report: Progress | None,
    mapper: Mapper = one_by_one,
) -> tuple[Parameters, int, tuple[float, ...], bool]:
    """EM from `start`: parameters, cycles, log-likelihoods of accepted points, whether it settled.

    Each cycle costs one E-step, taken-back guesses included.
    """
    history: list[tuple[Array, Array]] = []
    trace: list[float] = []
    here, safe, cycle = start, start, 0
    for cycle in range(1, most + 1):
        expectation = expect(sides, here, grid, mapper)
        reached = expectation.log_likelihood
        if trace and reached < trace[-1] - _rounding(reached):
            if not history:
                break  # Even a plain step lost likelihood: nothing better is to be found this way.
            here, history = safe, []
            continue
        gain = reached - trace[-1] if trace else np.inf
        trace.append(reached)
        if report is not None:
            report(cycle, reached)
        safe = maximise(here, expectation, grid, sides)
        point, image = _vector(here), _vector(safe)
        if np.abs(image - point).max() < tolerance and gain < LIKELIHOOD_TOLERANCE:
            return safe, cycle, tuple(trace), True
        history = [*history, (point, image)][-(_MEMORY + 1) :]
        here = _leap(history, safe)
    return safe, cycle, tuple(trace), False


def _rounding(log_likelihood: float) -> float:
    """What a sum over people may lose to rounding alone."""
    return 1e-13 * abs(log_likelihood) + 1e-9


def _leap(history: Sequence[tuple[Array, Array]], safe: Parameters) -> Parameters:
    """Anderson's guess at the resting point, or the plain EM step where the guess makes no sense."""
    if len(history) < 2:
        return safe
    points, images = (np.array(vectors) for vectors in zip(*history, strict=True))
    steps = images - points
    # The mix of recent changes that would have cancelled the last step.
    mix = np.linalg.lstsq(np.diff(steps, axis=0).T, steps[-1], rcond=1e-10)[0]
    guess = _parameters(images[-1] - np.diff(images, axis=0).T @ mix, safe)
    return guess if _sensible(guess) else safe


def _sensible(guess: Parameters) -> bool:
    low, high = SLOPE_RANGE
    return bool(
        guess.ordered()
        and abs(guess.correlation) < 1
        and np.all((guess.slope >= low) & (guess.slope <= high))
    )


def starting_point(sides: Sides) -> Parameters:
    """Slopes of 1.5 and intercepts from the shares at or above each category."""
    items = sum(side.items.size for side in sides)
    slope = np.full(items, 1.5)
    intercepts = np.zeros((items, sides[0].categories - 1))
    for side in sides:
        counts = side.category_counts()
        at_least = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1][:, 1:]
        share = at_least / counts.sum(axis=1, keepdims=True)
        intercepts[side.items] = np.log(share / (1 - share))
    # A logistic model's margin is flatter than its curve by about sqrt(1 + (a / 1.7)^2).
    intercepts *= np.sqrt(1 + (slope / 1.7) ** 2)[:, None]
    return Parameters(slope=slope, intercepts=intercepts, correlation=0.0)


def _warm_up_part(sides: Sides) -> Sides | None:
    """Every so-manieth row, where there are many and each category is still there often enough."""
    every = sides[0].rows // _WARM_UP_ROWS
    if every < 2:
        return None
    first, second = (side.part(slice(None, None, every)) for side in sides)
    rare = min(int(side.category_counts().min()) for side in (first, second))
    return (first, second) if rare >= _WARM_UP_LEAST_COUNT else None


def _check_slopes(slope: Array, names: Sequence[str], trace: tuple[float, ...]) -> None:
    low, high = SLOPE_RANGE
    for limit, why in (
        (low, "does not go with the other items of its dimension; check its keying"),
        (high, "goes with another almost perfectly; is it there twice, or are there too few rows?"),
    ):
        at_limit = np.flatnonzero(np.isclose(slope, limit, rtol=1e-3))
        if at_limit.size:
            first = int(at_limit[0])
            name = names[first] if first < len(names) else f"number {first + 1}"
            raise ConvergenceError(
                f"Item {name} {why}. Its slope ran to the limit of {limit:g}.", trace=trace
            )


def _vector(parameters: Parameters) -> Array:
    """Parameters on scales without limits, so that a leap can't leave them."""
    return np.concatenate(
        [
            np.log(parameters.slope),
            parameters.intercepts.ravel(),
            [np.arctanh(parameters.correlation)],
        ]
    )


def _parameters(vector: Array, like: Parameters) -> Parameters:
    items = like.slope.size
    return Parameters(
        # A wild guess is refused afterwards; it must not overflow before.
        slope=np.exp(np.clip(vector[:items], -20.0, 20.0)),
        intercepts=vector[items:-1].reshape(like.intercepts.shape),
        correlation=float(np.tanh(vector[-1])),
    )
