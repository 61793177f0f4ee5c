"""How far parameters move between near-paraphrases; scoring that allows for it is left to `measure`.

Items of one family are meant to say the same. What their parameters differ by beyond sampling error
is taken for what a change of words does; some families hold a reversed item, whose turning round is
counted in. A difference between men and women that all items of a family share cancels, so it does not
matter here where the anchors put the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from undertow.bank.drift import FRESH_WORDING_FACTOR, Spread, WordingDrift
from undertow.calibrate.group_information import group_errors, held_moments, score_sums
from undertow.calibrate.groups import GroupParameters
from undertow.calibrate.likelihood import Parameters, Sides
from undertow.calibrate.multigroup import fit_groups
from undertow.calibrate.scores import Latent
from undertow.calibrate.standard_errors import StandardErrors
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import InputError, ShapeError

Array = NDArray[np.float64]

NOTE = (
    "SD between items of one family that are meant to say the same, with sampling error taken off; "
    "where one of them is reversed, its turning round is counted in. With few families the figures "
    "may well be two thirds or twice as large. "
    "factor is a judgement: fresh wording is taken to move figures that many times as far."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemFigures:
    """Items on the scales that drift is told in, with their sampling covariances between items.

    `log_slope` (J,); `thresholds` (J, K-1) b = -d / a; `spacing` (J, K-1) thresholds less their mean.
    The `_noise` of each is (J, J), or (J, J, K-1) threshold by threshold.
    """

    log_slope: Array
    log_slope_noise: Array
    thresholds: Array
    thresholds_noise: Array
    spacing: Array
    spacing_noise: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThresholdDifferences:
    """Thresholds of the first group less those of the second, (J, K-1), and their `noise` (J, J, K-1).

    The noise is the sampling covariance between items, threshold by threshold. Items that are equal in
    both groups have 0 in both.
    """

    values: Array
    noise: Array


def item_figures(slope: Array, intercepts: Array, covariance: Array) -> ItemFigures:
    """Slopes (J,) and intercepts (J, K-1) as log-slopes and thresholds, by the delta method.

    `covariance` (J * K, J * K) is item by item, the slope first and then its intercepts. Raises
    ShapeError for other shapes.
    """
    items, cuts = intercepts.shape
    if slope.shape != (items,) or covariance.shape != (items * (cuts + 1),) * 2:
        raise ShapeError("drift needs slope (J,), intercepts (J, K-1) and covariance (J*K, J*K)")
    thresholds = -intercepts / slope[:, None]
    gradient = _threshold_gradient(slope, thresholds)
    by_item = covariance.reshape(items, cuts + 1, items, cuts + 1)
    # Between every two thresholds of any items: (J, K-1, J, K-1).
    of_thresholds = np.einsum("jtk,jklm,lum->jtlu", gradient, by_item, gradient, optimize=True)
    away = np.eye(cuts) - 1 / cuts
    return ItemFigures(
        log_slope=np.log(slope),
        log_slope_noise=by_item[:, 0, :, 0] / np.outer(slope, slope),
        thresholds=thresholds,
        thresholds_noise=np.einsum("jtlt->jlt", of_thresholds),
        spacing=thresholds - thresholds.mean(axis=1, keepdims=True),
        spacing_noise=np.einsum("st,jtlu,us->jls", away, of_thresholds, away, optimize=True),
    )


def figures_of(parameters: Parameters, errors: StandardErrors) -> ItemFigures:
    """The figures of a settled fit with its errors."""
    size = parameters.slope.size + parameters.intercepts.size
    # Behind the items stands the correlation, where there is one.
    return item_figures(parameters.slope, parameters.intercepts, errors.covariance[:size, :size])


def joined_figures(
    items: int, places: Sequence[NDArray[np.intp]], figures: Sequence[ItemFigures]
) -> ItemFigures:
    """Figures of fits that were made apart, as those of all `items`; `places` are theirs among all.

    0 where no fit has the item. Items of different fits have no sampling covariance here: no family
    has items of two.
    """
    return ItemFigures(
        **{
            name: _joined(
                items,
                places,
                [getattr(one, name) for one in figures],
                by_pair=name.endswith("_noise"),
            )
            for name in (field.name for field in fields(ItemFigures))
        }
    )


def joined_differences(
    items: int, places: Sequence[NDArray[np.intp]], found: Sequence[ThresholdDifferences]
) -> ThresholdDifferences:
    """Differences of fits that were made apart, as one; as `joined_figures`."""
    return ThresholdDifferences(
        values=_joined(items, places, [one.values for one in found], by_pair=False),
        noise=_joined(items, places, [one.noise for one in found], by_pair=True),
    )


def _joined(
    items: int, places: Sequence[NDArray[np.intp]], parts: Sequence[Array], *, by_pair: bool
) -> Array:
    axes = 2 if by_pair else 1
    made = np.zeros((items,) * axes + parts[0].shape[axes:])
    for own, one in zip(places, parts, strict=True):
        made[np.ix_(*(own,) * axes)] = one
    return made


def _threshold_gradient(slope: Array, thresholds: Array) -> Array:
    """d b_k by slope and intercepts; (J, K-1, K)."""
    items, cuts = thresholds.shape
    gradient = np.zeros((items, cuts, cuts + 1))
    # db_k / da = d_k / a^2 = -b_k / a, db_k / dd_k = -1 / a.
    gradient[:, :, 0] = -thresholds / slope[:, None]
    gradient[:, np.arange(cuts), np.arange(cuts) + 1] = -1 / slope[:, None]
    return gradient


def threshold_differences(
    groups: Sequence[Sides],
    names: Sequence[str],
    families: Sequence[Sequence[str]],
    start: Parameters,
    *,
    mapper: Mapper = one_by_one,
) -> ThresholdDifferences:
    """Threshold differences of the families' items between two groups' rows, first less second.

    From a two-group fit in which only those items are free, begun at `start`. The noise is from plain
    cross-products: where items of a family hang together more than theta explains, their errors go
    together more than it says, and a little too much of it is taken off. Raises InputError for
    families that cannot be compared, ShapeError for another number of groups and where a dimension
    has no item outside the families, NotReady where the answers say too little, ConvergenceError as
    `fit_groups` does.
    """
    if len(groups) != 2:
        raise ShapeError("drift compares two groups")
    members = np.concatenate(_positions(names, families))
    common = np.ones(len(names), dtype=bool)
    common[members] = False
    begun = GroupParameters(
        slope=np.stack([start.slope] * 2),
        intercepts=np.stack([start.intercepts] * 2),
        latents=(Latent.standard(start.correlation),) * 2,
    )
    fit = fit_groups(groups, begun, common, mapper=mapper).parameters
    size = fit.intercepts.shape[2] + 1
    errors = group_errors(
        score_sums(groups, fit, mapper=mapper),
        common,
        size,
        held=held_moments(groups[0]),
        items=names,
    )
    thresholds = -fit.intercepts / fit.slope[:, :, None]
    first, second = (_threshold_gradient(a, b) for a, b in zip(fit.slope, thresholds, strict=True))
    by_both = np.concatenate([first, -second], axis=2)[members]  # (M, K-1, 2 K)
    # Not each item for itself: what puts the groups where they lie moves all items together.
    places = errors.items[:, members].transpose(1, 0, 2).reshape(members.size, -1)  # (M, 2 K)
    between = errors.covariance[places[:, :, None, None], places]  # (M, 2 K, M, 2 K)
    noise = np.zeros((len(names), *thresholds[0].shape))
    noise[np.ix_(members, members)] = np.einsum(
        "jtk,jklm,ltm->jlt", by_both, between, by_both, optimize=True
    )
    return ThresholdDifferences(values=thresholds[0] - thresholds[1], noise=noise)


def estimate_drift(
    names: Sequence[str],
    families: Sequence[Sequence[str]],
    figures: ItemFigures,
    *,
    gender: ThresholdDifferences | None = None,
    factor: float = FRESH_WORDING_FACTOR,
) -> WordingDrift:
    """SDs between the members of a family, pooled over families, sampling error taken off.

    `names` (J,) are the items in the figures' order, `families` the names of those that say nearly
    the same. Raises InputError for families that cannot be compared, ShapeError for other shapes.
    """
    members = _positions(names, families)
    shape = figures.thresholds.shape
    if figures.log_slope.shape != (len(names),):
        raise ShapeError(f"drift needs figures of {len(names)} items")
    if gender is not None and (
        gender.values.shape != shape or gender.noise.shape != (shape[0], *shape)
    ):
        raise ShapeError("differences of thresholds must be (J, K-1), their noise (J, J, K-1)")
    spacing = None
    cuts = shape[1]
    if cuts > 1:
        # Deviations from their own mean vary less than the thresholds do, by (K-2) / (K-1).
        wider = cuts / (cuts - 1)
        spacing = pooled_spread(
            figures.spacing * np.sqrt(wider), figures.spacing_noise * wider, members
        )
    return WordingDrift(
        log_slope=pooled_spread(figures.log_slope, figures.log_slope_noise, members),
        threshold=pooled_spread(figures.thresholds, figures.thresholds_noise, members),
        threshold_spacing=spacing,
        gender_difference=None
        if gender is None
        else pooled_spread(gender.values, gender.noise, members),
        families=tuple(tuple(family) for family in families),
        factor=factor,
        note=NOTE,
    )


def pooled_spread(values: Array, noise: Array, families: Sequence[NDArray[np.intp]]) -> Spread:
    """The SD of true values around their family's mean, from estimates with known sampling errors.

    `values` are (J,) or (J, T), T figures of one kind that are pooled; `noise` (J, J) or (J, J, T)
    their sampling covariances C. Mean square within families on sum(n_f - 1) degrees of freedom, less
    what sampling errors make it, trace((I - 11'/n) C) a family: an error that a family shares
    cancels. 0 where sampling error explains all. Its standard error takes the values for normal:
    Var(S^2) = 2 S^4 / df, with the T figures of an item taken to move together, so that it is too
    large rather than too small. Source: searle1992.
    """
    table = values.reshape(values.shape[0], -1)
    errors = noise.reshape(*noise.shape[:2], -1)
    freedom = sum(family.size - 1 for family in families)
    within = expected = 0.0
    for family in families:
        own = table[family]
        within += float(((own - own.mean(axis=0)) ** 2).sum()) / table.shape[1]
        away = np.eye(family.size) - 1 / family.size
        covariance = errors[np.ix_(family, family)]
        expected += float((away[:, :, None] * covariance).sum()) / table.shape[1]
    mean_square = within / freedom
    variance = max(mean_square - expected / freedom, 0.0)
    error = mean_square * np.sqrt(2 / freedom)
    sd = np.sqrt(variance)
    # d sd = d variance / (2 sd) breaks down near 0; there the sd is told by sqrt(error) at most.
    return Spread(
        sd=float(sd), se=float(error / (2 * max(sd, np.sqrt(error) / 2))) if error else 0.0
    )


def drift_table(drift: WordingDrift, *, digits: int = 4) -> dict[str, object]:
    """What the bank file holds under `drift`, rounded."""
    table: dict[str, object] = {}
    for name in ("log_slope", "threshold", "threshold_spacing", "gender_difference"):
        spread: Spread | None = getattr(drift, name)
        if spread is not None:
            table[name] = {"sd": round(spread.sd, digits), "se": round(spread.se, digits)}
    return {
        **table,
        "families": [list(family) for family in drift.families],
        "factor": drift.factor,
        "note": drift.note,
    }


def _positions(
    names: Sequence[str], families: Sequence[Sequence[str]]
) -> tuple[NDArray[np.intp], ...]:
    if not families:
        raise InputError("Drift needs at least one family of items that say nearly the same.")
    at = {name: number for number, name in enumerate(names)}
    seen: set[str] = set()
    for family in families:
        if len(family) < 2:
            raise InputError("A family needs two or more items that say nearly the same.")
        for name in family:
            if name not in at:
                raise InputError(f"A family names {name}, which is no item. Take it out.")
            if name in seen:
                raise InputError(f"{name} stands in families twice. Name it once.")
            seen.add(name)
    return tuple(np.array([at[name] for name in family], dtype=np.intp) for family in families)
