"""One person's way through the check as a value: facts, answers, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from undertow.bank.calibrated import Bank
from undertow.bank.item import Instrument, Item
from undertow.bank.person import OWN_WORDS_LIMIT, AgeBand, Facts, Gender, Relationship
from undertow.bank.responses import Answer
from undertow.errors import NotReady, ResponseError, StaleAnswer
from undertow.measure.fair import Length
from undertow.measure.session import AdaptiveTest, Ask, Session, Stop, advance, resume
from undertow.reading.phrase import Phrases
from undertow.reading.position import read_position
from undertow.reading.report import Report
from undertow.safety.help import HelpNote
from undertow.service.offered import OfferedTests

Choice = TypeVar("Choice", bound=StrEnum)


class Stage(StrEnum):
    """Where a sitting is. The order is the order of the screens."""

    AGE = "age"
    GENDER = "gender"
    RELATIONSHIP = "relationship"
    ITEM = "item"
    RESULT = "result"
    YOUNG = "young"


FACT_STAGES = (Stage.AGE, Stage.GENDER, Stage.RELATIONSHIP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """Everything of one sitting. `revision` counts changes, so that an older screen is noticed.

    `adjusted` is False once the person wants the result without what is adjusted for.
    """

    facts: Facts
    facts_given: int
    answers: tuple[Answer, ...]
    revision: int
    touched_at: int
    length: Length = Length.USUAL
    adjusted: bool = True

    def touched(self, now: int) -> Sitting:
        return replace(self, revision=self.revision + 1, touched_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an item screen shows."""

    item: Item
    text: str
    frame: str
    categories: tuple[str, ...]
    number: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheck:
    """The check that this house runs: instrument, tests, words. All sittings share it."""

    instrument: Instrument
    tests: OfferedTests
    phrases: Phrases
    help_note: HelpNote

    @property
    def bank(self) -> Bank:
        return self.tests.bank

    @property
    def test(self) -> AdaptiveTest:
        """What someone is asked who states nothing and chooses nothing."""
        return self.tests.asking(Gender.UNSTATED, Length.USUAL)

    # ---- asking -----------------------------------------------------------------------------

    def begin(self, now: int, *, length: str = Length.USUAL, adjusted: bool = True) -> Sitting:
        """An empty sitting. Raises ResponseError for a length that is none."""
        return Sitting(
            facts=Facts(),
            facts_given=0,
            answers=(),
            revision=0,
            touched_at=now,
            length=_choice(Length, length),
            adjusted=adjusted,
        )

    def stage(self, sitting: Sitting) -> Stage:
        """The screen that comes next. Under 18 there is a page to read and no score."""
        if sitting.facts.age_band is AgeBand.UNDER_18:
            return Stage.YOUNG
        if sitting.facts_given < len(FACT_STAGES):
            return FACT_STAGES[sitting.facts_given]
        return Stage.ITEM if isinstance(self._session(sitting).step(), Ask) else Stage.RESULT

    def question(self, sitting: Sitting) -> Question:
        """The item to show now. Raises NotReady when none is."""
        step = self._session(sitting).step() if self._facts_done(sitting) else None
        if not isinstance(step, Ask):
            raise NotReady("There is no question to answer now.")
        item = self.instrument.item(step.item_id)
        frames = self.instrument.frames
        return Question(
            item=item,
            text=item.text(self.instrument.partner_word(sitting.facts.partner_word)),
            frame=frames.get(sitting.facts.relationship.value, frames.get("unstated", "")),
            categories=self.instrument.categories,
            number=len(sitting.answers) + 1,
            most=self.tests.most(sitting.length),
        )

    # ---- facts ------------------------------------------------------------------------------

    def state_age(self, sitting: Sitting, age_band: str, *, revision: int, now: int) -> Sitting:
        facts = replace(sitting.facts, age_band=_choice(AgeBand, age_band))
        return self._with_facts(sitting, facts, Stage.AGE, revision=revision, now=now)

    def state_gender(
        self, sitting: Sitting, gender: str, own_words: str, *, revision: int, now: int
    ) -> Sitting:
        chosen = _choice(Gender, gender)
        # Own words are kept only beside the choice they belong to.
        words = " ".join(own_words.split())[:OWN_WORDS_LIMIT] if chosen is Gender.OTHER else ""
        facts = replace(sitting.facts, gender=chosen, gender_own_words=words)
        return self._with_facts(sitting, facts, Stage.GENDER, revision=revision, now=now)

    def state_relationship(
        self, sitting: Sitting, relationship: str, partner_word: str, *, revision: int, now: int
    ) -> Sitting:
        if partner_word not in {word.id for word in self.instrument.partner_words}:
            raise ResponseError("Choose one of the words shown for your partner.")
        facts = replace(
            sitting.facts,
            relationship=_choice(Relationship, relationship),
            partner_word=partner_word,
        )
        return self._with_facts(sitting, facts, Stage.RELATIONSHIP, revision=revision, now=now)

    def _with_facts(
        self, sitting: Sitting, facts: Facts, stage: Stage, *, revision: int, now: int
    ) -> Sitting:
        _check_revision(sitting, revision)
        if self.stage(sitting) is not stage:
            raise StaleAnswer("That was answered already. What comes next is shown here.")
        changed = replace(sitting, facts=facts, facts_given=sitting.facts_given + 1)
        return changed.touched(now)

    # ---- answers ----------------------------------------------------------------------------

    def answer(self, sitting: Sitting, answer: Answer, *, revision: int, now: int) -> Sitting:
        """The sitting after one more answer.

        Raises StaleAnswer for a screen that is older than the sitting, ResponseError for an
        answer that does not fit the question. What was answered before is kept in both cases.
        """
        if not self._facts_done(sitting):
            raise ResponseError("A few facts come before the first question.")
        _check_revision(sitting, revision)
        session = advance(self._session(sitting), answer)
        return replace(sitting, answers=session.answers).touched(now)

    def back(self, sitting: Sitting, *, revision: int, now: int) -> Sitting:
        """One screen back: the last answer, or the last fact, is open again."""
        _check_revision(sitting, revision)
        if sitting.answers:
            return replace(sitting, answers=sitting.answers[:-1]).touched(now)
        given = max(0, sitting.facts_given - 1)
        return replace(sitting, facts_given=given).touched(now)

    # ---- result -----------------------------------------------------------------------------

    def adjust(self, sitting: Sitting, *, adjusted: bool, revision: int, now: int) -> Sitting:
        """The same answers, to be read with or without what is adjusted. Raises StaleAnswer."""
        _check_revision(sitting, revision)
        if self.stage(sitting) is not Stage.RESULT:
            raise StaleAnswer("There are questions left. The result comes after the last one.")
        return replace(sitting, adjusted=adjusted).touched(now)

    def report(self, sitting: Sitting) -> Report:
        """The report of a finished sitting. Raises NotReady while a screen is left."""
        step = self._session(sitting).step() if self._facts_done(sitting) else None
        if not isinstance(step, Stop):
            raise NotReady("There are questions left. The result comes after the last one.")
        test = self.tests.reading(sitting.facts.gender, sitting.length, adjusted=sitting.adjusted)
        return read_position(
            resume(test, sitting.answers),
            reason=step.reason,
            facts=sitting.facts,
            phrases=self.phrases,
            help_note=self.help_note,
        )

    def _facts_done(self, sitting: Sitting) -> bool:
        return (
            sitting.facts_given >= len(FACT_STAGES)
            and sitting.facts.age_band is not AgeBand.UNDER_18
        )

    def _session(self, sitting: Sitting) -> Session:
        # What is asked never hangs on how the answers are read, or turning that would lose some.
        return resume(self.tests.asking(sitting.facts.gender, sitting.length), sitting.answers)


def _check_revision(sitting: Sitting, revision: int) -> None:
    if revision != sitting.revision:
        raise StaleAnswer(
            "That screen was out of date, maybe from a second tab. Nothing is lost: "
            "this is where you are."
        )


def _choice(kind: type[Choice], value: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        raise ResponseError("Choose one of the answers shown.") from None
