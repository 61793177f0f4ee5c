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
    age: NDArray[np.int64] | None
    gender: NDArray[np.str_] | None
    steps: tuple[Step, ...]

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

    def narrow(step: str, condition: NDArray[np.bool_]) -> None:
        nonlocal keep
        keep = keep & condition
        steps.append(Step(step=step, rows=int(keep.sum())))

    answered = table.categories != MISSING
    if complete_cases:
        narrow("every item answered", answered.all(axis=1))
    else:
        if recipe.age and table.age is not None:
            _, lowest, highest = recipe.age
            narrow(
                f"age stated as {lowest} to {highest}",
                (table.age >= lowest) & (table.age <= highest),
            )
        narrow("at least one item answered", answered.any(axis=1))
    if not keep.any():
        raise ArchiveError(
            f"{recipe.file_name}: no row is left after '{steps[-1].step}'. Is it the right recipe?"
        )
    shown = table.categories[keep]
    keying = np.array([item.keying for item in recipe.items])
    turned = np.where(keying == 1, shown, recipe.categories - 1 - shown)
    keyed = np.where(shown == MISSING, MISSING, turned).astype(np.int8)
    _check_categories(keyed, recipe)
    words = None
    if recipe.gender and table.gender is not None:
        codes = recipe.gender[1]
        words = np.empty(int(keep.sum()), dtype="<U16")
        for code, word in codes.items():
            words[table.gender[keep] == code] = word
    return Sample(
        keyed=keyed,
        age=None if table.age is None else table.age[keep],
        gender=words,
        steps=tuple(steps),
    )


def _check_categories(keyed: NDArray[np.int8], recipe: Recipe) -> None:
    for position, item in enumerate(recipe.items):
        counts = np.bincount(keyed[:, position] + 1, minlength=recipe.categories + 1)[1:]
        if (counts > 0).sum() < 2:
            raise ArchiveError(
                f"{recipe.file_name}, column {item.column}: everyone gave the same answer, so "
                "nothing can be estimated. Leave the column out of the recipe."
            )
        if (counts == 0).any():
            empty = int(np.flatnonzero(counts == 0)[0])
            code = empty if item.keying == 1 else recipe.categories - 1 - empty
            raise ArchiveError(
                f"{recipe.file_name}, column {item.column}: nobody chose {code + recipe.lowest}, "
                "so its thresholds cannot be estimated. Leave the column out of the recipe."
            )
