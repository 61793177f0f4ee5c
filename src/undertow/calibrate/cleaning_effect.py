"""What cleaning changes: the same fit with the doubtful rows left in, beside the one without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from undertow.calibrate.blocks import BlocksFit, blocks_of, fit_blocks
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.sample import Sample
from undertow.calibrate.workers import Mapper, one_by_one


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningEffect:
    """Figures with the doubtful rows left in, against those without.

    `slope_ratio` is the geometric mean of slopes without over slopes with; `largest_slope` and
    `largest_threshold` are the largest change of one, each with its item. `correlations` (with,
    without) are those of the first two dimensions, None where there is one.
    """

    rows: int
    slope_ratio: float
    largest_slope: tuple[str, float]
    largest_threshold: tuple[str, float]
    correlations: tuple[float, float] | None


def cleaning_effect(
    uncleaned: Sample,
    cleaned: BlocksFit,
    recipe: Recipe,
    *,
    names: Sequence[str],
    mapper: Mapper = one_by_one,
) -> CleaningEffect:
    """Fits the sample in which doubtful rows were left, and compares. Raises ConvergenceError."""
    blocks = blocks_of(uncleaned.keyed, recipe.dimension_of, recipe.categories)
    other = fit_blocks(blocks, names=names, mapper=mapper)
    slopes = cleaned.slope - other.slope
    thresholds = (
        -cleaned.intercepts / cleaned.slope[:, None] + other.intercepts / other.slope[:, None]
    )
    at_slope = int(np.argmax(np.abs(slopes)))
    at_threshold = np.unravel_index(int(np.argmax(np.abs(thresholds))), thresholds.shape)
    several = len(recipe.dimensions) > 1
    return CleaningEffect(
        rows=uncleaned.rows,
        slope_ratio=float(np.exp(np.log(cleaned.slope / other.slope).mean())),
        largest_slope=(names[at_slope], float(slopes[at_slope])),
        largest_threshold=(names[int(at_threshold[0])], float(thresholds[at_threshold])),
        correlations=(float(other.correlations[0, 1]), float(cleaned.correlations[0, 1]))
        if several
        else None,
    )
