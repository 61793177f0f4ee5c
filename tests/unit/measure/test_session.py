"""Single sittings chosen for what could go wrong in them; laws are left to the laws."""

from __future__ import annotations

import numpy as np
import pytest
from tests.made_up_bank import (
    ANXIETY,
    AVOIDANCE,
    bank_of,
    calibrated_item,
    large_bank,
    small_bank,
)

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.bank.responses import MISSING, Answer
from undertow.errors import NotReady, ResponseError, StaleAnswer
from undertow.measure.model import Model, model_of
from undertow.measure.session import AdaptiveTest, Ask, Session, Stop, advance, back, resume
from undertow.measure.settled import Borders
from undertow.measure.stop import StopReason, StopRule


def sitting(bank: Bank, **rule: float) -> Session:
    return Session(
        test=AdaptiveTest(model=model_of(bank), rule=StopRule(**rule))  # type: ignore[arg-type]
    )


def walked(session: Session, category: int = 1) -> tuple[Session, StopReason]:
    """To the end, giving the same answer to everything."""
    step = session.step()
    while isinstance(step, Ask):
        session = advance(session, Answer(item_id=step.item_id, category=category))
        step = session.step()
    return session, step.reason


def dimension_of(model: Model, answer: Answer) -> int:
    return DIMENSIONS.index(model.item(answer.item_id).dimension)


def test_the_first_question_is_the_one_that_tells_most() -> None:
    # Of items alike in all but slope, spread evenly round the population's middle: the steepest.
    bank = bank_of(
        [
            calibrated_item("a1", ANXIETY, slope=1.0, thresholds=(-1.0, 0.0, 1.0)),
            calibrated_item("a2", ANXIETY, slope=2.5, thresholds=(-1.0, 0.0, 1.0)),
            calibrated_item("v1", AVOIDANCE, slope=1.8, thresholds=(-1.0, 0.0, 1.0)),
        ]
    )

    assert sitting(bank, least=1).step() == Ask(item_id="a2")


def test_of_two_alike_the_banks_first() -> None:
    twins = [
        calibrated_item(name, dimension, slope=1.5, thresholds=(-0.5, 0.5))
        for name, dimension in (("v1", AVOIDANCE), ("a1", ANXIETY), ("a2", ANXIETY))
    ]

    assert sitting(bank_of(twins), least=1).step() == Ask(item_id="v1")
    assert sitting(bank_of(twins[::-1]), least=1).step() == Ask(item_id="a2")


def test_a_long_bank_ends_when_both_places_are_known() -> None:
    session, reason = walked(sitting(large_bank()), category=2)

    assert reason == StopReason.PRECISE
    assert 8 <= len(session.answers) < 20
    assert max(session.posterior().estimate().psd) <= 0.30


def test_someone_at_the_far_end_is_asked_the_most_there_is() -> None:
    bank = bank_of([item for item in large_bank().items if item.keying == 1])
    session, reason = walked(sitting(bank), category=4)

    assert reason == StopReason.LENGTH
    assert len(session.answers) == 20


def test_a_small_bank_runs_out() -> None:
    session, reason = walked(sitting(small_bank()))

    assert reason == StopReason.EXHAUSTED
    assert len(session.answers) == 6


def test_nothing_that_applies_is_a_sitting_too() -> None:
    session, reason = walked(sitting(large_bank()), category=MISSING)

    assert reason == StopReason.LENGTH
    assert session.answered() == (0, 0)
    assert session.posterior().estimate().psd.tolist() == pytest.approx([1.0, 1.0], abs=1e-6)


def test_a_weak_dimension_gets_its_least_before_the_questions_are_used_up() -> None:
    # Anxiety's items always save more, and no place is ever known well enough: without keeping the
    # last questions, avoidance would end with too few.
    bank = bank_of(
        [
            calibrated_item(f"{dimension.value}{n}", dimension, slope=slope, thresholds=(-1, 0, 1))
            for dimension, slope in ((ANXIETY, 1.2), (AVOIDANCE, 0.2))
            for n in range(9)
        ]
    )
    session, reason = walked(sitting(bank, psd=0.05, least=4, most=9))

    assert reason == StopReason.LENGTH
    assert session.answered() == (5, 4)
    assert [dimension_of(session.test.model, answer) for answer in session.answers] == [
        *[0] * 5,
        *[1] * 4,
    ]


def test_a_dimension_that_cannot_have_its_least_does_not_end_the_sitting_early() -> None:
    # One avoidance item and a least of three: the places kept for it go back to anxiety.
    bank = bank_of(
        [
            *(calibrated_item(f"a{n}", ANXIETY, slope=1.0, thresholds=(0.0,)) for n in range(9)),
            calibrated_item("v", AVOIDANCE, slope=1.0, thresholds=(0.0,)),
        ]
    )
    session, reason = walked(sitting(bank, psd=0.05, least=3, most=8))

    assert reason == StopReason.LENGTH
    assert session.answered() == (7, 1)


def test_a_dimension_left_out_does_not_starve_the_other() -> None:
    # Someone to whom no anxiety question applies still gets the least of avoidance.
    session = sitting(large_bank())
    step = session.step()
    while isinstance(step, Ask):
        anxious = session.test.model.item(step.item_id).dimension == ANXIETY
        session = advance(session, Answer(item_id=step.item_id, category=MISSING if anxious else 2))
        step = session.step()

    assert session.answered()[0] == 0
    assert session.answered()[1] >= 4
    assert session.posterior().estimate().spread(ANXIETY) == pytest.approx(1.0, abs=0.01)


