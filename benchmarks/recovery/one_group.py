"""One group of made-up people, calibrated once: errors of every kind of parameter and of the norms."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from benchmarks.recovery.figures import Estimates
from benchmarks.recovery.truth import Array, Truth, answers_of

from undertow.calibrate.em import settle
from undertow.calibrate.likelihood import Parameters, sides_of, working_grid
from undertow.calibrate.norming import KNOTS, EstimatedNorm, Group, norms_from
from undertow.calibrate.standard_errors import StandardErrors, standard_errors
from undertow.calibrate.tallies import tally_by_group

PLACES = (-1.0, 0.0, 1.0, 1.5)
_AT = np.array([int(np.argmin(np.abs(KNOTS - place))) for place in PLACES])
_QUARTER = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kinds:
    """Every kind of parameter with one kind of standard errors; one dimension has no correlation."""

    slopes: Estimates
    thresholds: Estimates
    intercepts: Estimates
    correlation: Estimates | None

    @classmethod
    def of(cls, found: Parameters, truth: Truth, errors: StandardErrors) -> Kinds:
        thresholds = -found.intercepts / found.slope[:, None]
        two = len(set(truth.dimension_of.tolist())) > 1
        return cls(
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
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Refound:
    """One replication. `gain` is how much more likely the estimate makes the answers than the truth does.

    `plain` has the plain standard errors, `robust` those that a bank carries, where they were asked
    for. `norms_known` and `norms` are shares below the places of a quarter of the rows, with the true
    parameters and with those estimated from all rows; `norms_of_all` those of all rows, estimated.
    """

    plain: Kinds
    robust: Kinds | None
    gain: float
    parameters: int
    norms_known: Estimates
    norms: Estimates
    norms_of_all: Estimates


def refind(
    truth: Truth, rows: int, missing: float, rng: np.random.Generator, *, robust: bool = False
) -> Refound:
    """Draws people, calibrates their answers and compares with the truth."""
    keyed = answers_of(truth, rows, rng, missing=missing)
    sides = sides_of(keyed, truth.dimension_of, truth.categories)
    found = settle(sides).parameters
    plain = standard_errors(sides, found, working_grid())
    sandwich = standard_errors(sides, found, working_grid(), robust=True) if robust else None
    members = np.ones((2, rows), dtype=bool)
    members[1] = np.arange(rows) % _QUARTER == 0
    groups = tuple(
        Group(name=name, gender=None, age_band=None, member=member)
        for name, member in zip(("all", "a quarter"), members, strict=True)
    )
    real = Parameters(slope=truth.slope, intercepts=truth.intercepts, correlation=truth.correlation)
    at_truth = tally_by_group(sides, real, members)
    at_estimate = tally_by_group(sides, found, members)
    by_truth = norms_from(groups, at_truth.mass, at_truth.squares)
    by_estimate = norms_from(groups, at_estimate.mass, at_estimate.squares)
    dimensions = len(set(truth.dimension_of.tolist()))
    return Refound(
        plain=Kinds.of(found, truth, plain),
        robust=None if sandwich is None else Kinds.of(found, truth, sandwich),
        gain=float(at_estimate.log_likelihood[0] - at_truth.log_likelihood[0]),
        parameters=found.slope.size + found.intercepts.size + (1 if dimensions > 1 else 0),
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
