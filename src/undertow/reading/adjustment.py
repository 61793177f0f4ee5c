"""What a result was adjusted for, in plain words; adjusting itself is left to `measure`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.errors import ShapeError
from undertow.measure.session import Session
from undertow.reading.phrase import Phrases


class Adjusting(StrEnum):
    """Whether answers were weighed by what is known of the questions and of who answers them."""

    ON = "on"
    OFF = "off"
    """It could have been, and the person wanted the result without."""
    NONE = "none"
    """Nothing is known of these questions by which answers could be weighed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What was adjusted, never without the words for it. Raises ShapeError where those are missing.

    `groups` names the stated groups whose figures were used, with equal weights where there are
    several; empty for the figures of everyone.
    """

    state: Adjusting
    groups: tuple[str, ...]
    said: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.state is not Adjusting.NONE and not self.said:
            raise ShapeError("what was adjusted is said in words")

    @property
    def can_turn(self) -> bool:
        """Whether there is anything to turn off or on."""
        return self.state is not Adjusting.NONE


def adjustment_of(session: Session, phrases: Phrases) -> Adjustment:
    """What was done with a session's answers, in the order in which a person may want to know it."""
    test, bank = session.test, session.test.model.bank
    said = []
    # Someone who was asked everything was not spread over anything.
    if test.balance is not None and has_sides(bank) and len(session.answers) < len(bank.items):
        said.append(phrases.say("adjusted_spread"))
    if not (bank.groups or bank.pairs):
        return Adjustment(state=Adjusting.NONE, groups=(), said=tuple(said))
    if not is_adjusted(session):
        said.append(phrases.say("adjusted_off"))
        return Adjustment(state=Adjusting.OFF, groups=(), said=tuple(said))
    if test.model.dependence is not None:
        said.append(phrases.say("adjusted_repeats"))
    if bank.groups:
        groups = test.model.groups
        said.append(phrases.say(f"adjusted_{groups[0]}" if len(groups) == 1 else "adjusted_both"))
    return Adjustment(state=Adjusting.ON, groups=test.model.groups, said=tuple(said))


def is_adjusted(session: Session) -> bool:
    """Whether answers are weighed by groups or by what near-duplicates are worth."""
    model = session.test.model
    return bool(model.groups) or model.dependence is not None


def has_sides(bank: Bank) -> bool:
    """Whether the bank's items name more than one side of a dimension."""
    return len({(item.dimension, item.facet) for item in bank.items}) > len(DIMENSIONS)
