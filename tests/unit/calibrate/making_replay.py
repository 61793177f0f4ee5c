"""People made up for replays: a bank whose steep items work differently for men, and an archive of answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.made_up_bank import bank_of, calibrated_item
from tests.unit.calibrate.making import recipe_data

from undertow.bank.calibrated import Bank, GroupFigures
from undertow.bank.item import DIMENSIONS
from undertow.calibrate.recipe import Recipe, parse_recipe

ITEMS_A_DIMENSION = 9
MEN, WOMEN, OTHER, UNSTATED = 1, 2, 3, 0
_STEEP = (0, 1, 2)
_SHIFT = 0.7
"""How much later men agree to the steep items, in SD."""


def planted_bank() -> Bank:
    """Nine items a dimension, four answers; three steep ones of each are harder for men to agree to."""
    items = []
    for letter, dimension in zip("av", DIMENSIONS, strict=True):
        for number in range(ITEMS_A_DIMENSION):
            steep = number in _STEEP
            middle = 0.25 * (number % 4) - 0.3
            slope = 2.4 if steep else 1.2
            thresholds = [middle - 0.9, middle, middle + 0.9]
            item = calibrated_item(
                f"{letter}{number}",
                dimension,
                slope=slope,
                thresholds=thresholds,
                keying=-1 if number == 4 else 1,
            )
            men, women = (
                GroupFigures(
                    group=group,
                    slope=slope,
                    intercepts=tuple(
                        d - slope * (shift if steep else 0.0) for d in item.intercepts
                    ),
                )
                for group, shift in (("man", _SHIFT / 2), ("woman", -_SHIFT / 2))
            )
            items.append(replace(item, by_group=(men, women)))
    bare = bank_of([replace(item, by_group=()) for item in items])
    return replace(bare, items=tuple(items), group_correlation=0.0)


def recipe_of(bank: Bank, *, with_gender: bool = True) -> Recipe:
    data = recipe_data()
    if not with_gender:
        del data["gender"], data["norms"]["genders"]
        data["other_columns"] = {"names": ["country", "gender"]}
    data["id"] = "replayed"
    data["answers"] = {"lowest": 1, "highest": 4, "missing": [0]}
    data["items"] = {
        **{
            dimension.value: [item.id for item in bank.items if item.dimension == dimension]
            for dimension in DIMENSIONS
        },
        "reversed": [item.id for item in bank.items if item.keying == -1],
    }
    return parse_recipe(data, "replayed.toml")


def answers_of(
    bank: Bank, genders: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Answers 1..4 as shown, of people whose places are standard normal in every group; (N, J)."""
    theta = rng.standard_normal((genders.size, 2))
    answers = np.empty((genders.size, len(bank.items)), dtype=np.int64)
    for at, item in enumerate(bank.items):
        own = theta[:, DIMENSIONS.index(item.dimension)]
        by_gender = {MEN: item.by_group[0], WOMEN: item.by_group[1]}
        reached = np.zeros(genders.size, dtype=np.int64)
        noise = rng.logistic(size=genders.size)
        for gender in np.unique(genders):
            figures = by_gender.get(int(gender), item.by_group[1])
            mine = genders == gender
            for d in figures.intercepts:
                reached[mine] += figures.slope * own[mine] + d + noise[mine] > 0
        answers[:, at] = 1 + (reached if item.keying == 1 else 3 - reached)
    return answers


def archive_of(
    folder: Path,
    bank: Bank,
    answers: NDArray[np.int64],
    genders: NDArray[np.int64],
    *,
    ages: NDArray[np.int64] | None = None,
) -> Path:
    """A folder with the answers as data.csv; everyone is 30 unless `ages` say otherwise."""
    old = np.full(genders.size, 30) if ages is None else ages
    lines = [",".join([*(item.id for item in bank.items), "age", "gender", "country"])]
    lines += [
        ",".join([*map(str, row), str(age), str(gender), "US"])
        for row, age, gender in zip(answers, old, genders, strict=True)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
