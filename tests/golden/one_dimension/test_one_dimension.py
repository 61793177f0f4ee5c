"""One dimension against mirt 1.2.0 for Python, an independent program: parameters, likelihood, errors.

`made_up` draws the answers; benchmarks/peers/golden_mirt.py had mirt fit them to the file beside this one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.golden.one_dimension.made_up import CATEGORIES, keyed_answers

from undertow.calibrate.em import Fit, fit_graded
from undertow.calibrate.likelihood import sides_of, working_grid
from undertow.calibrate.standard_errors import standard_errors

MIRT = Path(__file__).parent / "mirt_one_dimension.json"
KEYED = keyed_answers()
ONE = np.zeros(KEYED.shape[1], dtype=np.intp)


@pytest.fixture(scope="module")
def mirt() -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(MIRT.read_text(encoding="utf-8"))
    assert figures["converged"]
    return figures


@pytest.fixture(scope="module")
def fit() -> Fit:
    return fit_graded(KEYED, ONE, CATEGORIES)


def test_the_answers_are_those_that_mirt_had() -> None:
    # Sums of all answers to each item, and one row, as they were when mirt had them.
    assert KEYED.sum(axis=0).tolist() == [
        3959,
        1984,
        3520,
        2772,
        2323,
        4182,
        1368,
        2567,
        3324,
        1947,
    ]
    assert KEYED[7].tolist() == [0, 0, 2, 1, 0, 1, 0, 0, 1, 1]


def test_parameters(fit: Fit, mirt: dict[str, Any]) -> None:
    thresholds = -fit.parameters.intercepts / fit.parameters.slope[:, None]
    assert np.allclose(fit.parameters.slope, mirt["slope"], atol=5e-5)
    assert np.allclose(thresholds, mirt["thresholds"], atol=1e-4)
    assert fit.parameters.correlation == 0.0


def test_log_likelihood(fit: Fit, mirt: dict[str, Any]) -> None:
    assert fit.log_likelihood == pytest.approx(mirt["log_likelihood"], abs=1e-3)


def test_standard_errors(fit: Fit, mirt: dict[str, Any]) -> None:
    errors = standard_errors(sides_of(KEYED, ONE, CATEGORIES), fit.parameters, working_grid())
    assert np.allclose(errors.slope, mirt["slope_error"], rtol=1e-4)
    assert np.allclose(errors.thresholds, mirt["threshold_error"], rtol=1e-4)


def test_the_program_took_ten_times_the_cycles(fit: Fit, mirt: dict[str, Any]) -> None:
    assert 10 * fit.iterations < mirt["cycles"]
