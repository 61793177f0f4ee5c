"""How one archive is laid out and what may be used of it, as data; reading it is left to `archive`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from undertow.bank.checksum import content_checksum
from undertow.bank.item import Keying
from undertow.calibrate.recipe_reader import MOST_ITEMS, RecipeReader
from undertow.errors import InstrumentError

BUILT_IN_RECIPE = Path(__file__).parent.parent / "content" / "recipes" / "ecr-2018.toml"

SEPARATORS: Mapping[str, str] = MappingProxyType(
    {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
)
"""Separators by name; without one in the recipe it is the one of these that the header shows."""

_LEAST_ITEMS = 3
"""With fewer, a dimension's slopes hang on its correlation with the others alone."""
_MOST_CATEGORIES = 100
_LEAST_RUN = 8
"""Shorter runs turn up in every large sample of careful people."""
_HANDFUL = 5
"""Answers that must be there before their being all the same means anything."""

KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "": (
            *("id", "title", "instrument", "licence", "source", "file", "answers", "items"),
            *("age", "gender", "country", "other_columns", "cleaning", "sample", "norms", "drift"),
            "facets",
        ),
        "file": ("name", "separator"),
        "answers": ("lowest", "highest", "missing"),
        "age": ("column", "lowest", "highest", "unstated"),
        "gender": ("column", "codes"),
        "country": ("column", "home", "unstated"),
        "other_columns": ("names",),
        "cleaning": ("youngest", "oldest", "same_answers", "longest_run"),
        "sample": ("name", "complete_cases", "who", "collected", "how"),
        "norms": ("least_rows", "genders", "ages"),
        "drift": ("families",),
    }
)
_LICENCE = "Figures only: neither answers nor wording are included. Whoever made them decides on their use."
_SOURCE = "not stated; the archive was named by whoever made these figures"
_NORM_NAMES: Mapping[str, str] = MappingProxyType({"man": "men", "woman": "women"})
_AGES = ("18-24", "25-34", "35-44", "45-54", "55-80")
_NO_COUNTRY = ("", "NONE", "NULL", "XX", "ZZ", "A1", "A2")
"""What stands for no country where it was looked up from an address; A1 and A2 are proxies and
satellites. Not NA, which is Namibia."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeItem:
    """A column that holds answers to one item."""

    column: str
    dimension: str
    keying: Keying
    facet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeColumn:
    """Where age in years stands, which ages are used, and which codes mean that it isn't stated."""

    column: str
    lowest: int
    highest: int
    unstated: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GenderColumn:
    """Where gender stands; `words` by the archive's codes."""

    column: str
    words: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryColumn:
    """Where country stands as a short text; people of `home` are compared with all others.

    `unstated` are the texts that name no country.
    """

    column: str
    home: str
    unstated: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning:
    """Which rows are doubtful; 0 leaves a step out.

    Ages outside `youngest`..`oldest` years are no real ages. `same_answers` or more answers that
    are all the same, and a run of `longest_run` or more that goes against the keying, are careless.
    """

    youngest: int
    oldest: int
    same_answers: int
    longest_run: int


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

    Answers are whole numbers `lowest`..`highest`, or one of the `missing` codes or `missing_texts`.
    `items` stand dimension by dimension, in the order of `dimensions`. `separator` is None when it
    is to be found from the header, `other_columns` when any are allowed. `families` are columns of
    near-paraphrases. `sha256` is over the recipe's content, so layout and comments of its file do
    not count.
    """

    id: str
    title: str
    instrument: str
    licence: str
    source: str
    file_name: str
    separator: str | None
    lowest: int
    highest: int
    missing: tuple[int, ...]
    missing_texts: tuple[str, ...]
    dimensions: tuple[str, ...]
    items: tuple[RecipeItem, ...]
    age: AgeColumn | None
    gender: GenderColumn | None
    country: CountryColumn | None
    other_columns: tuple[str, ...] | None
    cleaning: Cleaning
    sample: SampleWords
    norms: NormGroups
    families: tuple[tuple[str, ...], ...]
    sha256: str

    @property
    def categories(self) -> int:
        return self.highest - self.lowest + 1

    @property
    def dimension_of(self) -> NDArray[np.intp]:
        """Each item's dimension as its place in `dimensions`; (J,)."""
        return np.array([self.dimensions.index(item.dimension) for item in self.items], np.intp)

    @property
    def number_columns(self) -> tuple[str, ...]:
        """Columns read as whole numbers: items in the recipe's order, then age, then gender."""
        columns = [item.column for item in self.items]
        columns += [facts.column for facts in (self.age, self.gender) if facts is not None]
        return tuple(columns)

    @property
    def needed_columns(self) -> tuple[str, ...]:
        """Columns that are read: those that hold numbers, then country."""
        return (*self.number_columns, *(() if self.country is None else (self.country.column,)))

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
    except RecursionError:
        raise InstrumentError(file=path.name, key="file", rule="is nested too deeply") from None
    return parse_recipe(data, file=path.name)


