"""Small archives made up for tests: a recipe of eight items, simulated answers, zips of any kind."""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.recipe import Recipe, parse_recipe

ITEMS = ("A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4")
HEADER = ",".join([*ITEMS, "age", "gender", "country"])
RECIPE: dict[str, Any] = {
    "id": "made-up",
    "title": "Made-up answers",
    "instrument": "Eight made-up items",
    "licence": "none needed",
    "source": "nowhere",
    "file": {"name": "data.csv", "separator": ","},
    "answers": {"lowest": 1, "highest": 3, "missing": [0]},
    "items": {
        "anxiety": ["A1", "A2", "A3", "A4"],
        "avoidance": ["B1", "B2", "B3", "B4"],
        "reversed": ["A4", "B2"],
    },
    "age": {"column": "age", "lowest": 18, "highest": 80},
    "gender": {"column": "gender", "codes": {"man": 1, "woman": 2, "other": 3, "unstated": 0}},
    "other_columns": {"names": ["country"]},
    "sample": {
        "name": "adults who were made up",
        "complete_cases": "people of any age who were made up",
        "who": "Nobody.",
        "collected": "never",
        "how": "By a random number generator.",
    },
    "norms": {
        "least_rows": 300,
        "genders": {"man": "men", "woman": "women"},
        "ages": ["18-24", "25-80"],
    },
}


def recipe_data() -> dict[str, Any]:
    return copy.deepcopy(RECIPE)


def made_up_recipe() -> Recipe:
    return parse_recipe(recipe_data(), "made-up.toml")


def simulated_answers(rows: int, *, seed: int, missing: float = 0.0) -> NDArray[np.int64]:
    """Answers 1..3 as shown to eight items, two dimensions, the recipe's keying; 0 is missing."""
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal((rows, 2))
    own = np.repeat(theta, 4, axis=1)
    slopes = np.array([1.2, 1.8, 1.5, 1.0, 1.4, 2.0, 1.1, 1.6])
    noise = rng.logistic(size=own.shape)
    reached = slopes * own + noise
    keyed: NDArray[np.int64] = 1 + np.sum([reached + d > 0 for d in (1.0, -0.8)], axis=0)
    for name in ("A4", "B2"):
        at = ITEMS.index(name)
        keyed[:, at] = 4 - keyed[:, at]
    keyed[rng.random(keyed.shape) < missing] = 0
    return keyed


def csv_of(answers: NDArray[np.int64], *, ages: Sequence[int] = (30, 22, 51)) -> bytes:
    """The answers as a file; ages and genders go round."""
    lines = [HEADER]
    lines += [
        ",".join([*(str(v) for v in row), str(ages[at % len(ages)]), str(1 + at % 2), "US"])
        for at, row in enumerate(answers)
    ]
    return ("\n".join(lines) + "\n").encode()


def rows_csv(*rows: str, header: str = HEADER) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


def zip_of(
    data: bytes, *, name: str = "folder/data.csv", packing: int = zipfile.ZIP_DEFLATED
) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing) as archive:
        archive.writestr(name, data)
        archive.writestr("folder/codebook.html", "<p>A made-up codebook.</p>")
    return made.getvalue()
