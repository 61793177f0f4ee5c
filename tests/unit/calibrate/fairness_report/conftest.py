"""A made-up archive with men, women, ages and a tilt that was planted, reported on once for all tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.calibrate.making_replay import (
    MEN,
    OTHER,
    WOMEN,
    answers_of,
    archive_of,
    planted_bank,
    recipe_of,
)

from undertow.bank.calibrated import Bank, DependentPair
from undertow.calibrate.fairness_report import FairnessReport, fairness_report
from undertow.calibrate.recipe import Recipe

PEOPLE = 1200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """An archive with its bank and recipe, and the report on it."""

    archive: Path
    bank: Bank
    recipe: Recipe
    genders: NDArray[np.int64]
    report: FairnessReport


def faceted_bank() -> Bank:
    """The bank of the replays, with two facets a dimension and a pair that nearly repeats itself."""
    bank = planted_bank()
    items = tuple(
        replace(item, facet=f"{item.dimension.value}-{'one' if item.id[1] < '4' else 'two'}")
        for item in bank.items
    )
    return replace(
        bank, items=items, pairs=(DependentPair(first="a0", second="a1", dependence=0.3),)
    )


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """1,200 people, half men; everyone's answers to steep items depend on gender, places do not."""
    rng = np.random.default_rng(31)
    bank = faceted_bank()
    genders = np.where(np.arange(PEOPLE) % 2, MEN, WOMEN)
    genders[::100] = OTHER
    answers = answers_of(bank, genders, rng)
    ages = np.array([20, 30, 40, 50, 60])[np.arange(PEOPLE) % 5]
    archive = archive_of(
        tmp_path_factory.mktemp("fairness") / "archive", bank, answers, genders, ages=ages
    )
    recipe = recipe_of(bank)
    report = fairness_report(archive, bank, recipe=recipe, folds="0", gentle=frozenset({"a5"}))
    return Told(archive=archive, bank=bank, recipe=recipe, genders=genders, report=report)


@pytest.fixture(scope="session")
def report(told: Told) -> FairnessReport:
    return told.report
