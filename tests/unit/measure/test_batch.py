"""Many people's sittings at once are the sittings that each would have alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.adapted_bank import drifting
from tests.fair_bank import fair_bank
from tests.made_up_bank import large_bank, small_bank

from undertow.bank.calibrated import Bank
from undertow.bank.person import Gender
from undertow.bank.responses import MISSING, Answer
from undertow.errors import ShapeError
from undertow.measure.batch import REASONS, batch_sittings, batch_standings, keyed_rows
from undertow.measure.fair import Length, fair_test, plain_test, rule_of
from undertow.measure.grid import Grid
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior
from undertow.measure.session import AdaptiveTest, Ask, Session
from undertow.measure.simulate import draw_population, simulate_categories
from undertow.measure.stop import StopReason, StopRule

PEOPLE = 40
CLOSE = 1e-12

TESTS = {
    "plain": plain_test(fair_bank()),
    "man": fair_test(fair_bank(), gender=Gender.MAN, gentle=frozenset({"a18", "v18"})),
    "unstated": fair_test(fair_bank()),
    "adapted": fair_test(drifting(fair_bank())),
    "short": fair_test(fair_bank(), rule=rule_of(fair_bank(), Length.SHORT)),
    "full": fair_test(fair_bank(), rule=rule_of(fair_bank(), Length.FULL)),
}


def made_up(test: AdaptiveTest, people: int = PEOPLE) -> NDArray[np.int8]:
    """Answers as the model says, some missing, and a few people who tap at random or at one end."""
    rng = np.random.default_rng(20261124)
    rows = simulate_categories(test.model, draw_population(test.model, people, rng), rng)
    rows[rng.random(rows.shape) < 0.08] = MISSING
    rows[:4] = rng.integers(0, 5, (4, rows.shape[1]))
    rows[4], rows[5], rows[6] = 0, 4, MISSING
    return rows


def sitting(test: AdaptiveTest, row: NDArray[np.int8]) -> tuple[Session, StopReason]:
    """One question after the other, answered from the row."""
    session, at = Session(test=test), {item.id: n for n, item in enumerate(test.model.bank.items)}
    while isinstance(step := session.step(), Ask):
        answer = Answer(item_id=step.item_id, category=int(row[at[step.item_id]]))
        session = Session(test=test, answers=(*session.answers, answer))
    return session, step.reason


@pytest.mark.parametrize("name", TESTS)
def test_the_same_questions_reasons_and_places(name: str) -> None:
    test = TESTS[name]
    rows = made_up(test, 12 if name == "full" else PEOPLE)
    done = batch_sittings(test, rows)

    for number, row in enumerate(rows):
        session, reason = sitting(test, row)
        asked = [test.model.index(answer.item_id) for answer in session.answers]
        estimate = session.posterior().estimate()
        order = done.order[number]
        assert order[order >= 0].tolist() == asked
        assert np.flatnonzero(done.asked[number]).tolist() == sorted(asked)
        assert done.items[number] == len(asked)
        assert REASONS[done.reasons[number]] is reason
        assert done.mean[number].tolist() == pytest.approx(estimate.mean.tolist(), abs=CLOSE)
        assert done.psd[number].tolist() == pytest.approx(estimate.psd.tolist(), abs=CLOSE)


@pytest.mark.parametrize("name", ["plain", "unstated"])
def test_without_early_stop_only_the_length_ends_a_sitting(name: str) -> None:
    test = TESTS[name]
    rows = made_up(test)
    early, late = (batch_sittings(test, rows, early_stop=stop) for stop in (True, False))

    assert late.items.tolist() == [20] * PEOPLE
    assert {REASONS[n] for n in late.reasons} == {StopReason.LENGTH}
    assert early.items.mean() < 20
    for number in range(PEOPLE):
        # The same as a rule that is never satisfied.
        never = AdaptiveTest(model=test.model, rule=StopRule(psd=1e-6), balance=test.balance)
        session, _ = sitting(never, rows[number])
        assert late.order[number].tolist() == [
            test.model.index(answer.item_id) for answer in session.answers
        ]


def test_a_bank_smaller_than_the_length_runs_out() -> None:
    test = plain_test(small_bank(), rule=StopRule(psd=0.01))
    done = batch_sittings(test, np.ones((3, 6), dtype=np.int8), early_stop=False)

    assert {REASONS[n] for n in done.reasons} == {StopReason.EXHAUSTED}
    assert np.sort(done.order, axis=1).tolist() == [list(range(6))] * 3


def test_people_beside_each_other_have_no_say_in_each_other_s_sitting() -> None:
    # More people than are worked on at once, alone and together.
    test = TESTS["unstated"]
    rows = np.tile(made_up(test, 30), (20, 1))
    together, alone = batch_sittings(test, rows), batch_sittings(test, rows[:30])

    assert np.array_equal(together.order, np.tile(alone.order, (20, 1)))
    assert np.abs(together.mean - np.tile(alone.mean, (20, 1))).max() < CLOSE
    assert np.array_equal(together.reasons, np.tile(alone.reasons, 20))


def test_nobody_is_a_batch_too() -> None:
    done = batch_sittings(TESTS["plain"], np.zeros((0, 36), dtype=np.int8))
    mean, psd = batch_standings(TESTS["plain"].model, np.zeros((0, 36), dtype=np.int8))

    assert (done.order.shape, done.items.size, mean.shape, psd.shape) == (
        (0, 20),
        0,
        (0, 2),
        (0, 2),
    )


@pytest.mark.parametrize("name", ["plain", "man", "unstated", "adapted"])
def test_standings_are_the_posterior_s_from_every_answer(name: str) -> None:
    model = TESTS[name].model
    rows = made_up(TESTS[name])
    mean, psd = batch_standings(model, rows)

    for number, row in enumerate(rows):
        answers = tuple(
            Answer(item_id=item.id, category=int(category))
            for item, category in zip(model.bank.items, row, strict=True)
        )
        estimate = posterior(model, answers).estimate()
        assert mean[number].tolist() == pytest.approx(estimate.mean.tolist(), abs=CLOSE)
        assert psd[number].tolist() == pytest.approx(estimate.psd.tolist(), abs=CLOSE)


def test_categories_are_turned_by_keying_once() -> None:
    # In the small bank a2 and v3 are reversed, of three categories.
    rows = np.array([[0, 0, 0, 2, 1, 2], [1, MISSING, MISSING, 0, 0, 1]], dtype=np.int8)

    assert keyed_rows(model_of(small_bank()), rows).tolist() == [
        [0, 0, 2, 2, 1, 0],
        [1, MISSING, MISSING, 0, 0, 1],
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (np.full((2, 6), 3), "answers must be 0..K-1"),
        (np.full((2, 6), -2), "answers must be 0..K-1"),
        (np.zeros((2, 5)), r"answers must be \(N, 6\)"),
        (np.zeros(6), r"answers must be \(N, 6\)"),
    ],
)
def test_rows_that_cannot_be(rows: NDArray[np.int8], says: str) -> None:
    bank: Bank = small_bank()
    for take in (
        lambda: batch_sittings(plain_test(bank), rows.astype(np.int8)),
        lambda: batch_standings(model_of(bank), rows.astype(np.int8)),
    ):
        with pytest.raises(ShapeError, match=says):
            take()


def test_a_grid_that_cuts_someone_off_is_told() -> None:
    narrow = model_of(large_bank(), grid=Grid(nodes=np.linspace(-1.5, 1.5, 31)))

    with pytest.raises(ShapeError, match="cuts a posterior off"):
        batch_standings(narrow, np.full((1, 36), 4, dtype=np.int8))
