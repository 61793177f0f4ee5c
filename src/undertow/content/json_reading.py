"""Values out of parsed JSON by their kind; what they mean is left to whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from undertow.errors import InstrumentError

_LARGEST = 1e12
"""No figure of a bank comes near; what lies beyond, NaN included, is no number here."""


class Reading:
    """Asks parsed JSON for values by kind; a wrong one names file, key and rule."""

    def __init__(self, file: str) -> None:
        self._file = file

    def error(self, key: str, rule: str) -> InstrumentError:
        return InstrumentError(file=self._file, key=key, rule=rule)

    def text(self, data: Mapping[str, object], key: str, *, inside: str = "") -> str:
        value = data.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{inside}{key}", "must be text")
        return value

    def optional_text(
        self, data: Mapping[str, object], key: str, *, inside: str = ""
    ) -> str | None:
        return None if data.get(key) is None else self.text(data, key, inside=inside)

    def number(self, data: Mapping[str, object], key: str, *, inside: str = "") -> float:
        value = data.get(key)
        if not _is_number(value):
            raise self.error(f"{inside}{key}", "must be a number")
        return float(value)

    def whole(self, data: Mapping[str, object], key: str, *, inside: str = "") -> int:
        value = data.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(f"{inside}{key}", "must be a whole number")
        return value

    def numbers(
        self, data: Mapping[str, object], key: str, *, inside: str = ""
    ) -> tuple[float, ...]:
        value = data.get(key)
        if not isinstance(value, list) or not all(_is_number(v) for v in value):
            raise self.error(f"{inside}{key}", "must be a list of numbers")
        return tuple(float(v) for v in value)

    def mapping(
        self, data: Mapping[str, object], key: str, *, inside: str = ""
    ) -> Mapping[str, object]:
        value = data.get(key)
        if not isinstance(value, Mapping):
            raise self.error(f"{inside}{key}", "must be a table")
        return value

    def rows(self, data: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
        value = data.get(key)
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            raise self.error(key, "must be a list of tables")
        return value


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST
