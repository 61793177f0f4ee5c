"""Laws of a sitting from the first question to the reason it ends; wrong answers are left to
`test_wrong_answers`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.drawing import banks, hundredths

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.bank.responses import MISSING, Answer
from undertow.errors import NotReady, ResponseError
from undertow.measure.model import model_of
from undertow.measure.session import AdaptiveTest, Ask, Session, Stop, advance, back, resume
from undertow.measure.stop import StopReason, StopRule


@dataclass(frozen=True)
class Walk:
    """A sitting from start to end: every session on the way, the last one stopped."""

    bank: Bank
    rule: StopRule
    sessions: tuple[Session, ...]
    reason: StopReason

    @property
    def last(self) -> Session:
        return self.sessions[-1]


@st.composite
def rules(draw: st.DrawFn) -> StopRule:
    least = draw(st.integers(1, 3))
    return StopRule(
        psd=draw(hundredths(0.2, 0.95)), least=least, most=2 * least + draw(st.integers(0, 4))
    )


@st.composite
def walks(draw: st.DrawFn, *, fewest: int = 1, most: int = 4, missing: bool = True) -> Walk:
    """A person who taps anything, and leaves out a question now and then (or never)."""
    bank, rule = draw(banks(fewest=fewest, most=most)), draw(rules())
    sessions = [Session(test=AdaptiveTest(model=model_of(bank), rule=rule))]
    # More turns than there are items: a sitting that asks for ever shows as a failure here.
    for _ in range(len(bank.items) + 1):
        step = sessions[-1].step()
        if isinstance(step, Stop):
            return Walk(bank, rule, tuple(sessions), step.reason)
        categories = sessions[-1].test.model.item(step.item_id).categories
        category = draw(st.integers(MISSING if missing else 0, categories - 1))
        sessions.append(advance(sessions[-1], Answer(item_id=step.item_id, category=category)))
    raise AssertionError("the sitting asked more questions than the bank has")


@settings(max_examples=100)
@given(walks())
def test_a_sitting_ends_within_its_length_with_a_reason_that_is_true(walk: Walk) -> None:
    estimate, answered = walk.last.posterior().estimate(), walk.last.answered()
    asked = {answer.item_id for answer in walk.last.answers}
    done = [
        psd <= walk.rule.psd and count >= walk.rule.least
        for psd, count in zip(estimate.psd, answered, strict=True)
    ]

    assert len(asked) == len(walk.last.answers) <= walk.rule.most
    match walk.reason:
        case StopReason.PRECISE:
            assert all(done)
        case StopReason.LENGTH:
            assert len(asked) == walk.rule.most
            assert not all(done)
        case StopReason.EXHAUSTED:
            assert len(asked) < walk.rule.most
            assert not all(done)
            for dimension, known in zip(DIMENSIONS, done, strict=True):
                items = {item.id for item in walk.bank.items if item.dimension == dimension}
                assert known or items <= asked


@settings(max_examples=100)
@given(walks(fewest=3, missing=False))
def test_a_sitting_in_full_has_the_least_of_each_dimension(walk: Walk) -> None:
    # Banks here have at least three items a dimension, which is the most that `least` asks for.
    assert min(walk.last.answered()) >= walk.rule.least


@given(walks(fewest=3))
def test_only_missing_answers_leave_a_dimension_short(walk: Walk) -> None:
    missing = sum(answer.category == MISSING for answer in walk.last.answers)
    short = sum(max(0, walk.rule.least - count) for count in walk.last.answered())

    assert short <= missing


@given(walks())
def test_a_sitting_asks_only_what_may_still_help(walk: Walk) -> None:
    for session, after in zip(walk.sessions, walk.sessions[1:], strict=False):
        wanted = walk.rule.wanted(
            session.posterior().estimate().psd[None], np.array([session.answered()], dtype=float)
        )
        dimension = session.test.model.item(after.answers[-1].item_id).dimension

        assert wanted[0, DIMENSIONS.index(dimension)]


@given(walks())
def test_back_undoes_an_answer(walk: Walk) -> None:
    for before, after in zip(walk.sessions, walk.sessions[1:], strict=False):
        assert back(after) == before
        assert back(after).step() == before.step()
    assert back(walk.sessions[0]) == walk.sessions[0]


@given(walks())
def test_advance_leaves_the_session_it_got_alone(walk: Walk) -> None:
    for number, session in enumerate(walk.sessions[:-1]):
        answers, step = session.answers, session.step()
        assert isinstance(step, Ask)
        after = advance(session, Answer(item_id=step.item_id, category=0))

        assert session.answers is answers
        assert len(session.answers) == number
        assert session.step() == step
        assert after.answers[:-1] == answers


@given(walks())
def test_the_same_answers_give_the_same_step_in_another_process_too(walk: Walk) -> None:
    # A test built anew from the same bank, as after a restart.
    anew = AdaptiveTest(model=model_of(walk.bank), rule=walk.rule)
    for session in walk.sessions:
        resumed = resume(anew, session.answers)

        assert resumed.answers == session.answers
        assert resumed.step() == session.step()
        assert resumed.posterior().weights.tolist() == session.posterior().weights.tolist()


@given(walks())
def test_the_next_item_is_the_step(walk: Walk) -> None:
    for session in walk.sessions[:-1]:
        assert session.step() == Ask(item_id=session.next_item)
    with pytest.raises(NotReady):
        _ = walk.last.next_item


@given(walks())
def test_after_the_end_nothing_more_is_taken(walk: Walk) -> None:
    for item in walk.bank.items:
        with pytest.raises(ResponseError):
            advance(walk.last, Answer(item_id=item.id, category=0))


@given(walks())
def test_what_was_answered_counts_every_answer_but_the_missing(walk: Walk) -> None:
    spoken = [answer for answer in walk.last.answers if answer.category != MISSING]

    assert sum(walk.last.answered()) == len(spoken)
    first = sum(
        walk.last.test.model.item(answer.item_id).dimension == DIMENSIONS[0] for answer in spoken
    )
    assert walk.last.answered()[0] == first
