"""How sure a multiple-group fit is of everything in it, from the cross-products of people's scores.

The first group's means and deviations are held: they only name the metric. Source: louis1982.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.groups import GroupParameters
from undertow.calibrate.likelihood import Sides, working_grid
from undertow.calibrate.scores import LATENT, CrossProducts, cross_products
from undertow.calibrate.workers import Mapper, one_by_one

Array = NDArray[np.float64]

_HELD = 4  # both means and both deviations come first among the latent moments


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupErrors:
    """Covariance of a fit's free parameters, and the step that one more of scoring would take.

    `items` (G, J, K) and `latents` (G, 5) say where each number stands in `covariance` (P, P) and
    `step` (P,); -1 where it is held. An item that is equal in all groups has one place.
    """

    covariance: Array
    step: Array
    items: NDArray[np.intp]
    latents: NDArray[np.intp]

    def of_item(self, item: int) -> Array:
        """Covariance of an item's parameters, group after group; (G K, G K)."""
        places = self.items[:, item].ravel()
        block: Array = self.covariance[np.ix_(places, places)]
        return block

    def step_of_item(self, item: int) -> Array:
        """(G, K)."""
        moved: Array = self.step[self.items[:, item]]
        return moved

    def of_means(self, group: int) -> Array:
        """Standard errors of a later group's means against the first group's; (D,)."""
        places = self.latents[group, :2]
        errors: Array = np.sqrt(self.covariance[places, places])
        return errors


def score_sums(
    sides: Sequence[Sides], parameters: GroupParameters, *, mapper: Mapper = one_by_one
) -> tuple[CrossProducts, ...]:
    """Each group's sums of scores and of their products, all items and latent moments."""
    return tuple(
        cross_products(
            own,
            parameters.slope[group],
            parameters.intercepts[group],
            parameters.latents[group],
            working_grid().nodes,
            mapper=mapper,
        )
        for group, own in enumerate(sides)
    )


def group_errors(
    sums: Sequence[CrossProducts], common: NDArray[np.bool_], categories: int
) -> GroupErrors:
    """Errors when the items of `common` (J,) are equal in all groups and the others are free."""
    groups, items = len(sums), common.size
    places = np.full((groups, items, categories), -1, dtype=np.intp)
    latents = np.full((groups, len(LATENT)), -1, dtype=np.intp)
    equal = int(common.sum()) * categories
    free = items * categories - equal
    size = equal
    for group in range(groups):
        places[group, common] = np.arange(equal).reshape(-1, categories)
        places[group, ~common] = size + np.arange(free).reshape(-1, categories)
        size += free
        own = np.arange(_HELD if group == 0 else 0, len(LATENT))
        latents[group, own] = size + np.arange(own.size)
        size += own.size
    information, score = np.zeros((size, size)), np.zeros(size)
    for group, one in enumerate(sums):
        to = np.concatenate([places[group].ravel(), latents[group]])
        known = np.flatnonzero(to >= 0)
        information[np.ix_(to[known], to[known])] += one.products[np.ix_(known, known)]
        score[to[known]] += one.total[known]
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return GroupErrors(
        covariance=covariance, step=covariance @ score, items=places, latents=latents
    )
