"""Marginal maximum likelihood for the two-dimensional graded model; reading answers is left to others.

EM with parameter expansion (the latent means and variances are freed in each M-step and folded
back into the items), accelerated by SQUAREM with a guard that never lets the likelihood fall.
Source: bockaitkin1981, liurubinwu1998, varadhanroland2008.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import (
    Answers,
    Expectation,
    Parameters,
    answers_of,
    expect,
    log_likelihood_of,
    reporting_grid,
)
from undertow.errors import ConvergenceError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]
Progress = Callable[[int, float], None]

_LIKELIHOOD_TOLERANCE = 0.01
"""Log-likelihood a cycle; float32 products make the last digits of a sum over people uncertain."""
_PARAMETER_TOLERANCE = 2e-5
_MOST_CYCLES = 500
_WARM_UP_ROWS = 4000
_SCORING_STEPS = 2
_SLOPE_RANGE = (0.05, 12.0)
_CORRELATION_LIMIT = 0.999


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """Parameters of all items in the given order, the log-likelihood on the reporting grid, its path."""

    parameters: Parameters
    log_likelihood: float
    iterations: int
    trace: tuple[float, ...]


def fit_graded(
    keyed: NDArray[np.int8],
    dimension_of: NDArray[np.intp],
    categories: int,
    *,
    progress: Progress | None = None,
    most_cycles: int = _MOST_CYCLES,
) -> Fit:
    """Fits P(X_j >= k) = logistic(a_j theta_d + d_jk), theta bivariate normal, mean 0, variance 1.

    `keyed` is (N, J) of 0..K-1 or MISSING, `dimension_of` (J,) of 0 and 1. Raises
    ConvergenceError with the trace when the likelihood has not settled after `most_cycles`.
    """
    sides = [
        answers_of(keyed, np.flatnonzero(dimension_of == d).astype(np.intp), categories)
        for d in (0, 1)
    ]
    grid = Grid(nodes=np.linspace(-6.0, 6.0, 61))
    here = _start(keyed, categories)
    trace: list[float] = []
    # A sample of the rows brings the parameters close at a fraction of the cost.
    if keyed.shape[0] > 2 * _WARM_UP_ROWS:
        every = slice(None, None, keyed.shape[0] // _WARM_UP_ROWS)
        coarse = [side.part(every) for side in sides]
        here, _ = _climb(
            coarse, here, grid, tolerance=500 * _PARAMETER_TOLERANCE, most=60, report=None, trace=[]
        )
    here, settled = _climb(
        sides,
        here,
        grid,
        tolerance=_PARAMETER_TOLERANCE,
        most=most_cycles,
        report=progress,
        trace=trace,
    )
    if not settled:
        raise ConvergenceError(
            f"The likelihood had not settled after {len(trace)} cycles. Are two items nearly the "
            "same, or the groups of answers too small?",
            trace=tuple(trace),
        )
    return Fit(
        parameters=here,
        log_likelihood=log_likelihood_of(sides[0], sides[1], here, reporting_grid()),
        iterations=len(trace),
        trace=tuple(trace),
    )


def _climb(
    sides: list[Answers],
    start: Parameters,
    grid: Grid,
    *,
    tolerance: float,
    most: int,
    report: Progress | None,
    trace: list[float],
) -> tuple[Parameters, bool]:
    """SQUAREM: two EM steps, a leap along their curve, one EM step to settle; (parameters, settled)."""

    def em(at: Parameters) -> tuple[Parameters, float]:
        expectation = expect(sides[0], sides[1], at, grid)
        trace.append(expectation.log_likelihood)
        if report is not None:
            report(len(trace), expectation.log_likelihood)
        return maximise(at, expectation, grid, sides), expectation.log_likelihood

    at = start
    while len(trace) < most:
        one, here = em(at)
        two, middle = em(one)
        first = _vector(one) - _vector(at)
        second = _vector(two) - _vector(one) - first
        change = np.abs(_vector(two) - _vector(one)).max()
        if change < tolerance and middle - here < _LIKELIHOOD_TOLERANCE:
            return two, True
        length = max(1.0, float(np.sqrt((first**2).sum() / max((second**2).sum(), 1e-30))))
        leap = _parameters(_vector(at) + 2 * length * first + length**2 * second, at)
        if length > 1.0 and leap.ordered():
            landed, there = em(leap)
            # The guard: a leap that lost likelihood is taken back.
            at = landed if there >= middle else two
        else:
            at = two
    return at, False


def maximise(
    at: Parameters, expectation: Expectation, grid: Grid, sides: list[Answers]
) -> Parameters:
    """One M-step: Fisher scoring for every item at once, latent moments folded back in."""
    slope, intercepts = at.slope, at.intercepts
    for _ in range(_SCORING_STEPS):
        slope, intercepts = _score(slope, intercepts, expectation.counts, grid.nodes)
    joint = expectation.joint / expectation.joint.sum()
    means, deviations, correlation = _latent(joint, grid.nodes)
    slope, intercepts = slope.copy(), intercepts.copy()
    for side, mean, deviation in zip(sides, means, deviations, strict=True):
        intercepts[side.items] += slope[side.items, None] * mean
        slope[side.items] *= deviation
    limit = _CORRELATION_LIMIT
    return Parameters(
        slope=np.clip(slope, *_SLOPE_RANGE),
        intercepts=intercepts,
        correlation=float(np.clip(correlation, -limit, limit)),
    )


def _latent(joint: Array, nodes: Array) -> tuple[list[float], list[float], float]:
    """Means, deviations and correlation of the expected latent distribution (Q, Q)."""
    margins = [joint.sum(axis=1), joint.sum(axis=0)]
    means = [float(m @ nodes) for m in margins]
    variances = [float(m @ (nodes - mu) ** 2) for m, mu in zip(margins, means, strict=True)]
    cross = float((nodes - means[0]) @ joint @ (nodes - means[1]))
    deviations = [float(np.sqrt(v)) for v in variances]
    return means, deviations, cross / (deviations[0] * deviations[1])


def _score(slope: Array, intercepts: Array, counts: Array, nodes: Array) -> tuple[Array, Array]:
    """One Fisher scoring step of all items; halved for an item until its intercepts keep order.

    Shapes: slope (J,), intercepts (J, K-1), counts (J, K, Q).
    """
    items, cuts = intercepts.shape
    boundary = 0.5 * (
        1 + np.tanh(0.5 * (slope[:, None, None] * nodes + intercepts[:, :, None]))
    )  # (J, K-1, Q)
    density = boundary * (1 - boundary)
    ends = np.ones((items, 1, nodes.size)), np.zeros((items, 1, nodes.size))
    probability = -np.diff(np.concatenate([ends[0], boundary, ends[1]], axis=1), axis=1)
    probability = np.maximum(probability, 1e-12)
    # dP_k / d intercept_m: +density at the category's lower boundary, -density at its upper one.
    gradient = np.zeros((items, cuts + 1, cuts + 1, nodes.size))  # (J, K, parameter, Q)
    for cut in range(cuts):
        gradient[:, cut + 1, cut + 1] += density[:, cut]
        gradient[:, cut, cut + 1] -= density[:, cut]
    gradient[:, :, 0] = gradient[:, :, 1:].sum(axis=2) * nodes
    ratio = counts / probability
    slope_of_fit = np.einsum("jkq,jkpq->jp", ratio, gradient)
    weight = counts.sum(axis=1)[:, None, :] / probability
    information = np.einsum("jkq,jkpq,jkrq->jpr", weight, gradient, gradient, optimize=True)
    information += 1e-8 * np.eye(cuts + 1)
    step = np.linalg.solve(information, slope_of_fit[:, :, None])[:, :, 0]
    factor = np.ones(items)
    for _ in range(30):
        new_slope = slope + factor * step[:, 0]
        new_intercepts = intercepts + factor[:, None] * step[:, 1:]
        bad = (np.diff(new_intercepts, axis=1) >= 0).any(axis=1) | (new_slope <= 0)
        if not bad.any():
            return new_slope, new_intercepts
        factor[bad] /= 2
    return slope, intercepts


def _start(keyed: NDArray[np.int8], categories: int) -> Parameters:
    """Slopes of 1.5 and intercepts from the shares at or above each category."""
    slope = np.full(keyed.shape[1], 1.5)
    answered = (keyed >= 0).sum(axis=0)
    shares = np.stack([(keyed >= k).sum(axis=0) / answered for k in range(1, categories)], axis=1)
    # A logistic model's margin is flatter than its curve by about sqrt(1 + (a / 1.7)^2).
    stretch = np.sqrt(1 + (slope / 1.7) ** 2)
    logits = np.log(shares / (1 - shares)) * stretch[:, None]
    return Parameters(slope=slope, intercepts=logits, correlation=0.0)


def _vector(parameters: Parameters) -> Array:
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
        slope=np.exp(np.clip(vector[:items], -3.0, 2.5)),
        intercepts=vector[items:-1].reshape(like.intercepts.shape),
        correlation=float(np.tanh(vector[-1])),
    )
