"""Every wrong answer is refused in words that hold no answer; right ones are left to `test_sessions`."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.property.drawing import banks

from undertow.bank.calibrated import Bank
from undertow.bank.responses import MISSING, Answer
from undertow.errors import ResponseError, StaleAnswer
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior
from undertow.measure.session import AdaptiveTest, Ask, Session, advance, resume
from undertow.measure.stop import StopRule

CANARY = 918273
"""A category that no message holds by accident."""

# Never precise and longer than any drawn bank: the next question is always there.
RULE = StopRule(psd=0.01, least=4, most=99)


def fresh(bank: Bank) -> Session:
    return Session(test=AdaptiveTest(model=model_of(bank), rule=RULE))


def asked(session: Session) -> str:
    step = session.step()
    assert isinstance(step, Ask)
    return step.item_id


def refusal(session: Session, answer: Answer) -> ResponseError:
    """The error, after checking that the session is as it was and nothing else is chained to it."""
    before = session.answers
    with pytest.raises(ResponseError) as caught:
        advance(session, answer)
    assert session.answers is before
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


@given(banks(), st.sampled_from([CANARY, -CANARY, MISSING - 1]))
def test_a_category_that_the_item_does_not_have(bank: Bank, category: int) -> None:
    session = fresh(bank)
    error = refusal(session, Answer(item_id=asked(session), category=category))

    assert not isinstance(error, StaleAnswer)
    assert str(category) not in str(error)


@given(banks(), st.integers(0, 3))
def test_the_first_category_past_the_last(bank: Bank, more: int) -> None:
    session = fresh(bank)
    item_id = asked(session)
    past = session.test.model.item(item_id).categories + more

    # The same words whatever was sent, so they cannot hold it.
    assert str(refusal(session, Answer(item_id=item_id, category=past))) == str(
        refusal(session, Answer(item_id=item_id, category=CANARY))
    )


@given(banks(), st.text())
def test_an_item_that_is_not_there(bank: Bank, item_id: str) -> None:
    assume(item_id not in {item.id for item in bank.items})

    error = refusal(fresh(bank), Answer(item_id=item_id, category=CANARY))

    assert str(CANARY) not in str(error)


@given(banks(fewest=2), st.sampled_from([CANARY, MISSING, 0]))
def test_an_item_that_is_not_being_asked(bank: Bank, category: int) -> None:
    session = fresh(bank)
    for item in bank.items:
        if item.id != asked(session):
            error = refusal(session, Answer(item_id=item.id, category=category))
            assert not isinstance(error, StaleAnswer)
            assert str(error) == str(refusal(session, Answer(item_id=item.id, category=CANARY)))
            assert str(CANARY) not in str(error)


@given(banks(), st.sampled_from([CANARY, MISSING, 0]), st.sampled_from([MISSING, 0]))
def test_an_item_that_was_answered_before(bank: Bank, category: int, first: int) -> None:
    session = fresh(bank)
    item_id = asked(session)
    session = advance(session, Answer(item_id=item_id, category=first))

    error = refusal(session, Answer(item_id=item_id, category=category))

    assert isinstance(error, StaleAnswer)
    assert str(CANARY) not in str(error)


@given(banks())
def test_kept_answers_that_cannot_be_right(bank: Bank) -> None:
    test = fresh(bank).test
    good = Answer(item_id=bank.items[0].id, category=0)
    wrong = [
        (Answer(item_id=bank.items[-1].id, category=CANARY),),
        (good, Answer(item_id="not there", category=CANARY)),
        (good, Answer(item_id=good.item_id, category=MISSING)),
    ]

    for answers in wrong:
        with pytest.raises(ResponseError) as caught:
            resume(test, answers)
        assert str(CANARY) not in str(caught.value)
    with pytest.raises(StaleAnswer):
        resume(test, (good, good))


@given(banks())
def test_scoring_refuses_the_same_answers(bank: Bank) -> None:
    model = model_of(bank)

    for answer in (
        Answer(item_id="not there", category=0),
        Answer(item_id=bank.items[0].id, category=CANARY),
    ):
        with pytest.raises(ResponseError) as caught:
            posterior(model, (answer,))
        assert str(CANARY) not in str(caught.value)
