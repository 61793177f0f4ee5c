"""Where people and items stand under the model with a tendency to agree; comparing it is left to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.agreeing import (
    AgreeingParameters,
    AgreeingTables,
    Tendency,
    agreeing_tables,
)
from undertow.calibrate.agreeing_fit import fine_grid
from undertow.calibrate.groups import GroupParameters, pooled_correlation
from undertow.calibrate.likelihood import Answers, Sides
from undertow.calibrate.scores import Latent
from undertow.calibrate.workers import Mapper, one_by_one

Array = NDArray[np.float64]


def everyone(parameters: AgreeingParameters, weights: Array) -> AgreeingParameters:
    """The same items with one prior for everyone: the moments of the mixture of the groups.

    `weights` (G,) are the groups' shares.
    """
    latents, tendencies = parameters.shared.latents, parameters.tendencies
    means = np.stack([one.means for one in latents])
    deviations = np.sqrt(
        weights @ (np.stack([one.deviations for one in latents]) ** 2 + means**2)
        - (weights @ means) ** 2
    )
    own = np.array([one.mean for one in tendencies])
    spread = np.array([one.deviation for one in tendencies]) ** 2 + own**2
    mean = float(weights @ own)
    latent = Latent(
        means=weights @ means,
        deviations=deviations,
        correlation=pooled_correlation(parameters.shared, weights),
    )
    tendency = Tendency(mean=mean, deviation=float(np.sqrt(weights @ spread - mean**2)))
    shared = parameters.shared
    return AgreeingParameters(
        shared=GroupParameters(
            slope=shared.slope,
            intercepts=shared.intercepts,
            latents=(latent,) * parameters.groups,
        ),
        tendencies=(tendency,) * parameters.groups,
    )


def expected_answers(
    parameters: AgreeingParameters, keying: Array, dimension_of: NDArray[np.intp]
) -> Array:
    """Each group's mean answer to each item as the model has it; (G, J)."""
    grid = fine_grid(parameters)
    tables = agreeing_tables(parameters.slope, parameters.intercepts, keying, grid)
    answers = np.einsum("jkq,k->jq", tables, np.arange(tables.shape[1], dtype=np.float64))
    answers = answers.reshape(keying.size, grid.tendency.size, -1)
    found = np.empty((parameters.groups, keying.size))
    for group, latent in enumerate(parameters.shared.latents):
        prior = latent.prior(grid.theta.nodes)
        share = parameters.tendencies[group].weights(grid.tendency)
        margins = np.stack([prior.sum(axis=1), prior.sum(axis=0)])
        found[group] = np.einsum("jmq,m,jq->j", answers, share, margins[dimension_of])
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observed:
    """The first group's mean answer to each item less the second's, and its standard error; (J,)."""

    gaps: Array
    errors: Array

    @classmethod
    def of(cls, sides: Sequence[Sides]) -> Observed:
        size = sum(side.items.size for side in sides[0])
        means, errors = np.empty((len(sides), size)), np.empty((len(sides), size))
        for group, own in enumerate(sides):
            for side in own:
                counts = side.category_counts().astype(np.float64)
                values, people = np.arange(counts.shape[1]), counts.sum(axis=1)
                mean = counts @ values / people
                means[group, side.items] = mean
                errors[group, side.items] = (counts @ values**2 / people - mean**2) / people
        return cls(gaps=means[0] - means[1], errors=np.sqrt(errors.sum(axis=0)))


def posterior_means(
    sides: Sequence[Sides],
    parameters: AgreeingParameters,
    keying: Array,
    *,
    mapper: Mapper = one_by_one,
) -> tuple[Array, ...]:
    """Each group's rows on anxiety, avoidance and the tendency; (N_g, 3). Source: bockmislevy1982."""
    grid = fine_grid(parameters)
    tables = agreeing_tables(parameters.slope, parameters.intercepts, keying, grid)
    nodes = grid.theta.nodes
    found = []
    for group, own in enumerate(sides):
        shared = AgreeingTables.of(
            own,
            tables,
            parameters.shared.latents[group].prior(nodes),
            parameters.tendencies[group].weights(grid.tendency),
        )

        def part(rows: slice, shared: AgreeingTables = shared, own: Sides = own) -> Array:
            means = [
                np.stack(
                    [
                        layers.margins[0].sum(axis=1) @ nodes,
                        layers.margins[1].sum(axis=1) @ nodes,
                        layers.margins[1].sum(axis=2) @ grid.tendency,
                    ],
                    axis=1,
                )
                for layers in shared.chunks(own, rows)
            ]
            return np.concatenate(means)

        found.append(np.concatenate([np.empty((0, 3)), *mapper(part, shared.parts(own))]))
    return tuple(found)


def summed(side: Answers, items: NDArray[np.bool_]) -> Array:
    """The sum of the chosen items (J_d,) of each row that answers all of them."""
    chosen = side.indicators.reshape(side.rows, side.items.size, side.categories)[:, items]
    whole = chosen.sum(axis=(1, 2)) == items.sum()
    values = np.arange(side.categories, dtype=np.float64)
    sums: Array = (chosen[whole] @ values).sum(axis=1)
    return sums


def reach_of(
    parameters: AgreeingParameters, keying: Array, dimension_of: NDArray[np.intp]
) -> float:
    """How far one deviation of the tendency moves an answer, in categories: a mean over items and people.

    Half the way from one deviation below the mean to one above. `parameters` have one prior for all.
    """
    latent, tendency = parameters.shared.latents[0], parameters.tendencies[0]
    if tendency.deviation == 0:
        return 0.0
    ends = [
        expected_answers(
            AgreeingParameters(
                shared=GroupParameters(
                    slope=parameters.shared.slope[:1],
                    intercepts=parameters.shared.intercepts[:1]
                    + keying[:, None] * (tendency.mean + sign * tendency.deviation),
                    latents=(latent,),
                ),
                tendencies=(Tendency(mean=0.0, deviation=0.0),),
            ),
            keying,
            dimension_of,
        )[0]
        for sign in (1, -1)
    ]
    return float(np.abs(ends[0] - ends[1])[keying != 0].mean() / 2)
