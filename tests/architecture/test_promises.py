"""The promises of CONTRIBUTING.md each name the tests that hold them, and those tests are there."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

import pytest
from tests.architecture.sources import REPOSITORY, own_texts

NUMBERS = [f"P{n}" for n in range(1, 12)]
NOT_BUILT = "Not yet built"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    number: str
    text: str
    held_by: str

    @property
    def tests(self) -> list[str]:
        return re.findall(r"`(tests/[^`]+)`", self.held_by)


def promises() -> list[Promise]:
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (P\d+) \| (.+?) \| (.+?) \|$", text, re.M)
    return [Promise(number=number, text=said, held_by=held) for number, said, held in rows]


def what_is_wrong(test: str) -> str | None:
    """Why `tests/file.py` or `tests/file.py::test_name` holds nothing, or None."""
    place, _, name = test.partition("::")
    path = REPOSITORY / place
    if not path.is_file():
        return f"{place} is not there"
    functions = {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    if name and name not in functions:
        return f"{place} has no {name}"
    return None if functions else f"{place} holds no test"


def test_every_promise_is_listed_once_and_in_order() -> None:
    assert [promise.number for promise in promises()] == NUMBERS


@pytest.mark.parametrize("promise", promises(), ids=lambda promise: promise.number)
def test_a_promise_names_its_tests_or_says_that_it_is_not_built(promise: Promise) -> None:
    assert promise.tests or promise.held_by.startswith(NOT_BUILT)


@pytest.mark.parametrize("test", sorted({test for promise in promises() for test in promise.tests}))
def test_the_named_test_is_there(test: str) -> None:
    assert what_is_wrong(test) is None


@pytest.mark.parametrize(
    "test",
    [
        "tests/nowhere/test_nothing.py",
        "tests/architecture/sources.py",
        "tests/architecture/test_promises.py::test_that_nobody_wrote",
    ],
)
def test_a_test_that_is_not_there_is_noticed(test: str) -> None:
    assert what_is_wrong(test) is not None


def test_every_folder_of_tests_is_explained() -> None:
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `tests/(\w+)` \|", text, re.M))
    folders = {
        path.parts[1] for path in map(PurePosixPath, own_texts()) if path.parts[0] == "tests"
    }
    assert {name for name in folders if not name.endswith(".py")} <= explained


def test_a_mark_in_the_code_names_a_promise_that_is_made() -> None:
    marks = {
        (place, mark)
        for place, text in own_texts().items()
        if place.startswith("src/")
        for mark in re.findall(r"\b(?:PRIVACY|SAFETY) (P\d+)", text)
    }
    assert marks
    assert [(place, mark) for place, mark in sorted(marks) if mark not in NUMBERS] == []
