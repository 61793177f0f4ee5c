"""Who is replayed and in which group, and which recorded answers stand for which item."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.calibrate.making import made_up_recipe, recipe_data, rows_csv
from tests.unit.calibrate.making_replay import planted_bank, recipe_of

from undertow.calibrate.archive import parse_table
from undertow.calibrate.recipe import Recipe, parse_recipe
from undertow.calibrate.replay_people import People, columns_of, groups_by, people_of
from undertow.errors import ArchiveError, InputError

ALL = np.arange(8)
ROWS = (
    "1,2,3,1,2,3,1,2,30,1,US",
    "1,2,0,1,2,3,1,2,30,1,US",  # left one out
    "3,3,3,3,3,3,3,3,18,2,US",  # the same to everything: stays
    "1,1,1,1,1,1,1,1,17,2,GB",  # too young
    "2,2,2,2,2,2,2,2,80,3,GB",
    "2,1,2,1,2,1,2,1,81,1,GB",  # too old
    "2,3,2,3,2,3,2,3,50,0,",
)


def recipe() -> Recipe:
    data = recipe_data()
    data["country"] = {"column": "country", "home": "US"}
    data["other_columns"] = {"names": []}
    return parse_recipe(data, "r.toml")


def people(of: Recipe, *rows: str) -> People:
    return people_of(parse_table(rows_csv(*rows), of), of, ALL)


def test_adults_with_all_items_and_no_other_cleaning() -> None:
    found = people(recipe(), *ROWS)
    assert found.rows.tolist() == [0, 2, 4, 6]
    assert found.gender.tolist() == ["man", "woman", "other", "unstated"]


def test_answers_as_shown_and_after_keying() -> None:
    # A4 and B2, the fourth and the sixth, are reversed.
    found = people(recipe(), ROWS[0])
    assert found.shown.tolist() == [[0, 1, 2, 0, 1, 2, 0, 1]]
    assert found.keyed.tolist() == [[0, 1, 2, 2, 1, 0, 0, 1]]


def test_items_left_out_that_the_bank_does_not_have_are_no_matter() -> None:
    own = recipe()
    table = parse_table(rows_csv(*ROWS), own)
    found = people_of(table, own, np.array([0, 1, 4, 5]))
    assert found.rows.tolist() == [0, 1, 2, 4, 6]
    assert found.shown.shape == (5, 4)


@pytest.mark.parametrize(
    ("by", "words", "members"),
    [
        (None, ("man", "woman"), [[1, 0, 0, 0], [0, 1, 0, 0]]),
        ("gender", ("man", "woman"), [[1, 0, 0, 0], [0, 1, 0, 0]]),
        ("age", ("18-24", "25-80"), [[0, 1, 0, 0], [1, 0, 1, 1]]),
        ("country", ("US", "other"), [[1, 1, 0, 0], [0, 0, 1, 0]]),
        ("everyone", ("everyone",), [[1, 1, 1, 1]]),
    ],
)
def test_groups(by: str | None, words: tuple[str, ...], members: list[list[int]]) -> None:
    own = recipe()
    groups = groups_by(people(own, *ROWS), own, by)
    assert groups.words == words
    assert groups.members.astype(int).tolist() == members


def test_without_a_gender_column_everyone_is_one_group() -> None:
    data = recipe_data()
    del data["gender"], data["norms"]["genders"]
    data["other_columns"] = {"names": ["country", "gender"]}
    own = parse_recipe(data, "r.toml")
    found = people(own, *ROWS)
    assert set(found.gender) == {"unstated"}
    assert groups_by(found, own, None).words == ("everyone",)


@pytest.mark.parametrize("by", ["gender", "age", "country"])
def test_a_grouping_that_the_recipe_does_not_have(by: str) -> None:
    data = recipe_data()
    del data["gender"], data["age"], data["norms"]
    data["other_columns"] = {"names": ["country", "gender", "age"]}
    own = parse_recipe(data, "r.toml")
    found = people(own, *ROWS)
    with pytest.raises(InputError, match=f"names no {by} column.*--by everyone"):
        groups_by(found, own, by)


def test_an_unknown_grouping() -> None:
    own = recipe()
    with pytest.raises(InputError, match=r"'shoes' is no way.*gender, age, country, everyone"):
        groups_by(people(own, *ROWS), own, "shoes")


def test_a_group_of_nobody() -> None:
    own = recipe()
    with pytest.raises(InputError, match="Nobody of group 'woman'"):
        groups_by(people(own, ROWS[0]), own, None)


def test_nobody_answered_everything() -> None:
    with pytest.raises(ArchiveError, match="nobody answered all"):
        people(recipe(), ROWS[1])


def test_nobody_is_of_age() -> None:
    with pytest.raises(ArchiveError, match="nobody of 18 to 80"):
        people(recipe(), ROWS[3])


# ---- which column stands for which item -----------------------------------------------------------


def test_an_adapted_item_is_answered_by_the_one_it_adapts() -> None:
    bank = planted_bank()
    own = recipe_of(bank)
    turned = replace(
        bank,
        items=tuple(
            replace(item, id=f"new-{item.id}", adapts=item.id) for item in reversed(bank.items)
        ),
    )
    columns = columns_of(turned, own)
    assert [own.items[at].column for at in columns] == [item.adapts for item in turned.items]


def test_an_item_that_the_archive_does_not_have() -> None:
    with pytest.raises(InputError, match="Item a0 of bank 'made-up' is not in recipe 'made-up'"):
        columns_of(planted_bank(), made_up_recipe())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"keying": -1}, "differs in dimension or keying"),
        ({"intercepts": (1.0, -1.0), "by_group": ()}, "has 3 answers.*has 4"),
    ],
)
def test_an_item_that_is_another_one(changes: dict[str, Any], said: str) -> None:
    bank = planted_bank()
    own = recipe_of(bank)
    items = [replace(item, by_group=()) for item in bank.items]
    other = replace(bank, items=(replace(items[0], **changes), *items[1:]))
    with pytest.raises(InputError, match=said):
        columns_of(other, own)