def parse_recipe(data: Mapping[str, object], file: str) -> Recipe:
    """A recipe from parsed TOML. Raises InstrumentError naming file, key and rule.

    What may be left out, and what then holds, stands in docs/how-to/calibrate-another-instrument.md.
    """
    read = RecipeReader(data, file)
    for table, keys in KEYS.items():
        read.check_keys(table, keys)
    identity, title = read.text("id"), read.text("title", default=read.text("id"))
    lowest, highest, missing, missing_texts = _answers(read)
    items = _with_facets(read, _items(read))
    dimensions = tuple(dict.fromkeys(item.dimension for item in items))
    age, gender = _age(read), _gender(read)
    recipe = Recipe(
        id=identity,
        title=title,
        instrument=read.text("instrument", default=title),
        licence=read.text("licence", default=_LICENCE),
        source=read.text("source", default=_SOURCE),
        file_name=read.text("file", "name", default="data.csv"),
        separator=_separator(read),
        lowest=lowest,
        highest=highest,
        missing=missing,
        missing_texts=missing_texts,
        dimensions=dimensions,
        items=items,
        age=age,
        gender=gender,
        country=_country(read),
        other_columns=read.texts("other_columns", "names") if read.has("other_columns") else None,
        cleaning=_cleaning(read, items),
        sample=_sample(read, title, age),
        norms=_norms(read, age, gender),
        families=_families(read, items),
        # Sorted keys make the sum, but the order of the dimensions is part of what a recipe says.
        sha256=content_checksum([data, dimensions]).removeprefix("sha256:"),
    )
    columns = (*recipe.needed_columns, *(recipe.other_columns or ()))
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise read.error("items", f"column {twice[0]} is named twice")
    if re.search(r"[/\\*?\[\]]", recipe.file_name):
        raise read.error("file.name", "must be a plain name; it is found in any folder")
    return recipe


def _separator(read: RecipeReader) -> str | None:
    if not read.has("file", "separator"):
        return None
    given = read.text("file", "separator")
    separator = SEPARATORS.get(given, given)
    if len(separator) != 1 or not separator.isascii() or separator in '"\r\n-+0123456789':
        names = ", ".join(SEPARATORS)
        raise read.error("file.separator", f"must be one character, such as a comma, or {names}")
    return separator


def _answers(read: RecipeReader) -> tuple[int, int, tuple[int, ...], tuple[str, ...]]:
    """Lowest and highest answer, and the codes, numbers and texts, that stand for none."""
    lowest, highest = read.whole("answers", "lowest"), read.whole("answers", "highest")
    if not lowest < highest < lowest + _MOST_CATEGORIES:
        raise read.error(
            "answers.highest",
            f"must be above answers.lowest, by less than {_MOST_CATEGORIES}",
        )
    # 0 is what most archives hold where an answer was left out.
    usual = () if lowest <= 0 <= highest else (0,)
    missing, texts = read.codes("answers", "missing", default=usual)
    if any(lowest <= code <= highest for code in missing):
        raise read.error("answers.missing", "must lie outside lowest..highest")
    return lowest, highest, missing, texts


