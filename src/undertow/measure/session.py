"""One sitting as a value: what was answered and what comes next; keeping it is left to the edges.

Back, resume and replay are free, since a session is nothing but its answers and the test.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from undertow.bank.responses import MISSING, Answer
from undertow.errors import NotReady, ResponseError, StaleAnswer
from undertow.measure.asking import steps
from undertow.measure.balance import Balance
from undertow.measure.model import Model
from undertow.measure.posterior import Posterior, posterior
from undertow.measure.stop import GOES_ON, REASONS, StopReason, StopRule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AdaptiveTest:
    """What every sitting of one kind shares: a model, the rule that ends it, and how it spreads.

    Without `balance` the sharpest question comes, whatever it asks about.
    """

    model: Model
    rule: StopRule
    balance: Balance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The next question."""

    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The end of the sitting, with its reason."""

    reason: StopReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The answers so far, in the order they came, under one test."""

    test: AdaptiveTest
    answers: tuple[Answer, ...] = ()

    def shown(self) -> tuple[int, int]:
        """Questions that came, answered or left out, anxiety first."""
        return self._count(self.answers)

    def answered(self) -> tuple[int, int]:
        """Answers that say something, anxiety first; a missing one says nothing."""
        return self._count(tuple(one for one in self.answers if one.category != MISSING))

    def posterior(self) -> Posterior:
        return posterior(self.test.model, self.answers)

    def step(self) -> Ask | Stop:
        """What comes next: a question, or the end with its reason. The same answers, the same step."""
        test = self.test
        keyed = np.full((1, len(test.model.bank.items)), MISSING, dtype=np.intp)
        shown = np.zeros(keyed.shape, dtype=bool)
        for answer in self.answers:
            position, category = test.model.keyed(answer)
            keyed[0, position], shown[0, position] = category, True
        found = steps(test.model, test.rule, test.balance, keyed=keyed, shown=shown)
        reason = int(found.reasons[0])
        if reason != GOES_ON:
            return Stop(reason=REASONS[reason])
        return Ask(item_id=test.model.bank.items[int(found.items[0])].id)

    @property
    def next_item(self) -> str:
        """The id of the question to answer now. Raises NotReady at the end."""
        step = self.step()
        if isinstance(step, Stop):
            raise NotReady("All questions are answered. Your result is ready.")
        return step.item_id

    def _count(self, answers: tuple[Answer, ...]) -> tuple[int, int]:
        model = self.test.model
        own = [int(model.dimension_of[model.index(answer.item_id)]) for answer in answers]
        return own.count(0), own.count(1)


def advance(session: Session, answer: Answer) -> Session:
    """The session after one more answer.

    Raises StaleAnswer when the item was answered before, ResponseError when another item is
    being asked, when nothing is, or when the category is unknown. Nothing is lost: the session
    that came in is still the session.
    """
    if any(given.item_id == answer.item_id for given in session.answers):
        raise StaleAnswer("That question was answered already. The one shown now comes next.")
    step = session.step()
    if isinstance(step, Stop):
        raise ResponseError("All questions are answered. Your result is ready.")
    if answer.item_id != step.item_id:
        raise ResponseError("That answer belongs to another question. Answer the one shown.")
    session.test.model.keyed(answer)
    return replace(session, answers=(*session.answers, answer))


def back(session: Session) -> Session:
    """The session without its last answer; at the start it stays as it is."""
    return replace(session, answers=session.answers[:-1])


def resume(test: AdaptiveTest, answers: tuple[Answer, ...]) -> Session:
    """A session from kept answers. Raises ResponseError for any that the test does not know."""
    seen: set[str] = set()
    for answer in answers:
        test.model.keyed(answer)
        if answer.item_id in seen:
            raise StaleAnswer("A question was answered twice. Start again, please.")
        seen.add(answer.item_id)
    return Session(test=test, answers=answers)
