"""Which rows of an archive are used, counted step by step; fitting them is left to `em`.

Rows that are the same from end to end stay in: with ten items of four categories many people answer
alike, and to leave such rows out would be to leave out the most usual people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.archive import Table
from undertow.calibrate.careless import longest_run_against_keying, same_answers
from undertow.calibrate.numbers_file import NO_NUMBER
from undertow.calibrate.recipe import AgeColumn, Recipe
from undertow.errors import ArchiveError

LEAST_ROWS = 100
"""With fewer, a threshold's standard error is of the size of the distance between thresholds."""

_LOOK_ROWS = 256
"""Columns that are the same over this many rows are compared over all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of cleaning and the rows that were left after it."""

    step: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """The rows used. `keyed` is (N, J) of 0..K-1 counted towards the dimension, or MISSING.

    `gender` (N,) holds words, `age` (N,) years, `country` (N,) the recipe's home, "other" or "" for
    none named; None where the archive has none. `keep` says for every row of the archive whether
    it is among the N, so that two samples of one archive can be compared; None if not from one.
    """

    keyed: NDArray[np.int8]
    age: NDArray[np.int32] | None
    gender: NDArray[np.str_] | None
    steps: tuple[Step, ...]
    complete_cases: bool
    country: NDArray[np.str_] | None = None
    keep: NDArray[np.bool_] | None = None

    @property
    def rows(self) -> int:
        return int(self.keyed.shape[0])


def sample_of(
    table: Table, recipe: Recipe, *, complete_cases: bool, cleaning: bool = True
) -> Sample:
    """The rows to calibrate on.

    With `complete_cases` every row that answers all items and nothing else. Otherwise any row with
    at least one answer, of the recipe's ages, and unless `cleaning` is False without those that the
    recipe calls doubtful: ages that nobody has, the same answer to everything, long runs against
    the keying. Raises ArchiveError when no row or too few are left, when nobody varied on an item,
    when a category was never chosen, or when two items are the same in every row.
    Source: meadecraig2012.
    """
    steps = [Step(step="rows in the archive", rows=table.rows)]
    keep = np.ones(table.rows, dtype=bool)
    conditions = (
        iter([("every item answered", (table.categories != MISSING).all(axis=1))])
        if complete_cases
        else _conditions(table, recipe, cleaning=cleaning)
    )
    for step, condition in conditions:
        keep &= condition
        steps.append(Step(step=step, rows=int(keep.sum())))
        if not keep.any():
            raise ArchiveError(
                f"{recipe.file_name}: no row is left after '{step}'. Is it the right recipe?"
            )
    shown = table.categories[keep]
    _check_categories(shown, recipe)
    if shown.shape[0] < LEAST_ROWS:
        raise ArchiveError(
            f"{recipe.file_name}: only {shown.shape[0]} rows are left after '{steps[-1].step}', and "
            f"fewer than {LEAST_ROWS} say too little. Give an archive with more answers."
        )
    _check_pairs(shown, recipe)
    keying = np.array([item.keying for item in recipe.items])
    turned = np.where(keying == 1, shown, recipe.categories - 1 - shown)
    return Sample(
        keyed=np.where(shown == MISSING, MISSING, turned).astype(np.int8),
        age=None if table.age is None else table.age[keep],
        gender=_gender_words(table, recipe, keep),
        steps=tuple(steps),
        complete_cases=complete_cases,
        country=_country_words(table, recipe, keep),
        keep=keep,
    )


def _conditions(
    table: Table, recipe: Recipe, *, cleaning: bool
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Each step in words, and which rows pass it."""
    rules = recipe.cleaning
    if recipe.age is not None and table.age is not None:
        yield from _ages(table.age, recipe.age, recipe, cleaning=cleaning)
    yield "at least one item answered", (table.categories != MISSING).any(axis=1)
    if cleaning and rules.same_answers:
        yield (
            "not the same answer to everything",
            ~same_answers(table.categories, least=rules.same_answers),
        )
    if cleaning and rules.longest_run:
        runs = longest_run_against_keying(table.categories, recipe, order=table.order)
        yield (
            f"no run of {rules.longest_run} or more same answers against the keying",
            runs < rules.longest_run,
        )


def _ages(
    age: NDArray[np.int32], column: AgeColumn, recipe: Recipe, *, cleaning: bool
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Not stated, impossible and not asked for are three things, so each is counted."""
    unstated = age == NO_NUMBER
    for code in column.unstated:
        unstated |= age == code
    if unstated.any():
        yield "age stated", ~unstated
    if cleaning:
        youngest, oldest = recipe.cleaning.youngest, recipe.cleaning.oldest
        yield f"age possible, {youngest} to {oldest}", (age >= youngest) & (age <= oldest)
    yield (
        f"age stated as {column.lowest} to {column.highest}",
        (age >= column.lowest) & (age <= column.highest),
    )


def _gender_words(table: Table, recipe: Recipe, keep: NDArray[np.bool_]) -> NDArray[np.str_] | None:
    if recipe.gender is None or table.gender is None:
        return None
    codes = table.gender[keep]
    words: NDArray[np.str_] = np.select(
        [codes == code for code in recipe.gender.words], list(recipe.gender.words.values()), ""
    )
    return words


def _country_words(
    table: Table, recipe: Recipe, keep: NDArray[np.bool_]
) -> NDArray[np.str_] | None:
    if recipe.country is None or table.country is None:
        return None
    texts, home = table.country[keep], recipe.country.home
    words: NDArray[np.str_] = np.select([texts == home, texts == ""], [home, ""], "other")
    return words


def _check_categories(shown: NDArray[np.int8], recipe: Recipe) -> None:
    for position, item in enumerate(recipe.items):
        column = shown[:, position]
        counts = np.bincount(column[column != MISSING], minlength=recipe.categories)
        chosen = int((counts > 0).sum())
        if chosen == 0:
            what = "nobody answered it"
        elif chosen == 1:
            what = "everyone gave the same answer"
        elif chosen < recipe.categories:
            what = f"nobody chose {recipe.lowest + int(np.argmin(counts))}"
        else:
            continue
        raise ArchiveError(
            f"{recipe.file_name}, column {item.column}: {what} among the {shown.shape[0]:,} rows "
            "used, so its thresholds cannot be estimated. Take the column out of the recipe's "
            "items and name it in other_columns."
        )


def _check_pairs(shown: NDArray[np.int8], recipe: Recipe) -> None:
    """Refuses two items that agree in every row, or are each other's mirror in every row.

    The slopes of such a pair grow without end: all that the two share is taken for the dimension.
    """
    top = recipe.categories - 1
    look = shown[:_LOOK_ROWS]
    for first in range(shown.shape[1] - 1):
        one, others = look[:, [first]], look[:, first + 1 :]
        blank = (one == MISSING) | (others == MISSING)
        alike = ((one == others) | blank).all(axis=0) | ((one == top - others) | blank).all(axis=0)
        for second in (first + 1 + np.flatnonzero(alike)).tolist():
            both = shown[:, [first, second]]
            both = both[(both != MISSING).all(axis=1)]
            if not both.size:
                continue
            if (both[:, 0] == both[:, 1]).all() or (both[:, 0] == top - both[:, 1]).all():
                names = recipe.items[first].column, recipe.items[second].column
                raise ArchiveError(
                    f"{recipe.file_name}, columns {names[0]} and {names[1]}: say the same, or "
                    "the very opposite, in every row, so the two count as one item. Take one of "
                    "them out of the recipe's items."
                )
