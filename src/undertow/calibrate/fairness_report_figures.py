"""Every figure of a fairness report with its error; taking the tests is left to `fairness_report_taking`.

All figures of one grouping are from the same draws of people, so that two tests' difference has the
error of a difference on the same people, and a figure equals what a replay of that test tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.calibrate.fairness_report_forms import FixedForm
from undertow.calibrate.fairness_report_taking import Cell, Outcomes, cells_at, usual_length
from undertow.calibrate.replay_figures import (
    Drawn,
    Mask,
    Placed,
    difference_coverage,
    figures_of,
    means_of,
    nested_coverage,
)
from undertow.calibrate.replay_people import People, PeopleGroups
from undertow.calibrate.replay_sections import (
    DIFFERENCE,
    GROUP_BLIND,
    NESTED,
    NOT_ASKED,
    RAW_SUM,
    OneWay,
    Section,
    on_metric,
)
from undertow.calibrate.workers import Mapper, one_by_one

Array = NDArray[np.float64]
Name = TypeVar("Name", bound="tuple[object, ...]")

SUM, ONE_SET, BY_GROUP = "sum", "one set", "by group"
"""How a fixed form is scored."""
_AT_ONCE = 24
"""Comparisons drawn together; what is prepared for each takes some megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mean:
    """Means by group and their standard errors over people; (G,) each."""

    value: Array
    se: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouped:
    """Figures by other groups: by cell and dimension, for the tests of the usual length."""

    groups: PeopleGroups
    sections: Mapping[tuple[Cell, int], Section]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """A report's figures for men and women, then those of other groups.

    `cells` by test and dimension, beside the standard that counts; the rest for tests of the usual
    length: `standards` by standard, test and dimension, `rules` by anchor rule, test and dimension,
    `forms` by form, way of scoring and dimension. `psd` are means by test and dimension; `exposure`
    the share of men and women who were asked each item, (J,), by test.
    """

    members: NDArray[np.bool_]
    cells: Mapping[tuple[Cell, int], Section]
    standards: Mapping[tuple[str, Cell, int], Section]
    rules: Mapping[tuple[str, Cell, int], Section]
    forms: Mapping[tuple[str, str, int], Section]
    others: tuple[Grouped, ...]
    psd: Mapping[tuple[Cell, int], Mean]
    exposure: Mapping[Cell, Array]


def told_of(items: int) -> tuple[Cell, Cell, Cell]:
    """The tests that most is told of: plain, fair with gender stated, fair with gender hidden."""
    return (
        Cell(items=items, balance=False, by_group=False),
        Cell(items=items, balance=True, by_group=True),
        Cell(items=items, balance=True, by_group=True, hidden=True),
    )


