"""Several groups' parameters on one metric, and moving them to another; fitting them is left to `multigroup`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import Answers, Parameters, Sides
from undertow.calibrate.scores import Latent
from undertow.errors import ShapeError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupParameters:
    """Items' parameters by group, `slope` (G, J) and `intercepts` (G, J, K-1), with latent moments.

    An item that is equal in all groups has equal rows.
    """

    slope: Array
    intercepts: Array
    latents: tuple[Latent, ...]

    @property
    def groups(self) -> int:
        return len(self.latents)

    def of(self, group: int) -> Parameters:
        """One group's item parameters with the correlation inside that group."""
        return Parameters(
            slope=self.slope[group],
            intercepts=self.intercepts[group],
            correlation=self.latents[group].correlation,
        )

    def ordered(self) -> bool:
        return bool(np.all(self.slope > 0) and np.all(np.diff(self.intercepts, axis=2) < 0))


def latent_vector(latent: Latent) -> Array:
    """A group's moments on scales without limits: means, log deviations, arctanh correlation; (5,)."""
    return np.concatenate(
        [latent.means, np.log(latent.deviations), [np.arctanh(latent.correlation)]]
    )


def latent_from(vector: Array) -> Latent:
    """The moments of a `latent_vector`."""
    return Latent(
        means=vector[:2], deviations=np.exp(vector[2:4]), correlation=float(np.tanh(vector[4]))
    )


def moved(
    parameters: Parameters, latent: Latent, dimension_of: NDArray[np.intp]
) -> tuple[Array, Array]:
    """Slopes (J,) and intercepts (J, K-1) of a group's own fit (mean 0, variance 1) on a common metric.

    There the group has the moments of `latent`: theta = mean + deviation * z, so that
    a * z + d = (a / deviation) * theta + (d - a * mean / deviation).
    """
    slope = parameters.slope / latent.deviations[dimension_of]
    return slope, parameters.intercepts - (slope * latent.means[dimension_of])[:, None]


def rescaled(
    parameters: GroupParameters, weights: Array, dimension_of: NDArray[np.intp]
) -> GroupParameters:
    """The same model on the metric where the mixture of the groups has mean 0 and variance 1.

    `weights` (G,) are the groups' shares.
    """
    means = np.stack([one.means for one in parameters.latents])
    spreads = np.stack([one.deviations**2 for one in parameters.latents])
    mean = weights @ means
    deviation = np.sqrt(weights @ (spreads + (means - mean) ** 2))
    shift = (parameters.slope * mean[dimension_of])[:, :, None]
    return GroupParameters(
        slope=parameters.slope * deviation[dimension_of],
        intercepts=parameters.intercepts + shift,
        latents=tuple(
            Latent(
                means=(one.means - mean) / deviation,
                deviations=one.deviations / deviation,
                correlation=one.correlation,
            )
            for one in parameters.latents
        ),
    )


def pooled_correlation(parameters: GroupParameters, weights: Array) -> float:
    """The correlation in the mixture of the groups, whose shares are `weights` (G,)."""
    means = np.stack([one.means for one in parameters.latents])
    spreads = np.stack([one.deviations for one in parameters.latents])
    within = np.array([one.correlation for one in parameters.latents]) * spreads.prod(axis=1)
    apart = means - weights @ means
    variances = weights @ (spreads**2 + apart**2)
    return float(weights @ (within + apart.prod(axis=1)) / np.sqrt(variances.prod()))


def shares_of(sides: Sequence[Sides]) -> Array:
    """Each group's share of all rows; (G,)."""
    rows = np.array([own[0].rows for own in sides], dtype=np.float64)
    shares: Array = rows / rows.sum()
    return shares


def stacked(sides: Sequence[Sides]) -> Sides:
    """All groups' rows one after the other."""
    first, second = (
        Answers(
            indicators=np.concatenate([own[at].indicators for own in sides]),
            items=sides[0][at].items,
            categories=sides[0][at].categories,
        )
        for at in (0, 1)
    )
    return first, second


def sides_of_groups(sides: Sides, members: NDArray[np.bool_]) -> tuple[Sides, ...]:
    """The rows of each group; `members` is (G, N). Raises ShapeError when they are others' rows."""
    if members.ndim != 2 or members.shape[1] != sides[0].rows:
        raise ShapeError(f"members must be (G, {sides[0].rows}), a column for each row of answers")
    return tuple((_rows(sides[0], own), _rows(sides[1], own)) for own in members)


def _rows(side: Answers, own: NDArray[np.bool_]) -> Answers:
    return Answers(indicators=side.indicators[own], items=side.items, categories=side.categories)
