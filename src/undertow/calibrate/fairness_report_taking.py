"""All tests that a fairness report compares, taken by the same people; what came of them is left to its figures.

Two levers make four tests at each length: whether questions are balanced over what the bank asks
about, and whether answers count under figures of one's own group. Figures are fitted once a fold and
serve every test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.person import Gender
from undertow.calibrate.fairness_report_anchors import banks_by_rule
from undertow.calibrate.fairness_report_forms import FixedForm, form_standings
from undertow.calibrate.reliability import Standings
from undertow.calibrate.replay import Rows, Served
from undertow.calibrate.replay_taking import (
    Kind,
    Taken,
    figures_for,
    joined,
    order_of,
    standings_by,
    take,
)
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.measure.model import model_of
from undertow.measure.session import AdaptiveTest

LENGTHS = (8, 12, 16, 20, 28)
"""How many questions; those that a bank has no questions for are left out."""
SHORT, USUAL = 12, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One test: its length, which of the two levers it uses, and whether gender is hidden.

    `balance` spreads the questions and discounts near-duplicates; `by_group` scores with figures by
    group, of both equally where gender is hidden. With neither it is the plain test, with both the
    fair one. It always goes on to its full length. `gentle` are ids of items that may come first.
    """

    items: int
    balance: bool
    by_group: bool
    hidden: bool = False
    gentle: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def early_stop(self) -> bool:
        return False

    def test(self, bank: Bank, gender: str) -> AdaptiveTest:
        """The test of someone who states this gender: what people get, or that with other figures."""
        kind = Kind(items=self.items, early_stop=False, plain=not self.balance, gentle=self.gentle)
        test = kind.test(bank, gender)
        if self.balance == self.by_group:
            return test
        groups = figures_for(bank, gender) if self.by_group else ()
        model = model_of(bank, drift=False, groups=groups, discounts=self.balance)
        return replace(test, model=model)

    def stated(self, genders: NDArray[np.str_]) -> NDArray[np.str_]:
        """What people of these genders (N,) state; one set of figures asks nobody."""
        if self.by_group and not self.hidden:
            return genders
        return np.full(genders.shape, Gender.UNSTATED.value)


def lengths_of(bank: Bank) -> tuple[int, ...]:
    """Those of LENGTHS that leave some items unasked."""
    return tuple(length for length in LENGTHS if length < len(bank.items))


def usual_length(bank: Bank) -> int:
    """The length that most is told of: 20, or the longest that a small bank has."""
    return max(length for length in lengths_of(bank) if length <= USUAL)


def cells_at(items: int, *, gentle: frozenset[str] = frozenset()) -> tuple[Cell, ...]:
    """The tests of one length: of one set of figures, by group as stated, by group hidden."""
    return tuple(
        Cell(items=items, balance=balance, by_group=by_group, hidden=hidden, gentle=gentle)
        for by_group, hidden in ((False, False), (True, False), (True, True))
        for balance in (False, True)
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcomes:
    """Everything that N people's answers give: tests by cell, and the places they are held beside.

    `full` is from all answers by group, `blind` from all under one set of figures, `rests` from the
    answers that a test of the usual length did not ask for, by group. `rules` are as `full` with the
    groups laid where each anchor rule puts them. `forms` are of fixed forms, by form and whether
    figures are by group.
    """

    tests: Mapping[Cell, Taken]
    rests: Mapping[Cell, Standings]
    full: Standings
    blind: Standings
    rules: Mapping[str, Standings]
    forms: Mapping[tuple[str, bool], Standings]

    @staticmethod
    def joined(parts: Sequence[tuple[NDArray[np.intp], Outcomes]]) -> Outcomes:
        """Parts of the people as one, each with its people's places among all. Raises ShapeError."""
        order = order_of([rows for rows, _ in parts])
        found = [one for _, one in parts]
        first = found[0]
        return Outcomes(
            tests=MappingProxyType(
                {
                    cell: Taken.joined([one.tests[cell] for one in found], order)
                    for cell in first.tests
                }
            ),
            rests=MappingProxyType(
                {key: joined([one.rests[key] for one in found], order) for key in first.rests}
            ),
            full=joined([one.full for one in found], order),
            blind=joined([one.blind for one in found], order),
            rules=MappingProxyType(
                {key: joined([one.rules[key] for one in found], order) for key in first.rules}
            ),
            forms=MappingProxyType(
                {key: joined([one.forms[key] for one in found], order) for key in first.forms}
            ),
        )


def outcomes_of(
    own: Served,
    among: Rows,
    forms: Sequence[FixedForm],
    *,
    gentle: frozenset[str],
    mapper: Mapper = one_by_one,
) -> Outcomes:
    """All tests taken, and all places beside them, of the people whom one bank serves."""
    bank, people = own.bank, among.people
    shown, genders = people.shown[own.rows], people.gender[own.rows]
    usual = usual_length(bank)
    tests = {
        cell: take(cell, bank, shown, cell.stated(genders), mapper=mapper)
        for items in lengths_of(bank)
        for cell in cells_at(items, gentle=gentle)
    }
    training = among.sampled()[1] if own.training is None else own.training
    return Outcomes(
        tests=tests,
        rests={
            cell: standings_by(bank, shown, genders, leaving_out=taken.asked, mapper=mapper)
            for cell, taken in tests.items()
            if cell.items == usual
        },
        full=standings_by(bank, shown, genders, mapper=mapper),
        blind=standings_by(bank, shown, None, mapper=mapper),
        rules={
            rule: standings_by(laid, shown, genders, mapper=mapper)
            for rule, laid in banks_by_rule(bank, training, mapper=mapper).items()
        },
        forms={
            (form.name, by_group): form_standings(
                form, bank, shown, genders if by_group else None, mapper=mapper
            )
            for form in forms
            for by_group in (False, True)
        },
    )
