"""`undertow serve`: who may be served, what a taken port says, and what never gets into a log."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from undertow.terminal.cli import app
from undertow.terminal.serve import PlacesOnly

SECRET = "a word that was typed by a person"


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("UNDERTOW_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("UNDERTOW_STATE_DIR", str(tmp_path))


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def one_line_on_stderr(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["serve", *arguments], catch_exceptions=False)
    assert done.exit_code == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return str(line)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])  # noqa: S104
def test_beyond_this_computer_it_must_be_known_who_runs_it(host: str) -> None:
    line = one_line_on_stderr("--host", host)
    for variable in ("UNDERTOW_OPERATOR", "UNDERTOW_SECRET", "UNDERTOW_HTTPS"):
        assert variable in line


def test_a_taken_port_is_one_clear_line(taken_port: int) -> None:
    line = one_line_on_stderr("--port", str(taken_port))
    assert line.startswith(f"undertow: Port {taken_port} on 127.0.0.1 is taken.")
    assert "--port" in line


def test_a_foreign_address_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERTOW_OPERATOR", "Op, op@example.org")
    monkeypatch.setenv("UNDERTOW_SECRET", "x" * 32)
    monkeypatch.setenv("UNDERTOW_HTTPS", "1")
    # An address of the block kept for documentation: no computer has it.
    assert "192.0.2.1 is not an address" in one_line_on_stderr("--host", "192.0.2.1")


def test_a_wrong_setting_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERTOW_SITTING_HOURS", "soon")
    assert "UNDERTOW_SITTING_HOURS" in one_line_on_stderr()


def test_it_answers_as_soon_as_it_says_where_and_stops_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "undertow", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.readline()
        found = re.fullmatch(r"Undertow runs at (http://127\.0\.0\.1:\d+) +\(Ctrl-C.*\)\n", said)
        assert found
        with urllib.request.urlopen(f"{found[1]}/?{SECRET.replace(' ', '+')}") as answer:  # noqa: S310
            assert answer.status == 200
            assert "server" not in {name.lower() for name in answer.headers}
        process.send_signal(signal.SIGINT)
        rest, errors = process.stdout.read(), process.stderr.read()
    assert process.returncode == 0
    assert errors == ""
    assert "http" not in rest


def test_a_failure_is_logged_without_its_message() -> None:
    """P1: an exception may quote what was sent."""

    def fail() -> None:
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise ValueError(f"could not use {SECRET}") from cause

    try:
        fail()
    except ValueError:
        record = logging.LogRecord(
            "uvicorn.error", logging.ERROR, "here", 1, "Exception in the app", (), sys.exc_info()
        )
    written = PlacesOnly().format(record)
    assert SECRET not in written
    for part in ("Exception in the app", "ValueError", "KeyError", "test_serve.py", "in fail"):
        assert part in written
