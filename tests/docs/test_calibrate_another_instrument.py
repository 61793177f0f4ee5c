"""The recipes printed in the how-to fit archives laid out as it says, and its table leaves no key out."""

from __future__ import annotations

import re
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate import Recipe, load_recipe, parse_recipe, read_archive
from undertow.calibrate.groupings import groupings_of
from undertow.calibrate.recipe import KEYS
from undertow.calibrate.sample import sample_of

PAGE = Path("docs") / "how-to" / "calibrate-another-instrument.md"
ROWS = 1500


def printed(repository: Path) -> list[str]:
    text = (repository / PAGE).read_text(encoding="utf-8")
    return re.findall(r"```toml\n(.*?)```", text, re.DOTALL)


@pytest.fixture(scope="module")
def recipes(repository: Path) -> dict[str, Recipe]:
    loaded = [parse_recipe(tomllib.loads(text), "page.toml") for text in printed(repository)]
    return {recipe.id: recipe for recipe in loaded}


def test_a_recipe_has_at_most_ten_lines(repository: Path) -> None:
    texts = printed(repository)
    assert len(texts) == 2
    for text in texts:
        assert len(text.splitlines()) <= 10


def test_every_key_is_in_the_table_and_no_other(repository: Path) -> None:
    text = (repository / PAGE).read_text(encoding="utf-8")
    table = text.split("## Every key")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = {key for cell in cells for key in re.findall(r"`([a-z_.]+|items\.NAME)`", cell)}
    tables = {name for name in KEYS if name} | {"items"}
    known = {key for key in KEYS[""] if key not in tables}
    known |= {f"{name}.{key}" for name, keys in KEYS.items() if name for key in keys}
    assert told == known | {"items.NAME", "items.reversed"}


def answers(recipe: Recipe, *, seed: int) -> NDArray[np.int64]:
    """Answers as shown; (N, J). A graded model of one place a dimension, some answers left out."""
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal((ROWS, len(recipe.dimensions)))[:, recipe.dimension_of]
    top = recipe.categories - 1
    cuts = np.linspace(-2, 2, top)
    keyed = (1.5 * theta + rng.logistic(size=theta.shape))[:, :, None] > cuts
    count: NDArray[np.int64] = keyed.sum(axis=2)
    shown = np.where([item.keying == 1 for item in recipe.items], count, top - count)
    return np.where(rng.random(shown.shape) < 0.02, 0, shown + recipe.lowest)


def archive(path: Path, columns: dict[str, list[object]], codebook: str) -> Path:
    rows = zip(*columns.values(), strict=True)
    lines = ["\t".join(columns), *("\t".join(map(str, row)) for row in rows)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("folder/data.csv", "\r\n".join(lines) + "\r\n")
        made.writestr(f"folder/{codebook}", "What the columns mean.\n")
    return path


def about_people() -> dict[str, list[object]]:
    at = range(ROWS)
    return {
        "age": [(0, 17, *range(18, 81), 2000)[number % 66] for number in at],
        "gender": [(1, 2, 2, 1, 3, 0)[number % 6] for number in at],
        "source": [1] * ROWS,
        "country": [("US", "US", "GB", "NONE", "IN")[number % 5] for number in at],
    }


@pytest.mark.parametrize("codebook", ["codebook.html", "codebook.txt"])
def test_rosenberg_s_scale(tmp_path: Path, recipes: dict[str, Recipe], codebook: str) -> None:
    recipe = recipes["rosenberg"]
    shown = answers(recipe, seed=1)
    columns = {f"Q{at + 1}": list(shown[:, at]) for at in range(10)}
    table = read_archive(
        archive(tmp_path / "RSE.zip", {**columns, **about_people()}, codebook), recipe
    )
    assert np.array_equal(table.categories, np.where(shown == 0, MISSING, shown - 1))
    assert {item.column for item in recipe.items if item.keying == -1} == {
        *("Q3", "Q5", "Q8", "Q9", "Q10"),
    }
    used = sample_of(table, recipe, complete_cases=False)
    assert [step.step for step in used.steps] == [
        "rows in the archive",
        "age stated",
        "age possible, 10 to 100",
        "age stated as 18 to 80",
        "at least one item answered",
        "not the same answer to everything",
        "no run of 8 or more same answers against the keying",
    ]
    by_age = {age: about_people()["age"].count(age) for age in (0, 17, 2000)}
    left = [step.rows for step in used.steps][:4]
    assert left == [
        ROWS,
        ROWS - by_age[0],
        ROWS - by_age[0] - by_age[2000],
        ROWS - sum(by_age.values()),
    ]
    assert [grouping.name for grouping in groupings_of(used, recipe).kept] == [
        *("gender", "country"),
    ]
    # Turned once, every item rises with every other.
    answered = used.keyed[(used.keyed != MISSING).all(axis=1)]
    assert np.corrcoef(answered.T).min() > 0.2


def test_a_big_five_archive(tmp_path: Path, recipes: dict[str, Recipe]) -> None:
    recipe = recipes["big-five"]
    assert recipe.dimensions == (
        *("extraversion", "neuroticism", "agreeableness", "conscientiousness", "openness"),
    )
    assert (len(recipe.items), recipe.categories) == (50, 5)
    shown = answers(recipe, seed=2)
    people = about_people()
    first: dict[str, list[object]] = {
        "race": [3] * ROWS,
        "age": people["age"],
        "engnat": [1] * ROWS,
        "gender": people["gender"],
        "hand": [1] * ROWS,
        "source": people["source"],
        "country": ["(nu"] * ROWS,
    }
    columns = {item.column: list(shown[:, at]) for at, item in enumerate(recipe.items)}
    table = read_archive(
        archive(tmp_path / "BIG5.zip", {**first, **columns}, "codebook.txt"), recipe
    )
    used = sample_of(table, recipe, complete_cases=True)
    assert used.rows == int((shown != 0).all(axis=1).sum())
    correlations = np.asarray(np.corrcoef(used.keyed.T))
    same = recipe.dimension_of[:, None] == recipe.dimension_of
    assert correlations[same].min() > 0.1
    assert np.abs(correlations[~same]).max() < 0.2


def test_a_recipe_saved_as_a_file_is_the_same(
    tmp_path: Path, repository: Path, recipes: dict[str, Recipe]
) -> None:
    for text, recipe in zip(printed(repository), recipes.values(), strict=True):
        path = tmp_path / f"{recipe.id}.toml"
        path.write_text(text, encoding="utf-8")
        assert load_recipe(path).sha256 == recipe.sha256
