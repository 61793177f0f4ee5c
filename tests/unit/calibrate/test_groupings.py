"""Who is compared with whom: groups by gender, age and country, and what is said of those too small."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.unit.calibrate.making import recipe_data, simulated_answers

from undertow.calibrate.groupings import (
    GROUPINGS,
    Grouping,
    ends_of,
    grouping_of,
    groupings_of,
)
from undertow.calibrate.recipe import Recipe, parse_recipe
from undertow.calibrate.sample import Sample
from undertow.errors import InputError

ROWS = 1200


def made_recipe(*, least_rows: int = 200, without: str = "", **norms: object) -> Recipe:
    data = recipe_data()
    del data["other_columns"]
    data["country"] = {"column": "country", "home": "US"}
    data["norms"] = {"least_rows": least_rows, "ages": ["18-24", "25-39", "40-80"], **norms}
    data.pop(without, None)
    return parse_recipe(data, "made-up.toml")


RECIPE = made_recipe()


def made_sample(**facts: Any) -> Sample:
    at = np.arange(ROWS)
    everything: dict[str, Any] = {
        "keyed": (simulated_answers(ROWS, seed=4) - 1).astype(np.int8),
        "gender": np.array(["man", "woman", "woman", "other", "", "man"])[at % 6],
        # 300, 600 and 300 rows, and both ends of each band.
        "age": np.array([18, 25, 39, 80, 24, 25, 39, 40])[at % 8].astype(np.int32),
        "country": np.array(["US", "other", "US", ""])[at % 4],
    }
    return Sample(**{**everything, **facts}, steps=(), complete_cases=False)


SAMPLE = made_sample()


def rows(grouping: Grouping) -> list[int]:
    return [int(member.sum()) for member in grouping.members]


def test_men_and_women_are_compared_and_nobody_else() -> None:
    grouping = grouping_of(SAMPLE, RECIPE, "gender")
    assert grouping.words == ("man", "woman")
    assert grouping.names == grouping.labels == ("men", "women")
    assert rows(grouping) == [400, 400]
    assert SAMPLE.gender is not None
    assert (SAMPLE.gender[grouping.members[1]] == "woman").all()


def test_age_bands_hold_both_their_ends() -> None:
    grouping = grouping_of(SAMPLE, RECIPE, "age")
    assert grouping.words == grouping.labels == ("18-24", "25-39", "40-80")
    assert rows(grouping) == [300, 600, 300]
    assert grouping.members.sum(axis=0).max() == 1
    assert grouping.left_out == ()


def test_home_is_compared_with_every_other_country_that_is_named() -> None:
    grouping = grouping_of(SAMPLE, RECIPE, "country")
    assert grouping.words == ("US", "other")
    assert rows(grouping) == [600, 300]


def test_all_groupings_at_once() -> None:
    found = groupings_of(SAMPLE, RECIPE)
    assert tuple(grouping.name for grouping in found.kept) == GROUPINGS
    assert found.left_out == ()
    for grouping in found.kept:
        assert np.array_equal(grouping.members, grouping_of(SAMPLE, RECIPE, grouping.name).members)


@pytest.mark.parametrize("name", GROUPINGS)
def test_what_the_recipe_has_no_column_for_is_not_compared(name: str) -> None:
    sample = made_sample(**{name: None})
    with pytest.raises(InputError, match=f"Recipe 'made-up' names no {name} column"):
        grouping_of(sample, RECIPE, name)
    found = groupings_of(sample, RECIPE)
    assert [grouping.name for grouping in found.kept] == [n for n in GROUPINGS if n != name]
    # What nobody asked for needs no excuse.
    assert found.left_out == ()


def test_without_codes_for_men_and_women_there_is_nothing_to_compare() -> None:
    data = recipe_data()
    data["gender"]["codes"] = {"man": 1, "other": 2}
    data["norms"]["genders"] = {}
    with pytest.raises(InputError, match="codes for man and woman"):
        grouping_of(SAMPLE, parse_recipe(data, "made-up.toml"), "gender")


def test_another_name_is_no_grouping() -> None:
    with pytest.raises(InputError, match="Choose one of gender, age, country"):
        grouping_of(SAMPLE, RECIPE, "shoe size")


def test_a_group_too_small_is_named_with_its_count() -> None:
    at = np.arange(ROWS)
    sample = made_sample(gender=np.where(at < 199, "woman", "man"))
    with pytest.raises(InputError, match="Group 'woman' has 199 rows and needs 200"):
        grouping_of(sample, RECIPE, "gender")
    with pytest.raises(InputError, match="Group 'woman' has 199 rows and needs 300"):
        grouping_of(sample, made_recipe(least_rows=300), "gender")
    # However few a norm may be made of, a comparison needs its 200.
    with pytest.raises(InputError, match="Group 'woman' has 199 rows and needs 200"):
        grouping_of(sample, made_recipe(least_rows=1), "gender")
    found = groupings_of(sample, RECIPE)
    assert [grouping.name for grouping in found.kept] == ["age", "country"]
    assert len(found.left_out) == 1
    assert found.left_out[0].startswith("Not compared by gender: Group 'woman' has 199 rows")


def test_of_several_age_bands_small_ones_are_left_out() -> None:
    recipe = made_recipe(least_rows=301, ages=["18-24", "25-38", "39-39", "40-80"])
    sample = made_sample(age=np.repeat(np.array([20, 30, 39, 50], np.int32), [400, 350, 100, 350]))
    grouping = grouping_of(sample, recipe, "age")
    assert grouping.words == ("18-24", "25-38", "40-80")
    assert rows(grouping) == [400, 350, 350]
    assert len(grouping.left_out) == 1
    assert grouping.left_out[0].startswith("Group '39-39' has 100 rows and needs 301.")
    assert grouping.left_out[0] in groupings_of(sample, recipe).left_out


def test_one_age_band_alone_cannot_be_compared() -> None:
    sample = made_sample(age=np.full(ROWS, 30, np.int32))
    with pytest.raises(InputError, match="Group '18-24' has 0 rows"):
        grouping_of(sample, RECIPE, "age")


def test_a_category_that_a_group_never_chose_is_named_as_shown() -> None:
    keyed = SAMPLE.keyed.copy()
    assert SAMPLE.gender is not None
    women = SAMPLE.gender == "woman"
    # A4 is reversed: the highest place on the dimension is the answer 1.
    keyed[women & (keyed[:, 3] == 2), 3] = 1
    sample = made_sample(keyed=keyed)
    says = "Group 'woman' has 400 rows, and none of them chose 1 in column A4"
    with pytest.raises(InputError, match=says):
        grouping_of(sample, RECIPE, "gender")
    assert groupings_of(sample, RECIPE).left_out[0].startswith(f"Not compared by gender: {says}")


def test_the_ends_of_a_longer_row_are_its_first_and_last_group() -> None:
    words = ("18-24", "25-34", "55-80")
    members = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], dtype=bool)
    ends = ends_of(Grouping(name="age", words=words, names=words, members=members))
    assert ends is not None
    assert (ends.name, ends.words, ends.names) == (
        "age-ends",
        ("18-24", "55-80"),
        ("18-24", "55-80"),
    )
    assert np.array_equal(ends.members, members[[0, 2]])
    assert ends_of(ends) is None
