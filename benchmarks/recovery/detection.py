"""How often items that differ are found, and items that do not are; the page is left to `report`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from benchmarks.recovery.between_groups import ByRule
from benchmarks.recovery.figures import mean_of
from benchmarks.recovery.truth import Array, TwoGroups, scores_of

from undertow.calibrate.dif import ALPHA, EffectClass

DETECTION = (
    "items",
    "true size, SD",
    "p < .05 %",
    "adjusted %",
    "moderate or large %",
    "large %",
)
_SIZES = (
    ("differ by .10 to .13", 0.0, 0.14),
    ("by .15 to .18", 0.14, 0.2),
    ("by .22 to .28", 0.2, 1.0),
)
"""In categories, above the first and up to the second; of the twelve, four, three and five."""


def detection_rows(truth: TwoGroups, replications: Sequence[ByRule]) -> list[list[str]]:
    """A row for each size of difference, and one for the items that are equal."""
    size = np.abs(truth.differences)
    standardised = size / _spread(truth)
    sets = [("equal", truth.fair)]
    sets += [
        (name, chosen)
        for name, low, high in _SIZES
        if (chosen := (size > low) & (size <= high)).any()
    ]
    p = np.stack([one.p for one in replications]) < ALPHA
    adjusted = np.stack([one.p_adjusted for one in replications]) < ALPHA
    effect = np.stack([one.effect for one in replications])
    rows = []
    for label, chosen in sets:
        if not chosen.any():
            continue
        own = standardised[chosen]
        span = f"{own.min():.2f} to {own.max():.2f}" if own.max() > 0 else "0"
        shares = (p, adjusted, effect != EffectClass.NEGLIGIBLE, effect == EffectClass.LARGE)
        rows.append(
            [
                f"{label} ({chosen.sum()})",
                span,
                *(mean_of(share[:, chosen].mean(axis=1)).percent() for share in shares),
            ]
        )
    return rows


def sample_row(truth: TwoGroups, replications: Sequence[ByRule]) -> list[str]:
    """Anchors that should be none, fair items that are anchors, and what is wrong among those found."""
    found = np.stack([one.p_adjusted for one in replications]) < ALPHA
    anchors = np.stack([one.anchors for one in replications])
    false = found[:, truth.fair].sum(axis=1)
    wrong = false / np.maximum(found.sum(axis=1), 1)
    return [
        mean_of(anchors[:, ~truth.fair].sum(axis=1)).shown(2),
        mean_of(anchors[:, truth.fair].mean(axis=1)).percent(),
        mean_of(wrong).percent(),
        mean_of((false > 0).astype(np.float64)).percent(),
    ]


def _spread(truth: TwoGroups) -> Array:
    """SD of each item's score in both groups together, at the mean of the two groups' curves."""
    variances = []
    for own in (truth.men, truth.women):
        pairs = zip(own.slope, own.intercepts, strict=True)
        variances.append([scores_of(float(slope), cuts)[1] for slope, cuts in pairs])
    spread: Array = np.sqrt(np.mean(variances, axis=0))
    return spread
