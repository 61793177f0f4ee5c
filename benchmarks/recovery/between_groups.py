"""Men and women made up, compared once as `undertow dif` does it, and again with the true anchors known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from benchmarks.recovery.figures import Estimates
from benchmarks.recovery.one_group import norm_errors
from benchmarks.recovery.truth import Array, TwoGroups, answers_of
from numpy.typing import NDArray

from undertow.calibrate.anchors import ALL, PURIFIED, AnchorRule
from undertow.calibrate.comparison import Comparison, compare
from undertow.calibrate.dif import ItemDif, LatentDifference, item_difs, latent_differences
from undertow.calibrate.group_information import group_errors, score_sums
from undertow.calibrate.likelihood import Sides, sides_of
from undertow.calibrate.norming import Group, norms_from
from undertow.calibrate.tallies import tally

GROUPS = ("men", "women")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ByRule:
    """What one choice of anchors makes of the answers; items (J,), latent differences (2,).

    `slopes` and `thresholds` are by group of the items that truly differ, NaN for anchors. They are
    on men's metric (mean 0, deviation 1): the errors of a fit of groups are made for that one.
    """

    anchors: NDArray[np.bool_]
    slopes: Estimates
    thresholds: Estimates
    differences: Estimates
    latent: Estimates
    p: Array
    p_adjusted: Array
    effect: NDArray[np.str_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """One replication: under the product's own rule, and with the truly fair items as anchors.

    `latent_of_all` is under the rule that takes all items; `norms` are of men and of women.
    """

    purified: ByRule
    known: ByRule
    latent_of_all: Estimates
    norms: Estimates


def compare_again(truth: TwoGroups, men: int, women: int, rng: np.random.Generator) -> Compared:
    """Draws both groups, compares them and holds the result beside the truth."""
    pairs = ((truth.men, men), (truth.women, women))
    sides = [
        sides_of(answers_of(own, rows, rng), own.dimension_of, own.categories)
        for own, rows in pairs
    ]
    fair = AnchorRule(name="known", items=truth.fair)
    known = compare(sides, GROUPS, truth.names, chosen=fair)
    found = replace(known, chosen=known.rule(PURIFIED))
    latents = {one.rule: one for one in latent_differences(known, sides)}
    return Compared(
        purified=_by_rule(truth, found, sides, latents[PURIFIED]),
        known=_by_rule(truth, known, sides, latents[fair.name]),
        latent_of_all=_latent_errors(truth, latents[ALL]),
        norms=_norms(truth, found, sides),
    )


def _by_rule(
    truth: TwoGroups, found: Comparison, sides: Sequence[Sides], latent: LatentDifference
) -> ByRule:
    difs = item_difs(found, sides)
    slopes, thresholds = _parameters(truth, found, sides)
    return ByRule(
        anchors=found.chosen.rule.items,
        slopes=slopes,
        thresholds=thresholds,
        differences=Estimates.of(
            np.array([_men_less_women(one) for one in difs]),
            truth.differences,
            np.array([one.standard_error for one in difs]),
        ),
        latent=_latent_errors(truth, latent),
        p=np.array([one.p for one in difs]),
        p_adjusted=np.array([one.p_adjusted for one in difs]),
        effect=np.array([one.effect_class.value for one in difs]),
    )


def _men_less_women(one: ItemDif) -> float:
    return one.difference if one.between == GROUPS else -one.difference


def _latent_errors(truth: TwoGroups, found: LatentDifference) -> Estimates:
    return Estimates.of(
        np.array(found.difference),
        truth.men.means - truth.women.means,
        np.array(found.standard_error),
    )


def _parameters(
    truth: TwoGroups, found: Comparison, sides: Sequence[Sides]
) -> tuple[Estimates, Estimates]:
    """Errors by group of the items that truly differ, men first; NaN where one is an anchor."""
    parameters = found.chosen.fit.parameters
    anchors = found.chosen.rule.items
    cuts = parameters.intercepts.shape[2]
    errors = group_errors(score_sums(sides, parameters), anchors, cuts + 1)
    differing = np.flatnonzero(~truth.fair)
    shape = (2, differing.size)
    slope, slope_error = np.full(shape, np.nan), np.full(shape, np.nan)
    threshold, threshold_error = np.full((*shape, cuts), np.nan), np.full((*shape, cuts), np.nan)
    first = parameters.latents[0]
    for at, item in enumerate(differing):
        if anchors[item]:
            continue
        dimension = truth.men.dimension_of[item]
        mean, deviation = first.means[dimension], first.deviations[dimension]
        covariance = errors.of_item(int(item))
        for group, own in enumerate((truth.men, truth.women)):
            a, d = parameters.slope[group, item], parameters.intercepts[group, item]
            start = group * (cuts + 1)
            block = covariance[start : start + cuts + 1, start : start + cuts + 1]
            b = -d / a
            # var(b) = (b^2 var(a) + 2 b cov(a, d) + var(d)) / a^2
            spread = b**2 * block[0, 0] + 2 * b * block[0, 1:] + np.diag(block)[1:]
            true_mean, true_deviation = truth.men.means[dimension], truth.men.deviations[dimension]
            slope[group, at] = a * deviation - own.slope[item] * true_deviation
            slope_error[group, at] = np.sqrt(block[0, 0]) * deviation
            threshold[group, at] = (b - mean) / deviation - (
                own.thresholds[item] - true_mean
            ) / true_deviation
            threshold_error[group, at] = np.sqrt(spread) / a / deviation
    return (
        Estimates.of(slope, np.zeros(shape), slope_error),
        Estimates.of(threshold, np.zeros((*shape, cuts)), threshold_error),
    )


def _norms(truth: TwoGroups, found: Comparison, sides: Sequence[Sides]) -> Estimates:
    """Each group's own shares below the places, from the fit under the product's rule."""
    made = []
    for group, own in enumerate((truth.men, truth.women)):
        parameters = found.chosen.fit.parameters
        members = np.ones((1, sides[group][0].rows), dtype=bool)
        sums = tally(sides[group], parameters.of(group), members, latent=parameters.latents[group])
        who = Group(name=GROUPS[group], gender=None, age_band=None, member=members[0])
        norm = norms_from((who,), sums.mass, sums.squares)[0]
        made.append(norm_errors(norm, means=own.means, deviations=own.deviations))
    return Estimates(
        error=np.concatenate([one.error for one in made]),
        reported=np.concatenate([one.reported for one in made]),
    )
