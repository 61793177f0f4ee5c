"""How exactly the whole test places people: information, psd and reliability, overall and by theta.

That answers may hang together more than the model says, which makes all of these too good, is left
to `local_dependence`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import Answers, Parameters, Sides, category_tables, parts_of
from undertow.calibrate.scores import PART_ROWS, Latent, PosteriorTables
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import NotReady
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

TABLE_AT = np.arange(-3.0, 3.5, 0.5)
"""Where reliability is reported: beyond 3 SD hardly anyone is found."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standings:
    """Every row's posterior means and psd; each (N, 2). A row without answers has the prior's.

    A side without items has NaN; the standings of several blocks are (N, D).
    """

    means: Array
    psd: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reliability:
    """By theta `at` (T,): test information (D, T), psd (D, T), reliability (D, T); overall (D,).

    `marginal` is 1 less the mean posterior variance; `empirical` the variance of the posterior means
    over itself plus the mean posterior variance, which needs no N(0,1). A dimension without items
    has NaN everywhere.
    """

    at: Array
    information: Array
    psd: Array
    by_theta: Array
    marginal: Array
    empirical: Array


def standings(
    sides: Sides, parameters: Parameters, grid: Grid, *, mapper: Mapper = one_by_one
) -> Standings:
    """Posterior means and psd of all rows, both dimensions together. Source: bockmislevy1982."""
    tables = PosteriorTables.of(
        sides,
        parameters.slope,
        parameters.intercepts,
        Latent.standard(parameters.correlation),
        grid.nodes,
    )
    powers = np.stack([grid.nodes, grid.nodes**2], axis=1)

    def moments_of(margin: Array, side: Answers) -> Array:
        return margin @ powers if side.items.size else np.full((margin.shape[0], 2), np.nan)

    def part(rows: slice) -> Array:
        moments = [
            np.stack(
                [moments_of(*of_side) for of_side in zip(own.margins, sides, strict=True)], axis=1
            )
            for own in tables.chunks(sides, rows)
        ]
        return np.concatenate(moments)

    rows = sides[0].rows
    moments = np.concatenate([np.empty((0, 2, 2)), *mapper(part, parts_of(rows, PART_ROWS))])
    means = moments[:, :, 0]
    variance = np.maximum(moments[:, :, 1] - means**2, 0.0)
    return Standings(means=means, psd=np.sqrt(variance))


def item_information(slope: Array, intercepts: Array, nodes: Array) -> Array:
    """Fisher information of every item at every node; (J, Q). Source: samejima1969."""
    tables = category_tables(slope, intercepts, nodes)
    moved = category_slopes(slope, intercepts, nodes)
    information: Array = (moved**2 / tables).sum(axis=1)
    return information


def category_slopes(slope: Array, intercepts: Array, nodes: Array) -> Array:
    """d P(X_j = k) / d theta at every node; (J, K, Q)."""
    at = slope[:, None, None] * nodes + intercepts[:, :, None]
    small = np.exp(-np.abs(at))
    steep = slope[:, None, None] * small / (1.0 + small) ** 2
    moved = np.zeros((slope.size, intercepts.shape[1] + 1, nodes.size))
    moved[:, 1:] += steep
    moved[:, :-1] -= steep
    return moved


def reliability(
    sides: Sides, parameters: Parameters, found: Standings, *, at: Array = TABLE_AT
) -> Reliability:
    """Information, psd and reliability by theta, and overall from the rows' posteriors.

    psd(theta) = 1 / sqrt(I(theta) + 1) and reliability 1 - psd^2: the N(0,1) prior adds 1 to the
    test's information. Only rows with an answer in a dimension count there. Raises NotReady where
    fewer than two have one. Source: greenbocketal1984.
    """
    every = item_information(parameters.slope, parameters.intercepts, at)
    information = np.stack(
        [
            every[side.items].sum(axis=0) if side.items.size else np.full(at.size, np.nan)
            for side in sides
        ]
    )
    psd = 1.0 / np.sqrt(information + 1.0)
    marginal, empirical = np.full(2, np.nan), np.full(2, np.nan)
    for dimension, side in enumerate(sides):
        if not side.items.size:
            continue
        heard = side.indicators.any(axis=1)
        if heard.sum() < 2:
            raise NotReady("Reliability needs at least two rows with answers in each dimension.")
        noise = float((found.psd[heard, dimension] ** 2).mean())
        spread = float(found.means[heard, dimension].var())
        marginal[dimension] = 1.0 - noise
        empirical[dimension] = spread / (spread + noise)
    return Reliability(
        at=at,
        information=information,
        psd=psd,
        by_theta=1.0 - psd**2,
        marginal=marginal,
        empirical=empirical,
    )
