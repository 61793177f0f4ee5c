"""What was adjusted is said as it was done, and no further."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.made_up_bank import large_bank
from tests.unit.reading.test_sureness import by_group

from undertow.bank.calibrated import Bank, DependentPair
from undertow.bank.item import Dimension
from undertow.bank.person import Gender
from undertow.bank.responses import Answer
from undertow.errors import ShapeError
from undertow.measure.fair import Length, fair_test, plain_test
from undertow.measure.session import AdaptiveTest, Session
from undertow.reading.adjustment import Adjusting, Adjustment, adjustment_of
from undertow.wiring import House

SPREAD, REPEATS, OFF = "adjusted_spread", "adjusted_repeats", "adjusted_off"


def with_sides(bank: Bank) -> Bank:
    items = tuple(
        replace(item, facet=f"{item.dimension.value} {n % 4}") for n, item in enumerate(bank.items)
    )
    return replace(bank, items=items)


def with_pair(bank: Bank) -> Bank:
    first, second, *_ = [i.id for i in bank.items if i.dimension is Dimension.ANXIETY]
    return replace(bank, pairs=(DependentPair(first=first, second=second, dependence=0.3),))


def said_of(test: AdaptiveTest, house: House, *, answers: int = 12) -> tuple[Adjusting, list[str]]:
    """The state and the ids of the sentences that are said."""
    given = tuple(Answer(item_id=i.id, category=2) for i in test.model.bank.items[:answers])
    phrases = house.check.phrases
    found = adjustment_of(Session(test=test, answers=given), phrases)
    by_text = {text: text_id for text_id, text in phrases.texts.sentences.items()}
    return found.state, [by_text[text] for text in found.said]


def test_what_was_adjusted_is_never_without_its_words() -> None:
    for state in (Adjusting.ON, Adjusting.OFF):
        with pytest.raises(ShapeError, match="in words"):
            Adjustment(state=state, groups=(), said=())
    assert not Adjustment(state=Adjusting.NONE, groups=(), said=()).can_turn


@pytest.mark.parametrize(
    ("gender", "last", "groups"),
    [
        (Gender.MAN, "adjusted_man", ("man",)),
        (Gender.WOMAN, "adjusted_woman", ("woman",)),
        (Gender.OTHER, "adjusted_both", ("man", "woman")),
        (Gender.UNSTATED, "adjusted_both", ("man", "woman")),
    ],
)
def test_whose_figures_weighed_the_answers(
    house: House, gender: Gender, last: str, groups: tuple[str, ...]
) -> None:
    test = house.check.tests.asking(gender, Length.USUAL)
    assert said_of(test, house) == (Adjusting.ON, [SPREAD, REPEATS, last])
    assert adjustment_of(Session(test=test), house.check.phrases).groups == groups


def test_turned_off_it_says_so_and_that_the_questions_were_spread_all_the_same(
    house: House,
) -> None:
    for gender in Gender:
        test = house.check.tests.reading(gender, Length.USUAL, adjusted=False)
        assert said_of(test, house) == (Adjusting.OFF, [SPREAD, OFF])


def test_a_plain_test_spread_nothing(house: House) -> None:
    assert said_of(plain_test(house.check.bank), house) == (Adjusting.OFF, [OFF])


def test_who_was_asked_everything_was_not_spread_over_anything(house: House) -> None:
    test = house.check.tests.asking(Gender.MAN, Length.FULL)
    assert said_of(test, house, answers=36) == (Adjusting.ON, [REPEATS, "adjusted_man"])


@pytest.mark.parametrize(
    ("make", "state", "said"),
    [
        (lambda bank: bank, Adjusting.NONE, []),
        (with_sides, Adjusting.NONE, [SPREAD]),
        (with_pair, Adjusting.ON, [REPEATS]),
        (by_group, Adjusting.ON, ["adjusted_both"]),
    ],
)
def test_a_bank_that_knows_less_says_less(
    house: House, make: Callable[[Bank], Bank], state: Adjusting, said: list[str]
) -> None:
    assert said_of(fair_test(make(large_bank())), house) == (state, said)
