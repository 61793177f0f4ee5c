"""Asks a parsed recipe for values by kind, each with its default; what they mean is left to `recipe`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from undertow.errors import InstrumentError

LARGEST_CODE = 2**31 - 1
MOST_ITEMS = 1_000
"""The longest questionnaires have under 600; a range such as Q1-Q999999999 must not fill memory."""

_RANGE = re.compile(r"(.*?)([0-9]{1,9})-\1([0-9]{1,9})")
_NUMBER = re.compile(r"[+-]?[0-9]+")
_LONGEST_TEXT_CODE = 40


class RecipeReader:
    """Values of parsed TOML by their path; a wrong one raises, naming file, key and rule.

    A `default` stands in when the key, or the table it is in, is absent. Without one it is needed.
    """

    def __init__(self, data: Mapping[str, object], file: str) -> None:
        self._data = data
        self._file = file

    def error(self, key: str, rule: str) -> InstrumentError:
        return InstrumentError(file=self._file, key=key, rule=rule)

    def check_keys(self, table: str, known: Sequence[str]) -> None:
        """Refuses a key that nothing reads: most often a typing mistake."""
        if table and table not in self._data:
            return
        for key in self.table(table) if table else self._data:
            if key not in known:
                raise self.error(f"{table}.{key}".strip("."), "is not a known key")

    def has(self, *path: str) -> bool:
        here: object = self._data
        for step in path:
            if not isinstance(here, Mapping) or step not in here:
                return False
            here = here[step]
        return True

    def table(self, *path: str) -> Mapping[str, object]:
        value = self._value(*path)
        if not isinstance(value, Mapping):
            raise self.error(".".join(path), "must be a table")
        return value

    def text(self, *path: str, default: str | None = None) -> str:
        if default is not None and not self.has(*path):
            return default
        value = self._value(*path)
        if not isinstance(value, str) or not (value.strip() or value == "\t"):
            raise self.error(".".join(path), "must be text")
        return value

    def whole(self, *path: str, default: int | None = None) -> int:
        if default is not None and not self.has(*path):
            return default
        value = self._value(*path)
        if not _is_whole(value):
            raise self.error(".".join(path), "must be a whole number")
        return value

    def wholes(self, *path: str, default: tuple[int, ...]) -> tuple[int, ...]:
        if not self.has(*path):
            return default
        value = self._value(*path)
        if not isinstance(value, list) or not all(_is_whole(v) for v in value):
            raise self.error(".".join(path), "must be a list of whole numbers")
        return tuple(value)

    def texts(self, *path: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        if default is not None and not self.has(*path):
            return default
        value = self._value(*path)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.error(".".join(path), "must be a list of texts")
        return tuple(value)

    def columns(self, *path: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Names of columns, with each range such as "Q1-Q10" spelled out in full."""
        names: list[str] = []
        for name in self.texts(*path, default=default):
            if not name.strip() or not name.isprintable():
                raise self.error(".".join(path), "must hold names of columns")
            names += self._spelled_out(name, ".".join(path))
            if len(names) > MOST_ITEMS:
                raise self.error(".".join(path), f"names more than {MOST_ITEMS:,} columns")
        return tuple(names)

    def codes(
        self, *path: str, default: tuple[int, ...]
    ) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Codes that stand for no answer: the whole numbers among them, and the texts.

        A text such as "99" is the number: in the file the two look the same.
        """
        if not self.has(*path):
            return default, ()
        value = self._value(*path)
        if not isinstance(value, list):
            raise self.error(".".join(path), "must be a list of whole numbers and texts")
        numbers: list[int] = []
        texts: list[str] = []
        for code in value:
            if isinstance(code, str) and not _NUMBER.fullmatch(code.strip()[:11]):
                if len(code) > _LONGEST_TEXT_CODE or not code.isprintable() or '"' in code:
                    raise self.error(".".join(path), "holds a text that is no plain word")
                texts.append(code.strip())
            else:
                number = int(code.strip()[:11]) if isinstance(code, str) else code
                if not _is_whole(number):
                    raise self.error(".".join(path), "must be a list of whole numbers and texts")
                numbers.append(number)
        return tuple(numbers), tuple(texts)

    def _value(self, *path: str) -> object:
        here: object = self._data
        for at, step in enumerate(path):
            if not isinstance(here, Mapping):
                raise self.error(".".join(path[:at]), "must be a table")
            if step not in here:
                raise self.error(".".join(path), "is missing")
            here = here[step]
        return here

    def _spelled_out(self, name: str, key: str) -> list[str]:
        match = _RANGE.fullmatch(name)
        if match is None:
            return [name]
        prefix, first, last = match.groups()
        if not int(first) < int(last) < int(first) + MOST_ITEMS:
            raise self.error(key, f"range {name} must rise, over at most {MOST_ITEMS:,} columns")
        # Q01-Q10 has names of one length, Q1-Q10 hasn't.
        width = len(first) if first.startswith("0") else 0
        return [f"{prefix}{number:0{width}}" for number in range(int(first), int(last) + 1)]


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_CODE
