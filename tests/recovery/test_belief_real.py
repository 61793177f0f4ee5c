"""Real people's answers, asked as a short test does: how many are doubted, and whether men's are more.

The answers were given to the original words, so they are scored without drift. Nobody knows which of
these people read the questions; what is held here is that figures by group don't make the doubt.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.responses import MISSING
from undertow.calibrate.archive import Table, read_archive
from undertow.calibrate.recipe import BUILT_IN_RECIPE, Recipe, load_recipe
from undertow.content.bank_files import load_bank_file
from undertow.measure.belief import Verdict, believe
from undertow.measure.model import Model, model_of
from undertow.measure.person_fit import answered_set
from undertow.wiring import BUILT_IN_BANK

pytestmark = pytest.mark.real_data

PEOPLE, ITEMS = 250, 20
Verdicts = dict[tuple[str, str], list[Verdict]]


@pytest.fixture(scope="module")
def bank() -> Bank:
    return load_bank_file(BUILT_IN_BANK)


@pytest.fixture(scope="module")
def answers(ecr_sample: Path, bank: Bank) -> dict[str, NDArray[np.int8]]:
    """Complete adults by stated gender, as shown, items in the bank's order; the same rows each time."""
    recipe: Recipe = load_recipe(BUILT_IN_RECIPE)
    table: Table = read_archive(ecr_sample, recipe)
    assert table.age is not None
    assert table.gender is not None
    assert recipe.gender is not None
    columns = [item.column for item in recipe.items]
    order = [columns.index(item.id) for item in bank.items]
    adults = (table.categories != MISSING).all(axis=1) & (table.age >= 18) & (table.age <= 80)
    rng = np.random.default_rng(20261124)
    return {
        word: table.categories[rng.permutation(np.flatnonzero(adults & (table.gender == code)))][
            :PEOPLE, order
        ]
        for code, word in recipe.gender.words.items()
        if word in {"man", "woman"}
    }


@pytest.fixture(scope="module")
def verdicts(bank: Bank, answers: dict[str, NDArray[np.int8]]) -> Verdicts:
    """By stated gender and by whose figures score: their own, or those of everyone."""
    found: Verdicts = {}
    everyone = model_of(bank, drift=False)
    for word, shown in answers.items():
        for whose, model in (
            ("own", model_of(bank, drift=False, groups=(word,))),
            ("everyone", everyone),
        ):
            rng = np.random.default_rng(7)
            found[word, whose] = [verdict_of(model, row, rng) for row in shown]
    return found


def verdict_of(model: Model, shown: NDArray[np.int8], rng: np.random.Generator) -> Verdict:
    places = [
        rng.permutation(np.flatnonzero(model.dimension_of == d))[: ITEMS // 2] for d in (0, 1)
    ]
    asked = rng.permutation(np.concatenate(places))
    keying = np.array([model.bank.items[place].keying for place in asked])
    tapped = shown[asked].astype(np.intp)
    return believe(
        answered_set(
            [model.tables[:, place] for place in asked],
            np.where(keying == 1, tapped, 4 - tapped),
            keying=keying,
            dimension_of=model.dimension_of[asked],
            nodes=model.grid.nodes,
            log_prior=model.log_prior,
        )
    ).verdict


def doubted(verdicts: list[Verdict]) -> NDArray[np.float64]:
    return np.array([verdict is not Verdict.FINE for verdict in verdicts], dtype=np.float64)


def test_most_people_are_believed(verdicts: Verdicts) -> None:
    """Real answers vary more than the model's: more than its 5 in 100, and yet few."""
    for word in ("man", "woman"):
        assert 0.02 <= doubted(verdicts[word, "own"]).mean() <= 0.16
        withheld = np.mean([one is Verdict.WITHHOLD for one in verdicts[word, "own"]])
        assert withheld <= 0.06


def test_a_groups_own_figures_are_no_reason_to_doubt_it(verdicts: Verdicts) -> None:
    for word in ("man", "woman"):
        change = doubted(verdicts[word, "own"]) - doubted(verdicts[word, "everyone"])
        assert change.mean() <= 0.01 + 2 * change.std() / np.sqrt(PEOPLE)


def test_figures_by_group_set_men_and_women_no_further_apart(verdicts: Verdicts) -> None:
    """Men's answers go together a little less often; that must not come from whose figures are used."""
    change = {
        word: doubted(verdicts[word, "own"]) - doubted(verdicts[word, "everyone"])
        for word in ("man", "woman")
    }
    error = np.sqrt(sum(one.var() for one in change.values()) / PEOPLE)
    apart = (
        doubted(verdicts["man", "everyone"]).mean() - doubted(verdicts["woman", "everyone"]).mean()
    )
    moved = change["man"].mean() - change["woman"].mean()
    assert np.sign(apart) * moved <= 0.01 + 2 * error
