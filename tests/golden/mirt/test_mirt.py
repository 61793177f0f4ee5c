"""The fit on the complete rows of the real sample against mirt's, an independent program.

mirt 1.47 on R 4.2.2 made the figures in the file beside this one: graded, two dimensions, simple
structure, free correlation. Its log-likelihood on -6.5..6.5 by 0.1, both dimensions, was computed
apart from both programs.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.bank.item import DIMENSIONS
from undertow.calibrate import (
    BUILT_IN_RECIPE,
    Calibration,
    bank_content,
    calibrate_archive,
    load_recipe,
    read_archive,
)
from undertow.calibrate.likelihood import Parameters, evaluate, sides_of
from undertow.calibrate.sample import sample_of

MIRT = Path(__file__).parent / "mirt_grm_complete_sample.csv"
MIRT_LOG_LIKELIHOOD = -1_500_303.30
MIRT_CORRELATION = -0.0099
ROWS_READ, ROWS_COMPLETE = 36_043, 32_642
WITHIN = 0.03

pytestmark = pytest.mark.real_data

Array = NDArray[np.float64]


def mirt_figures() -> tuple[Array, Array]:
    """Slopes (J,) and thresholds (J, 4) in the order of the built-in recipe's items."""
    lines = MIRT.read_text(encoding="utf-8").splitlines()
    rows = {row["item"]: row for row in csv.DictReader(x for x in lines if not x.startswith("#"))}
    recipe = load_recipe(BUILT_IN_RECIPE)
    own = [rows[item.column] for item in recipe.items]
    assert [row["dimension"] for row in own] == [item.dimension for item in recipe.items]
    slopes = np.array([float(row["slope"]) for row in own])
    thresholds = np.array([[float(row[f"b{k}"]) for k in range(1, 5)] for row in own])
    return slopes, thresholds


@pytest.fixture(scope="module")
def calibration(ecr_sample: Path) -> Calibration:
    return calibrate_archive(
        ecr_sample,
        recipe=load_recipe(BUILT_IN_RECIPE),
        complete_cases=True,
        made_on="2026-11-24",
    )


def test_the_same_rows_are_used(calibration: Calibration) -> None:
    assert (calibration.rows_read, calibration.rows_used) == (ROWS_READ, ROWS_COMPLETE)
    assert calibration.items == 36


def test_mirt_s_own_parameters_have_mirt_s_likelihood(ecr_sample: Path) -> None:
    recipe = load_recipe(BUILT_IN_RECIPE)
    sample = sample_of(read_archive(ecr_sample, recipe), recipe, complete_cases=True)
    slopes, thresholds = mirt_figures()
    sides = sides_of(
        sample.keyed, np.array([DIMENSIONS.index(item.dimension) for item in recipe.items]), 5
    )
    parameters = Parameters(
        slope=slopes, intercepts=-slopes[:, None] * thresholds, correlation=MIRT_CORRELATION
    )
    # The file's four decimals alone move it by a few thousandths.
    assert evaluate(sides, parameters).log_likelihood == pytest.approx(
        MIRT_LOG_LIKELIHOOD, abs=0.02
    )


def test_slopes_agree(calibration: Calibration) -> None:
    slopes, _ = mirt_figures()
    assert np.abs(calibration.fit.slope - slopes).max() <= WITHIN


def test_thresholds_within_three_agree(calibration: Calibration) -> None:
    _, thresholds = mirt_figures()
    own = -calibration.fit.intercepts / calibration.fit.slope[:, None]
    inside = np.abs(thresholds) <= 3
    assert inside.sum() > 130
    assert np.abs(own - thresholds)[inside].max() <= WITHIN


def test_the_likelihood_is_not_below_mirt_s(calibration: Calibration) -> None:
    # Both are at a maximum of the same function, so neither may be far above the other.
    assert calibration.log_likelihood >= MIRT_LOG_LIKELIHOOD - 0.5
    assert calibration.log_likelihood <= MIRT_LOG_LIKELIHOOD + 0.5


def test_the_correlation_agrees(calibration: Calibration) -> None:
    assert calibration.correlation == pytest.approx(MIRT_CORRELATION, abs=0.002)


def test_the_bank_has_everyone_as_its_one_group(calibration: Calibration) -> None:
    (norm,) = calibration.norms
    assert (norm.n, norm.gender, norm.age_band) == (ROWS_COMPLETE, None, None)
    assert bank_content(calibration)["borders"] == pytest.approx(
        dict(zip(("anxiety", "avoidance"), norm.place(0.5), strict=True)), abs=1e-5
    )
