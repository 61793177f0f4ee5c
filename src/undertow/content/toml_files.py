"""TOML files whose values are asked for by kind, so that a wrong one names file, key and rule."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from undertow.errors import InstrumentError

Kind = TypeVar("Kind")


def read_toml(path: Path) -> Mapping[str, object]:
    """A TOML file's content. Raises InstrumentError when it is missing or not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InstrumentError(file=path.name, key="file", rule="is not there") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InstrumentError(file=path.name, key="file", rule=f"is not TOML: {error}") from None


class Table:
    """A table of a TOML file; asking for a value of the wrong kind raises InstrumentError."""

    def __init__(self, data: Mapping[str, object], *, file: str, key: str) -> None:
        self._data = data
        self._file = file
        self._key = key

    def error(self, key: str, rule: str) -> InstrumentError:
        return InstrumentError(file=self._file, key=f"{self._key}{key}", rule=rule)

    def check_keys(self, known: frozenset[str]) -> None:
        """Refuses a key that nothing reads: most often a typing mistake."""
        for key in self._data:
            if key not in known:
                raise self.error(key, "is not a known key")

    def truth(self, key: str, *, default: bool) -> bool:
        value = self._data.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "must be true or false")
        return value

    def text(self, key: str, *, default: str | None = None) -> str:
        value = self._data.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(key, "must be text")
        return value

    def number(self, key: str) -> float:
        value = self._data.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, "must be a number")
        return float(value)

    def numbers(self, key: str) -> list[float]:
        value = self._data.get(key)
        if not isinstance(value, list) or not all(isinstance(v, int | float) for v in value):
            raise self.error(key, "must be a list of numbers")
        return [float(v) for v in value]

    def texts(self, key: str) -> list[str]:
        value = self._data.get(key)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.error(key, "must be a list of texts")
        return [str(v) for v in value]

    def choice(self, key: str, kind: type[Kind]) -> Kind:
        try:
            return kind(self.text(key))  # type: ignore[call-arg]
        except ValueError:
            raise self.error(key, "is not one of the known words") from None

    def table(self, key: str) -> Table:
        value = self._data.get(key)
        if not isinstance(value, dict):
            raise self.error(key, "must be a table")
        return Table(value, file=self._file, key=f"{self._key}{key}.")

    def rows(self, key: str) -> list[Table]:
        value = self._data.get(key)
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.error(key, "must be a list of tables")
        return [
            Table(row, file=self._file, key=f"{self._key}{key}[{index}].")
            for index, row in enumerate(value)
        ]

    def strings(self) -> dict[str, str]:
        return {key: self.text(key) for key in self._data}

    def any_strings(self) -> dict[str, str]:
        """As `strings`, empty ones allowed."""
        return {key: self.text(key, default="") for key in self._data}

    def tables(self) -> dict[str, Table]:
        return {key: self.table(key) for key in self._data}

    def text_lists(self) -> dict[str, tuple[str, ...]]:
        return {key: tuple(self.texts(key)) for key in self._data}
