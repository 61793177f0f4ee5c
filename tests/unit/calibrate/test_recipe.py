"""Recipes: the built-in one says what the archive is like, a broken one is refused by file, key and rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.calibrate.making import recipe_data

from undertow.calibrate import BUILT_IN_RECIPE, load_recipe, parse_recipe
from undertow.errors import InstrumentError

REVERSED = {3, 15, 19, 22, 25, 27, 29, 31, 33, 35}


def test_the_built_in_recipe_knows_the_ecr() -> None:
    recipe = load_recipe(BUILT_IN_RECIPE)
    numbers = {int(item.column.removeprefix("Q")): item for item in recipe.items}
    assert set(numbers) == set(range(1, 37))
    for number, item in numbers.items():
        assert item.dimension == ("avoidance" if number % 2 else "anxiety")
        assert item.keying == (-1 if number in REVERSED else 1)
    assert (recipe.lowest, recipe.highest, recipe.missing) == (1, 5, (0,))
    assert recipe.age is not None
    assert (recipe.age.lowest, recipe.age.highest) == (18, 80)
    assert recipe.gender is not None
    assert recipe.gender.words == {1: "man", 2: "woman", 3: "other", 0: "unstated"}
    assert [band.name for band in recipe.norms.ages] == [
        *("18-24", "25-34", "35-44", "45-54", "55-80"),
    ]
    assert recipe.norms.least_rows == 300


def test_layout_and_comments_do_not_change_a_recipe_s_hash(tmp_path: Path) -> None:
    text = BUILT_IN_RECIPE.read_text(encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text("# A comment more.\n\n" + text.replace(" = ", "="), encoding="utf-8")
    assert load_recipe(other).sha256 == load_recipe(BUILT_IN_RECIPE).sha256
    other.write_text(text.replace("lowest = 18", "lowest = 19"), encoding="utf-8")
    assert load_recipe(other).sha256 != load_recipe(BUILT_IN_RECIPE).sha256


def setting(*path: str, to: object) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = to

    return change


def without(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (without("licence"), "licence"),
        (without("source"), "source"),
        (setting("licence", to="  "), "licence"),
        (without("items"), "items.reversed"),
        (setting("items", to=["A1"]), "items"),
        (setting("items", "anxiety", to=["A1", "A2"]), "items.anxiety"),
        (setting("items", "anxiety", to=["A1", "A1", "A2", "A4"]), "items"),
        (setting("items", "anxiety", to=["A1", "A2", "A4", "B1"]), "items"),
        (setting("items", "reversed", to=["C9"]), "items.reversed"),
        (setting("items", "anxiety", to=["A1", "A2", 3]), "items.anxiety"),
        (setting("other_columns", "names", to=["age"]), "items"),
        (setting("answers", "highest", to=1), "answers.highest"),
        (setting("answers", "highest", to=10**6), "answers.highest"),
        (setting("answers", "highest", to=True), "answers.highest"),
        (setting("answers", "lowest", to=1.0), "answers.lowest"),
        (setting("answers", "missing", to=[2]), "answers.missing"),
        (setting("answers", "missing", to=0), "answers.missing"),
        (setting("file", "separator", to=",,"), "file.separator"),
        (setting("file", "separator", to="1"), "file.separator"),
        (setting("file", "separator", to='"'), "file.separator"),
        (setting("file", "name", to="../data.csv"), "file.name"),
        (setting("file", "name", to="*.csv"), "file.name"),
        (setting("age", "highest", to=10), "age.highest"),
        (setting("gender", "codes", to=[1]), "gender.codes"),
        (setting("gender", "codes", to={"man": 1, "woman": 1}), "gender.codes"),
        (setting("gender", "codes", to={"man": "1"}), "gender.codes.man"),
        (setting("norms", "genders", to={"elf": "elves"}), "norms.genders"),
        (without("gender"), "norms.genders"),
        (setting("norms", "ages", to=["young"]), "norms.ages"),
        (setting("norms", "ages", to=["30-20"]), "norms.ages"),
        (setting("norms", "least_rows", to=0), "norms.least_rows"),
        (setting("itemss", to={}), "itemss"),
        (setting("answers", "mising", to=[0]), "answers.mising"),
        (without("sample", "how"), "sample.how"),
    ],
)
def test_a_broken_recipe_is_refused_by_key(
    change: Callable[[dict[str, Any]], None], key: str
) -> None:
    data = recipe_data()
    change(data)
    with pytest.raises(InstrumentError) as caught:
        parse_recipe(data, "made-up.toml")
    assert (caught.value.file, caught.value.key) == ("made-up.toml", key)
    assert caught.value.rule


def test_age_gender_and_other_columns_may_be_left_out() -> None:
    data = recipe_data()
    for key in ("age", "gender", "other_columns"):
        del data[key]
    data["norms"]["genders"] = {}
    recipe = parse_recipe(data, "made-up.toml")
    assert (recipe.age, recipe.gender, recipe.other_columns) == (None, None, ())


@pytest.mark.parametrize("content", [b"id = ", b"\xff\xfe", None])
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InstrumentError) as caught:
        load_recipe(path)
    assert (caught.value.file, caught.value.key) == ("broken.toml", "file")
