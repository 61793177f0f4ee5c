"""How sure a multiple-group fit is of everything in it, from the cross-products of people's scores.

The first group's means and deviations are held: they only name the metric. What a difference between
groups means is left to `dif`. Source: louis1982.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.groups import GroupParameters
from undertow.calibrate.information import inverted
from undertow.calibrate.likelihood import Sides, one_dimensional, working_grid
from undertow.calibrate.scores import LATENT, CrossProducts, cross_products
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import NotReady

Array = NDArray[np.float64]

_MEANS, _DEVIATIONS, _CORRELATION = (0, 1), (2, 3), 4
_LEAST_KEPT = 0.5
"""With so few people for so many parameters no correction is right; this one stays bounded."""


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
        """Standard errors of a later group's means against the first group's; (D,), NaN where held."""
        places = self.latents[group, list(_MEANS)]
        errors = np.full(len(_MEANS), np.nan)
        known = places >= 0
        errors[known] = np.sqrt(np.diag(self.covariance)[places[known]])
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


def held_moments(sides: Sides) -> tuple[int, ...]:
    """The latent moments that no answer tells: those of a side without items, and the correlation."""
    held = [at for side in (0, 1) if not sides[side].items.size for at in _moments_of(side)]
    return (*held, _CORRELATION) if one_dimensional(sides) else ()


def group_errors(
    sums: Sequence[CrossProducts],
    common: NDArray[np.bool_],
    categories: int,
    *,
    held: Sequence[int] = (),
    items: Sequence[str] = (),
    names: Sequence[str] = (),
) -> GroupErrors:
    """Errors when the items of `common` (J,) are equal in all groups and the others are free.

    `held` are latent moments that are no parameters in any group. The covariance is the inverse of the
    cross-products times 1 - (P + 1) / N, which takes off their bias in small samples. P and N are those
    of all groups together: figures of one group alone rest on its own rows, so where it is the
    smaller one less is taken off them than could be, and their errors are too large, never too small.
    Raises NotReady, naming an item by `items` and a group by `names`, when the answers say nothing
    about some mix of parameters. Source: hartlapetal2007.
    """
    groups, count = len(sums), common.size
    places = np.full((groups, count, categories), -1, dtype=np.intp)
    latents = np.full((groups, len(LATENT)), -1, dtype=np.intp)
    equal = int(common.sum()) * categories
    free = count * categories - equal
    size = equal
    for group in range(groups):
        places[group, common] = np.arange(equal).reshape(-1, categories)
        places[group, ~common] = size + np.arange(free).reshape(-1, categories)
        size += free
        fixed = {*held, *(_MEANS + _DEVIATIONS if group == 0 else ())}
        own = np.array([at for at in range(len(LATENT)) if at not in fixed], dtype=np.intp)
        latents[group, own] = size + np.arange(own.size)
        size += own.size
    information, score = np.zeros((size, size)), np.zeros(size)
    for group, one in enumerate(sums):
        to = np.concatenate([places[group].ravel(), latents[group]])
        known = np.flatnonzero(to >= 0)
        information[np.ix_(to[known], to[known])] += one.products[np.ix_(known, known)]
        score[to[known]] += one.total[known]
    covariance = inverted(information, lambda place: _too_little(place, places, items, names))
    rows = sum(one.rows for one in sums)
    # The inverse of a sum over people is too large on average, by what P directions cost of N people.
    kept = max(1.0 - (size + 1) / rows, _LEAST_KEPT)
    covariance *= kept
    return GroupErrors(
        covariance=covariance, step=covariance @ score, items=places, latents=latents
    )


def _moments_of(side: int) -> tuple[int, int]:
    return _MEANS[side], _DEVIATIONS[side]


def _too_little(
    place: int, places: NDArray[np.intp], items: Sequence[str], names: Sequence[str]
) -> NotReady:
    where = np.argwhere(places == place)
    if not where.size:
        what, whom = "how the groups lie to each other", ""
    else:
        group, item = int(where[0, 0]), int(where[0, 1])
        what = f"item {items[item] if item < len(items) else f'number {item + 1}'}"
        # An item that is equal in all groups has one place in all of them.
        one = len(where) == 1 and group < len(names)
        whom = f" among {names[group]}" if one else ""
    return NotReady(
        f"The answers do not say enough about {what}{whom} to give standard errors. "
        "Compare larger groups, or leave out items that nearly repeat each other."
    )
