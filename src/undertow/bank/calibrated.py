"""Items with their parameters and where those came from; fitting them is left to `calibrate`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from undertow.bank.drift import CarriedDrift, WordingDrift
from undertow.bank.fairness import FairnessRange
from undertow.bank.item import DIMENSIONS, Dimension, Instrument, Keying
from undertow.bank.norms import Norm
from undertow.errors import InstrumentError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """An item's slope and intercepts for one stated group, on the metric that the groups share.

    That metric's origin and unit are the mean and SD of the groups' mixture.
    """

    group: str
    slope: float
    intercepts: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedItem:
    """P(X >= k) = logistic(slope * theta + intercepts[k-1]), k = 1..K-1, after keying.

    `adapts` names the item whose answers the figures come from, where it was worded otherwise;
    `facet` the part of its dimension that it asks about, where that is known.
    `by_group` has the same figures for stated groups, beside those for everyone; empty where groups
    were not compared. An item that works alike has equal ones in all groups.
    Raises InstrumentError for a slope that is not positive and for disordered intercepts.
    Source: samejima1969.
    """

    id: str
    dimension: Dimension
    keying: Keying
    slope: float
    intercepts: tuple[float, ...]
    adapts: str | None = None
    facet: str | None = None
    by_group: tuple[GroupFigures, ...] = ()

    def __post_init__(self) -> None:
        self._check(self.slope, self.intercepts)
        for figures in self.by_group:
            self._check(figures.slope, figures.intercepts, f" for {figures.group}")
            if len(figures.intercepts) != len(self.intercepts):
                raise InstrumentError(
                    file="bank", key=self.id, rule=f"intercepts for {figures.group} must be as many"
                )

    def _check(self, slope: float, intercepts: tuple[float, ...], whose: str = "") -> None:
        if not (np.isfinite(slope) and slope > 0):
            raise InstrumentError(
                file="bank", key=self.id, rule=f"slope{whose} must be a positive number"
            )
        if not intercepts or not np.all(np.isfinite(intercepts)):
            raise InstrumentError(
                file="bank", key=self.id, rule=f"intercepts{whose} must be numbers"
            )
        if np.any(np.diff(intercepts) >= 0):
            raise InstrumentError(
                file="bank",
                key=self.id,
                rule=f"intercepts{whose} must fall strictly from first to last",
            )

    @property
    def categories(self) -> int:
        return len(self.intercepts) + 1

    @property
    def thresholds(self) -> tuple[float, ...]:
        """b_k = -intercepts[k] / slope, for reports."""
        return tuple(-d / self.slope for d in self.intercepts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DependentPair:
    """Two items of one dimension that go together more than theta explains.

    `dependence` is the correlation of their scores on theta at equal theta, 0 to 1.
    """

    first: str
    second: str
    dependence: float

    def __post_init__(self) -> None:
        # Written so that a figure that is not a number fails too.
        if self.first == self.second or not 0 <= self.dependence < 1:
            raise InstrumentError(
                file="bank", key="pairs", rule="needs two items and a dependence from 0 to below 1"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bank:
    """Calibrated items, the correlation of the dimensions, borders, norms and provenance.

    theta is in SD of the named reference population: mean 0, variance 1, `correlation` between
    the dimensions. `borders` are the pooled medians, anxiety first. `pairs` are items that go
    together more than theta explains. `group_correlation` goes with the items' figures by group.
    `drift` is how far figures were found to move with wording, `fairness` how far men and women are
    apart by what is taken as the yardstick; None where that was not estimated. `provenance` is the
    part of the bank file that no computation needs: sample, fit, licence, source, recipe, dates.
    """

    id: str
    items: tuple[CalibratedItem, ...]
    correlation: float
    borders: tuple[float, float]
    norms: tuple[Norm, ...]
    checksum: str
    pairs: tuple[DependentPair, ...] = ()
    group_correlation: float | None = None
    drift: WordingDrift | None = None
    fairness: FairnessRange | None = None
    provenance: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not -1 < self.correlation < 1:
            raise InstrumentError(
                file="bank", key="correlation", rule="must lie between -1 and 1, ends excluded"
            )
        if not np.all(np.isfinite(self.borders)):
            raise InstrumentError(file="bank", key="borders", rule="must be numbers")
        if len({item.id for item in self.items}) != len(self.items):
            raise InstrumentError(file="bank", key="items", rule="an id is there twice")
        if len({tuple(one.group for one in item.by_group) for item in self.items}) > 1:
            raise InstrumentError(
                file="bank", key="items", rule="figures by group are for other groups in some items"
            )
        if self.groups and not (
            self.group_correlation is not None and -1 < self.group_correlation < 1
        ):
            raise InstrumentError(
                file="bank",
                key="by_group",
                rule="figures by group need a correlation between -1 and 1, ends excluded",
            )
        dimension_of = {item.id: item.dimension for item in self.items}
        for pair in self.pairs:
            own = [dimension_of.get(name) for name in (pair.first, pair.second)]
            if None in own or own[0] != own[1]:
                raise InstrumentError(
                    file="bank", key="pairs", rule="must name two items of one dimension"
                )
        if len({frozenset((pair.first, pair.second)) for pair in self.pairs}) != len(self.pairs):
            raise InstrumentError(file="bank", key="pairs", rule="names a pair twice")
        for dimension in DIMENSIONS:
            if not any(item.dimension == dimension for item in self.items):
                raise InstrumentError(
                    file="bank", key="items", rule=f"none belongs to {dimension.value}"
                )

    @property
    def groups(self) -> tuple[str, ...]:
        """The stated groups that every item has figures for; empty where none were compared."""
        return tuple(one.group for one in self.items[0].by_group) if self.items else ()

    @property
    def carried_drift(self) -> CarriedDrift | None:
        """What scoring widens adapted items by; None where all words are those that were answered."""
        if self.drift is None or all(item.adapts is None for item in self.items):
            return None
        return self.drift.carried


def adapted_bank(bank: Bank, instrument: Instrument) -> Bank:
    """The bank with each item's figures standing for the instrument's item that adapts it.

    Such an item is marked as adapted, so scoring widens it by the bank's drift. Items come in the
    instrument's order and ask about the facets that it names; pairs go with their items. Raises
    InstrumentError when an adapted item is not in the bank, or when its keying, dimension or number
    of categories differ.
    """
    by_id = {item.id: item for item in bank.items}
    adapted = []
    for item in instrument.scored_items:
        origin = by_id.get(item.adapts or item.id)
        if origin is None:
            raise InstrumentError(
                file=instrument.file,
                key=item.id,
                rule=f"adapts '{item.adapts or item.id}', which bank '{bank.id}' does not have",
            )
        if (origin.dimension, origin.keying) != (item.dimension, item.keying):
            raise InstrumentError(
                file=instrument.file,
                key=item.id,
                rule=f"differs in dimension or keying from '{origin.id}' of bank '{bank.id}'",
            )
        if origin.categories != len(instrument.categories):
            raise InstrumentError(
                file=instrument.file,
                key="categories",
                rule=f"bank '{bank.id}' has {origin.categories} for '{origin.id}'",
            )
        adapted.append(
            replace(origin, id=item.id, adapts=item.adapts, facet=item.facet or origin.facet)
        )
    here = {item.adapts or item.id: item.id for item in instrument.scored_items}
    pairs = tuple(
        replace(pair, first=here[pair.first], second=here[pair.second])
        for pair in bank.pairs
        if pair.first in here and pair.second in here
    )
    return replace(bank, items=tuple(adapted), pairs=pairs)
