"""Items and the instrument they belong to; where the file lies is left to `content`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from undertow.errors import InstrumentError, ResponseError

Keying = Literal[1, -1]


class Dimension(StrEnum):
    """The two dimensions, in the order of every array's D axis."""

    ANXIETY = "anxiety"
    AVOIDANCE = "avoidance"


DIMENSIONS: tuple[Dimension, ...] = (Dimension.ANXIETY, Dimension.AVOIDANCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerWord:
    """How the partner is spoken of in a stem: one set of forms, chosen once by the person.

    `forms` fills the placeholders of a stem, for instance `{partner}` and `{partners}`.
    """

    id: str
    label: str
    forms: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question. `adapts` names the item of the source instrument whose parameters it borrows.

    A `gentle` one is mild enough to come first.
    """

    id: str
    dimension: Dimension
    keying: Keying
    stem: str
    facet: str
    adapts: str | None = None
    scored: bool = True
    gentle: bool = False

    def text(self, word: PartnerWord) -> str:
        """The stem with the partner's word in it, first letter upper case."""
        filled = self.stem.format_map(dict(word.forms))
        return filled[:1].upper() + filled[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A questionnaire as data: items, answer categories, licence and source.

    Raises InstrumentError (naming `file`, key and rule) when the parts do not fit together.
    SAFETY P11: an instrument without licence and source cannot be built.
    """

    id: str
    title: str
    version: str
    language: str
    licence: str
    source: str
    categories: tuple[str, ...]
    items: tuple[Item, ...]
    partner_words: tuple[PartnerWord, ...]
    frames: Mapping[str, str] = field(default_factory=dict)
    file: str = "instrument"

    def __post_init__(self) -> None:
        for key in ("id", "title", "version", "language", "licence", "source"):
            if not getattr(self, key).strip():
                raise InstrumentError(file=self.file, key=key, rule="is required and empty")
        if len(self.categories) < 2:
            raise InstrumentError(
                file=self.file, key="categories", rule="needs at least two answer categories"
            )
        seen: set[str] = set()
        for item in self.items:
            if item.id in seen:
                raise InstrumentError(file=self.file, key=item.id, rule="is there twice")
            seen.add(item.id)
        if not self.partner_words:
            raise InstrumentError(
                file=self.file, key="partner_words", rule="needs at least one entry"
            )
        for word in self.partner_words:
            for item in self.items:
                try:
                    item.text(word)
                except (KeyError, IndexError, ValueError, AttributeError, TypeError):
                    raise InstrumentError(
                        file=self.file,
                        key=item.id,
                        rule=f"has a placeholder that partner word '{word.id}' does not fill",
                    ) from None

    @property
    def scored_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.scored)

    @property
    def gentle_ids(self) -> frozenset[str]:
        """The scored items that may come first; none, where any may."""
        return frozenset(item.id for item in self.scored_items if item.gentle)

    def item(self, item_id: str) -> Item:
        for item in self.items:
            if item.id == item_id:
                return item
        raise ResponseError("That question is not part of this self-check. Answer the one shown.")

    def partner_word(self, word_id: str) -> PartnerWord:
        """The chosen word's forms; an unknown choice falls back to the first, which is neutral."""
        for word in self.partner_words:
            if word.id == word_id:
                return word
        return self.partner_words[0]