def test_the_last_questions_are_not_kept_for_what_was_left_out() -> None:
    # Four weak anxiety questions came and none applied: a fifth would save the least of all.
    bank = bank_of(
        [
            calibrated_item(f"{dimension.value[:2]}{n}", dimension, slope=slope, thresholds=(-1, 1))
            for dimension, slope in ((ANXIETY, 0.3), (AVOIDANCE, 1.5))
            for n in range(5)
        ]
    )
    came = [Answer(item_id=f"an{n}", category=MISSING) for n in range(4)]
    came += [Answer(item_id=f"av{n}", category=1) for n in range(4)]

    assert resume(sitting(bank, psd=0.05, least=4, most=9).test, tuple(came)).next_item == "av4"


def test_each_question_left_out_makes_the_next_of_its_kind_less_likely_to_come() -> None:
    # After one avoidance question was left out, its kind counts half: a twin that would have come
    # next waits for an anxiety question that saves a little less.
    bank = bank_of(
        [
            calibrated_item("v1", AVOIDANCE, slope=1.6, thresholds=(-0.5, 0.5)),
            calibrated_item("v2", AVOIDANCE, slope=1.6, thresholds=(-0.5, 0.5)),
            calibrated_item("a1", ANXIETY, slope=1.5, thresholds=(-0.5, 0.5)),
        ]
    )
    session = sitting(bank, least=1, psd=0.1, most=3)
    assert session.next_item == "v1"

    left_out = advance(session, Answer(item_id="v1", category=MISSING))

    assert left_out.next_item == "a1"
    assert (left_out.shown(), left_out.answered()) == ((0, 1), (0, 0))


def test_a_sitting_of_one_dimension_known_asks_only_the_other() -> None:
    # Seven steep anxiety items answered: the rest is about avoidance.
    bank = large_bank()
    steep = sorted(
        (item for item in bank.items if item.dimension == ANXIETY), key=lambda item: -item.slope
    )
    known = tuple(Answer(item_id=item.id, category=2) for item in steep[:9])
    session = resume(sitting(bank).test, known)
    assert session.posterior().estimate().spread(ANXIETY) <= 0.30

    session, _ = walked(session, category=2)

    assert {dimension_of(session.test.model, answer) for answer in session.answers[9:]} == {1}


def test_the_next_item() -> None:
    session = sitting(small_bank())
    assert session.step() == Ask(item_id=session.next_item)

    ended, _ = walked(session)
    with pytest.raises(NotReady, match="Your result is ready"):
        _ = ended.next_item


def test_back_at_the_start_stays_there() -> None:
    session = sitting(small_bank())

    assert back(session) == session


def test_another_answer_after_going_back() -> None:
    session = sitting(small_bank())
    first = session.next_item
    one = advance(session, Answer(item_id=first, category=0))
    other = advance(back(one), Answer(item_id=first, category=2))

    assert other.answers == (Answer(item_id=first, category=2),)
    assert one.answers == (Answer(item_id=first, category=0),)


def test_going_back_past_the_end_opens_the_sitting_again() -> None:
    ended, _ = walked(sitting(small_bank()))
    last = ended.answers[-1]

    assert isinstance(ended.step(), Stop)
    assert back(ended).step() == Ask(item_id=last.item_id)


def test_answers_kept_from_another_path_are_scored_all_the_same() -> None:
    # Kept answers need not have been asked in the order that this test would choose.
    session = sitting(small_bank())
    kept = tuple(Answer(item_id=item.id, category=1) for item in session.test.model.bank.items[:2])
    resumed = resume(session.test, kept)

    assert resumed.answers == kept
    assert resumed.next_item not in {answer.item_id for answer in kept}


def test_more_kept_answers_than_the_rule_asks_for_end_the_sitting() -> None:
    bank = large_bank()
    test = sitting(bank, psd=0.01).test
    kept = tuple(Answer(item_id=item.id, category=2) for item in bank.items)

    assert resume(test, kept).step() == Stop(reason=StopReason.LENGTH)


@pytest.mark.parametrize(
    ("item_id", "category", "kind", "says"),
    [
        ("a1", 0, StaleAnswer, "answered already"),
        ("a1", 99, StaleAnswer, "answered already"),
        ("elsewhere", 0, ResponseError, "another question"),
    ],
)
def test_each_refusal_says_what_to_do(
    item_id: str, category: int, kind: type[ResponseError], says: str
) -> None:
    session = resume(sitting(small_bank()).test, (Answer(item_id="a1", category=0),))

    with pytest.raises(kind, match=says) as caught:
        advance(session, Answer(item_id=item_id, category=category))

    assert type(caught.value) is kind
    assert "shown" in str(caught.value)


def test_an_answer_after_the_end() -> None:
    session = resume(
        sitting(large_bank(), psd=0.99, least=1, most=2).test,
        (Answer(item_id="a1", category=2), Answer(item_id="v1", category=2)),
    )

    with pytest.raises(ResponseError, match="Your result is ready"):
        advance(session, Answer(item_id="a2", category=2))


def test_a_settled_dimension_with_questions_left_does_not_keep_an_exhausted_one_going() -> None:
    # Avoidance has one item and is not known well; no answer changes what is said of anxiety.
    bank = bank_of(
        [
            *(calibrated_item(f"a{n}", ANXIETY, slope=1.5, thresholds=(0.0,)) for n in range(6)),
            calibrated_item("v", AVOIDANCE, slope=1.0, thresholds=(0.0,)),
        ]
    )
    far, near = np.array([-30.0]), np.array([0.0])
    rule = StopRule(psd=0.1, least=1, most=7, least_settled=2, borders=Borders(places=(far, near)))
    came = tuple(Answer(item_id=item_id, category=1) for item_id in ("v", "a0", "a1"))

    session = Session(test=AdaptiveTest(model=model_of(bank), rule=rule), answers=came)

    assert session.step() == Stop(reason=StopReason.EXHAUSTED)
