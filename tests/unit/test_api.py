"""The Python API: the same fair tests as everywhere, by plain words."""

from __future__ import annotations

import numpy as np
import pytest

import undertow
from undertow.bank.person import Gender
from undertow.errors import InputError
from undertow.measure.stop import StopRule
from undertow.reading.adjustment import Adjusting
from undertow.wiring import House, build_house


@pytest.fixture(scope="module")
def house() -> House:
    return build_house()


@pytest.mark.parametrize("gender", Gender)
def test_it_asks_what_the_self_check_asks(house: House, gender: Gender) -> None:
    session = undertow.start(undertow.load_bank(), gender=gender.value)
    sitting = house.check.begin(0)
    sitting = house.check.state_age(sitting, "35-44", revision=0, now=0)
    sitting = house.check.state_gender(sitting, gender.value, "", revision=1, now=0)
    sitting = house.check.state_relationship(sitting, "now", "partner", revision=2, now=0)
    for _ in range(6):
        question = house.check.question(sitting)
        assert session.next_item == question.item.id
        session = undertow.answer(session, session.next_item, 3)
        sitting = house.check.answer(sitting, session.answers[-1], revision=sitting.revision, now=0)


def test_a_rule_of_ones_own_still_goes() -> None:
    rule = StopRule(most=10)
    assert undertow.start(undertow.load_bank(), rule).test.rule is rule


@pytest.mark.parametrize(("length", "most"), [("usual", 20), ("short", 12), ("full", 36)])
def test_lengths_by_their_names(length: str, most: int) -> None:
    assert undertow.start(undertow.load_bank(), length=length).test.rule.most == most


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"gender": "men"}, "man, woman, other, unstated"),
        ({"length": "long"}, "usual, short, full"),
        ({"rule": StopRule(), "length": "short"}, "either a rule or a length"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named):
        undertow.start(undertow.load_bank(), **wrong)  # type: ignore[arg-type]


def test_score_is_what_a_sitting_says() -> None:
    bank = undertow.load_bank()
    session = undertow.start(bank, gender="woman")
    for category in (3, 1, 4, 2, 3):
        session = undertow.answer(session, session.next_item, category)
    answers = {given.item_id: given.category for given in session.answers}
    scored = undertow.score(bank, answers, gender="woman")
    said = session.posterior().estimate()
    assert np.allclose(scored.mean, said.mean, atol=1e-12)
    assert np.allclose(scored.covariance, said.covariance, atol=1e-12)
    assert not np.allclose(undertow.score(bank, answers, gender="man").mean, said.mean, atol=1e-3)


def test_a_sitting_is_read_with_what_was_adjusted() -> None:
    session = undertow.start(undertow.load_bank(), length="short")
    with pytest.raises(undertow.UndertowError, match="questions left"):
        undertow.read(session)
    bank = {item.id: item for item in session.test.model.bank.items}
    while len(session.answers) < 12:
        keyed = 3 if bank[session.next_item].keying == 1 else 1
        session = undertow.answer(session, session.next_item, keyed)
    report = undertow.read(session)
    assert report.adjustment.state is Adjusting.ON
    assert report.adjustment.groups == ("man", "woman")
    assert any("can't show change over time" in said for said in report.sureness)
