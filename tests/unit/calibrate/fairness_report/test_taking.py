"""Which test each cell is, who states what, and that a fold's parts come together as they should."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.calibrate.fairness_report.conftest import Told, faceted_bank

from undertow.bank.person import Gender
from undertow.bank.responses import Answer
from undertow.calibrate.fairness_report import FairnessReport
from undertow.calibrate.fairness_report_taking import (
    LENGTHS,
    Cell,
    Outcomes,
    cells_at,
    lengths_of,
    usual_length,
)
from undertow.calibrate.reliability import Standings
from undertow.calibrate.replay_taking import Kind, Taken
from undertow.errors import ShapeError
from undertow.measure.balance import balance_of
from undertow.measure.fair import rule_of
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior
from undertow.measure.session import AdaptiveTest, Ask, Session, advance
from undertow.measure.stop import StopRule


def test_two_levers_make_four_tests_and_hiding_gender_two_more() -> None:
    cells = cells_at(20)
    assert len(set(cells)) == 6
    assert {(cell.balance, cell.by_group) for cell in cells if not cell.hidden} == {
        (False, False), (False, True), (True, False), (True, True)
    }  # fmt: skip
    # One set of figures asks nobody, so there is nothing to hide.
    assert all(cell.by_group for cell in cells if cell.hidden)
    assert not any(cell.early_stop for cell in cells)


@pytest.mark.parametrize("gender", ["man", "woman", "unstated"])
@pytest.mark.parametrize("cell", cells_at(12), ids=str)
def test_a_cell_uses_the_levers_that_it_says(cell: Cell, gender: str) -> None:
    bank = faceted_bank()
    test = cell.test(bank, gender)
    groups = () if not cell.by_group else ((gender,) if gender != "unstated" else bank.groups)
    assert test.model.groups == groups
    assert (test.balance is not None) == cell.balance
    assert (test.model.dependence is not None) == cell.balance
    assert test.rule.most == 12


@pytest.mark.parametrize("plain", [True, False])
def test_neither_lever_and_both_are_what_a_replay_takes(plain: bool) -> None:
    bank = faceted_bank()
    gentle = frozenset({"v3"})
    cell = Cell(items=12, balance=not plain, by_group=not plain, gentle=gentle)
    kind = Kind(items=12, early_stop=False, plain=plain, gentle=gentle)
    own, other = cell.test(bank, Gender.WOMAN.value), kind.test(bank, Gender.WOMAN.value)
    assert np.array_equal(own.model.tables, other.model.tables)
    assert (own.balance is None) == (other.balance is None)
    if own.balance is not None and other.balance is not None:
        assert np.array_equal(own.balance.gentle, other.balance.gentle)


def test_hidden_and_one_set_of_figures_state_nothing() -> None:
    genders = np.array(["man", "woman", "other"])
    stated, hidden, one_set = (
        Cell(items=12, balance=True, by_group=by_group, hidden=hidden)
        for by_group, hidden in ((True, False), (True, True), (False, False))
    )
    assert stated.stated(genders).tolist() == genders.tolist()
    for cell in (hidden, one_set):
        assert cell.stated(genders).tolist() == ["unstated"] * 3


def test_lengths_leave_something_unasked() -> None:
    bank = faceted_bank()
    assert lengths_of(bank) == (8, 12, 16)
    assert usual_length(bank) == 16
    assert 20 in LENGTHS


@pytest.mark.parametrize("by_group", [False, True], ids=["balance only", "by group only"])
def test_one_lever_alone_is_the_test_answered_question_by_question(
    told: Told, by_group: bool
) -> None:
    bank, people = told.bank, told.report.rows.people
    at = int(np.flatnonzero(people.gender == "man")[3])
    model = model_of(bank, drift=False, groups=("man",) if by_group else (), discounts=not by_group)
    test = AdaptiveTest(
        model=model,
        rule=StopRule(psd=1e-6, most=12, borders=rule_of(bank).borders),
        balance=None if by_group else balance_of(bank, most=12, gentle=frozenset({"a5"})),
    )
    session = Session(test=test)
    while isinstance(step := session.step(), Ask):
        category = int(people.shown[at][model.index(step.item_id)])
        session = advance(session, Answer(item_id=step.item_id, category=category))
    cell = Cell(items=12, balance=not by_group, by_group=by_group)
    taken = told.report.outcomes.tests[cell]
    asked = [item.id for item, was in zip(bank.items, taken.asked[at], strict=True) if was]
    assert sorted(asked) == sorted(one.item_id for one in session.answers)
    estimate = session.posterior().estimate()
    assert taken.places.means[at] == pytest.approx(estimate.mean, abs=1e-9)
    assert taken.places.psd[at] == pytest.approx(estimate.psd, abs=1e-9)


def test_rests_are_from_what_was_not_asked(told: Told) -> None:
    bank, people, outcomes = told.bank, told.report.rows.people, told.report.outcomes
    at = int(np.flatnonzero(people.gender == "woman")[5])
    cell = Cell(items=16, balance=False, by_group=False)
    answers = tuple(
        Answer(item_id=item.id, category=int(category))
        for item, category, asked in zip(
            bank.items, people.shown[at], outcomes.tests[cell].asked[at], strict=True
        )
        if not asked
    )
    assert len(answers) == 2
    rest = posterior(model_of(bank, groups=("woman",)), answers).estimate()
    assert outcomes.rests[cell].means[at] == pytest.approx(rest.mean, abs=1e-9)
    assert set(outcomes.rests) == set(cells_at(16))


def test_parts_come_together_in_everyones_order(report: FairnessReport) -> None:
    whole = report.outcomes
    rows = np.random.default_rng(3).permutation(report.rows.people.count)
    parts = [np.sort(rows[:400]), np.sort(rows[400:])]

    def some(places: Standings, own: NDArray[np.intp]) -> Standings:
        return Standings(means=places.means[own], psd=places.psd[own])

    def part(own: NDArray[np.intp]) -> Outcomes:
        return Outcomes(
            tests={
                cell: Taken(
                    asked=one.asked[own],
                    places=some(one.places, own),
                    reasons=one.reasons[own],
                )
                for cell, one in whole.tests.items()
            },
            rests={cell: some(one, own) for cell, one in whole.rests.items()},
            full=some(whole.full, own),
            blind=some(whole.blind, own),
            rules={rule: some(one, own) for rule, one in whole.rules.items()},
            forms={},
        )

    again = Outcomes.joined([(own, part(own)) for own in parts])
    for cell, taken in whole.tests.items():
        assert np.array_equal(again.tests[cell].asked, taken.asked)
        assert np.array_equal(again.tests[cell].places.means, taken.places.means)
    for rule, places in whole.rules.items():
        assert np.array_equal(again.rules[rule].psd, places.psd)
    with pytest.raises(ShapeError, match="just one part"):
        Outcomes.joined([(parts[0], part(parts[0])), (parts[0], part(parts[0]))])
