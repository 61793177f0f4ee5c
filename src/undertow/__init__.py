"""Undertow's Python API: load a bank, take a sitting, score answers, read the result.

>>> import undertow
>>> bank = undertow.load_bank()
>>> session = undertow.start(bank)
>>> session = undertow.answer(session, session.next_item, 3)
>>> len(session.answers)
1
>>> short = undertow.start(bank, gender="man", length="short")
>>> short.test.rule.most
12
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from undertow.bank.calibrated import Bank
from undertow.bank.person import Facts, Gender
from undertow.bank.responses import MISSING, Answer
from undertow.content.bank_files import load_bank_file
from undertow.errors import InputError, NotReady, UndertowError
from undertow.measure.fair import Length, fair_test, rule_of
from undertow.measure.posterior import Estimate, posterior
from undertow.measure.session import Session, Stop, advance
from undertow.measure.stop import StopRule
from undertow.reading.position import read_position
from undertow.reading.report import Report
from undertow.wiring import build_house, built_in_bank, built_in_instrument

_Word = TypeVar("_Word", Gender, Length)

__all__ = [
    "MISSING",
    "Bank",
    "Estimate",
    "Report",
    "Session",
    "UndertowError",
    "answer",
    "load_bank",
    "read",
    "score",
    "start",
]


def load_bank(path: str | Path | None = None) -> Bank:
    """A bank file's items, or the built-in bank for the built-in questionnaire.

    Raises InstrumentError naming file, key and rule.
    """
    return built_in_bank() if path is None else load_bank_file(Path(path))


def start(
    bank: Bank,
    rule: StopRule | None = None,
    *,
    gender: str = Gender.UNSTATED,
    length: str = Length.USUAL,
) -> Session:
    """An empty sitting of the fair test. `session.next_item` is the first question's id.

    `gender` is man, woman, other or unstated: the first two are scored by that group's figures where
    the bank has them, the others by both alike. `length` is usual (at most 20 questions), short (12) or
    full (every one); a `rule` of your own takes its place. Raises InputError for anything else.
    """
    stated, chosen = _named(Gender, gender, "gender"), _named(Length, length, "length")
    if rule is not None and chosen is not Length.USUAL:
        raise InputError("A rule says how long a sitting gets: give either a rule or a length.")
    test = fair_test(
        bank,
        gender=stated,
        rule=rule or rule_of(bank, chosen),
        gentle=built_in_instrument().gentle_ids,
    )
    return Session(test=test)


def answer(session: Session, item_id: str, category: int) -> Session:
    """The session after one more answer; the one that came in stays as it was.

    `category` counts from 0 (strongly disagree) as shown, before keying; MISSING leaves the item
    out. Raises ResponseError for an answer that does not fit the question asked.
    """
    return advance(session, Answer(item_id=item_id, category=category))


def score(bank: Bank, categories: Mapping[str, int], *, gender: str = Gender.UNSTATED) -> Estimate:
    """Place and uncertainty from any set of answers (item id → category as shown), as a sitting scores.

    Raises ResponseError for an item or category that the bank does not know, InputError for another
    gender than `start` takes.
    """
    answers = tuple(Answer(item_id=item, category=given) for item, given in categories.items())
    test = fair_test(bank, gender=_named(Gender, gender, "gender"), rule=StopRule())
    return posterior(test.model, answers).estimate()


def read(session: Session, facts: Facts | None = None) -> Report:
    """The report of a finished sitting on the built-in questionnaire. Raises NotReady before the end."""
    step = session.step()
    if not isinstance(step, Stop):
        raise NotReady("There are questions left. The result comes after the last one.")
    check = build_house().check
    return read_position(
        session,
        reason=step.reason,
        facts=facts or Facts(),
        phrases=check.phrases,
        help_note=check.help_note,
    )


def _named(kind: type[_Word], value: str, what: str) -> _Word:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(word.value for word in kind)
        raise InputError(f"The {what} must be one of: {known}.") from None
