"""The check in a window of its own: width, pauses, colour, leaving; a pseudo-terminal stands in for it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.terminal.typed import FACTS, PATTERNS, one_line, report_of

from undertow.wiring import House

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[(?:\d+;)*3\d(?:;\d+)*m")
CLEAR = "\x1b[3J"
PATIENCE_SECONDS = 30


class Window:
    """`undertow check` on a pseudo-terminal; lines are typed when a question waits for them."""

    def __init__(self, columns: int, rows: int, environment: dict[str, str]) -> None:
        self.master, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "undertow", "check"],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env=environment,
            start_new_session=True,
            # Ctrl-C reaches only those whose terminal this is.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        os.close(inner)
        self.shown = ""
        self.seen = 0

    def read_to(self, wanted: str) -> None:
        """Reads on from what was last waited for until `wanted` comes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while wanted not in self.shown[self.seen :]:
            assert time.monotonic() < deadline, self.shown[self.seen :]
            if not self._read_some():
                raise AssertionError(f"ended before {wanted!r}: {self.shown[self.seen :]}")
        self.seen = self.shown.index(wanted, self.seen) + len(wanted)

    def type(self, line: str, then: str) -> None:
        os.write(self.master, f"{line}\n".encode())
        self.read_to(then)

    def press(self, key: bytes) -> None:
        os.write(self.master, key)

    def interrupt(self) -> None:
        """Ctrl-C, as a person does it: again when nothing happens.

        One that comes in the instant between the prompt and the wait for a line is seen only
        when the wait ends; that is Python's way with signals.
        """
        for _ in range(PATIENCE_SECONDS):
            self.press(b"\x03")
            ready, _, _ = select.select([self.master], [], [], 1)
            # The window echoes "^C" at once; what counts is that more comes, or the end.
            if ready and not (self._read_some() and self.shown.endswith("^C")):
                return
            ready, _, _ = select.select([self.master], [], [], 1)
            if ready:
                return
        raise AssertionError("Ctrl-C did nothing")

    def end(self) -> int:
        while self._read_some():
            pass
        return self.process.wait(timeout=PATIENCE_SECONDS)

    def _read_some(self) -> bool:
        ready, _, _ = select.select([self.master], [], [], PATIENCE_SECONDS)
        assert ready, "nothing more was said"
        try:
            said = os.read(self.master, 65536)
        except OSError:
            # The other side is gone: a pseudo-terminal's way of saying that the output has ended.
            return False
        self.shown += said.decode()
        return bool(said)

    def close(self) -> None:
        os.close(self.master)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


Opener = Callable[..., Window]


@pytest.fixture
def opened() -> Iterator[Opener]:
    with ExitStack() as stack:

        def make(columns: int = 80, rows: int = 24, **environment: str) -> Window:
            # COLUMNS and LINES would be taken for the window's size; test runners set them.
            not_this_window = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
            clean = {k: v for k, v in os.environ.items() if k not in not_this_window}
            settings = {"TERM": "xterm", "LANG": "C.UTF-8", **environment}
            window = Window(columns, rows, {**clean, **settings})
            stack.callback(window.close)
            return window

        yield make


def walk(window: Window, house: House, typed: list[str]) -> None:
    """To the first page of the result."""
    prompt = house.screens.say("terminal_prompt")
    window.read_to(house.screens.say("terminal_go_on"))
    for line in [*FACTS, *typed[:-1]]:
        window.type(line, prompt)
    window.type(typed[-1], house.screens.say("terminal_read_on"))


def read_on(window: Window, house: House) -> None:
    """From the first page of the result to its end."""
    more, end = house.screens.say("terminal_read_on"), house.screens.say("terminal_end")
    for _ in range(6):
        window.type("", more)
    window.type("", end)


@pytest.mark.parametrize("columns", [80, 40])
def test_the_whole_check_in_a_window(house: House, opened: Opener, columns: int) -> None:
    report, typed = report_of(house, PATTERNS["worried"])
    window = opened(columns)
    walk(window, house, typed)
    read_on(window, house)
    window.press(b"\n")
    assert window.end() == 0
    plain = ESCAPE.sub("", window.shown).replace("\r", "")
    for sentence in report.sentences():
        assert one_line(sentence) in one_line(plain)
    assert max(len(line) for line in plain.splitlines()) <= columns
    # It stays to be read: only leaving empties the window.
    assert CLEAR not in window.shown


