"""An archive of made-up people, replayed once for all tests that only look at it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.calibrate.making_replay import (
    OTHER,
    UNSTATED,
    answers_of,
    archive_of,
    planted_bank,
    recipe_of,
)

from undertow.bank.calibrated import Bank
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.replay import Replay, replay_archive
from undertow.calibrate.replay_taking import Kind

KIND = Kind(items=10, early_stop=False, plain=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MadeUp:
    """An archive with its bank and recipe; `answers` (N, J) 1..4 as shown, 0 missing."""

    archive: Path
    bank: Bank
    recipe: Recipe
    answers: NDArray[np.int64]
    genders: NDArray[np.int64]
    ages: NDArray[np.int64]


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> MadeUp:
    """700 people, of whom some are too young, some left items out, some stated another gender or none."""
    rng = np.random.default_rng(11)
    bank = planted_bank()
    genders = 1 + np.arange(700) % 2
    genders[::50], genders[7::50] = OTHER, UNSTATED
    answers = answers_of(bank, genders, rng)
    answers[3::40, 5] = 0
    ages = np.full(700, 30)
    ages[11::60] = 17
    archive = archive_of(
        tmp_path_factory.mktemp("replay") / "archive", bank, answers, genders, ages=ages
    )
    return MadeUp(
        archive=archive,
        bank=bank,
        recipe=recipe_of(bank),
        answers=answers,
        genders=genders,
        ages=ages,
    )


@pytest.fixture(scope="session")
def replayed(made_up: MadeUp) -> Replay:
    return replay_archive(made_up.archive, made_up.bank, KIND, recipe=made_up.recipe, folds="0")
