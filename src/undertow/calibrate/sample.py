"""Which rows of an archive are used, counted step by step; fitting them is left to `em`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.archive import Table
from undertow.calibrate.recipe import Recipe
from undertow.errors import ArchiveError


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of cleaning and the rows that were left after it."""

    step: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """The rows used. `keyed` is (N, J) of 0..K-1 counted towards the dimension, or MISSING.

    `gender` (N,) holds words, `age` (N,) years; None where the archive has none.
    """

    keyed: NDArray[np.int8]
    age: NDArray[np.int32] | None
    gender: NDArray[np.str_] | None
    steps: tuple[Step, ...]
    complete_cases: bool

    @property
    def rows(self) -> int:
        return int(self.keyed.shape[0])


def sample_of(table: Table, recipe: Recipe, *, complete_cases: bool) -> Sample:
    """The rows to calibrate on.

    With `complete_cases` every row that answers all items and nothing else; otherwise the
    recipe's age range, and any row with at least one answer. Raises ArchiveError when no row is
    left, when nobody varied on an item, or when a category was never chosen.
    """
    steps = [Step(step="rows in the archive", rows=table.rows)]
    keep = np.ones(table.rows, dtype=bool)
    answered = table.categories != MISSING
    if complete_cases:
        conditions = [("every item answered", answered.all(axis=1))]
    else:
        conditions = []
        if recipe.age and table.age is not None:
            low, high = recipe.age.lowest, recipe.age.highest
            conditions.append(
                (f"age stated as {low} to {high}", (table.age >= low) & (table.age <= high))
            )
        conditions.append(("at least one item answered", answered.any(axis=1)))
    for step, condition in conditions:
        keep &= condition
        steps.append(Step(step=step, rows=int(keep.sum())))
        if not keep.any():
            raise ArchiveError(
                f"{recipe.file_name}: no row is left after '{step}'. Is it the right recipe?"
            )
    shown = table.categories[keep]
    keying = np.array([item.keying for item in recipe.items])
    turned = np.where(keying == 1, shown, recipe.categories - 1 - shown)
    keyed = np.where(shown == MISSING, MISSING, turned).astype(np.int8)
    _check_categories(shown, recipe)
    return Sample(
        keyed=keyed,
        age=None if table.age is None else table.age[keep],
        gender=_gender_words(table, recipe, keep),
        steps=tuple(steps),
        complete_cases=complete_cases,
    )


def _gender_words(table: Table, recipe: Recipe, keep: NDArray[np.bool_]) -> NDArray[np.str_] | None:
    if recipe.gender is None or table.gender is None:
        return None
    codes = table.gender[keep]
    words: NDArray[np.str_] = np.select(
        [codes == code for code in recipe.gender.words], list(recipe.gender.words.values()), ""
    )
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
