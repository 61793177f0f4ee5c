"""`undertow replay` at a prompt and in a pipe: one JSON object, plain lines, errors in one line."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import undertow.calibrate.replay
import undertow.calibrate.replay_table
from undertow.errors import InputError
from undertow.terminal.replay_command import replay
from undertow.wiring import built_in_bank, built_in_instrument

TABLE = {"items": 20, "groups": ["man", "woman"]}


def run(*arguments: str) -> tuple[int, str, str]:
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(replay)
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the command asks the calibrating room for; nothing is replayed."""
    heard: dict[str, Any] = {}

    def replay_archive(archive: Path, bank: object, kind: object, **more: object) -> object:
        heard.update(more, archive=archive, bank=bank, kind=kind)
        return SimpleNamespace()

    monkeypatch.setattr(undertow.calibrate.replay, "replay_archive", replay_archive)
    monkeypatch.setattr(undertow.calibrate.replay_table, "table_of", lambda _: TABLE)
    monkeypatch.setattr(undertow.calibrate.replay_table, "lines_of", lambda _: ["one", "two"])
    monkeypatch.setattr(
        undertow.calibrate.replay_table, "people_csv", lambda _: "row,gender\n1,man\n"
    )
    return heard


def test_without_more_it_is_the_fair_test_of_the_built_in_items(asked_for: dict[str, Any]) -> None:
    assert run("answers.zip") == (0, "one\ntwo\n", "")
    kind = asked_for["kind"]
    assert (kind.items, kind.early_stop, kind.plain) == (20, True, False)
    assert kind.gentle == built_in_instrument().gentle_ids
    assert asked_for["archive"] == Path("answers.zip")
    assert asked_for["bank"].checksum == built_in_bank().checksum
    assert {item.adapts for item in asked_for["bank"].items} >= {"Q1", "Q36"}
    assert (asked_for["hidden"], asked_for["by"], asked_for["folds"]) == (False, None, "auto")
    assert asked_for["recipe"].id == "ecr-2018"


def test_every_choice_arrives(asked_for: dict[str, Any]) -> None:
    code, out, err = run(
        *("answers.zip", "--items", "12", "--no-early-stop", "--plain", "--hide-gender"),
        *("--by", "gender", "--folds", "5", "--json"),
    )
    assert (code, err) == (0, "")
    kind = asked_for["kind"]
    assert (kind.items, kind.early_stop, kind.plain) == (12, False, True)
    assert (asked_for["hidden"], asked_for["by"], asked_for["folds"]) == (True, "gender", "5")
    assert json.loads(out) == TABLE


def test_people_go_to_their_file(asked_for: dict[str, Any], tmp_path: Path) -> None:
    assert asked_for == {}
    path = tmp_path / "people.csv"
    assert run("answers.zip", "-o", str(path)) == (0, "one\ntwo\n", "")
    assert path.read_text(encoding="utf-8") == "row,gender\n1,man\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("where", "said"), [("", "is a folder"), ("no/p.csv", "is not there")])
def test_a_place_that_is_no_good_is_told_before_the_work(
    asked_for: dict[str, Any], tmp_path: Path, where: str, said: str
) -> None:
    code, out, err = run("answers.zip", "-o", str(tmp_path / where))
    assert (code, out) == (2, "")
    assert said in err
    assert asked_for == {}


def test_what_goes_wrong_is_one_line(
    asked_for: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise InputError("That is not\nto be replayed.")

    monkeypatch.setattr(undertow.calibrate.replay, "replay_archive", refuse)
    assert run("answers.zip", "--json") == (2, "", "undertow: That is not to be replayed.\n")
    assert asked_for == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.zip",), "there is no such file"),
        (("nowhere.zip", "--items", "37"), "--items must be from 8"),
        (("nowhere.zip", "--items", "7"), "--items must be from 8"),
        (("nowhere.zip", "--folds", "3"), "--folds must be auto, 0 or 5"),
        (("nowhere.zip", "--bank", "nowhere.json"), "nowhere.json: file: is not there"),
        (("nowhere.zip", "--recipe", "nowhere.toml"), "nowhere.toml: file: cannot be read"),
    ],
)
def test_wrong_input(arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("undertow: ")
    assert err.count("\n") == 1
    assert said in err


def test_help_is_plain() -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert out.isascii()
