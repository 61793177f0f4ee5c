"""Plain lines out, plain lines in: for a terminal, a pipe and a screen reader alike."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.text import Text

from undertow.errors import InputError

_WIDEST = 76
"""Lines longer than this are hard to follow."""


class Talk:
    """Says paragraphs and reads lines. Colour and bold only where a terminal shows them."""

    def __init__(self, *, answers: TextIO, out: TextIO, ended: str) -> None:
        self._answers = answers
        self._ended = ended
        probe = Console(file=out)
        self.width = min(probe.width if probe.is_terminal else _WIDEST, _WIDEST)
        self.encoding = getattr(out, "encoding", None)
        self._console = Console(
            file=out, width=self.width, highlight=False, markup=False, emoji=False
        )

    def say(self, text: str = "", *, style: str = "") -> None:
        """One paragraph, wrapped at words."""
        self._console.print(Text(self._writable(text), style=style))

    def heading(self, text: str) -> None:
        self.say()
        self.say(text, style="bold")

    def drawing(self, lines: tuple[str, ...]) -> None:
        """Lines that must not be wrapped."""
        for line in lines:
            self._console.print(Text(line), no_wrap=True, overflow="crop")

    def ask(self) -> str:
        """The next line, without what surrounds it. Raises InputError when there is none."""
        self._console.print("> ", end="")
        line = self._answers.readline()
        if not line:
            self._console.print()
            raise InputError(self._ended)
        return line.strip()

    def _writable(self, text: str) -> str:
        """The text in what the terminal's encoding can carry."""
        encoding = self.encoding or "ascii"
        plain = text.replace("“", '"').replace("”", '"').replace("’", "'").replace(" · ", " | ")
        try:
            text.encode(encoding)
        except LookupError:
            return plain
        except UnicodeEncodeError:
            return plain.encode(encoding, "replace").decode(encoding)
        return text
