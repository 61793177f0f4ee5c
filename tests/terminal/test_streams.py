"""The real command between real pipes: encodings, and which stream carries what."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from tests.terminal.typed import FACTS, PATTERNS, one_line, report_of, result_of

from undertow.terminal.voice import InputEnded, open_voice
from undertow.wiring import House


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def piped(text: bytes, *options: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "undertow", "check", *options],
        input=text,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )


def lines_of(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def test_a_pipe_gets_plain_lines(house: House) -> None:
    report, typed = report_of(house, PATTERNS["a few that don't fit"])
    done = piped(lines_of(*FACTS, *typed), FORCE_COLOR="", PYTHONIOENCODING="utf-8")
    assert (done.returncode, done.stderr) == (0, b"")
    said = done.stdout.decode()
    assert "\x1b" not in said
    assert "\r" not in said
    for sentence in report.sentences():
        # In a pipe nothing is wrapped, so that a search finds whole sentences.
        assert one_line(sentence) in said


def test_a_pipe_that_carries_only_ascii(house: House) -> None:
    report, typed = report_of(house, PATTERNS["a few that don't fit"])
    done = piped(lines_of(*FACTS, *typed), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    result = one_line(result_of(done.stdout.decode("ascii"), house))
    for sentence in report.sentences():
        assert one_line(sentence) in result
    assert "+ your place, o inner ring, . outer ring" in result


def test_bytes_that_are_no_text_are_asked_again(house: House) -> None:
    _, typed = report_of(house, PATTERNS["a few that don't fit"])
    text = lines_of(*FACTS) + b"\xff\xfe\n\x00\n" + lines_of(*typed)
    done = piped(text, PYTHONIOENCODING="utf-8:strict")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().count(house.screens.say("terminal_unknown")) == 2


def test_lines_may_end_as_on_windows(house: House) -> None:
    report, typed = report_of(house, PATTERNS["a few that don't fit"])
    done = piped(lines_of(*FACTS, *typed).replace(b"\n", b"\r\n"), PYTHONIOENCODING="utf-8")
    assert done.returncode == 0
    assert report.headline.text in done.stdout.decode()


@pytest.mark.parametrize(
    ("typed_by_person", "out_is_window", "for_json", "talk_on"),
    [
        (True, True, False, "out"),
        (True, False, False, "err"),
        (False, False, False, "out"),
        (False, True, False, "out"),
        (True, True, True, "err"),
        (False, False, True, "err"),
    ],
)
def test_questions_keep_off_a_stream_that_is_wanted_for_the_result(
    *, typed_by_person: bool, out_is_window: bool, for_json: bool, talk_on: str
) -> None:
    out = Terminal() if out_is_window else io.StringIO()
    err = Terminal()
    typed = Terminal("an answer\n") if typed_by_person else io.StringIO("an answer\n")
    voice = open_voice(typed, out, err, result_on_out=not for_json)
    assert voice.ask("Your answer:") == "an answer"
    streams = {"out": out.getvalue(), "err": err.getvalue()}
    assert "Your answer:" in streams.pop(talk_on)
    assert "Your answer:" not in "".join(streams.values())
    assert voice.page.console.file is out


def test_an_empty_line_is_a_line_and_the_end_is_not() -> None:
    voice = open_voice(io.StringIO("\n"), io.StringIO(), io.StringIO())
    assert voice.ask("?") == ""
    with pytest.raises(InputEnded):
        voice.ask("?")
