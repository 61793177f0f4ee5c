"""Item parameters by group for the items that need them, whole tables on one metric, as a value and as JSON.

Which items differ is tested in `dif`; scoring with these tables is left to `measure`.

One fit gives all of it: items that need it are free, all others equal, and each group's table holds
every item, so that nobody can put items of two fits, or of two metrics, side by side. The metric is
that of the groups mixed, mean 0 and variance 1, and one prior serves all: a group's own mean and
spread are told as facts about the group and never pull a person towards it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.anchors import SMALL_DIFFERENCE, Mask, with_least
from undertow.calibrate.comparison import Comparison
from undertow.calibrate.dif import ALPHA, EffectClass, ItemDif
from undertow.calibrate.groups import GroupParameters, pooled_correlation, shares_of
from undertow.calibrate.likelihood import Sides, dimensions_of
from undertow.calibrate.multigroup import fit_groups
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ShapeError

Array = NDArray[np.float64]

METRIC = "theta in SD of the groups mixed by their numbers here: mean 0, variance 1"
_EXACT = 1e-6
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ByGroup:
    """Each group's whole table of items, of which only the `differing` ones differ between groups.

    `parameters` hold slope (G, J), intercepts (G, J, K-1) and latent moments; `shares` (G,) are the
    groups' shares of the rows, `correlation` that of the one prior N(0, 1) for everyone. Raises
    ShapeError for parts that do not fit and for groups whose mixture is not on the metric.
    """

    names: tuple[str, ...]
    items: tuple[str, ...]
    differing: NDArray[np.intp]
    parameters: GroupParameters
    shares: Array
    correlation: float

    def __post_init__(self) -> None:
        own = self.parameters
        groups, count = len(self.names), len(self.items)
        if own.slope.shape != (groups, count) or self.shares.shape != (groups,):
            raise ShapeError("by-group tables need a row for each group and a column for each item")
        equal = np.setdiff1d(np.arange(count), self.differing)
        if np.ptp(own.slope[:, equal], axis=0).any() or np.ptp(own.intercepts[:, equal], 0).any():
            raise ShapeError("items that do not differ must have the same parameters in all groups")
        if not own.ordered():
            raise ShapeError("slopes must be positive and intercepts must fall")
        means = np.stack([one.means for one in own.latents])
        squares = np.stack([one.deviations for one in own.latents]) ** 2 + means**2
        far = np.abs(self.shares @ means).max(), np.abs(self.shares @ squares - 1).max()
        if max(far) > _EXACT:
            raise ShapeError(f"groups must be on the metric: {METRIC}")

    def as_table(self, words: Sequence[str] | None = None) -> dict[str, object]:
        """The figures as JSON can hold them: `groups` with every item's slope and intercepts.

        `words` are the groups' names for programs.
        """
        used = [at for at in (0, 1) if self._has_moments(at)]
        return {
            "metric": METRIC,
            "prior_correlation": round(self.correlation, _DIGITS),
            "differing_items": [self.items[item] for item in self.differing],
            "groups": {
                name: {
                    "share": round(float(self.shares[group]), _DIGITS),
                    "mean": _rounded(self.parameters.latents[group].means[used]),
                    "deviation": _rounded(self.parameters.latents[group].deviations[used]),
                    "items": self._items(group),
                }
                for group, name in enumerate(self.names if words is None else words)
            },
        }

    def _items(self, group: int) -> Mapping[str, object]:
        return {
            item: {
                "slope": round(float(self.parameters.slope[group, at]), _DIGITS),
                "intercepts": _rounded(self.parameters.intercepts[group, at]),
            }
            for at, item in enumerate(self.items)
        }

    def _has_moments(self, dimension: int) -> bool:
        """Whether a dimension is there: one without items is standard in every group."""
        return any(
            (one.means[dimension], one.deviations[dimension]) != (0, 1)
            for one in self.parameters.latents
        )


def needs_own(difs: Sequence[ItemDif]) -> Mask:
    """Which items get parameters by group; (J,).

    Those whose class is not negligible, and those that differ significantly by more than .05 SD of
    their score: one such item is a trifle, but a short test picks several that lean the same way.
    """
    return np.array(
        [
            one.effect_class is not EffectClass.NEGLIGIBLE
            or (one.p_adjusted <= ALPHA and abs(one.standardised) > SMALL_DIFFERENCE)
            for one in difs
        ]
    )


def fit_by_group(
    comparison: Comparison,
    difs: Sequence[ItemDif],
    sides: Sequence[Sides],
    *,
    differing: Mask | None = None,
    mapper: Mapper = one_by_one,
) -> ByGroup:
    """The fit in which the items that need it are free, or those of `differing` (J,), and all else equal.

    Where a dimension would be left with fewer than two equal items, the two that differ least stay.
    Raises ConvergenceError when the fit does not settle.
    """
    dimension_of = dimensions_of(sides[0])
    wanted = needs_own(difs) if differing is None else differing
    common = with_least(~wanted, np.array([one.standardised for one in difs]), dimension_of)
    start = comparison.chosen.fit.parameters
    fit = fit_groups(sides, _equal_where(start, common), common, mapper=mapper)
    shares = shares_of(sides)
    return ByGroup(
        names=comparison.names,
        items=comparison.items,
        differing=np.flatnonzero(~common),
        parameters=fit.parameters,
        shares=shares,
        correlation=pooled_correlation(fit.parameters, shares),
    )


def _equal_where(start: GroupParameters, common: Mask) -> GroupParameters:
    slope, intercepts = start.slope.copy(), start.intercepts.copy()
    slope[:, common] = slope[:, common].mean(axis=0)
    intercepts[:, common] = intercepts[:, common].mean(axis=0)
    return GroupParameters(slope=slope, intercepts=intercepts, latents=start.latents)


def _rounded(values: Array) -> list[float]:
    return [round(float(value), _DIGITS) for value in values]
