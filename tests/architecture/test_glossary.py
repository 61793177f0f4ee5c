"""One word for each thing: names in the code keep to the words of the design."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tests.architecture.sources import REPOSITORY, modules, parsed, shown

EVERYWHERE = "src/undertow"
# Which words of the design's 'not' column a name in the code must not hold, and where. Words that
# a framework or another field needs (user agent, password of a proxy, log level) are left out there.
FORBIDDEN = {
    EVERYWHERE: {"patient", "subject", "quiz", "trait", "sem", "difficulty", "mesh", "diagnosis"},
    "src/undertow/bank": {"user", "option", "pool", "level", "score", "reversed"},
    "src/undertow/measure": {"user", "option", "level", "score", "reversed", "strategy", "bias"},
    "src/undertow/reading": {"user", "option", "level", "score", "type", "style"},
    "src/undertow/safety": {"user", "score", "type", "style", "flag", "password"},
    "src/undertow/service": {"user", "option", "score", "flag", "password", "dump"},
    "src/undertow/web": {"user", "score", "quiz"},
    "src/undertow/terminal": {"user", "score", "quiz"},
}
# What a text denies is no name for a person.
DENIED = {"not_a_diagnosis"}


def names(tree: ast.Module) -> set[str]:
    """Every name that a module gives: classes, functions, parameters, variables, attributes."""
    given = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            given.add(node.name)
        elif isinstance(node, ast.arg):
            given.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            given.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            given.add(node.attr)
    return given - DENIED


def words(name: str) -> set[str]:
    """'StopReason', 'stop_reason' and 'STOP_REASON' -> stop, reason; a plural counts as its one."""
    parts = {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}
    return parts | {part.removesuffix("s") for part in parts}


def forbidden_in(place: str) -> set[str]:
    return {w for room, given in FORBIDDEN.items() if place.startswith(f"{room}/") for w in given}


@pytest.mark.parametrize("module", modules(), ids=shown)
def test_names_keep_to_the_words_of_the_design(module: Path) -> None:
    forbidden = forbidden_in(shown(module))
    assert [name for name in sorted(names(parsed(module))) if words(name) & forbidden] == []


def test_every_forbidden_word_is_one_that_the_design_turns_down() -> None:
    design = (REPOSITORY / "docs" / "design.md").read_text(encoding="utf-8")
    table = design.split("\n## Words\n")[1].split("\n## ")[0]
    rows = [row.split("|") for row in table.splitlines() if row.startswith("|")]
    turned_down = {word for row in rows for word in re.findall(r"[a-z]+", row[3].lower())}
    assert {word for given in FORBIDDEN.values() for word in given} <= turned_down


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("class QuizPage: ...", "QuizPage"),
        ("def load(patients): ...", "patients"),
        ("trait_score = 1", "trait_score"),
        ("THE_SUBJECT = 1", "THE_SUBJECT"),
        ("def f(self):\n    self.semSize = 1", "semSize"),
    ],
)
def test_a_planted_word_is_found(planted: str, found: str) -> None:
    given = names(ast.parse(planted))
    assert [n for n in given if words(n) & forbidden_in(f"{EVERYWHERE}/any.py")] == [found]


@pytest.mark.parametrize("name", ["assembled", "portrait", "subjective", "semantics", "option_key"])
def test_a_word_within_a_word_is_left_alone(name: str) -> None:
    assert not words(name) & forbidden_in(f"{EVERYWHERE}/any.py")
