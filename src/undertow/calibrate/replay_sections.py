"""Which of a test's places are held beside which standard's; the figures are left to `replay_figures`.

The standard that counts has all answers in it, those of the test among them, under parameters of the
same kind. So the same is told against others: the raw sum, places that know no group, and places from
the items that were not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.calibrate.reliability import Standings
from undertow.calibrate.replay_figures import (
    Drawn,
    Mask,
    Placed,
    difference_coverage,
    figures_of,
    nested_coverage,
)
from undertow.calibrate.replay_taking import Outcome
from undertow.calibrate.workers import Mapper, one_by_one

Array = NDArray[np.float64]
Figures = Mapping[str, Drawn]

GROUP_AWARE = "group_aware"
RAW_SUM, GROUP_BLIND, NOT_ASKED = "raw_sum", "group_blind", "items_not_asked"
NESTED, DIFFERENCE = "nested_coverage_95", "difference_coverage_95"
_COVERAGES: Mapping[str, str | None] = MappingProxyType(
    {GROUP_AWARE: NESTED, RAW_SUM: None, GROUP_BLIND: NESTED, NOT_ASKED: DIFFERENCE}
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """One test against one standard on one dimension.

    `own` are the figures, `plain` the same of the plain test on the same people, None where the test
    is plain itself. `coverage` is what the figure of that name is called, None where there is none.
    """

    own: Figures
    plain: Figures | None
    coverage: str | None

    @property
    def gap(self) -> Drawn | None:
        """Found in the second group less found in the first, in percentage points; None if not of two."""
        return _gap(self.own)

    def against_plain(self, figure: str) -> Against | None:
        """A figure against that of the plain test, by group."""
        if self.plain is None:
            return None
        return _against(self.own[figure], self.plain[figure])

    @property
    def gap_against_plain(self) -> Against | None:
        """The gap against that of the plain test."""
        own, plain = self.gap, None if self.plain is None else _gap(self.plain)
        return None if own is None or plain is None else _against(own, plain)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Against:
    """A figure against the `plain` test's on the same people.

    `difference` is this less plain. `improvement` is |plain| - |this|: how much nearer to none at all
    this one is, whichever way either of them leans.
    """

    plain: Drawn
    difference: Drawn
    improvement: Drawn


def _against(own: Drawn, plain: Drawn) -> Against:
    return Against(plain=plain, difference=own.less(plain), improvement=own.nearer_zero_than(plain))


def _gap(figures: Figures) -> Drawn | None:
    found = figures["found"].rows
    if found.shape[1] != 2:
        return None
    return Drawn(rows=100 * (found[:, [1]] - found[:, [0]]))


def sections_of(
    outcome: Outcome,
    keyed: NDArray[np.int8],
    bank: Bank,
    members: Mask,
    *,
    mapper: Mapper = one_by_one,
) -> dict[str, dict[str, Section]]:
    """Figures by standard and dimension, all from the same draws of people.

    `keyed` (N, J) are the answers, `members` (G, N) the groups. Who is in no group is left out, and
    the cuts are those of all groups together. A test that asked everything left no items, so that
    standard is then not there.
    """
    pooled: Mask = np.asarray(members.any(axis=0))
    keyed = keyed[pooled]
    dimension_of = np.array([DIMENSIONS.index(item.dimension) for item in bank.items])
    placed: dict[tuple[str, int, int], Placed] = {}
    for dimension in range(len(DIMENSIONS)):
        full = OneWay.of(outcome.full, pooled, dimension)
        blind = OneWay.of(outcome.blind, pooled, dimension)
        sums = on_metric(keyed[:, dimension_of == dimension].sum(axis=1), full.mean)
        for test, taken in enumerate(outcome.tests):
            short = OneWay.of(taken.places, pooled, dimension)
            placed[GROUP_AWARE, dimension, test] = short.beside(full, nested_coverage)
            placed[RAW_SUM, dimension, test] = Placed(short=short.mean, standard=sums)
            placed[GROUP_BLIND, dimension, test] = short.beside(blind, nested_coverage)
            if not outcome.all_asked:
                rest = OneWay.of(outcome.rests[test], pooled, dimension)
                placed[NOT_ASKED, dimension, test] = short.beside(rest, difference_coverage)
    figures = figures_of(placed, members[:, pooled], mapper=mapper)
    return {
        standard: {
            word.value: Section(
                own=figures[standard, dimension, 0],
                plain=figures.get((standard, dimension, 1)),
                coverage=coverage,
            )
            for dimension, word in enumerate(DIMENSIONS)
        }
        for standard, coverage in _COVERAGES.items()
        if (standard, 0, 0) in figures
    }


def on_metric(sums: NDArray[np.int64], full: Array) -> Array:
    """Sums of answers moved and stretched to the mean and SD of `full`, over everyone here; (N,)."""
    spread = float(sums.std())
    scaled: Array = full.mean() + (sums - sums.mean()) * (full.std() / spread if spread else 0.0)
    return scaled


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OneWay:
    """Means and psd on one dimension; (N,) each."""

    mean: Array
    psd: Array

    @classmethod
    def of(cls, places: Standings, people: Mask, dimension: int) -> OneWay:
        """Of those `people` (N,) who are to be looked at."""
        return cls(mean=places.means[people, dimension], psd=places.psd[people, dimension])

    def beside(
        self, standard: OneWay, coverage: Callable[[Array, Array, Array, Array], Mask]
    ) -> Placed:
        """A test's, held beside a standard's."""
        covered = coverage(self.mean, self.psd, standard.mean, standard.psd)
        return Placed(short=self.mean, standard=standard.mean, covered=covered)
