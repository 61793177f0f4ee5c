"""How sure a fit with a tendency to agree is of its latent figures, from the cross-products of scores.

The first group's means and deviations, and its mean tendency, are held: they only name the metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.agreeing import (
    AgreeingGrid,
    AgreeingParameters,
    AgreeingTables,
    Layers,
    Tendency,
    agreeing_tables,
)
from undertow.calibrate.information import inverted
from undertow.calibrate.likelihood import Sides
from undertow.calibrate.scores import (
    LATENT,
    Posteriors,
    ScoreTable,
    item_scores,
    latent_scores,
)
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import NotReady

Array = NDArray[np.float64]

_OWN = len(LATENT) + 2
"""A group's own figures: the latent moments, then the tendency's mean and deviation."""
_HELD = (0, 1, 2, 3, 5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgreeingErrors:
    """Standard errors; NaN where a figure is held or is not there.

    `latents` (G, 5) in the order of `scores.LATENT`, `tendency_means` and `tendency_deviations`
    (G,); means and deviations of later groups against the first group's. `covariance` (P, P) is of
    the free figures: items in the sides' order, then each group's.
    """

    latents: Array
    tendency_means: Array
    tendency_deviations: Array
    covariance: Array


def agreeing_errors(
    sides: Sequence[Sides],
    parameters: AgreeingParameters,
    keying: Array,
    grid: AgreeingGrid,
    *,
    items: Sequence[str] = (),
    mapper: Mapper = one_by_one,
) -> AgreeingErrors:
    """Errors from the inverse of the sum over people of score times score.

    Raises NotReady, naming an item by `items` (in the order of all), when the answers say nothing about
    some mix of figures. Source: louis1982.
    """
    tables = agreeing_tables(parameters.slope, parameters.intercepts, keying, grid)
    item_figures = tables.shape[0] * tables.shape[1]
    size = item_figures + parameters.groups * _OWN
    information = np.zeros((size, size))
    free = np.ones(size, dtype=bool)
    for group, own in enumerate(sides):
        start = item_figures + group * _OWN
        places = np.concatenate([np.arange(item_figures), np.arange(start, start + _OWN)])
        information[np.ix_(places, places)] += _products(
            own, parameters, group, keying=keying, grid=grid, tables=tables, mapper=mapper
        )
        held = set(_HELD) if group == 0 else set()
        if grid.tendency.size == 1:
            held |= {5, 6}
        for which, side in enumerate(own):
            if not side.items.size:
                held |= {which, which + 2, 4}
        free[start + np.array(sorted(held), dtype=np.intp)] = False
    known = np.flatnonzero(free)
    order = np.concatenate([side.items for side in sides[0]])

    def too_little(place: int) -> NotReady:
        at = int(known[place])
        item = int(order[at // tables.shape[1]]) if at < item_figures else -1
        what = (
            "how the groups lie to each other"
            if item < 0
            else f"item {items[item] if item < len(items) else f'number {item + 1}'}"
        )
        return NotReady(
            f"The answers do not say enough about {what} to tell a tendency to agree with its "
            "standard errors. Use more rows, or leave out items that nearly repeat each other."
        )

    covariance = inverted(information[np.ix_(known, known)], too_little)
    errors = np.full(size, np.nan)
    errors[known] = np.sqrt(np.diag(covariance))
    by_group = errors[item_figures:].reshape(parameters.groups, _OWN)
    return AgreeingErrors(
        latents=by_group[:, : len(LATENT)],
        tendency_means=by_group[:, -2],
        tendency_deviations=by_group[:, -1],
        covariance=covariance,
    )


def _products(
    sides: Sides,
    parameters: AgreeingParameters,
    group: int,
    *,
    keying: Array,
    grid: AgreeingGrid,
    tables: Array,
    mapper: Mapper,
) -> Array:
    """Score times score summed over a group's rows: items in the sides' order, then its own figures."""
    latent, tendency = parameters.shared.latents[group], parameters.tendencies[group]
    nodes = grid.theta.nodes
    prior = latent.prior(nodes)
    shared = AgreeingTables.of(sides, tables, prior, tendency.weights(grid.tendency))
    score_tables = [_score_table(parameters, side.items, keying, grid) for side in sides]
    z_first, z_second = latent.standardised(nodes)
    crossed = z_first[:, None] * prior * z_second

    def scores_of(own: Layers) -> Array:
        flat = [margin.reshape(-1, grid.size) for margin in own.margins]
        theta = own.margins[0].sum(axis=1), own.margins[1].sum(axis=1)
        moved = own.first.reshape(-1, nodes.size) @ crossed
        moved *= own.second.reshape(-1, nodes.size)
        posteriors = Posteriors(
            rows=own.rows,
            indicators=own.indicators,
            likelihoods=theta,
            margins=theta,
            cross=moved.reshape(theta[0].shape[0], -1).sum(axis=1),
            log_likelihood=own.log_likelihood,
        )
        return np.concatenate(
            [
                *map(item_scores, own.indicators, flat, score_tables),
                latent_scores(posteriors, latent, nodes),
                _tendency_scores(own.margins[1].sum(axis=2), tendency, grid.tendency),
            ],
            axis=1,
        )

    def part(rows: slice) -> Array:
        return sum(
            (scores.T @ scores for scores in map(scores_of, shared.chunks(sides, rows))),
            np.zeros(()),
        )

    return sum(mapper(part, shared.parts(sides)), np.zeros(()))


def _score_table(
    parameters: AgreeingParameters, items: NDArray[np.intp], keying: Array, grid: AgreeingGrid
) -> ScoreTable:
    """One dimension's derivatives at every joint node."""
    by_tendency = [
        ScoreTable.of(
            parameters.slope[items],
            parameters.intercepts[items] + (keying[items] * tendency)[:, None],
            grid.theta.nodes,
        )
        for tendency in grid.tendency
    ]
    return ScoreTable(
        columns=np.concatenate([one.columns for one in by_tendency]),
        items=items.size,
        categories=parameters.intercepts.shape[1] + 1,
    )


def _tendency_scores(margin: Array, tendency: Tendency, nodes: Array) -> Array:
    """Each row's derivatives by the tendency's mean and deviation; (n, 2), 0 where there is none."""
    if nodes.size == 1:
        return np.zeros((margin.shape[0], 2))
    z = (nodes - tendency.mean) / tendency.deviation
    powers = np.stack([z, z**2], axis=1)
    # On the grid the weights are made to sum to 1; their derivatives then have mean 0.
    moments = margin @ powers - tendency.weights(nodes) @ powers
    scores: Array = moments / tendency.deviation
    return scores
