"""What is asked next and when it stops, against the slow twin that scores every answer anew."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.made_up_bank import small_bank
from tests.property.drawing import banks, banks_and_answers, hundredths
from tests.reference import slow_measure
from tests.reference.translation import COARSE, slow_answers, slow_test

from undertow.bank.calibrated import Bank
from undertow.bank.responses import MISSING, Answer
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior
from undertow.measure.select import criterion, expected_variances
from undertow.measure.session import AdaptiveTest, Ask, Session, Stop, advance
from undertow.measure.stop import StopRule

CLOSE = 1e-10


@settings(max_examples=25)
@given(banks_and_answers(), st.sampled_from([(True, True), (True, False), (False, True)]))
def test_expected_variances(
    drawn: tuple[Bank, tuple[Answer, ...]], wanted: tuple[bool, bool]
) -> None:
    bank, answers = drawn
    given_before = slow_answers(bank, answers)
    asked = {answer.item for answer in given_before}
    left = tuple(number for number in range(len(bank.items)) if number not in asked)
    slow = slow_test(bank, COARSE)
    model = model_of(bank, grid=COARSE)
    now = posterior(model, answers)

    expected = [slow_measure.expected_variances(slow, given_before, number) for number in left]
    saved = [slow_measure.savings(slow, given_before, number, wanted) for number in left]

    fast = expected_variances(model, now, left)
    assert fast.shape == (len(left), 2)
    assert fast.ravel().tolist() == pytest.approx(list(np.ravel(expected)), abs=CLOSE)
    assert criterion(model, now, left, wanted=wanted).tolist() == pytest.approx(saved, abs=CLOSE)


def check_sitting(bank: Bank, rule: StopRule, *, seed: int) -> str:
    """A whole sitting, every step compared; gives the reason it ended with."""
    rng = random.Random(seed)  # noqa: S311 - answers for a test, not a secret
    slow = slow_test(bank, COARSE)
    session = Session(test=AdaptiveTest(model=model_of(bank, grid=COARSE), rule=rule))
    while True:
        step = session.step()
        expected = slow_measure.next_step(
            slow,
            slow_answers(bank, session.answers),
            psd=rule.psd,
            least=rule.least,
            most=rule.most,
        )
        if isinstance(step, Stop):
            assert step.reason.value == expected
            return step.reason.value
        assert isinstance(step, Ask)
        assert isinstance(expected, dict)
        chosen = session.test.model.index(step.item_id)
        # The choice is among those allowed, and none saves more than rounding could hide.
        assert expected[chosen] >= max(expected.values()) - CLOSE
        categories = bank.items[chosen].categories
        category = rng.choice([MISSING, *range(categories), *range(categories)])
        session = advance(session, Answer(item_id=step.item_id, category=category))


@settings(max_examples=25)
@given(
    banks(most=3),
    hundredths(0.4, 0.9),
    st.integers(1, 2),
    st.integers(0, 3),
    st.integers(0, 1000),
)
def test_whole_sittings(bank: Bank, psd: float, least: int, spare: int, seed: int) -> None:
    check_sitting(bank, StopRule(psd=psd, least=least, most=2 * least + spare), seed=seed)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (StopRule(psd=0.95, least=1, most=6), "precise"),
        (StopRule(psd=0.1, least=1, most=4), "length"),
        (StopRule(psd=0.1, least=2, most=9), "exhausted"),
    ],
)
def test_each_reason(rule: StopRule, reason: str) -> None:
    assert check_sitting(small_bank(correlation=0.3), rule, seed=5) == reason