def _items(read: RecipeReader) -> tuple[RecipeItem, ...]:
    reversed_columns = set(read.columns("items", "reversed", default=()))
    items: list[RecipeItem] = []
    for dimension in read.table("items"):
        if dimension == "reversed":
            continue
        key = f"items.{dimension}"
        if not re.fullmatch(r"[^\W\d_][\w' -]{0,39}", dimension):
            raise read.error("items", "must name dimensions by a short word, such as avoidance")
        columns = read.columns("items", dimension)
        if len(columns) < _LEAST_ITEMS:
            raise read.error(key, f"needs at least {_LEAST_ITEMS} columns")
        items += [
            RecipeItem(column=c, dimension=dimension, keying=-1 if c in reversed_columns else 1)
            for c in columns
        ]
    if not items:
        raise read.error("items", "needs at least one dimension with its columns")
    if len(items) > MOST_ITEMS:
        raise read.error("items", f"names more than {MOST_ITEMS:,} columns")
    if reversed_columns - {item.column for item in items}:
        raise read.error("items.reversed", "names a column that is no item")
    return tuple(items)


def _with_facets(read: RecipeReader, items: tuple[RecipeItem, ...]) -> tuple[RecipeItem, ...]:
    """The items, each with the facet of its dimension that it asks about, where facets are named."""
    if not read.has("facets"):
        return items
    facet_of: dict[str, str] = {}
    for facet in read.table("facets"):
        for column in read.columns("facets", facet):
            if column in facet_of:
                raise read.error(f"facets.{facet}", f"names column {column} a second time")
            facet_of[column] = facet
    if facet_of.keys() - {item.column for item in items}:
        raise read.error("facets", "names a column that is no item")
    by_facet: dict[str, set[str]] = {}
    for item in items:
        if item.column in facet_of:
            by_facet.setdefault(facet_of[item.column], set()).add(item.dimension)
    if any(len(dimensions) > 1 for dimensions in by_facet.values()):
        raise read.error("facets", "must keep each facet within one dimension")
    return tuple(replace(item, facet=facet_of.get(item.column)) for item in items)


def _age(read: RecipeReader) -> AgeColumn | None:
    if not read.has("age"):
        return None
    age = AgeColumn(
        column=read.text("age", "column"),
        lowest=read.whole("age", "lowest", default=18),
        highest=read.whole("age", "highest", default=80),
        unstated=read.wholes("age", "unstated", default=(0,)),
    )
    if age.highest < age.lowest:
        raise read.error("age.highest", "must not be below age.lowest")
    return age


def _gender(read: RecipeReader) -> GenderColumn | None:
    if not read.has("gender"):
        return None
    codes = read.table("gender", "codes")
    words = {read.whole("gender", "codes", word): word for word in codes}
    if len(words) != len(codes):
        raise read.error("gender.codes", "gives two words the same code")
    return GenderColumn(column=read.text("gender", "column"), words=words)


def _country(read: RecipeReader) -> CountryColumn | None:
    if not read.has("country"):
        return None
    country = CountryColumn(
        column=read.text("country", "column"),
        home=read.text("country", "home").strip(),
        unstated=read.texts("country", "unstated", default=_NO_COUNTRY),
    )
    if len(country.home) > 40 or country.home in {*country.unstated, "other"}:
        raise read.error("country.home", "must be a country's short text as in the archive")
    return country


