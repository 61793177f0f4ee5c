"""Which test a sitting runs under follows from what was stated and chosen, and from nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.made_up_bank import large_bank, small_bank
from tests.unit.reading.test_sureness import by_group

from undertow.bank.person import Facts, Gender
from undertow.measure.fair import Length
from undertow.service.offered import OfferedTests


@pytest.fixture
def tests() -> OfferedTests:
    return OfferedTests(bank=by_group(large_bank()), gentle=frozenset({"a1", "v1"}))


@pytest.mark.parametrize(
    ("gender", "groups"),
    [
        (Gender.MAN, ("man",)),
        (Gender.WOMAN, ("woman",)),
        (Gender.OTHER, ("man", "woman")),
        (Gender.UNSTATED, ("man", "woman")),
    ],
)
def test_figures_follow_what_was_stated(
    tests: OfferedTests, gender: Gender, groups: tuple[str, ...]
) -> None:
    test = tests.asking(gender, Length.USUAL)
    assert test.model.groups == groups
    # Not stating weighs both alike.
    assert test.model.shares == pytest.approx(np.full(len(groups), 1 / len(groups)))


def test_not_stating_and_saying_something_else_are_one_test(tests: OfferedTests) -> None:
    assert tests.asking(Gender.OTHER, Length.SHORT) is tests.asking(Gender.UNSTATED, Length.SHORT)


def test_own_words_are_in_no_test() -> None:
    """What someone writes of themselves is a fact that no test takes."""
    assert "gender_own_words" in Facts.__dataclass_fields__
    assert "words" not in " ".join(OfferedTests.asking.__annotations__)


@pytest.mark.parametrize(("length", "most"), [("usual", 20), ("short", 12), ("full", 36)])
def test_lengths(tests: OfferedTests, length: str, most: int) -> None:
    test = tests.asking(Gender.MAN, Length(length))
    assert test.rule.most == tests.most(Length(length)) == most
    assert test.balance is not None
    assert test.balance.gentle.sum() == 2


def test_a_test_is_made_once_and_not_before_it_is_asked_for(tests: OfferedTests) -> None:
    assert tests._made == {}
    assert tests.asking(Gender.MAN, Length.USUAL) is tests.asking(Gender.MAN, Length.USUAL)
    assert len(tests._made) == 1


@pytest.mark.parametrize("gender", Gender)
@pytest.mark.parametrize("length", Length)
def test_read_without_what_is_adjusted(tests: OfferedTests, gender: Gender, length: Length) -> None:
    asked = tests.asking(gender, length)
    assert tests.reading(gender, length, adjusted=True) is asked
    plain = tests.reading(gender, length, adjusted=False)
    assert plain.model.groups == ()
    assert plain.model.dependence is None
    # The questions were those of the fair test.
    assert plain.rule is asked.rule or plain.rule.most == asked.rule.most
    assert plain.balance is not None


def test_a_bank_without_figures_by_group_asks_everyone_the_same() -> None:
    tests = OfferedTests(bank=large_bank())
    assert len({id(tests.asking(gender, Length.USUAL)) for gender in Gender}) == 1
    assert tests.asking(Gender.MAN, Length.USUAL).model.groups == ()


def test_a_length_that_makes_no_difference_is_not_offered() -> None:
    assert OfferedTests(bank=large_bank()).lengths == tuple(Length)
    assert OfferedTests(bank=small_bank()).lengths == (Length.USUAL,)
    sixteen = replace(large_bank(), items=large_bank().items[:16])
    # All of 16 is what is usual there, and 12 is shorter.
    assert OfferedTests(bank=sixteen).lengths == (Length.USUAL, Length.SHORT)
