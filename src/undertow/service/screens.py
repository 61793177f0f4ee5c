"""The words of the screens as values, the same for web and terminal; drawing them is left to both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from undertow.errors import InstrumentError
from undertow.reading.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer to a fact question: the value that is kept and the words that are shown."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactScreen:
    """One fact question: what is asked, why, and the choices in order."""

    title: str
    why: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screens:
    """Titles, buttons and paragraphs by id; the fact questions by the stage that asks them.

    `sources` are short citations by the source keys that statements carry.
    """

    texts: Texts
    facts: Mapping[str, FactScreen]
    lists: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, str]

    def say(self, text_id: str, **values: object) -> str:
        """A screen's text with its values filled in. Raises InstrumentError when it is not there."""
        return self.texts.say(text_id, **values)

    def paragraphs(self, list_id: str) -> tuple[str, ...]:
        """A page's paragraphs. Raises InstrumentError when they are not there."""
        if list_id not in self.lists:
            raise InstrumentError(file=self.texts.file, key=f"lists.{list_id}", rule="is missing")
        return self.lists[list_id]
