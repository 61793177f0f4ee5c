"""Two groups of people made up for tests, who tend to agree with anything by known amounts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import Sides, sides_of

Array = NDArray[np.float64]

DIMENSION_OF = np.repeat([0, 1], 6)
# As in the questionnaire: one dimension keyed both ways, the other with a lone reversed item.
KEYING = np.array([1, 1, 1, 1, 1, -1, 1, -1, 1, -1, 1, -1])
NAMES = tuple(f"Q{number}" for number in range(1, 13))
GROUPS = ("men", "women")
CATEGORIES = 3
SLOPE = np.array([1.4, 1.1, 1.8, 1.2, 1.6, 1.5, 2.0, 1.3, 1.5, 1.7, 1.2, 1.9])
THRESHOLDS = np.linspace(-0.3, 0.3, 12)[:, None] + np.array([-0.7, 0.7])
INTERCEPTS = -SLOPE[:, None] * THRESHOLDS


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """How a group differs; the tendency is normal with `mean` and `deviation` in logits."""

    rows: int
    theta: Array = field(default_factory=lambda: np.zeros(2))
    mean: float = 0.0
    deviation: float = 0.0


def answers_of(group: MadeUp, rng: np.random.Generator) -> NDArray[np.int8]:
    """Keyed categories by the latent-response form of the model: a logistic error on what is felt."""
    theta = group.theta + rng.standard_normal((group.rows, 2))
    m = group.mean + group.deviation * rng.standard_normal(group.rows)
    felt = SLOPE * theta[:, DIMENSION_OF] + KEYING * m[:, None]
    felt += rng.logistic(size=felt.shape)
    keyed: NDArray[np.int8] = (felt[:, :, None] + INTERCEPTS > 0).sum(axis=2, dtype=np.int8)
    return keyed


def sides_by_group(groups: tuple[MadeUp, MadeUp], *, seed: int) -> tuple[Sides, Sides]:
    rng = np.random.default_rng(seed)
    first, second = (sides_of(answers_of(one, rng), DIMENSION_OF, CATEGORIES) for one in groups)
    return first, second