def test_the_chart_and_its_legend_fit_a_window_of_24_rows(house: House, opened: Opener) -> None:
    _, typed = report_of(house, PATTERNS["worried"])
    window = opened(80, 24)
    walk(window, house, typed)
    before = len(window.shown)
    window.type("", house.screens.say("terminal_read_on"))
    page = ESCAPE.sub("", window.shown[before:]).replace("\r", "")
    from_axis = page[page.index(house.screens.say("chart_up")) :]
    assert len(from_axis.splitlines()) <= 24


def test_back_leafs_back_and_then_opens_the_last_question(house: House, opened: Opener) -> None:
    report, typed = report_of(house, PATTERNS["worried"])
    window = opened()
    walk(window, house, typed)
    more, prompt = house.screens.say("terminal_read_on"), house.screens.say("terminal_prompt")
    window.type("", more)
    window.type("b", report.headline.text[:20])
    window.read_to(more)
    window.type("b", house.screens.say("item_number", number=len(typed)))
    window.read_to(prompt)
    window.type(typed[-1], report.headline.text[:20])
    window.read_to(more)
    read_on(window, house)
    window.type("n", house.screens.say("numbers_title"))
    window.read_to(house.screens.say("terminal_end"))
    window.type("c", house.screens.say("item_number", number=len(typed)))


def test_p_turns_what_is_adjusted_off_and_on(house: House, opened: Opener) -> None:
    on, typed = report_of(house, PATTERNS["worried"])
    off, _ = report_of(house, PATTERNS["worried"], adjusted=False)
    assert on.adjustment.said != off.adjustment.said
    window = opened()
    walk(window, house, typed)
    for report, offered in ((on, "off"), (off, "on"), (on, "off")):
        read_on(window, house)
        after = ESCAPE.sub("", window.shown).replace("\r", "")
        said = one_line(after[after.rindex(house.screens.say("result_title")) :])
        for sentence in report.sentences():
            assert one_line(sentence) in said
        assert one_line(house.screens.say(f"terminal_adjust_{offered}")) in said
        window.type("p", house.screens.say("terminal_read_on"))


def test_leaving_empties_the_window(house: House, opened: Opener) -> None:
    window = opened()
    window.read_to(house.screens.say("terminal_go_on"))
    assert house.screens.say("terminal_clears") in window.shown
    window.type("", house.screens.say("terminal_prompt"))
    window.press(b"q\n")
    assert window.end() == 0
    after = window.shown[window.shown.rindex(CLEAR) :]
    assert house.screens.say("terminal_left") in after
    assert house.check.help_note.lines[0].say in after


def test_ctrl_c_leaves_at_once(house: House, opened: Opener) -> None:
    window = opened()
    window.read_to(house.screens.say("terminal_go_on"))
    window.interrupt()
    assert window.end() == 130
    after = window.shown[window.shown.rindex(CLEAR) :]
    assert house.screens.say("terminal_left") in after
    assert "Traceback" not in window.shown


def test_ctrl_d_before_the_end_is_one_clear_line(house: House, opened: Opener) -> None:
    window = opened()
    window.read_to(house.screens.say("terminal_go_on"))
    window.press(b"\x04")
    assert window.end() == 2
    assert f"undertow: {house.screens.say('terminal_ended')}" in window.shown


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_colour_only_where_it_is_wanted(
    house: House, opened: Opener, environment: dict[str, str], coloured: bool
) -> None:
    window = opened(**environment)
    window.read_to(house.screens.say("terminal_go_on"))
    assert bool(COLOUR.search(window.shown)) is coloured


def test_a_dumb_terminal_gets_no_escapes_at_all(house: House, opened: Opener) -> None:
    window = opened(TERM="dumb")
    window.read_to(house.screens.say("terminal_go_on"))
    assert house.screens.say("terminal_clears") not in window.shown
    window.press(b"q\n")
    assert window.end() == 0
    assert "\x1b" not in window.shown
