"""How one archive is laid out and what may be used of it, as data; reading it is left to `archive`."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from undertow.bank.item import Dimension, Keying
from undertow.errors import InstrumentError

BUILT_IN_RECIPE = Path(__file__).parent.parent / "content" / "recipes" / "ecr-2018.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeItem:
    """A column that holds answers to one item."""

    column: str
    dimension: Dimension
    keying: Keying


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """An archive's layout. `age` is (column, lowest, highest); `gender` is (column, word by code)."""

    id: str
    title: str
    instrument: str
    licence: str
    source: str
    file_name: str
    separator: str
    lowest: int
    highest: int
    missing: tuple[int, ...]
    items: tuple[RecipeItem, ...]
    age: tuple[str, int, int] | None
    gender: tuple[str, Mapping[int, str]] | None
    other_columns: tuple[str, ...]
    sample: Mapping[str, str]
    norm_names: Mapping[str, str]
    norm_ages: tuple[str, ...]
    norm_least_rows: int
    sha256: str

    @property
    def categories(self) -> int:
        return self.highest - self.lowest + 1

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the archive may have."""
        named = [item.column for item in self.items]
        if self.age:
            named.append(self.age[0])
        if self.gender:
            named.append(self.gender[0])
        return (*named, *self.other_columns)


def load_recipe(path: Path) -> Recipe:
    """A recipe from a TOML file. Raises InstrumentError naming file, key and rule."""
    try:
        text = path.read_bytes()
        data = tomllib.loads(text.decode("utf-8"))
    except OSError:
        raise InstrumentError(file=path.name, key="file", rule="cannot be read") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InstrumentError(file=path.name, key="file", rule=f"is not TOML: {error}") from None
    return parse_recipe(data, file=path.name, sha256=hashlib.sha256(text).hexdigest())


def parse_recipe(data: Mapping[str, object], *, file: str, sha256: str = "") -> Recipe:
    """A recipe from parsed TOML. Raises InstrumentError naming file, key and rule."""
    read = _Reader(data, file)
    lowest, highest = read.whole("answers", "lowest"), read.whole("answers", "highest")
    if highest <= lowest:
        raise read.error("answers.highest", "must be above answers.lowest")
    items = _items(read)
    missing = read.wholes("answers", "missing")
    if any(lowest <= code <= highest for code in missing):
        raise read.error("answers.missing", "must lie outside lowest..highest")
    separator = read.text("file", "separator")
    if len(separator) != 1:
        raise read.error("file.separator", "must be one character")
    return Recipe(
        id=read.text("id"),
        title=read.text("title"),
        instrument=read.text("instrument"),
        licence=read.text("licence"),
        source=read.text("source"),
        file_name=read.text("file", "name"),
        separator=separator,
        lowest=lowest,
        highest=highest,
        missing=missing,
        items=items,
        age=_age(read),
        gender=_gender(read),
        other_columns=read.texts("other_columns", "names") if "other_columns" in data else (),
        sample={key: read.text("sample", key) for key in ("name", "who", "collected", "how")},
        norm_names={key: read.text("norms", key) for key in ("pooled", "man", "woman")},
        norm_ages=read.texts("norms", "ages"),
        norm_least_rows=read.whole("norms", "least_rows"),
        sha256=sha256,
    )


def _items(read: _Reader) -> tuple[RecipeItem, ...]:
    reversed_columns = set(read.texts("items", "reversed"))
    items: list[RecipeItem] = []
    for dimension in Dimension:
        columns = read.texts("items", dimension.value)
        if not columns:
            raise read.error(f"items.{dimension.value}", "needs at least one column")
        items += [
            RecipeItem(column=c, dimension=dimension, keying=-1 if c in reversed_columns else 1)
            for c in columns
        ]
    known = [item.column for item in items]
    if len(set(known)) != len(known):
        raise read.error("items", "names a column twice")
    if reversed_columns - set(known):
        raise read.error("items.reversed", "names a column that is no item")
    return tuple(items)


def _age(read: _Reader) -> tuple[str, int, int] | None:
    if not read.has("age"):
        return None
    return read.text("age", "column"), read.whole("age", "lowest"), read.whole("age", "highest")


def _gender(read: _Reader) -> tuple[str, Mapping[int, str]] | None:
    if not read.has("gender"):
        return None
    codes = read.value("gender", "codes")
    if not isinstance(codes, dict) or not all(isinstance(v, int) for v in codes.values()):
        raise read.error("gender.codes", "must give a number for each word")
    return read.text("gender", "column"), {code: word for word, code in codes.items()}


class _Reader:
    """Asks parsed TOML for values by kind; a wrong one names file, key and rule."""

    def __init__(self, data: Mapping[str, object], file: str) -> None:
        self._data = data
        self._file = file

    def error(self, key: str, rule: str) -> InstrumentError:
        return InstrumentError(file=self._file, key=key, rule=rule)

    def has(self, key: str) -> bool:
        return key in self._data

    def value(self, *path: str) -> object:
        here: object = self._data
        for step in path:
            if not isinstance(here, Mapping) or step not in here:
                raise self.error(".".join(path), "is missing")
            here = here[step]
        return here

    def text(self, *path: str) -> str:
        value = self.value(*path)
        if not isinstance(value, str) or not value:
            raise self.error(".".join(path), "must be text")
        return value

    def whole(self, *path: str) -> int:
        value = self.value(*path)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(".".join(path), "must be a whole number")
        return value

    def wholes(self, *path: str) -> tuple[int, ...]:
        value = self.value(*path)
        if not isinstance(value, list) or not all(isinstance(v, int) for v in value):
            raise self.error(".".join(path), "must be a list of whole numbers")
        return tuple(value)

    def texts(self, *path: str) -> tuple[str, ...]:
        value = self.value(*path)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.error(".".join(path), "must be a list of texts")
        return tuple(value)
