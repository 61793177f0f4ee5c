"""Drift of wording on the real sample, against what mirt's parameters give when worked out plainly.

mirt's file has no standard errors; with 30,000 people sampling error is a fiftieth of the spreads.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from undertow.bank.drift import WordingDrift
from undertow.bank.item import DIMENSIONS
from undertow.calibrate import BUILT_IN_RECIPE, load_recipe, read_archive
from undertow.calibrate.em import settle
from undertow.calibrate.likelihood import sides_of, working_grid
from undertow.calibrate.sample import sample_of
from undertow.calibrate.standard_errors import standard_errors
from undertow.calibrate.wording_drift import estimate_drift, figures_of

MIRT = Path(__file__).parent / "mirt_grm_complete_sample.csv"
FAMILIES = (
    ("Q5", "Q11"),
    ("Q9", "Q15"),
    ("Q7", "Q13", "Q17", "Q23"),
    ("Q12", "Q16"),
    ("Q2", "Q22"),
)

pytestmark = pytest.mark.real_data


def by_mirt(*columns: str) -> float:
    """The families' pooled SD of the columns (logs of a slope, a threshold as it is)."""
    lines = MIRT.read_text(encoding="utf-8").splitlines()
    rows = {row["item"]: row for row in csv.DictReader(x for x in lines if not x.startswith("#"))}
    squares, freedom = 0.0, 0
    for column in columns:
        for family in FAMILIES:
            values = [float(rows[item][column]) for item in family]
            if column == "slope":
                values = [math.log(value) for value in values]
            mean = sum(values) / len(values)
            squares += sum((value - mean) ** 2 for value in values)
            freedom += len(values) - 1
    return math.sqrt(squares / freedom)


@pytest.fixture(scope="module")
def drift(ecr_sample: Path) -> WordingDrift:
    recipe = load_recipe(BUILT_IN_RECIPE)
    sample = sample_of(read_archive(ecr_sample, recipe), recipe, complete_cases=True)
    dimension_of = np.array([DIMENSIONS.index(item.dimension) for item in recipe.items])
    names = [item.column for item in recipe.items]
    sides = sides_of(sample.keyed, dimension_of, recipe.categories)
    parameters = settle(sides, names=names).parameters
    errors = standard_errors(sides, parameters, working_grid(), names=names)
    return estimate_drift(names, FAMILIES, figures_of(parameters, errors))


def test_slopes_move_as_mirt_says(drift: WordingDrift) -> None:
    assert drift.log_slope.sd == pytest.approx(by_mirt("slope"), rel=0.05)


def test_thresholds_move_as_mirt_says(drift: WordingDrift) -> None:
    assert drift.threshold.sd == pytest.approx(by_mirt("b1", "b2", "b3", "b4"), rel=0.05)


def test_sampling_error_is_taken_off(drift: WordingDrift) -> None:
    assert drift.log_slope.sd < by_mirt("slope")
    assert drift.threshold.sd < by_mirt("b1", "b2", "b3", "b4")
