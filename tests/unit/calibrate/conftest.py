"""A small archive and what calibrating it gives, made once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.calibrate.making import csv_of, made_up_recipe, simulated_answers, zip_of

from undertow.calibrate import Calibration, Recipe, bank_content, calibrate_archive


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    return made_up_recipe()


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "made-up.zip"
    path.write_bytes(zip_of(csv_of(simulated_answers(900, seed=5, missing=0.03))))
    return path


@pytest.fixture(scope="session")
def calibration(archive: Path, recipe: Recipe) -> Calibration:
    return calibrate_archive(
        archive, recipe=recipe, complete_cases=False, made_on="2026-11-24", progress=None
    )


@pytest.fixture(scope="session")
def content(calibration: Calibration) -> Mapping[str, object]:
    return bank_content(calibration)
