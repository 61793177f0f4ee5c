"""One group of made-up people, calibrated once: errors of every kind of parameter and of the norms."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from benchmarks.recovery.figures import Estimates
from benchmarks.recovery.truth import Array, Truth, answers_of

from undertow.calibrate.em import settle
from undertow.calibrate.likelihood import Parameters, sides_of, working_grid
from undertow.calibrate.norming import KNOTS, EstimatedNorm, Group, norms_from, tally
from undertow.calibrate.standard_errors import standard_errors

PLACES = (-1.0, 0.0, 1.0, 1.5)
_AT = np.array([int(np.argmin(np.abs(KNOTS - place))) for place in PLACES])
_QUARTER = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Refound:
    """One replication. `gain` is how much more likely the estimate makes the answers than the truth does.

    `norms_known` and `norms` are shares below the places of a quarter of the rows, with the true
    parameters and with those estimated from all rows; `norms_of_all` those of all rows, estimated.
    """

    slopes: Estimates
    thresholds: Estimates
    intercepts: Estimates
    correlation: Estimates | None
    gain: float
    parameters: int
    norms_known: Estimates
    norms: Estimates
    norms_of_all: Estimates


def refind(truth: Truth, rows: int, missing: float, rng: np.random.Generator) -> Refound:
    """Draws people, calibrates their answers and compares with the truth."""
    keyed = answers_of(truth, rows, rng, missing=missing)
    sides = sides_of(keyed, truth.dimension_of, truth.categories)
    found = settle(sides).parameters
    errors = standard_errors(sides, found, working_grid())
    two = len(set(truth.dimension_of.tolist())) > 1
    members = np.ones((2, rows), dtype=bool)
    members[1] = np.arange(rows) % _QUARTER == 0
    groups = tuple(
        Group(name=name, gender=None, age_band=None, member=member)
        for name, member in zip(("all", "a quarter"), members, strict=True)
    )
    real = Parameters(slope=truth.slope, intercepts=truth.intercepts, correlation=truth.correlation)
    at_truth = tally(sides, real, members)
    at_estimate = tally(sides, found, members)
    by_truth = norms_from(groups, at_truth.mass, at_truth.squares)
    by_estimate = norms_from(groups, at_estimate.mass, at_estimate.squares)
    dimensions = 2 if two else 1
    thresholds = -found.intercepts / found.slope[:, None]
    return Refound(
        slopes=Estimates.of(found.slope, truth.slope, errors.slope),
        thresholds=Estimates.of(thresholds, truth.thresholds, errors.thresholds),
        intercepts=Estimates.of(found.intercepts, truth.intercepts, errors.intercepts),
        correlation=Estimates.of(
            np.array([found.correlation]),
            np.array([truth.correlation]),
            np.array([errors.correlation]),
        )
        if two
        else None,
        gain=at_estimate.log_likelihood - at_truth.log_likelihood,
        parameters=found.slope.size + found.intercepts.size + (1 if two else 0),
        norms_known=norm_errors(by_truth[1], dimensions=dimensions),
        norms=norm_errors(by_estimate[1], dimensions=dimensions),
        norms_of_all=norm_errors(by_estimate[0], dimensions=dimensions),
    )


def norm_errors(
    norm: EstimatedNorm,
    *,
    dimensions: int = 2,
    means: Array | None = None,
    deviations: Array | None = None,
) -> Estimates:
    """Shares below PLACES less those of a normal, dimension after dimension; (D * 4,)."""
    means = np.zeros(2) if means is None else means
    deviations = np.ones(2) if deviations is None else deviations
    true = [
        [(1 + erf((place - mean) / deviation / sqrt(2))) / 2 for place in PLACES]
        for mean, deviation in zip(means, deviations, strict=True)
    ]
    if norm.standard_error is None:
        raise ValueError("the norms were made without their squares")
    own = slice(0, dimensions)
    return Estimates.of(norm.cdf[own, _AT], np.array(true)[own], norm.standard_error[own, _AT])
