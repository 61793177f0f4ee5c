"""The sentences on change from their TOML file; which of them are said is left to `reading`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from undertow.content.toml_files import Table, read_toml
from undertow.reading.texts import Texts


def parse_change_texts(data: Mapping[str, object], *, file: str) -> Texts:
    """Texts from parsed TOML. Raises InstrumentError naming file, key and rule."""
    table = Table(data, file=file, key="")
    table.check_keys(frozenset({"texts"}))
    return Texts(sentences=table.table("texts").strings(), file=file)


def load_change_texts(path: Path) -> Texts:
    return parse_change_texts(read_toml(path), file=path.name)