def figures_for_report(
    outcomes: Outcomes,
    people: People,
    bank: Bank,
    groups: PeopleGroups,
    *,
    others: Sequence[PeopleGroups] = (),
    forms: Sequence[FixedForm] = (),
    mapper: Mapper = one_by_one,
) -> Figures:
    """All figures; `groups` are men and women, `others` further groupings of the same people."""
    usual = usual_length(bank)
    inside: Mask = np.asarray(groups.members.any(axis=0))
    beside = _Beside(outcomes=outcomes, keyed=people.keyed[inside], bank=bank, inside=inside)
    members = groups.members[:, inside]

    def drawn(placed: Mapping[Name, Placed]) -> dict[Name, Mapping[str, Drawn]]:
        return _drawn(placed, members, mapper)

    cells = drawn(beside.standard(tuple(outcomes.tests)))
    return Figures(
        members=groups.members,
        cells=_with_plain(cells),
        standards={
            (name, *key): section
            for name, coverage in ((RAW_SUM, None), (GROUP_BLIND, NESTED), (NOT_ASKED, DIFFERENCE))
            for key, section in _with_plain(
                drawn(beside.other(name, cells_at(usual))), coverage
            ).items()
        },
        rules={
            (rule, *key): section
            for rule in outcomes.rules
            for key, section in _with_plain(drawn(beside.rule(rule, told_of(usual)))).items()
        },
        forms={
            key: Section(own=own, plain=None, coverage=NESTED if "coverage" in own else None)
            for key, own in drawn(dict(beside.forms(forms))).items()
        },
        others=tuple(_grouped(outcomes, people, bank, own, mapper) for own in others),
        psd={
            (cell, dimension): _mean(taken.places.psd[inside, dimension], members)
            for cell, taken in outcomes.tests.items()
            for dimension in range(len(DIMENSIONS))
        },
        exposure={
            cell: outcomes.tests[cell].asked[inside].mean(axis=0) for cell in cells_at(usual)
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Beside:
    """Which places are held beside which; everything is of the people `inside` (N,) some group."""

    outcomes: Outcomes
    keyed: NDArray[np.int8]
    bank: Bank
    inside: Mask

    def standard(self, cells: Sequence[Cell]) -> dict[tuple[Cell, int], Placed]:
        return {
            (cell, at): self._test(cell, at).beside(self._full(at), nested_coverage)
            for cell in cells
            for at in range(len(DIMENSIONS))
        }

    def other(self, name: str, cells: Sequence[Cell]) -> dict[tuple[Cell, int], Placed]:
        return {
            (cell, at): self._beside_other(name, cell, at)
            for cell in cells
            for at in range(len(DIMENSIONS))
        }

    def rule(self, rule: str, cells: Sequence[Cell]) -> dict[tuple[Cell, int], Placed]:
        return {
            (cell, at): self._test(cell, at).beside(
                OneWay.of(self.outcomes.rules[rule], self.inside, at), nested_coverage
            )
            for cell in cells
            for at in range(len(DIMENSIONS))
        }

    def forms(self, forms: Sequence[FixedForm]) -> Iterator[tuple[tuple[str, str, int], Placed]]:
        for form in forms:
            asked = form.asked(self.bank)
            for at in range(len(DIMENSIONS)):
                full = self._full(at)
                yield (
                    (form.name, SUM, at),
                    Placed(short=self._sums(at, asked, full), standard=full.mean),
                )
                for scored, by_group in ((ONE_SET, False), (BY_GROUP, True)):
                    own = OneWay.of(self.outcomes.forms[form.name, by_group], self.inside, at)
                    yield (form.name, scored, at), own.beside(full, nested_coverage)

    def _beside_other(self, name: str, cell: Cell, at: int) -> Placed:
        test = self._test(cell, at)
        if name == RAW_SUM:
            every = np.ones(len(self.bank.items), dtype=bool)
            return Placed(short=test.mean, standard=self._sums(at, every, self._full(at)))
        if name == GROUP_BLIND:
            return test.beside(OneWay.of(self.outcomes.blind, self.inside, at), nested_coverage)
        rest = OneWay.of(self.outcomes.rests[cell], self.inside, at)
        return test.beside(rest, difference_coverage)

    def _test(self, cell: Cell, at: int) -> OneWay:
        return OneWay.of(self.outcomes.tests[cell].places, self.inside, at)

    def _full(self, at: int) -> OneWay:
        return OneWay.of(self.outcomes.full, self.inside, at)

    def _sums(self, at: int, asked: Mask, full: OneWay) -> Array:
        own = asked & np.array([item.dimension == DIMENSIONS[at] for item in self.bank.items])
        return on_metric(self.keyed[:, own].sum(axis=1), full.mean)


def _drawn(
    placed: Mapping[Name, Placed], members: Mask, mapper: Mapper
) -> dict[Name, Mapping[str, Drawn]]:
    """`figures_of` a few comparisons at a time; each has the same draws."""
    names = list(placed)
    found: dict[Name, Mapping[str, Drawn]] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = {name: placed[name] for name in names[start : start + _AT_ONCE]}
        found |= figures_of(some, members, mapper=mapper)
    return found


def _with_plain(
    figures: Mapping[tuple[Cell, int], Mapping[str, Drawn]], coverage: str | None = NESTED
) -> Mapping[tuple[Cell, int], Section]:
    """Each test's figures with those of the plain test of its length."""

    def section(cell: Cell, at: int) -> Section:
        plain = replace(cell, balance=False, by_group=False, hidden=False)
        return Section(
            own=figures[cell, at],
            plain=None if plain == cell else figures[plain, at],
            coverage=coverage,
        )

    return MappingProxyType({key: section(*key) for key in figures})


def _grouped(
    outcomes: Outcomes, people: People, bank: Bank, groups: PeopleGroups, mapper: Mapper
) -> Grouped:
    inside: Mask = np.asarray(groups.members.any(axis=0))
    beside = _Beside(outcomes=outcomes, keyed=people.keyed[inside], bank=bank, inside=inside)
    placed = beside.standard(told_of(usual_length(bank)))
    return Grouped(
        groups=groups, sections=_with_plain(_drawn(placed, groups.members[:, inside], mapper))
    )


def _mean(values: Array, members: Mask) -> Mean:
    mean = means_of(values, members)
    spread = means_of(values**2, members) - mean**2
    return Mean(value=mean, se=np.sqrt(np.maximum(spread, 0.0) / members.sum(axis=1)))
