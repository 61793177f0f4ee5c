"""How far parameters move between near-paraphrases; scoring that allows for it is left to `measure`.

Items of one family are meant to say the same. What their parameters differ by beyond sampling error
is taken for what a change of words does. A difference between men and women that all items of a
family share cancels, so the choice of anchors does not matter here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.drift import FRESH_WORDING_FACTOR, Spread, WordingDrift
from undertow.errors import InputError, ShapeError

Array = NDArray[np.float64]

NOTE = (
    "SD between items of one family that are meant to say the same, with sampling error taken off. "
    "Few families: the standard errors are rough and the figures could well be half or twice as large. "
    "factor is a judgement: fresh wording is taken to move figures that many times as far."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemFigures:
    """Items on the scales that drift is told in, each with its sampling variance.

    `log_slope` (J,); `thresholds` (J, K-1) b = -d / a; `location` (J,) their mean; `spacing`
    (J, K-1) thresholds less location. The `_variance` of each has its shape.
    """

    log_slope: Array
    log_slope_variance: Array
    thresholds: Array
    thresholds_variance: Array
    location: Array
    location_variance: Array
    spacing: Array
    spacing_variance: Array


def item_figures(slope: Array, intercepts: Array, covariance: Array) -> ItemFigures:
    """Slopes (J,) and intercepts (J, K-1) as log-slopes and thresholds, by the delta method.

    `covariance` (J, K, K) is each item's own block: slope first, then its intercepts. Raises
    ShapeError for other shapes.
    """
    items, cuts = intercepts.shape
    if slope.shape != (items,) or covariance.shape != (items, cuts + 1, cuts + 1):
        raise ShapeError("drift needs slope (J,), intercepts (J, K-1) and covariance (J, K, K)")
    thresholds = -intercepts / slope[:, None]
    # db_k / da = d_k / a^2 = -b_k / a, db_k / dd_k = -1 / a.
    gradient = np.zeros((items, cuts, cuts + 1))
    gradient[:, :, 0] = -thresholds / slope[:, None]
    gradient[:, np.arange(cuts), np.arange(cuts) + 1] = -1 / slope[:, None]
    of_thresholds = gradient @ covariance @ gradient.transpose(0, 2, 1)
    mean = np.full(cuts, 1 / cuts)
    away = np.eye(cuts) - 1 / cuts
    location = thresholds.mean(axis=1)
    return ItemFigures(
        log_slope=np.log(slope),
        log_slope_variance=covariance[:, 0, 0] / slope**2,
        thresholds=thresholds,
        thresholds_variance=np.einsum("jkk->jk", of_thresholds),
        location=location,
        location_variance=mean @ of_thresholds @ mean,
        spacing=thresholds - location[:, None],
        spacing_variance=np.einsum("jkk->jk", away @ of_thresholds @ away),
    )


def estimate_drift(
    names: Sequence[str],
    families: Sequence[Sequence[str]],
    figures: ItemFigures,
    *,
    gender_thresholds: Array | None = None,
    gender_errors: Array | None = None,
    factor: float = FRESH_WORDING_FACTOR,
) -> WordingDrift:
    """SDs between the members of a family, pooled over families, sampling error taken off.

    `names` (J,) are the items in the figures' order, `families` the names of those that say nearly
    the same. `gender_thresholds` and `gender_errors` (2, J, K-1) are the thresholds of men and of
    women with their standard errors, from a fit in which the families' items are free in both.
    Raises InputError for families that cannot be compared, ShapeError for other shapes.
    """
    members = _positions(names, families)
    if figures.log_slope.shape != (len(names),):
        raise ShapeError(f"drift needs figures of {len(names)} items")
    cuts = figures.thresholds.shape[1]
    spacing = None
    if cuts > 1:
        # Deviations from their own mean vary less than the thresholds do, by (K-2) / (K-1).
        wider = cuts / (cuts - 1)
        spacing = pooled_spread(
            figures.spacing * np.sqrt(wider), figures.spacing_variance * wider, members
        )
    return WordingDrift(
        log_slope=pooled_spread(figures.log_slope, figures.log_slope_variance, members),
        threshold=pooled_spread(figures.location, figures.location_variance, members),
        threshold_spacing=spacing,
        gender_difference=_gender(gender_thresholds, gender_errors, figures, members),
        families=tuple(tuple(family) for family in families),
        factor=factor,
        note=NOTE,
    )


def pooled_spread(values: Array, variances: Array, families: Sequence[NDArray[np.intp]]) -> Spread:
    """The SD of true values around their family's mean, from estimates with known variances.

    `values` and `variances` are (J,) or (J, T), T figures of one kind that are pooled. Mean square
    within families on sum(n_f - 1) degrees of freedom, less the mean variance with the same weights;
    0 where sampling error explains all. Its standard error takes the values for normal:
    Var(S^2) = 2 S^4 / df, with the T figures of an item taken to move together, so that it is too
    large rather than too small. Source: searle1992.
    """
    table, noise = (one.reshape(values.shape[0], -1) for one in (values, variances))
    freedom = sum(family.size - 1 for family in families)
    within = expected = 0.0
    for family in families:
        own = table[family]
        within += float(((own - own.mean(axis=0)) ** 2).sum()) / table.shape[1]
        expected += (family.size - 1) * float(noise[family].mean())
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


def _gender(
    thresholds: Array | None,
    errors: Array | None,
    figures: ItemFigures,
    members: Sequence[NDArray[np.intp]],
) -> Spread | None:
    if thresholds is None or errors is None:
        return None
    if thresholds.shape != (2, *figures.thresholds.shape) or errors.shape != thresholds.shape:
        raise ShapeError("thresholds by gender and their standard errors must be (2, J, K-1)")
    return pooled_spread(thresholds[0] - thresholds[1], (errors**2).sum(axis=0), members)


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
