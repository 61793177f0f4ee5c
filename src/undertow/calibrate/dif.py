"""Item by item: how far groups differ at the same place, how sure that is, and how much it matters.

Which items tie the groups together is left to `anchors`, the fits to `comparison`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.anchors import Mask
from undertow.calibrate.chances import chi_square_above
from undertow.calibrate.comparison import Comparison, pooled_weights
from undertow.calibrate.group_information import (
    GroupErrors,
    group_errors,
    held_moments,
    score_sums,
)
from undertow.calibrate.likelihood import Sides, boundary_probabilities, dimensions_of, working_grid
from undertow.calibrate.scores import CrossProducts
from undertow.calibrate.workers import Mapper, one_by_one

Array = NDArray[np.float64]

P_METHOD = (
    "Wald chi-square, of anchors after one step of scoring; "
    "adjusted over all items by Benjamini and Hochberg"
)
ALPHA = 0.05
_MODERATE, _LARGE = 0.17, 0.25


class EffectClass(StrEnum):
    """How much a difference matters: the field's three classes for items with several categories.

    In SD of the item's score: negligible up to .17, moderate up to .25, large above; also negligible
    when the test finds nothing. Source: zwick1997.
    """

    NEGLIGIBLE = "negligible"
    MODERATE = "moderate"
    LARGE = "large"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDif:
    """One item: `difference` is the first group's expected score less the second's at the same place.

    In categories, after keying, averaged over the pooled population, with its standard error;
    with more than two groups it is between the two that differ most, named in `between`. An anchor is
    part of its own yardstick, which draws its difference in: its error is then a little too large.
    `low` and `high` are its range over all anchor rules. `statistic` is chi-square with `df`.
    """

    item: int
    between: tuple[str, str]
    difference: float
    standard_error: float
    standardised: float
    effect_class: EffectClass
    statistic: float
    df: int
    p: float
    p_adjusted: float
    low: float
    high: float
    anchor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentDifference:
    """How far the first group's mean lies from another's under one rule, in SD of all; each (D,).

    D counts the dimensions that have items.
    """

    rule: str
    between: tuple[str, str]
    difference: tuple[float, ...]
    standard_error: tuple[float, ...]


def item_difs(
    comparison: Comparison, sides: Sequence[Sides], *, mapper: Mapper = one_by_one
) -> tuple[ItemDif, ...]:
    """Every item's difference with its test, adjusted over these items; see `item_tests`."""
    return adjusted(item_tests(comparison, sides, mapper=mapper))


def item_tests(
    comparison: Comparison,
    sides: Sequence[Sides],
    *,
    sums: Sequence[CrossProducts] | None = None,
    mapper: Mapper = one_by_one,
) -> tuple[ItemDif, ...]:
    """Every item's difference under the chosen rule, with its Wald test of equal parameters.

    Not adjusted yet: that is done once, by `adjusted`, over all items that are asked together. `sums`
    are the chosen fit's `score_sums`, where they are at hand.

    An item that is free is tested in the fit with equal anchors. An anchor is tested as if it were
    free too, by one step of scoring from there: since nothing but the tie between the groups' own
    parameters pulls at that maximum, the Wald statistic of the step is Rao's score statistic.
    Raises NotReady when the answers say too little. Source: langer2008, rao1948.
    """
    chosen = comparison.chosen
    parameters = chosen.fit.parameters
    own_sums = sums or score_sums(sides, parameters, mapper=mapper)
    anchors = chosen.rule.items

    def errors_with(common: Mask) -> GroupErrors:
        return _errors(comparison, sides, own_sums, common)

    errors = errors_with(anchors)
    found = []
    for item in range(anchors.size):
        without = anchors.copy()
        without[item] = False
        own = errors_with(without) if anchors[item] else errors
        found.append(_test(item, comparison, own))
    return tuple(found)


def adjusted(tests: Sequence[ItemDif]) -> tuple[ItemDif, ...]:
    """The tests with p adjusted over all of them, and the effect classes that follow."""
    p_adjusted = benjamini_hochberg(np.array([one.p for one in tests]))
    return tuple(
        replace(one, p_adjusted=float(p), effect_class=effect_class(one.standardised, float(p)))
        for one, p in zip(tests, p_adjusted, strict=True)
    )