def _cleaning(read: RecipeReader, items: tuple[RecipeItem, ...]) -> Cleaning:
    # Where all items point one way, the same answer to each can be an honest one.
    keyings = {(item.dimension, item.keying) for item in items}
    both = len(keyings) > len({dimension for dimension, _ in keyings})
    run = max(_LEAST_RUN, len(items) // 3) if both else 0
    cleaning = Cleaning(
        youngest=read.whole("cleaning", "youngest", default=10),
        oldest=read.whole("cleaning", "oldest", default=100),
        same_answers=read.whole("cleaning", "same_answers", default=_HANDFUL if both else 0),
        longest_run=read.whole("cleaning", "longest_run", default=run),
    )
    if not 0 <= cleaning.youngest <= cleaning.oldest:
        raise read.error("cleaning.oldest", "must not be below cleaning.youngest, nor below 0")
    for key, value in (
        ("same_answers", cleaning.same_answers),
        ("longest_run", cleaning.longest_run),
    ):
        if value < 0 or value == 1:
            raise read.error(f"cleaning.{key}", "must be at least 2, or 0 to leave the step out")
    if cleaning.longest_run and not both:
        raise read.error("cleaning.longest_run", "needs a dimension with items of both keyings")
    return cleaning


def _sample(read: RecipeReader, title: str, age: AgeColumn | None) -> SampleWords:
    ages = "people of any age" if age is None else f"people aged {age.lowest} to {age.highest}"
    return SampleWords(
        name=read.text("sample", "name", default=f"{ages} who answered {title}"),
        complete_cases=read.text(
            "sample",
            "complete_cases",
            default=f"people of any age who answered every item of {title}",
        ),
        who=read.text(
            "sample",
            "who",
            default="How they were found is not stated, so they do not stand for everyone.",
        ),
        collected=read.text("sample", "collected", default="at a time that is not stated"),
        how=read.text("sample", "how", default="In a way that the recipe does not state."),
    )


def _norms(read: RecipeReader, age: AgeColumn | None, gender: GenderColumn | None) -> NormGroups:
    known = set() if gender is None else set(gender.words.values())
    if read.has("norms", "genders"):
        words = read.table("norms", "genders")
        genders = {word: read.text("norms", "genders", word) for word in words}
    else:
        genders = {word: name for word, name in _NORM_NAMES.items() if word in known}
    if not genders.keys() <= known:
        raise read.error("norms.genders", "names a word that gender.codes does not have")
    bands = []
    for name in read.texts("norms", "ages", default=() if age is None else _AGES):
        match = re.fullmatch(r"(\d{1,3})-(\d{1,3})", name)
        if match is None or int(match[1]) > int(match[2]):
            raise read.error("norms.ages", 'must hold bands such as "18-24"')
        bands.append(AgeBand(name=name, lowest=int(match[1]), highest=int(match[2])))
    least = read.whole("norms", "least_rows", default=300)
    if least < 1:
        raise read.error("norms.least_rows", "must be at least 1")
    return NormGroups(least_rows=least, genders=genders, ages=tuple(bands))


def _families(read: RecipeReader, items: tuple[RecipeItem, ...]) -> tuple[tuple[str, ...], ...]:
    key = "drift.families"
    if not read.has("drift"):
        return ()
    given = read.table("drift").get("families", [])
    if not isinstance(given, list) or not all(
        isinstance(family, list) and all(isinstance(column, str) for column in family)
        for family in given
    ):
        raise read.error(key, 'must be a list of lists of columns, such as [["Q5", "Q11"]]')
    dimension_of = {item.column: item.dimension for item in items}
    columns = [column for family in given for column in family]
    if not dimension_of.keys() >= set(columns):
        raise read.error(key, "names a column that is no item")
    if len(set(columns)) < len(columns):
        raise read.error(key, "names a column twice")
    if any(len(family) < 2 for family in given):
        raise read.error(key, "needs at least two columns in each family")
    if any(len({dimension_of[column] for column in family}) > 1 for family in given):
        raise read.error(key, "must keep each family within one dimension")
    return tuple(tuple(family) for family in given)
