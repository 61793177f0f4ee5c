"""Instrument files → instruments; answering them is left to `measure` and `service`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Formatter

from undertow.bank.item import Dimension, Instrument, Item, PartnerWord
from undertow.bank.person import Relationship
from undertow.content.toml_files import Table, read_toml

_TOP_KEYS = frozenset(
    {
        "id",
        "title",
        "version",
        "language",
        "licence",
        "source",
        "original",
        "categories",
        "frames",
        "partner_words",
        "items",
    }
)
_ITEM_KEYS = frozenset({"id", "adapts", "dimension", "keying", "facet", "scored", "gentle", "stem"})
_WORD_KEYS = frozenset({"id", "label", "forms"})
_FRAME_KEYS = frozenset(relationship.value for relationship in Relationship)


def parse_instrument(data: Mapping[str, object], *, file: str) -> Instrument:
    """An instrument from parsed TOML. Raises InstrumentError naming file, key and rule.

    `original = true` says that its items stand in the words that its bank was made with, so that
    none of them borrows another one's figures.
    """
    table = Table(data, file=file, key="")
    table.check_keys(_TOP_KEYS)
    original = table.truth("original", default=False)
    frames = table.table("frames")
    frames.check_keys(_FRAME_KEYS)
    return Instrument(
        id=table.text("id"),
        title=table.text("title"),
        version=table.text("version"),
        language=table.text("language"),
        # SAFETY P11: neither has a default, so a file without them cannot become an instrument.
        licence=table.text("licence"),
        source=table.text("source"),
        categories=_categories(table),
        frames=frames.strings(),
        partner_words=_words(table.rows("partner_words")),
        items=tuple(_item(row, original=original) for row in table.rows("items")),
        file=file,
    )


def load_instrument(path: Path) -> Instrument:
    """An instrument from its file. Raises InstrumentError naming file, key and rule."""
    return parse_instrument(read_toml(path), file=path.name)


def _categories(table: Table) -> tuple[str, ...]:
    categories = tuple(table.texts("categories"))
    if not all(label.strip() for label in categories):
        raise table.error("categories", "has an empty label")
    return categories


def _words(rows: list[Table]) -> tuple[PartnerWord, ...]:
    words: list[PartnerWord] = []
    for row in rows:
        row.check_keys(_WORD_KEYS)
        word = PartnerWord(
            id=row.text("id"), label=row.text("label"), forms=row.table("forms").any_strings()
        )
        if any(word.id == earlier.id for earlier in words):
            raise row.error("id", f"'{word.id}' is there twice")
        words.append(word)
    return tuple(words)


def _item(row: Table, *, original: bool) -> Item:
    row.check_keys(_ITEM_KEYS)
    keying = row.number("keying")
    if keying not in (1, -1):
        raise row.error("keying", "must be 1 or -1")
    scored = row.truth("scored", default=True)
    adapts = row.text("adapts", default="")
    if original and adapts:
        raise row.error("adapts", "an original instrument's items have figures of their own")
    gentle = row.truth("gentle", default=False)
    if gentle and not scored:
        raise row.error(
            "gentle", "is for scored items; one that is not scored is never asked first"
        )
    if scored and not adapts and not original:
        raise row.error("adapts", "a scored item must name the item whose figures it borrows")
    return Item(
        id=row.text("id"),
        dimension=row.choice("dimension", Dimension),
        keying=1 if keying == 1 else -1,
        stem=_stem(row),
        facet=row.text("facet"),
        adapts=adapts or None,
        scored=scored,
        gentle=gentle,
    )


def _stem(row: Table) -> str:
    """The stem, whose placeholders are plain names; the instrument checks that words fill them."""
    stem = row.text("stem")
    try:
        fields = [field for field in Formatter().parse(stem) if field[1] is not None]
    except ValueError:
        raise row.error("stem", "has a brace without its pair") from None
    for _, name, style, conversion in fields:
        # {partner.x} and {partner!r} would ask more of the word than that it be put there.
        if not str(name).isidentifier() or style or conversion:
            raise row.error("stem", "has a placeholder that is not a plain name, like {partner}")
    return stem
