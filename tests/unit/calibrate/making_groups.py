"""Groups made up for tests: answers of known parameters, by group where an item is to differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.groups import sides_of_groups
from undertow.calibrate.likelihood import Sides, sides_of

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """Slopes (J,), intercepts (J, K-1) of everyone, and what each group's `shifts` (G, J) add to its own."""

    slope: Array
    intercepts: Array
    dimension_of: NDArray[np.intp]
    means: Array
    deviations: Array
    shifts: Array


def truth(
    items: int,
    *,
    seed: int,
    dimensions: int = 1,
    means: Sequence[float] = (0.0, 0.0),
    deviations: Sequence[float] = (1.0, 1.0),
    planted: dict[int, float] | None = None,
) -> Truth:
    """Three categories; `planted` adds to the intercepts of an item, a steep one, in the first group only."""
    rng = np.random.default_rng(seed)
    slope = rng.uniform(1.1, 2.2, items)
    thresholds = rng.uniform(-0.3, 0.3, (items, 2)) + np.array([-0.8, 0.8])
    # Steep and with borders in the middle, so that a short test asks them first.
    slope[list(planted or ())] = 2.4
    thresholds[list(planted or ())] = (-0.35, 0.35)
    shifts = np.zeros((len(means), items))
    for item, by in (planted or {}).items():
        shifts[0, item] = by
    return Truth(
        slope=slope,
        intercepts=-slope[:, None] * thresholds,
        dimension_of=np.arange(items) % dimensions,
        means=np.array(means),
        deviations=np.array(deviations),
        shifts=shifts,
    )


def answers_of(true: Truth, group: int, rows: int, rng: np.random.Generator) -> NDArray[np.int8]:
    """Keyed answers of one group, by the latent-response form: a logistic error on slope * theta."""
    theta = true.means[group] + true.deviations[group] * rng.standard_normal((rows, 2))
    reached = true.slope * theta[:, true.dimension_of] + true.shifts[group]
    reached += rng.logistic(size=reached.shape)
    keyed: NDArray[np.int8] = (reached[:, :, None] + true.intercepts > 0).sum(axis=2, dtype=np.int8)
    return keyed


def groups_of(true: Truth, rows: Sequence[int], *, seed: int) -> tuple[Sides, ...]:
    """Each group's rows as sides; rows are asked for by group."""
    rng = np.random.default_rng(seed)
    keyed = [answers_of(true, group, count, rng) for group, count in enumerate(rows)]
    member = np.repeat(np.arange(len(rows)), rows)
    sides = sides_of(np.concatenate(keyed), true.dimension_of, 3)
    return sides_of_groups(sides, member == np.arange(len(rows))[:, None])


def names_of(true: Truth) -> list[str]:
    return [f"Q{item + 1}" for item in range(true.slope.size)]
