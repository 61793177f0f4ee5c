"""Instrument files → instruments; answering them is left to `measure` and `service`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from undertow.bank.item import Dimension, Instrument, Item, PartnerWord
from undertow.content.toml_files import Table, read_toml

_TOP_KEYS = frozenset(
    {
        "id",
        "title",
        "version",
        "language",
        "licence",
        "source",
        "categories",
        "frames",
        "partner_words",
        "items",
    }
)
_ITEM_KEYS = frozenset({"id", "adapts", "dimension", "keying", "facet", "scored", "stem"})
_WORD_KEYS = frozenset({"id", "label", "forms"})


def parse_instrument(data: Mapping[str, object], *, file: str) -> Instrument:
    """An instrument from parsed TOML. Raises InstrumentError naming file, key and rule."""
    table = Table(data, file=file, key="")
    table.check_keys(_TOP_KEYS)
    return Instrument(
        id=table.text("id"),
        title=table.text("title"),
        version=table.text("version"),
        language=table.text("language"),
        licence=table.text("licence"),
        source=table.text("source"),
        categories=tuple(table.texts("categories")),
        frames=table.table("frames").strings(),
        partner_words=tuple(_word(row) for row in table.rows("partner_words")),
        items=tuple(_item(row) for row in table.rows("items")),
        file=file,
    )


def load_instrument(path: Path) -> Instrument:
    """An instrument from its file. Raises InstrumentError naming file, key and rule."""
    return parse_instrument(read_toml(path), file=path.name)


def _word(row: Table) -> PartnerWord:
    row.check_keys(_WORD_KEYS)
    return PartnerWord(
        id=row.text("id"), label=row.text("label"), forms=row.table("forms").any_strings()
    )


def _item(row: Table) -> Item:
    row.check_keys(_ITEM_KEYS)
    keying = row.number("keying")
    if keying not in (1, -1):
        raise row.error("keying", "must be 1 or -1")
    scored = row.truth("scored", default=True)
    adapts = row.text("adapts", default="")
    if scored and not adapts:
        raise row.error("adapts", "a scored item must name the item whose figures it borrows")
    return Item(
        id=row.text("id"),
        dimension=row.choice("dimension", Dimension),
        keying=1 if keying == 1 else -1,
        stem=row.text("stem"),
        facet=row.text("facet"),
        adapts=adapts or None,
        scored=scored,
    )
