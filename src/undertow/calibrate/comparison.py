"""Groups side by side on one metric: their own fits, linked by anchors, and how far each item differs.

Every group is fitted alone once; an anchor rule only says how those fits lie to each other, so all
rules are compared on the same figures. Tests of single items are left to `dif`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.anchors import (
    ALL,
    PURIFIED,
    STEEPEST,
    AnchorRule,
    Mask,
    extreme_items,
    leaning_to,
    purify,
)
from undertow.calibrate.em import settle
from undertow.calibrate.groups import GroupParameters, moved
from undertow.calibrate.likelihood import Parameters, Sides, category_tables, working_grid
from undertow.calibrate.multigroup import GroupFit, dimensions_of, fit_groups
from undertow.calibrate.scores import Latent
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ShapeError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linked:
    """What one anchor rule says: the fit with its anchors equal, and all items' differences under it.

    `differences` (G, J) are expected scores less the mean of the groups', at the same place,
    averaged over the pooled population, in categories; `standardised` is the same in SD of the item's score.
    """

    rule: AnchorRule
    fit: GroupFit
    differences: Array
    standardised: Array

    @property
    def latents(self) -> tuple[Latent, ...]:
        return self.fit.parameters.latents


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Groups compared: `own` fits of each alone, and what each anchor rule makes of them.

    `rules` starts with all items as anchors; `chosen` is the rule that the bank uses.
    """

    names: tuple[str, ...]
    rows: tuple[int, ...]
    own: tuple[Parameters, ...]
    rules: tuple[Linked, ...]
    chosen: Linked

    def rule(self, name: str) -> Linked:
        for linked in self.rules:
            if linked.rule.name == name:
                return linked
        raise ShapeError(f"there is no anchor rule named {name}")


def compare(
    sides: Sequence[Sides],
    names: Sequence[str],
    items: Sequence[str],
    *,
    mapper: Mapper = one_by_one,
) -> Comparison:
    """Groups' rows (`sides`, one a group) fitted alone and together under every anchor rule.

    With two groups there are five rules, with more the two that lean to a group are left out.
    Raises ConvergenceError when a fit does not settle, ShapeError when a group never chose a category.
    """
    dimension_of = dimensions_of(sides[0])
    _check_categories(sides, names, items)
    own = tuple(settle(one, names=items, mapper=mapper).parameters for one in sides)
    everyone = np.ones(dimension_of.size, dtype=bool)
    constrained = fit_groups(sides, _start(own), everyone, mapper=mapper)

    def linked(name: str, anchors: Mask) -> Linked:
        fit = (
            constrained
            if anchors.all()
            else fit_groups(sides, constrained.parameters, anchors, mapper=mapper)
        )
        differences, spread = differences_of(own, fit.parameters.latents, dimension_of)
        return Linked(
            rule=AnchorRule(name=name, items=anchors),
            fit=fit,
            differences=differences,
            standardised=differences / spread,
        )

    first = linked(ALL, everyone)
    pure = purify(
        range_of(first.standardised),
        dimension_of,
        lambda anchors: range_of(linked(PURIFIED, anchors).standardised),
    )
    rules = [first, linked(PURIFIED, pure)]
    rules.append(linked(STEEPEST, extreme_items(constrained.parameters.slope[0], dimension_of)))
    if len(sides) == 2:
        rules += [
            linked(leaning_to(name), extreme_items(first.standardised[group], dimension_of))
            for group, name in enumerate(names)
        ]
    return Comparison(
        names=tuple(names),
        rows=tuple(one[0].rows for one in sides),
        own=own,
        rules=tuple(rules),
        chosen=rules[1],
    )


def differences_of(
    own: Sequence[Parameters], latents: Sequence[Latent], dimension_of: NDArray[np.intp]
) -> tuple[Array, Array]:
    """Expected scores by group less their mean (G, J), and SD of each item's score (J,).

    Each group's own fit is moved to where `latents` put the group; both figures are averages over
    the pooled population, mean 0 and variance 1. Source: meade2010.
    """
    nodes = working_grid().nodes
    weights = pooled_weights(nodes)
    scores, squares = [], []
    for parameters, latent in zip(own, latents, strict=True):
        slope, intercepts = moved(parameters, latent, dimension_of)
        shares = category_tables(slope, intercepts, nodes) @ weights  # (J, K)
        steps = np.arange(shares.shape[1])
        scores.append(shares @ steps)
        squares.append(shares @ steps**2)
    score = np.stack(scores)
    mean = score.mean(axis=0)
    spread: Array = np.sqrt(np.stack(squares).mean(axis=0) - mean**2)
    return score - mean, spread


def range_of(differences: Array) -> Array:
    """The largest difference between any two groups; (J,) of (G, J)."""
    value: Array = differences.max(axis=0) - differences.min(axis=0)
    return value


def pooled_weights(nodes: Array) -> Array:
    """The pooled population on the nodes: standard normal, sum 1."""
    weights = np.exp(-(nodes**2) / 2)
    share: Array = weights / weights.sum()
    return share


def _start(own: Sequence[Parameters]) -> GroupParameters:
    """Every item equal, at the mean of the groups' own fits; each group at mean 0, variance 1."""
    slope = np.mean([one.slope for one in own], axis=0)
    intercepts = np.mean([one.intercepts for one in own], axis=0)
    return GroupParameters(
        slope=np.repeat(slope[None], len(own), axis=0),
        intercepts=np.repeat(intercepts[None], len(own), axis=0),
        latents=tuple(Latent.standard(one.correlation) for one in own),
    )


def _check_categories(sides: Sequence[Sides], names: Sequence[str], items: Sequence[str]) -> None:
    for own, name in zip(sides, names, strict=True):
        for side in own:
            lacking = np.argwhere(side.category_counts() == 0)
            if lacking.size:
                item = items[int(side.items[lacking[0, 0]])]
                raise ShapeError(
                    f"Among {name}, nobody gave one of the answers to item {item}, so its "
                    "thresholds cannot be compared. Compare larger groups, or leave the item out."
                )
