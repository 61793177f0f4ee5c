"""Undertow's Python API: load a bank, take a sitting, score answers, read the result.

>>> import undertow
>>> bank = undertow.load_bank()
>>> session = undertow.start(bank)
>>> session = undertow.answer(session, session.next_item, 3)
>>> len(session.answers)
1
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from undertow.bank.calibrated import Bank
from undertow.bank.person import Facts
from undertow.bank.responses import MISSING, Answer
from undertow.content.bank_files import load_bank_file
from undertow.errors import NotReady, UndertowError
from undertow.measure.model import model_of
from undertow.measure.posterior import Estimate, posterior
from undertow.measure.session import AdaptiveTest, Session, Stop, advance
from undertow.measure.stop import StopRule
from undertow.reading.position import read_position
from undertow.reading.report import Report
from undertow.wiring import build_house, built_in_bank

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


def start(bank: Bank, rule: StopRule | None = None) -> Session:
    """An empty sitting. `session.next_item` is the first question's id."""
    return Session(test=AdaptiveTest(model=model_of(bank), rule=rule or StopRule()))


def answer(session: Session, item_id: str, category: int) -> Session:
    """The session after one more answer; the one that came in stays as it was.

    `category` counts from 0 (strongly disagree) as shown, before keying; MISSING leaves the item
    out. Raises ResponseError for an answer that does not fit the question asked.
    """
    return advance(session, Answer(item_id=item_id, category=category))


def score(bank: Bank, categories: Mapping[str, int]) -> Estimate:
    """Place and uncertainty from any set of answers (item id → category as shown).

    Raises ResponseError for an item or category that the bank does not know.
    """
    answers = tuple(Answer(item_id=item, category=given) for item, given in categories.items())
    return posterior(model_of(bank), answers).estimate()


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
