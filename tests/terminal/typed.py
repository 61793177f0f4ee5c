"""Runs the check on typed lines, and gives the report that the same answers have without a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from typer.testing import CliRunner

from undertow.bank.responses import MISSING, Answer
from undertow.reading.report import Report
from undertow.service.sitting import Question, Stage
from undertow.terminal.cli import app
from undertow.wiring import House

FACTS = ["", "35 to 44", "man", "yes", "my partner"]
"""Enter on the notice, then the facts that `report_of` states by default."""

Choose = Callable[[Question], int]


def keyed(category: Callable[[int], int]) -> Choose:
    """Answers that go together: how much of what the question measures, by its number."""

    def choose(question: Question) -> int:
        given = category(question.number)
        return given if given == MISSING or question.item.keying == 1 else 4 - given

    return choose


PATTERNS: dict[str, Choose] = {
    "worried": keyed(lambda number: 4 if number % 2 else 3),
    "calm": keyed(lambda number: number % 2),
    "middle": keyed(lambda number: 1 + number % 3),
    "some left out": keyed(lambda number: MISSING if number % 3 == 0 else 1),
    "all left out": lambda question: MISSING,  # noqa: ARG005 - every pattern gets the question
    # These go together badly, and not at all.
    "a few that don't fit": keyed(lambda number: 1 if number % 4 == 0 else 4),
    "always agrees": lambda question: 3,  # noqa: ARG005
}


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the command left behind."""

    code: int
    out: str
    err: str


class Runner(Protocol):
    def __call__(self, lines: list[str], *options: str) -> Run: ...


def run_check(lines: list[str], *options: str) -> Run:
    """`undertow check` with the lines as its input; unexpected errors come through."""
    text = "".join(f"{line}\n" for line in lines)
    result = CliRunner().invoke(app, ["check", *options], input=text, catch_exceptions=False)
    return Run(result.exit_code, result.stdout, result.stderr)


def one_line(text: str) -> str:
    return " ".join(text.split())


def typed_category(category: int) -> str:
    return "6" if category == MISSING else str(category + 1)


def report_of(
    house: House,
    choose: Choose,
    *,
    length: str = "usual",
    adjusted: bool = True,
    age: str = "35-44",
    gender: str = "man",
    own_words: str = "",
    relationship: str = "now",
    partner_word: str = "partner",
) -> tuple[Report, list[str]]:
    """The report straight from the self-check, and its answers as they are typed."""
    check = house.check
    sitting = check.begin(0, length=length, adjusted=adjusted)
    sitting = check.state_age(sitting, age, revision=0, now=0)
    sitting = check.state_gender(sitting, gender, own_words, revision=1, now=0)
    sitting = check.state_relationship(sitting, relationship, partner_word, revision=2, now=0)
    typed: list[str] = []
    while check.stage(sitting) is Stage.ITEM:
        question = check.question(sitting)
        category = choose(question)
        typed.append(typed_category(category))
        answer = Answer(item_id=question.item.id, category=category)
        sitting = check.answer(sitting, answer, revision=sitting.revision, now=0)
    return check.report(sitting), typed


def result_of(out: str, house: House) -> str:
    """The result alone, from its title on."""
    title = f"\n{house.screens.say('result_title')}\n"
    assert out.count(title) == 1
    return out[out.index(title) :]
