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
    LEAST_ANCHORS,
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
from undertow.calibrate.likelihood import (
    Parameters,
    Sides,
    category_tables,
    dimensions_of,
    working_grid,
)
from undertow.calibrate.multigroup import GroupFit, climb_groups, fit_groups
from undertow.calibrate.scores import Latent
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ConvergenceError, InputError, NotReady, ShapeError

Array = NDArray[np.float64]

LEAST_ANSWERS = 100
"""Answers that a group must have given to each item. With so few a difference is known to about .14 SD."""
_FINE = 1e-5
"""Largest last change of a parameter; standard errors are a thousand times as large."""
_ROUGH = 1e-3
"""Enough to choose anchors by: differences are then known to about .001 SD."""


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

    def laid(self, own: Sequence[Parameters], dimension_of: NDArray[np.intp]) -> GroupParameters:
        """The groups' `own` fits laid where this rule puts them: every item by group, anchors as well."""
        slopes, intercepts = zip(
            *(
                moved(one, latent, dimension_of)
                for one, latent in zip(own, self.latents, strict=True)
            ),
            strict=True,
        )
        return GroupParameters(
            slope=np.stack(slopes), intercepts=np.stack(intercepts), latents=self.latents
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Groups compared: `own` fits of each alone, and what each anchor rule makes of them.

    `rules` starts with all items as anchors; `chosen` is the rule whose figures count. `settled` says
    whether purifying came to rest, or went round in circles. `items` are the items' names.
    """

    names: tuple[str, ...]
    items: tuple[str, ...]
    rows: tuple[int, ...]
    own: tuple[Parameters, ...]
    rules: tuple[Linked, ...]
    chosen: Linked
    settled: bool

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
    chosen: str | AnchorRule = PURIFIED,
    mapper: Mapper = one_by_one,
) -> Comparison:
    """Groups' rows (`sides`, one a group) fitted alone and together under every anchor rule.

    With two groups there are five rules, with more the two that lean to a group are left out; a
    `chosen` rule of the caller's own comes on top. Raises NotReady when a group is too small or never
    gave an answer, naming the group and the item, ConvergenceError when a fit does not settle, and
    InputError for a rule that is not there and for fewer than two groups.
    """
    dimension_of = dimensions_of(sides[0])
    _check_groups(sides, names, items)
    _check_answers(sides, names, items)
    if len(items) < LEAST_ANCHORS:
        raise ShapeError("groups can be compared on two items at least")
    own = tuple(
        _alone(one, name, items, mapper=mapper) for one, name in zip(sides, names, strict=True)
    )
    everyone = np.ones(dimension_of.size, dtype=bool)
    constrained = fit_groups(sides, _start(own), everyone, tolerance=_FINE, mapper=mapper)

    # Where each round of purifying ended, for the fit with the anchors that it ended with.
    ends: dict[bytes, GroupParameters] = {}

    def start_with(anchors: Mask) -> GroupParameters:
        near = ends.get(anchors.tobytes())
        return near or _start_with(anchors, own, constrained.parameters, dimension_of)

    def effects_with(anchors: Mask) -> Array:
        rough = climb_groups(sides, start_with(anchors), anchors, tolerance=_ROUGH, mapper=mapper)
        ends[anchors.tobytes()] = rough.point
        differences, spread = differences_of(own, rough.point.latents, dimension_of)
        return range_of(differences / spread)

    def linked(rule: AnchorRule) -> Linked:
        fit = constrained
        if not rule.items.all():
            fit = fit_groups(
                sides, start_with(rule.items), rule.items, tolerance=_FINE, mapper=mapper
            )
        differences, spread = differences_of(own, fit.parameters.latents, dimension_of)
        return Linked(
            rule=rule, fit=fit, differences=differences, standardised=differences / spread
        )

    first = linked(AnchorRule(name=ALL, items=everyone))
    pure = purify(range_of(first.standardised), dimension_of, effects_with)
    wanted = {
        PURIFIED: pure.items,
        STEEPEST: extreme_items(constrained.parameters.slope[0], dimension_of),
    }
    if len(sides) == 2:
        wanted |= {
            leaning_to(name): extreme_items(first.standardised[group], dimension_of)
            for group, name in enumerate(names)
        }
    rules = [first, *(linked(AnchorRule(name=n, items=own)) for n, own in wanted.items())]
    if isinstance(chosen, AnchorRule):
        rules.append(linked(chosen))
    by_name = {one.rule.name: one for one in rules}
    asked = chosen.name if isinstance(chosen, AnchorRule) else chosen
    if asked not in by_name:
        raise InputError(
            f"There is no anchor rule '{asked}' for these groups; there are {', '.join(by_name)}."
        )
    return Comparison(
        names=tuple(names),
        items=tuple(items),
        rows=tuple(one[0].rows for one in sides),
        own=own,
        rules=tuple(rules),
        chosen=by_name[asked],
        settled=pure.settled,
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


def _alone(sides: Sides, name: str, items: Sequence[str], *, mapper: Mapper) -> Parameters:
    try:
        return settle(sides, names=items, mapper=mapper).parameters
    except ConvergenceError as error:
        raise ConvergenceError(f"Among {name}: {error}", trace=error.trace) from None


def _start(own: Sequence[Parameters]) -> GroupParameters:
    """Every item equal, at the mean of the groups' own fits; each group at mean 0, variance 1."""
    slope = np.mean([one.slope for one in own], axis=0)
    intercepts = np.mean([one.intercepts for one in own], axis=0)
    return GroupParameters(
        slope=np.repeat(slope[None], len(own), axis=0),
        intercepts=np.repeat(intercepts[None], len(own), axis=0),
        latents=tuple(Latent.standard(one.correlation) for one in own),
    )


def _start_with(
    anchors: Mask,
    own: Sequence[Parameters],
    constrained: GroupParameters,
    dimension_of: NDArray[np.intp],
) -> GroupParameters:
    """Where a fit with these anchors will nearly end: own fits, laid onto the constrained anchors.

    A group's deviation is what makes its anchors' slopes equal on average, its mean what makes
    their intercepts equal by least squares.
    """
    latents, slopes, intercepts = [], [], []
    for parameters in own:
        means, deviations = np.zeros(2), np.ones(2)
        for dimension in np.unique(dimension_of):
            at = np.flatnonzero(anchors & (dimension_of == dimension))
            slope = constrained.slope[0, at]
            deviations[dimension] = np.exp(np.log(parameters.slope[at] / slope).mean())
            # An own intercept is d + a * mean on the common metric.
            gaps = (parameters.intercepts[at] - constrained.intercepts[0, at]).mean(axis=1)
            means[dimension] = slope @ gaps / (slope @ slope)
        latent = Latent(means=means, deviations=deviations, correlation=parameters.correlation)
        slope, cuts = moved(parameters, latent, dimension_of)
        latents.append(latent)
        slopes.append(slope)
        intercepts.append(cuts)
    slope, cuts = np.stack(slopes), np.stack(intercepts)
    slope[:, anchors] = slope[:, anchors].mean(axis=0)
    cuts[:, anchors] = cuts[:, anchors].mean(axis=0)
    return GroupParameters(slope=slope, intercepts=cuts, latents=tuple(latents))


def _check_groups(sides: Sequence[Sides], names: Sequence[str], items: Sequence[str]) -> None:
    count = sum(side.items.size for side in sides[0])
    if len(names) != len(sides) or len(items) != count:
        raise ShapeError("groups need a name each, and items, too")
    if len(sides) < 2 or len(set(names)) < len(names):
        raise InputError("A comparison needs two groups or more, each with a name of its own.")


def _check_answers(sides: Sequence[Sides], names: Sequence[str], items: Sequence[str]) -> None:
    for own, name in zip(sides, names, strict=True):
        for side in own:
            counts = side.category_counts()
            for item, chosen in zip(side.items, counts, strict=True):
                if chosen.sum() < LEAST_ANSWERS:
                    raise NotReady(
                        f"Only {chosen.sum():,} of {name} answered item {items[item]}; a comparison "
                        f"needs {LEAST_ANSWERS}. Put groups together, or leave this one out."
                    )
                if not chosen.all():
                    raise NotReady(
                        f"Among {name}, nobody gave one of the answers to item {items[item]}, so its "
                        "thresholds cannot be compared. Compare larger groups, or leave the item out."
                    )
