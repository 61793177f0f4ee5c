"""One person at one terminal: how lines are printed and typed; what is said is left to `check`.

Plain lines from top to bottom, so that a pipe and a screen reader get the same words in the same
order. Bold and colour come only where there is a terminal, and carry no meaning of their own.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from enum import StrEnum
from io import TextIOWrapper
from types import MappingProxyType
from typing import TextIO

from rich.console import Console
from rich.text import Text

from undertow.terminal.plane_text import Ink, PlaneText, PlotSize, ink_for, plot_size

_WIDEST = 74
"""Columns of text; longer lines are hard to read."""
_INDENT = "  "
_PLAIN_LETTERS = MappingProxyType(str.maketrans({
    "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-", "×": "x", "·": "-",
    "…": "...", "\u00a0": " ",
}))  # fmt: skip


class Tone(StrEnum):
    """What a line is. The words of `rich` for it; the terminal's own colours, so any background suits."""

    HEADING = "bold cyan"
    STRONG = "bold"
    BODY = ""


_RING_STYLE = "cyan"
_PLACE_STYLE = "bold red"


class InputEnded(Exception):
    """Nothing more will be typed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """One stream that is written to, as a person reads it."""

    console: Console
    windowed: bool
    """Whether a person sees this stream in a window of some width and height."""

    def say(self, text: str = "", *, tone: Tone = Tone.BODY, lead: str = "") -> None:
        """One paragraph; `lead` stands before its first line, and the others align with its text."""
        first, rest = _INDENT + lead, _INDENT + " " * len(lead)
        if tone is Tone.HEADING:
            first = rest = ""
        if not text:
            self._print(Text())
        elif self.windowed:
            lines = textwrap.wrap(
                self._carried(text),
                width=self.width,
                initial_indent=first,
                subsequent_indent=rest,
                break_on_hyphens=False,
            )
            for line in lines:
                self._print(Text(line, style=tone.value))
        else:
            # Whoever reads a pipe wraps lines as it suits them.
            self._print(Text(self._carried(first + text), style=tone.value))

    def draw(self, plane: PlaneText) -> None:
        """The drawing, its rings and its place coloured where there is colour."""
        self._print(Text(plane.head))
        for line in plane.plot_lines:
            drawn = Text(line)
            for mark in plane.ink.rings:
                drawn.highlight_words([mark], _RING_STYLE)
            drawn.highlight_words([plane.ink.place], _PLACE_STYLE)
            self._print(drawn)
        for line in plane.foot:
            self._print(Text(line))

    @property
    def width(self) -> int:
        if not self.windowed:
            return _WIDEST
        return max(20, min(_WIDEST, self._window()[0] - 1))

    @property
    def plot_size(self) -> PlotSize:
        return plot_size(self.width, self._window()[1] if self.windowed else None)

    @property
    def ink(self) -> Ink:
        return ink_for(self.console.encoding)

    def fits(self, text: str) -> bool:
        """Whether a text takes one line, with room behind it to type."""
        return len(_INDENT) + len(text) < self.width

    @property
    def can_clear(self) -> bool:
        return self.windowed and not self.console.is_dumb_terminal

    def clear(self) -> None:
        """Empties the window and what could be scrolled back to."""
        self.console.file.write("\x1b[H\x1b[2J\x1b[3J")
        self.console.file.flush()

    def prompt(self, text: str) -> None:
        self._print(Text(self._carried(f"{_INDENT}{text} ")), end="")
        self.console.file.flush()

    def _window(self) -> tuple[int, int]:
        size = self.console.size
        return size.width, size.height

    def _print(self, text: Text, end: str = "\n") -> None:
        self.console.print(text, end=end, soft_wrap=True)

    def _carried(self, text: str) -> str:
        """The text in letters that the stream can carry."""
        encoding = self.console.encoding
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            plain = text.translate(_PLAIN_LETTERS)
            return plain.encode(encoding, errors="replace").decode(encoding)
        return text


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Voice:
    """A conversation: questions go to `talk`, the result to `page`, answers come from `typed`.

    `pauses` is true where a person sits at a terminal and reads page by page.
    """

    talk: Page
    page: Page
    typed: TextIO
    pauses: bool

    @property
    def clears(self) -> bool:
        """Whether leaving empties the window: only one that the person types into."""
        return self.pauses and self.talk.can_clear

    def ask(self, prompt: str) -> str:
        """The next line that is typed, without what could steer a terminal. Raises InputEnded."""
        self.talk.prompt(prompt)
        line = self.typed.readline()
        if not self.pauses:
            # What is typed into a pipe is not seen, so the line would never end.
            self.talk.say()
        if not line:
            raise InputEnded
        return "".join(letter for letter in line if letter.isprintable()).strip()


def open_voice(typed: TextIO, out: TextIO, err: TextIO, *, result_on_out: bool = True) -> Voice:
    """A conversation on the given streams.

    When a person sits at the terminal and `out` leads elsewhere, or is wanted for something
    else, the questions go to `err`, so that `out` holds the result alone.
    """
    if isinstance(typed, TextIOWrapper):
        # Bytes that are no text are a wrong answer like any other, not the end.
        typed.reconfigure(errors="replace")
    person_there = typed.isatty()
    elsewhere = not result_on_out or (person_there and not out.isatty())
    talk = _page(err if elsewhere else out)
    return Voice(
        talk=talk,
        page=_page(out),
        typed=typed,
        pauses=person_there and talk.windowed,
    )


def _page(stream: TextIO) -> Page:
    return Page(
        console=Console(file=stream, highlight=False, markup=False, emoji=False),
        windowed=stream.isatty(),
    )
