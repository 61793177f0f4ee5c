"""How one archive is laid out and what may be used of it, as data; reading it is left to `archive`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeGuard

from undertow.bank.checksum import content_checksum
from undertow.bank.item import Dimension, Keying
from undertow.errors import InstrumentError

BUILT_IN_RECIPE = Path(__file__).parent.parent / "content" / "recipes" / "ecr-2018.toml"

_LEAST_ITEMS = 3
"""With fewer, a dimension's slopes hang on its correlation with the other alone."""
_MOST_CATEGORIES = 100
_LARGEST_CODE = 2**31 - 1

_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "": (
            *("id", "title", "instrument", "licence", "source", "file", "answers", "items"),
            *("age", "gender", "other_columns", "sample", "norms"),
        ),
        "file": ("name", "separator"),
        "answers": ("lowest", "highest", "missing"),
        "items": (*(dimension.value for dimension in Dimension), "reversed"),
        "age": ("column", "lowest", "highest"),
        "gender": ("column", "codes"),
        "other_columns": ("names",),
        "sample": ("name", "complete_cases", "who", "collected", "how"),
        "norms": ("least_rows", "genders", "ages"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeItem:
    """A column that holds answers to one item."""

    column: str
    dimension: Dimension
    keying: Keying


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeColumn:
    """Where age in years stands and which ages are used."""

    column: str
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GenderColumn:
    """Where gender stands; `words` by the archive's codes."""

    column: str
    words: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWords:
    """Whose answers these are, in words for cards and norms.

    `name` is for rows within the age range, `complete_cases` for all rows with every item.
    """

    name: str
    complete_cases: str
    who: str
    collected: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeBand:
    """Ages from `lowest` to `highest` years, both included; `name` is "18-24" and the like."""

    name: str
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NormGroups:
    """Which groups get a norm of their own: names by gender word, age bands, rows needed."""

    least_rows: int
    genders: Mapping[str, str]
    ages: tuple[AgeBand, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """An archive's layout, its items, and the words for its sample.

    Answers are whole numbers `lowest`..`highest`, or one of the `missing` codes. `sha256` is over
    the recipe's content, so layout and comments of its file do not count.
    """

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
    age: AgeColumn | None
    gender: GenderColumn | None
    other_columns: tuple[str, ...]
    sample: SampleWords
    norms: NormGroups
    sha256: str

    @property
    def categories(self) -> int:
        return self.highest - self.lowest + 1

    @property
    def needed_columns(self) -> tuple[str, ...]:
        """Columns that are read: items in the recipe's order, then age, then gender."""
        columns = [item.column for item in self.items]
        columns += [facts.column for facts in (self.age, self.gender) if facts is not None]
        return tuple(columns)

    def sample_name(self, *, complete_cases: bool) -> str:
        return self.sample.complete_cases if complete_cases else self.sample.name


def load_recipe(path: Path) -> Recipe:
    """A recipe from a TOML file. Raises InstrumentError naming file, key and rule."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise InstrumentError(file=path.name, key="file", rule="cannot be read") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InstrumentError(file=path.name, key="file", rule=f"is not TOML: {error}") from None
    return parse_recipe(data, file=path.name)


def parse_recipe(data: Mapping[str, object], file: str) -> Recipe:
    """A recipe from parsed TOML. Raises InstrumentError naming file, key and rule."""
    read = _Reader(data, file)
    for table, keys in _KEYS.items():
        read.check_keys(table, keys)
    lowest, highest = read.whole("answers", "lowest"), read.whole("answers", "highest")
    if not lowest < highest < lowest + _MOST_CATEGORIES:
        raise read.error(
            "answers.highest",
            f"must be above answers.lowest, by less than {_MOST_CATEGORIES}",
        )
    missing = read.wholes("answers", "missing")
    if any(lowest <= code <= highest for code in missing):
        raise read.error("answers.missing", "must lie outside lowest..highest")
    separator = read.text("file", "separator")
    if len(separator) != 1 or not separator.isascii() or separator in '"\r\n-0123456789':
        raise read.error("file.separator", "must be one character, such as , or a tab")
    age = _age(read)
    recipe = Recipe(
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
        items=_items(read),
        age=age,
        gender=_gender(read),
        other_columns=read.texts("other_columns", "names") if read.has("other_columns") else (),
        sample=SampleWords(
            name=read.text("sample", "name"),
            complete_cases=read.text("sample", "complete_cases"),
            who=read.text("sample", "who"),
            collected=read.text("sample", "collected"),
            how=read.text("sample", "how"),
        ),
        norms=_norms(read),
        sha256=content_checksum(data).removeprefix("sha256:"),
    )
    columns = (*recipe.needed_columns, *recipe.other_columns)
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise read.error("items", f"column {twice[0]} is named twice")
    if re.search(r"[/\\*?\[\]]", recipe.file_name):
        raise read.error("file.name", "must be a plain name; it is found in any folder")
    return recipe


def _items(read: _Reader) -> tuple[RecipeItem, ...]:
    reversed_columns = set(read.texts("items", "reversed"))
    items: list[RecipeItem] = []
    for dimension in Dimension:
        columns = read.texts("items", dimension.value)
        if len(columns) < _LEAST_ITEMS:
            raise read.error(f"items.{dimension.value}", f"needs at least {_LEAST_ITEMS} columns")
        items += [
            RecipeItem(column=c, dimension=dimension, keying=-1 if c in reversed_columns else 1)
            for c in columns
        ]
    if reversed_columns - {item.column for item in items}:
        raise read.error("items.reversed", "names a column that is no item")
    return tuple(items)


def _age(read: _Reader) -> AgeColumn | None:
    if not read.has("age"):
        return None
    age = AgeColumn(
        column=read.text("age", "column"),
        lowest=read.whole("age", "lowest"),
        highest=read.whole("age", "highest"),
    )
    if age.highest < age.lowest:
        raise read.error("age.highest", "must not be below age.lowest")
    return age


def _gender(read: _Reader) -> GenderColumn | None:
    if not read.has("gender"):
        return None
    codes = read.table("gender", "codes")
    words = {read.whole("gender", "codes", word): word for word in codes}
    if len(words) != len(codes):
        raise read.error("gender.codes", "gives two words the same code")
    return GenderColumn(column=read.text("gender", "column"), words=words)


def _norms(read: _Reader) -> NormGroups:
    genders = {word: read.text("norms", "genders", word) for word in read.table("norms", "genders")}
    if genders:
        known = set(read.table("gender", "codes")) if read.has("gender") else set()
        if not genders.keys() <= known:
            raise read.error("norms.genders", "names a word that gender.codes does not have")
    bands = []
    for name in read.texts("norms", "ages"):
        match = re.fullmatch(r"(\d{1,3})-(\d{1,3})", name)
        if match is None or int(match[1]) > int(match[2]):
            raise read.error("norms.ages", 'must hold bands such as "18-24"')
        bands.append(AgeBand(name=name, lowest=int(match[1]), highest=int(match[2])))
    least = read.whole("norms", "least_rows")
    if least < 1:
        raise read.error("norms.least_rows", "must be at least 1")
    return NormGroups(least_rows=least, genders=genders, ages=tuple(bands))


class _Reader:
    """Asks parsed TOML for values by kind; a wrong one names file, key and rule."""

    def __init__(self, data: Mapping[str, object], file: str) -> None:
        self._data = data
        self._file = file

    def error(self, key: str, rule: str) -> InstrumentError:
        return InstrumentError(file=self._file, key=key, rule=rule)

    def check_keys(self, table: str, known: tuple[str, ...]) -> None:
        """Refuses a key that nothing reads: most often a typing mistake."""
        if table and table not in self._data:
            return
        for key in self.table(table) if table else self._data:
            if key not in known:
                raise self.error(f"{table}.{key}".strip("."), "is not a known key")

    def has(self, key: str) -> bool:
        return key in self._data

    def value(self, *path: str) -> object:
        here: object = self._data
        for step in path:
            if not isinstance(here, Mapping) or step not in here:
                raise self.error(".".join(path), "is missing")
            here = here[step]
        return here

    def table(self, *path: str) -> Mapping[str, object]:
        value = self.value(*path)
        if not isinstance(value, Mapping):
            raise self.error(".".join(path), "must be a table")
        return value

    def text(self, *path: str) -> str:
        value = self.value(*path)
        if not isinstance(value, str) or not (value.strip() or value == "\t"):
            raise self.error(".".join(path), "must be text")
        return value

    def whole(self, *path: str) -> int:
        value = self.value(*path)
        if not _is_whole(value):
            raise self.error(".".join(path), "must be a whole number")
        return value

    def wholes(self, *path: str) -> tuple[int, ...]:
        value = self.value(*path)
        if not isinstance(value, list) or not all(_is_whole(v) for v in value):
            raise self.error(".".join(path), "must be a list of whole numbers")
        return tuple(value)

    def texts(self, *path: str) -> tuple[str, ...]:
        value = self.value(*path)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.error(".".join(path), "must be a list of texts")
        return tuple(value)


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_CODE
