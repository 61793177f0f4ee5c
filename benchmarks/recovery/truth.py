"""The figures that made-up people answer by, and their answers; estimating them again is left to others.

Formulas are written out here on purpose, not taken from the code that the report is about.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from undertow.bank.item import DIMENSIONS
from undertow.bank.responses import MISSING

Array = NDArray[np.float64]
Keyed = NDArray[np.int8]

_ITEMS = Path(__file__).parent / "items.json"

ONE_GROUP_CORRELATION = 0.2
GROUP_CORRELATIONS = (0.25, 0.15)
LATENT_DIFFERENCE = (-0.14, -0.07)
"""Men's mean less women's, anxiety and avoidance, in SD of both together."""
MORE_SPREAD = 1.05
"""Women's deviation over men's, both dimensions."""
SLOPE_RATIO = 1.15
"""Every second item with a difference has another slope too, men's over women's."""
DIFFERENCES = {
    # anxiety: does not add up to 0, so that all items together are a wrong yardstick
    "Q2": -0.15, "Q10": 0.13, "Q16": 0.28, "Q18": -0.23, "Q22": -0.10, "Q26": 0.22,
    # avoidance: adds up to 0
    "Q7": -0.16, "Q9": 0.12, "Q15": -0.28, "Q21": 0.18, "Q27": 0.24, "Q31": -0.10,
}  # fmt: skip
"""Expected score of men less that of women at the same place, averaged over a standard normal.

Sizes as found in the published answers; which other items differ is made up.
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """One group: `slope` (J,), `intercepts` (J, K-1), `dimension_of` (J,), means and deviations (2,)."""

    slope: Array
    intercepts: Array
    dimension_of: NDArray[np.intp]
    means: Array
    deviations: Array
    correlation: float

    @property
    def categories(self) -> int:
        return int(self.intercepts.shape[1]) + 1

    @property
    def thresholds(self) -> Array:
        """b = -d / a; (J, K-1)."""
        value: Array = -self.intercepts / self.slope[:, None]
        return value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoGroups:
    """Men and women on the metric where both together have mean 0 and variance 1.

    `differences` (J,) are expected scores of men less women's at the same place; 0 where `fair`.
    """

    men: Truth
    women: Truth
    names: tuple[str, ...]
    differences: Array

    @property
    def fair(self) -> NDArray[np.bool_]:
        value: NDArray[np.bool_] = self.differences == 0
        return value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Items:
    """The 36 items' names, `slope` (J,), `intercepts` (J, K-1) and `dimension_of` (J,)."""

    names: tuple[str, ...]
    slope: Array
    intercepts: Array
    dimension_of: NDArray[np.intp]


def load_items() -> Items:
    """A copy of figures once shipped: the truth stays the same when another bank is shipped."""
    rows = json.loads(_ITEMS.read_text(encoding="utf-8"))["items"]
    return Items(
        names=tuple(row["id"] for row in rows),
        slope=np.array([row["slope"] for row in rows]),
        intercepts=np.array([row["intercepts"] for row in rows]),
        dimension_of=np.array([DIMENSIONS.index(row["dimension"]) for row in rows]),
    )


def one_group(items: Items) -> Truth:
    """The 36 items among people whose two dimensions hang together."""
    return Truth(
        slope=items.slope,
        intercepts=items.intercepts,
        dimension_of=items.dimension_of,
        means=np.zeros(2),
        deviations=np.ones(2),
        correlation=ONE_GROUP_CORRELATION,
    )


def ten_items() -> Truth:
    """Ten steep items with four answers and one dimension, as Rosenberg's self-esteem scale has."""
    places = np.linspace(-0.6, 0.6, 10)
    slope = np.array([1.3, 2.4, 1.8, 3.0, 1.5, 2.7, 2.1, 1.2, 2.5, 1.7])
    thresholds = places[:, None] + np.array([-1.1, 0.0, 1.1])
    return Truth(
        slope=slope,
        intercepts=-slope[:, None] * thresholds,
        dimension_of=np.zeros(10, dtype=np.intp),
        means=np.zeros(2),
        deviations=np.ones(2),
        correlation=0.0,
    )


def two_groups(items: Items, *, men: int, women: int, differing: bool) -> TwoGroups:
    """The 36 items by group; with `differing`, those of DIFFERENCES are not the same for both.

    `men` and `women` are how many there are of each: the metric is that of both together.
    """
    both, names = one_group(items), items.names
    gap = np.zeros(len(names))
    own = [[both.slope.copy(), both.intercepts.copy()] for _ in range(2)]
    if differing:
        for number, (name, wanted) in enumerate(DIFFERENCES.items()):
            item = names.index(name)
            gap[item] = wanted
            ratio = SLOPE_RATIO ** (0.5 * (number % 2))
            pair = [(both.slope[item] * f, both.intercepts[item] * f) for f in (ratio, 1 / ratio)]
            shift = _shift(pair, wanted)
            for (slope, intercepts), group, sign in zip(pair, own, (1, -1), strict=True):
                group[0][item], group[1][item] = slope, intercepts + sign * shift
    share = np.array([men, women]) / (men + women)
    latent_gap = np.array(LATENT_DIFFERENCE)
    means = [share[1] * latent_gap, -share[0] * latent_gap]
    between = share[0] * means[0] ** 2 + share[1] * means[1] ** 2
    spread = np.sqrt((1 - between) / (share[0] + share[1] * MORE_SPREAD**2))
    first, second = (
        Truth(
            slope=slope,
            intercepts=intercepts,
            dimension_of=both.dimension_of,
            means=mean,
            deviations=deviation,
            correlation=correlation,
        )
        for (slope, intercepts), mean, deviation, correlation in zip(
            own, means, (spread, spread * MORE_SPREAD), GROUP_CORRELATIONS, strict=True
        )
    )
    return TwoGroups(men=first, women=second, names=names, differences=gap)


def scores_of(slope: float, intercepts: Array) -> tuple[float, float]:
    """Mean and variance of an item's score over a standard normal: E X = sum of P(X >= k)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(81)
    weights = weights / weights.sum()
    at_least = 1 / (1 + np.exp(-(slope * nodes + intercepts[:, None])))
    # k^2 is the sum of the first k odd numbers.
    odd = 2 * np.arange(1, intercepts.size + 1) - 1
    mean = float(at_least.sum(axis=0) @ weights)
    return mean, float((odd @ at_least) @ weights) - mean**2


def _shift(pair: list[tuple[float, Array]], wanted: float) -> float:
    """What is added to one's intercepts and taken from the other's to get the wanted difference."""
    (slope, intercepts), (other, others) = pair
    low, high = -5.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        gap = scores_of(slope, intercepts + middle)[0] - scores_of(other, others - middle)[0]
        low, high = (middle, high) if gap < wanted else (low, middle)
    return (low + high) / 2


def answers_of(truth: Truth, rows: int, rng: np.random.Generator, *, missing: float = 0.0) -> Keyed:
    """Keyed answers (rows, J): as many boundaries as a logistic error lets a person pass.

    `missing` is the share of answers left out at random.
    """
    z = rng.standard_normal((rows, 2))
    z[:, 1] = truth.correlation * z[:, 0] + np.sqrt(1 - truth.correlation**2) * z[:, 1]
    theta = truth.means + truth.deviations * z
    reached = truth.slope * theta[:, truth.dimension_of]
    reached += rng.logistic(size=reached.shape)
    keyed: Keyed = (reached[:, :, None] + truth.intercepts > 0).sum(axis=2, dtype=np.int8)
    if missing > 0:
        keyed[rng.random(keyed.shape) < missing] = MISSING
    return keyed
