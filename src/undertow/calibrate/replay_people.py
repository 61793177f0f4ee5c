"""Whose recorded answers take the adaptive test, and in which groups; taking it is left to `replay_taking`."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.person import Gender
from undertow.bank.responses import MISSING
from undertow.calibrate.archive import Table
from undertow.calibrate.recipe import Recipe
from undertow.errors import ArchiveError, InputError

GENDER, EVERYONE = "gender", "everyone"
GROUPED_BY = (GENDER, "age", "country", EVERYONE)
"""What people can be grouped by."""
STATED = (Gender.MAN.value, Gender.WOMAN.value)
"""The groups by gender. Others are replayed as people who state none, and are no group."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class People:
    """Those who answered every item of the bank; N of them, J items in the bank's order.

    `rows` (N,) are their places among the archive's rows, from 0; `shown` (N, J) and `keyed` (N, J)
    their categories, before and after keying. `gender` (N,) holds the words of `Gender`, "unstated"
    where the archive has no gender. `age` (N,) and `country` (N,) are None where it has none.
    """

    rows: NDArray[np.intp]
    shown: NDArray[np.int8]
    keyed: NDArray[np.int8]
    gender: NDArray[np.str_]
    age: NDArray[np.int32] | None
    country: NDArray[np.str_] | None

    @property
    def count(self) -> int:
        return int(self.rows.size)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeopleGroups:
    """Groups by one of GROUPED_BY: their `words` (G,) and who is in which, `members` (G, N)."""

    by: str
    words: tuple[str, ...]
    members: NDArray[np.bool_]


def columns_of(bank: Bank, recipe: Recipe) -> NDArray[np.intp]:
    """Which of the recipe's items stands for each item of the bank; (J,).

    An item that adapts another one is answered by that one's recorded answers. Raises InputError
    where there is none, or where it differs in dimension, keying or number of answers.
    """
    places = {item.column: place for place, item in enumerate(recipe.items)}
    found = []
    for item in bank.items:
        name = item.adapts or item.id
        if name not in places:
            raise InputError(
                f"Item {name} of bank '{bank.id}' is not in recipe '{recipe.id}'. Name the bank of "
                "this archive's items with --bank, or the archive's recipe with --recipe."
            )
        own = recipe.items[places[name]]
        if (own.dimension, own.keying) != (item.dimension.value, item.keying):
            raise InputError(
                f"Item {name} of bank '{bank.id}' differs in dimension or keying from recipe "
                f"'{recipe.id}'. The two must be about the same questionnaire."
            )
        if item.categories != recipe.categories:
            raise InputError(
                f"Item {name} of bank '{bank.id}' has {item.categories} answers, the archive of "
                f"recipe '{recipe.id}' has {recipe.categories}. The two must have the same."
            )
        found.append(places[name])
    return np.array(found, dtype=np.intp)


def people_of(table: Table, recipe: Recipe, columns: NDArray[np.intp]) -> People:
    """Everyone of the recipe's ages who answered all of the bank's items; no other cleaning.

    `columns` (J,) are `columns_of` the bank. Raises ArchiveError when nobody is left.
    """
    shown = table.categories[:, columns]
    keep = (shown != MISSING).all(axis=1)
    if not keep.any():
        raise ArchiveError(
            f"{recipe.file_name}: nobody answered all of the bank's items. Is it the right recipe?"
        )
    if recipe.age is not None and table.age is not None:
        own = recipe.age
        keep &= (table.age >= own.lowest) & (table.age <= own.highest)
        for code in own.unstated:
            keep &= table.age != code
        if not keep.any():
            raise ArchiveError(
                f"{recipe.file_name}: nobody of {own.lowest} to {own.highest} answered all of the "
                "bank's items. Is it the right recipe?"
            )
    shown = shown[keep]
    keying = np.array([recipe.items[column].keying for column in columns])
    return People(
        rows=np.flatnonzero(keep),
        shown=shown,
        keyed=np.where(keying == 1, shown, recipe.categories - 1 - shown).astype(np.int8),
        gender=genders_of(table, recipe)[keep],
        age=None if table.age is None else table.age[keep],
        country=None if table.country is None else table.country[keep],
    )


def genders_of(table: Table, recipe: Recipe) -> NDArray[np.str_]:
    """Every row's gender as a word of `Gender`; (rows,), "unstated" where none is."""
    unstated = Gender.UNSTATED.value
    if recipe.gender is None or table.gender is None:
        return np.full(table.rows, unstated)
    known = {word.value for word in Gender}
    own = recipe.gender.words
    words: NDArray[np.str_] = np.select(
        [table.gender == code for code in own],
        [word if word in known else Gender.OTHER.value for word in own.values()],
        unstated,
    )
    return words


def groups_by(people: People, recipe: Recipe, by: str | None) -> PeopleGroups:
    """The groups of the tables: by gender where the archive has it, unless `by` asks for others.

    By gender men and women, by age the recipe's bands, by country its home and all others, or
    everyone as one group. Who is in none is in no table. Raises InputError for a grouping that is
    not there, and for a group of nobody.
    """
    if by is not None and by not in GROUPED_BY:
        raise InputError(
            f"'{by}' is no way to group people. Choose one of {', '.join(GROUPED_BY)} with --by."
        )
    has_gender = recipe.gender is not None
    asked = by or (GENDER if has_gender else EVERYONE)
    found = _GROUPINGS[asked](people, recipe)
    if not found:
        raise InputError(
            f"Recipe '{recipe.id}' names no {asked} column, so nobody can be grouped by {asked}. "
            "Add it to the recipe, or use --by everyone."
        )
    for word, member in found.items():
        if not member.any():
            raise InputError(
                f"Nobody of group '{word}' answered all of the bank's items. Give an archive with "
                "people of each group, or use --by everyone."
            )
    return PeopleGroups(by=asked, words=tuple(found), members=np.stack(list(found.values())))


Members = dict[str, NDArray[np.bool_]]


def _by_gender(people: People, recipe: Recipe) -> Members:
    if recipe.gender is None:
        return {}
    return {word: people.gender == word for word in STATED}


def _by_age(people: People, recipe: Recipe) -> Members:
    if recipe.age is None or people.age is None:
        return {}
    age = people.age
    return {band.name: (age >= band.lowest) & (age <= band.highest) for band in recipe.norms.ages}


def _by_country(people: People, recipe: Recipe) -> Members:
    if recipe.country is None or people.country is None:
        return {}
    home, stated = recipe.country.home, people.country != ""
    return {home: people.country == home, "other": stated & (people.country != home)}


def _everyone(people: People, recipe: Recipe) -> Members:
    del recipe
    return {EVERYONE: np.ones(people.count, dtype=bool)}


_GROUPINGS = MappingProxyType(
    {GENDER: _by_gender, "age": _by_age, "country": _by_country, EVERYONE: _everyone}
)
