"""Archives of any number of dimensions made up for tests, each keyed both ways, with men and women."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.unit.calibrate.making import recipe_data

from undertow.calibrate.recipe import Recipe, parse_recipe

DIMENSIONS = ("worry", "distance", "trust")
EACH = 6
_SLOPES = np.array([1.2, 1.8, 1.5, 1.1, 2.0, 1.4])
_THRESHOLDS = np.linspace(-0.3, 0.3, EACH)[:, None] + np.array([-0.7, 0.7])
_TURNED = (3, 5)
CORRELATION = 0.4
TENDENCY = 0.5
"""The deviation, in logits, of people's tendency to agree with anything."""


def columns_of(dimension: int) -> list[str]:
    return [f"{'WDT'[dimension]}{item + 1}" for item in range(EACH)]


def recipe_of(dimensions: int) -> Recipe:
    """The last two items but one of each dimension are reversed; the first two say nearly the same."""
    data: dict[str, Any] = recipe_data()
    data["id"], data["instrument"] = f"made-up-{dimensions}", "Made-up items"
    data["items"] = {name: columns_of(at) for at, name in enumerate(DIMENSIONS[:dimensions])}
    data["items"]["reversed"] = [
        columns_of(at)[item] for at in range(dimensions) for item in _TURNED
    ]
    data["drift"] = {"families": [columns_of(at)[:2] for at in range(min(dimensions, 2))]}
    return parse_recipe(data, "made-up.toml")


def archive_csv(dimensions: int, rows: int, *, seed: int) -> bytes:
    """Answers 1..3 as shown, ages and genders going round; men somewhat lower on every dimension."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((rows, 1)) * np.sqrt(CORRELATION)
    own = rng.standard_normal((rows, dimensions)) * np.sqrt(1 - CORRELATION)
    gender = 1 + np.arange(rows) % 2
    theta = common + own - 0.2 * (gender[:, None] == 1)
    keying = np.ones(EACH)
    keying[list(_TURNED)] = -1
    tendency = TENDENCY * rng.standard_normal((rows, 1))
    blocks: list[NDArray[np.int64]] = []
    for at in range(dimensions):
        felt = _SLOPES * theta[:, [at]] + keying * tendency
        felt += rng.logistic(size=felt.shape)
        keyed = (felt[:, :, None] - _SLOPES[:, None] * _THRESHOLDS > 0).sum(axis=2)
        blocks.append(1 + np.where(keying == 1, keyed, 2 - keyed))
    ages = np.array([30, 22, 51])[np.arange(rows) % 3]
    header = [name for at in range(dimensions) for name in columns_of(at)]
    table = np.column_stack([*blocks, ages, gender])
    lines = [",".join([*header, "age", "gender", "country"])]
    lines += [",".join([*map(str, row), "US"]) for row in table.tolist()]
    return ("\n".join(lines) + "\n").encode()