def latent_differences(
    comparison: Comparison,
    sides: Sequence[Sides],
    *,
    sums: Sequence[CrossProducts] | None = None,
    mapper: Mapper = one_by_one,
) -> tuple[LatentDifference, ...]:
    """The first group's latent means less each other group's, under every anchor rule.

    `sums` are the chosen fit's `score_sums`, where they are at hand.
    """
    used = np.unique(dimensions_of(sides[0]))
    result = []
    for linked in comparison.rules:
        known = sums if linked is comparison.chosen else None
        own_sums = known or score_sums(sides, linked.fit.parameters, mapper=mapper)
        errors = _errors(comparison, sides, own_sums, linked.rule.items)
        for other in range(1, len(sides)):
            gap = linked.latents[0].means - linked.latents[other].means
            result.append(
                LatentDifference(
                    rule=linked.rule.name,
                    between=(comparison.names[0], comparison.names[other]),
                    difference=tuple(float(value) for value in gap[used]),
                    standard_error=tuple(float(value) for value in errors.of_means(other)[used]),
                )
            )
    return tuple(result)


def effect_class(standardised: float, p_adjusted: float) -> EffectClass:
    """How much a difference in SD of the item's score matters. Source: zwick1997."""
    size = abs(standardised)
    if p_adjusted > ALPHA or size <= _MODERATE:
        return EffectClass.NEGLIGIBLE
    return EffectClass.MODERATE if size <= _LARGE else EffectClass.LARGE


def benjamini_hochberg(p: Array) -> Array:
    """Adjusted p values (J,) that control the false discovery rate. Source: benjamini1995."""
    order = np.argsort(p, kind="stable")
    scaled = p[order] * (p.size / np.arange(1, p.size + 1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def _errors(
    comparison: Comparison, sides: Sequence[Sides], sums: Sequence[CrossProducts], common: Mask
) -> GroupErrors:
    return group_errors(
        sums,
        common,
        sides[0][0].categories,
        held=held_moments(sides[0]),
        items=comparison.items,
        names=comparison.names,
    )


def _test(item: int, comparison: Comparison, errors: GroupErrors) -> ItemDif:
    linked = comparison.chosen
    parameters, groups = linked.fit.parameters, len(comparison.names)
    places = np.concatenate(
        [parameters.slope[:, item, None], parameters.intercepts[:, item]], axis=1
    )
    if linked.rule.items[item]:
        places = places + errors.step_of_item(item)
    joint = errors.of_item(item)
    categories = places.shape[1]
    # Every group against the last.
    contrast = np.kron(
        np.concatenate([np.eye(groups - 1), -np.ones((groups - 1, 1))], axis=1), np.eye(categories)
    )
    gap = contrast @ places.ravel()
    statistic = float(gap @ np.linalg.solve(contrast @ joint @ contrast.T, gap))
    df = categories * (groups - 1)
    first, second = _furthest(linked.differences[:, item])
    weights = np.zeros((groups, categories))
    weights[first] = _score_gradient(places[first])
    weights[second] = -_score_gradient(places[second])
    under_rules = [
        float(one.differences[first, item] - one.differences[second, item])
        for one in comparison.rules
    ]
    return ItemDif(
        item=item,
        between=(comparison.names[first], comparison.names[second]),
        difference=float(linked.differences[first, item] - linked.differences[second, item]),
        standard_error=float(np.sqrt(weights.ravel() @ joint @ weights.ravel())),
        standardised=float(linked.standardised[first, item] - linked.standardised[second, item]),
        effect_class=EffectClass.NEGLIGIBLE,
        statistic=statistic,
        df=df,
        p=chi_square_above(statistic, df),
        p_adjusted=1.0,
        low=min(under_rules),
        high=max(under_rules),
        anchor=bool(linked.rule.items[item]),
    )


def _furthest(differences: Array) -> tuple[int, int]:
    """The two groups that differ most, in the order of the groups."""
    first, second = sorted((int(np.argmax(differences)), int(np.argmin(differences))))
    return (0, 1) if first == second else (first, second)


def _score_gradient(place: Array) -> Array:
    """How the expected score over the pooled population hangs on slope and intercepts; (K,)."""
    nodes = working_grid().nodes
    above, below = boundary_probabilities(place[:1], place[None, 1:], nodes)
    density = (above * below)[0] * pooled_weights(nodes)  # (K-1, Q)
    gradient: Array = np.append(density.sum(axis=0) @ nodes, density.sum(axis=1))
    return gradient
