"""What a short test of a dimension's steepest items makes of two groups, beside a standard from all items.

Anchor rules, and the range of figures over them, are left to `fairness`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import (
    Answers,
    Parameters,
    Sides,
    category_tables,
    parts_of,
    working_grid,
)
from undertow.calibrate.reliability import item_information
from undertow.calibrate.scores import PART_ROWS, Latent, PosteriorTables
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import NotReady

Array = NDArray[np.float64]

CUT = 0.84
"""Found or not: the standard lies above this share of both groups together, one SD up."""
LEAST_HIGH = 20
"""People of a group above the cut; with fewer a share found is off by more than ten points."""

_SAME = 1e-9
"""Places of people with the same answers, added up in another order, lie no further apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How a test's scores agree with the standard, in each of two groups.

    `bias` is the mean of test less standard in SD; `found` the share, in percent, of those above the
    standard's pooled 84th percentile who are above the test's own; `gap` is the second group's
    found less the first's, in points. Every `_error` is a standard error over people: parameters
    count as known.
    """

    bias: tuple[float, float]
    bias_error: tuple[float, float]
    found: tuple[float, float]
    found_error: tuple[float, float]
    gap: float
    gap_error: float


def lengths(items: int) -> tuple[int, int]:
    """How many items short tests ask: a third of a dimension's, and a bit more than half; 6, 10 of 18."""
    return max(1, round(items / 3)), items // 2 + 1


def most_informative(parameters: Parameters, side: Answers, count: int) -> NDArray[np.intp]:
    """The positions of a dimension's items that say most about the population's average person."""
    own = item_information(
        parameters.slope[side.items], parameters.intercepts[side.items], np.zeros(1)
    )[:, 0]
    return np.sort(side.items[np.argsort(-own, kind="stable")[:count]])


def answered_all(side: Answers) -> NDArray[np.bool_]:
    """Who answered every item of the dimension; (N,)."""
    whole: NDArray[np.bool_] = side.indicators.sum(axis=1) == side.items.size
    return whole


def standings_by(
    sides: Sides,
    slope: Array,
    intercepts: Array,
    correlation: float,
    *,
    mapper: Mapper = one_by_one,
) -> Array:
    """Posterior means by all items under the one prior N(0, 1); (N, 2). Source: bockmislevy1982."""
    nodes = working_grid().nodes
    latent = Latent.standard(correlation)
    tables = PosteriorTables.of(sides, slope, intercepts, latent, nodes)
    used = [at for at in (0, 1) if sides[at].items.size]

    def part(rows: slice) -> Array:
        means = np.zeros((rows.stop - rows.start, 2))
        for own in tables.chunks(sides, rows):
            at = slice(own.rows.start - rows.start, own.rows.stop - rows.start)
            for dimension in used:
                means[at, dimension] = own.margins[dimension] @ nodes
        return means

    return np.concatenate(list(mapper(part, parts_of(sides[0].rows, PART_ROWS))))


def standings_on(side: Answers, slope: Array, intercepts: Array, asked: NDArray[np.intp]) -> Array:
    """Posterior means by the `asked` items of one dimension alone under N(0, 1); (N,)."""
    nodes = working_grid().nodes
    kept = np.isin(side.items, asked)
    columns = np.repeat(kept, side.categories)
    own = side.items[kept]
    logs = np.log(category_tables(slope[own], intercepts[own], nodes)).reshape(-1, nodes.size)
    means = np.empty(side.rows)
    for rows in parts_of(side.rows, PART_ROWS):
        fit = side.indicators[rows][:, columns].astype(np.float64) @ logs - nodes**2 / 2
        weight = np.exp(fit - fit.max(axis=1, keepdims=True))
        means[rows] = (weight @ nodes) / weight.sum(axis=1)
    return means


def agreement(
    tests: Sequence[Array], standards: Sequence[Array], names: Sequence[str] = ("first", "second")
) -> Agreement:
    """Two groups' scores on a test beside their standards; each (N_g,).

    The errors of found and gap are binomial: both cuts lie on both groups together, so what moves
    them moves both groups alike. Raises NotReady when fewer than 20 of a group lie above the cut.
    """
    above_test, above = (
        np.quantile(np.concatenate(list(scores)), CUT) for scores in (tests, standards)
    )
    bias, bias_error, found, found_error = [], [], [], []
    for name, test, standard in zip(names, tests, standards, strict=True):
        apart = test - standard
        high = test[standard > above] > above_test
        if high.size < LEAST_HIGH:
            tied = int((np.abs(standard - above) < _SAME).sum())
            raise NotReady(_too_few(high.size, name, tied))
        bias.append(float(apart.mean()))
        bias_error.append(float(apart.std(ddof=1) / np.sqrt(apart.size)))
        share = float(high.mean())
        found.append(100 * share)
        found_error.append(100 * float(np.sqrt(share * (1 - share) / high.size)))
    return Agreement(
        bias=(bias[0], bias[1]),
        bias_error=(bias_error[0], bias_error[1]),
        found=(found[0], found[1]),
        found_error=(found_error[0], found_error[1]),
        gap=found[1] - found[0],
        gap_error=math.hypot(*found_error),
    )


def _too_few(high: int, name: str, tied: int) -> str:
    said = f"Only {high} of {name} lie in the upper sixth"
    if high + tied >= LEAST_HIGH:
        # With few items so many may share one place that hardly anyone is left above it.
        return (
            f"{said}: {tied} more lie right at its border, all at one place, as happens with few items. "
            "So it is not told which of them a short test finds."
        )
    return f"{said}; the share that a short test finds needs {LEAST_HIGH}. Use more rows, or other groups."
