"""The built-in house, and sessions whose answers lead to a chosen place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from undertow.bank.item import Dimension
from undertow.bank.responses import MISSING, Answer
from undertow.measure.session import Ask, Session, advance
from undertow.wiring import House, build_house

Lean = Callable[[Dimension, int], int]
"""The keyed category (0 least, 4 most of the dimension) to give, by dimension and turn."""


@pytest.fixture(scope="session")
def house() -> House:
    return build_house()


@pytest.fixture(scope="session")
def take(house: House) -> Callable[[Lean], Session]:
    """A whole sitting whose answers lean as asked; MISSING is passed on."""

    def walk(lean: Lean) -> Session:
        session = Session(test=house.check.test)
        turn = 0
        while isinstance(step := session.step(), Ask):
            turn += 1
            item = house.check.instrument.item(step.item_id)
            keyed = lean(item.dimension, turn)
            shown = keyed if keyed == MISSING or item.keying == 1 else 4 - keyed
            session = advance(session, Answer(item_id=item.id, category=shown))
        return session

    return walk
