"""`undertow fairness` at a prompt: what it asks for, where it writes, and errors in one line."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import undertow.calibrate.fairness_report
import undertow.calibrate.fairness_report_text
from undertow.errors import InputError
from undertow.terminal.fairness_command import fairness
from undertow.wiring import built_in_bank, built_in_instrument

TEXTS = {"pictures/fairness-items.svg": "<svg/>\n", "fairness.md": "# Fairness\n"}


def run(*arguments: str) -> tuple[int, str, str]:
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(fairness)
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the command asks the calibrating room for; no test is taken."""
    heard: dict[str, Any] = {}

    def fairness_report(archive: Path, bank: object, **more: object) -> object:
        heard.update(more, archive=archive, bank=bank)
        return SimpleNamespace()

    def texts_of(_: object, *, made_on: str, command: str) -> dict[str, str]:
        heard.update(made_on=made_on, command=command)
        return TEXTS

    monkeypatch.setattr(undertow.calibrate.fairness_report, "fairness_report", fairness_report)
    monkeypatch.setattr(undertow.calibrate.fairness_report_text, "texts_of", texts_of)
    return heard


def test_without_more_it_is_the_built_in_bank(asked_for: dict[str, Any], tmp_path: Path) -> None:
    code, out, err = run("some/answers.zip", "-o", str(tmp_path))
    assert (code, out, err) == (0, f"Report: {tmp_path / 'fairness.md'}\n", "")
    assert asked_for["archive"] == Path("some/answers.zip")
    assert asked_for["bank"].checksum == built_in_bank().checksum
    assert asked_for["gentle"] == built_in_instrument().gentle_ids
    assert asked_for["recipe"].id == "ecr-2018"
    assert asked_for["folds"] == "auto"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", asked_for["made_on"])
    assert (tmp_path / "fairness.md").read_text(encoding="utf-8") == "# Fairness\n"
    assert (tmp_path / "pictures/fairness-items.svg").is_file()


def test_the_command_is_told_without_the_folders_of_this_machine(
    asked_for: dict[str, Any], tmp_path: Path, repository: Path
) -> None:
    bank = repository / "src/undertow/content/banks/ecr-2018.json"
    recipe = repository / "src/undertow/content/recipes/ecr-2018.toml"
    folder = tmp_path / "docs"
    folder.mkdir()
    code, _, err = run(
        *(str(tmp_path / "answers.zip"), "-o", str(folder), "--bank", str(bank)),
        *("--recipe", str(recipe), "--folds", "5"),
    )
    assert (code, err) == (0, "")
    assert asked_for["command"] == (
        "undertow fairness answers.zip -o docs --bank ecr-2018.json --recipe ecr-2018.toml --folds 5"
    )
    # Nothing says which items of another bank are mild.
    assert asked_for["gentle"] == frozenset()
    assert asked_for["folds"] == "5"


def test_a_folder_that_is_not_there_is_told_before_the_work(
    asked_for: dict[str, Any], tmp_path: Path
) -> None:
    code, out, err = run("answers.zip", "-o", str(tmp_path / "nowhere"))
    assert (code, out) == (2, "")
    assert "is no folder that is there" in err
    assert asked_for == {}


def test_what_goes_wrong_is_one_line_and_writes_nothing(
    asked_for: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise InputError("That is not\nto be compared.")

    monkeypatch.setattr(undertow.calibrate.fairness_report, "fairness_report", refuse)
    code, out, err = run("answers.zip", "-o", str(tmp_path))
    assert (code, out, err) == (2, "", "undertow: That is not to be compared.\n")
    assert list(tmp_path.iterdir()) == []
    assert asked_for == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.zip",), "there is no such file"),
        (("nowhere.zip", "--folds", "3"), "--folds must be auto, 0 or 5"),
        (("nowhere.zip", "--bank", "nowhere.json"), "nowhere.json: file: is not there"),
        (("nowhere.zip", "--recipe", "nowhere.toml"), "nowhere.toml: file: cannot be read"),
    ],
)
def test_wrong_input(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    code, out, err = run(*arguments, "-o", str(tmp_path))
    assert (code, out) == (2, "")
    assert err.startswith("undertow: ")
    assert err.count("\n") == 1
    assert said in err
    assert list(tmp_path.iterdir()) == []


def test_help_is_plain() -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert out.isascii()
