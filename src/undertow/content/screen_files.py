"""The screens' words from their TOML files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from undertow.content.toml_files import Table, read_toml
from undertow.reading.texts import Texts
from undertow.service.screens import Choice, FactScreen, Screens


def parse_screens(
    data: Mapping[str, object], sources: Mapping[str, object], *, file: str
) -> Screens:
    """Screens from parsed TOML. Raises InstrumentError naming file, key and rule."""
    table = Table(data, file=file, key="")
    return Screens(
        texts=Texts(sentences=table.table("texts").strings(), file=file),
        facts={name: _fact(row) for name, row in table.table("facts").tables().items()},
        lists=table.table("lists").text_lists(),
        sources=Table(sources, file="sources.toml", key="").strings(),
    )


def load_screens(path: Path, sources: Path) -> Screens:
    return parse_screens(read_toml(path), read_toml(sources), file=path.name)


def _fact(table: Table) -> FactScreen:
    return FactScreen(
        title=table.text("title"),
        why=table.text("why"),
        choices=tuple(
            Choice(value=row.text("value"), label=row.text("label"))
            for row in table.rows("choices")
        ),
    )
