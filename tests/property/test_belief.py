"""Laws of person-fit and belief, for banks and answers that Hypothesis thinks of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.property.drawing import banks_and_answers

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.bank.responses import MISSING, Answer
from undertow.measure.belief import Verdict, believe, longest_run_against_keying, widened
from undertow.measure.grid import Grid
from undertow.measure.model import model_of
from undertow.measure.person_fit import answered_by, answered_set, person_fit
from undertow.measure.posterior import posterior

GRID = Grid(nodes=np.linspace(-7.0, 7.0, 36))
Taken = tuple[Bank, tuple[Answer, ...]]
TAKEN = banks_and_answers()


@given(TAKEN, st.randoms(use_true_random=False))
def test_the_order_changes_nothing_but_runs(taken: Taken, shuffling: st.DataObject) -> None:
    bank, answers = taken
    model = model_of(bank, grid=GRID)
    other = list(answers)
    shuffling.shuffle(other)  # type: ignore[attr-defined]
    one, two = (believe(answered_by(model, tuple(rows))) for rows in (answers, other))
    for first, second in ((one.fit.joint, two.fit.joint), (one.fit.tail, two.fit.tail)):
        assert (first is None) == (second is None)
        if first is not None:
            assert first == pytest.approx(second, abs=1e-6)
    assert one.same == two.same
    # With at most eight answers a run is a sign only if it is all of them, in any order.
    assert one.doubt == pytest.approx(two.doubt, rel=1e-6)


@given(TAKEN)
def test_figures_are_probabilities_and_the_place_stays_one(taken: Taken) -> None:
    bank, answers = taken
    model = model_of(bank, grid=GRID)
    belief = believe(answered_by(model, answers))
    assert 0 < belief.mostly < belief.doubt < 1
    assert belief.otherwise.sum() == pytest.approx(1.0)
    assert belief.otherwise.min() >= 0
    if belief.fit.tail is not None:
        assert 0 <= belief.fit.tail <= 1
    now = posterior(model, answers)
    wider = widened(now, belief)
    assert (wider is now) == (belief.verdict is Verdict.FINE)
    # The mixture's mean lies between the two it is mixed from.
    means = [
        [weights.sum(axis=1 - axis) @ GRID.nodes for weights in (now.weights, belief.otherwise)]
        for axis in range(len(DIMENSIONS))
    ]
    for place, (first, second) in zip(wider.estimate().mean, means, strict=True):
        assert min(first, second) - 1e-9 <= place <= max(first, second) + 1e-9


@given(TAKEN)
def test_groups_with_the_same_figures_are_as_one(taken: Taken) -> None:
    bank, answers = taken
    model = model_of(bank, grid=GRID)
    one = answered_by(model, answers)
    two = answered_set(
        [np.concatenate([table, table]) for table in one.tables],
        one.keyed,
        keying=one.keying,
        dimension_of=one.dimension_of,
        nodes=GRID.nodes,
        log_prior=model.log_prior,
        group_shares=np.array([0.2, 0.8]) if one.tables else None,
    )
    assert believe(two).doubt == pytest.approx(believe(one).doubt, rel=1e-9)
    fits = person_fit(one), person_fit(two)
    assert (fits[0].joint is None) == (not one.tables)
    if one.tables:
        assert fits[1].joint == pytest.approx(fits[0].joint, abs=1e-6)


@given(TAKEN)
def test_turning_every_item_round_changes_no_fit(taken: Taken) -> None:
    """Keying tells habits from content; the fit looks at content alone."""
    bank, answers = taken
    model = model_of(bank, grid=GRID)
    one = answered_by(model, answers)
    turned = answered_set(
        one.tables,
        one.keyed,
        keying=-one.keying,
        dimension_of=one.dimension_of,
        nodes=GRID.nodes,
        log_prior=model.log_prior,
        group_shares=one.group_shares,
    )
    assert person_fit(turned) == person_fit(one)


@given(TAKEN)
def test_a_run_is_no_longer_than_the_answers_and_never_of_one(taken: Taken) -> None:
    bank, answers = taken
    told = [answer for answer in answers if answer.category != MISSING]
    run = longest_run_against_keying(answered_by(model_of(bank, grid=GRID), answers))
    assert run == 0 or 2 <= run <= len(told)
