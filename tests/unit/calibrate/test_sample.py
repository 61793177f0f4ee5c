"""Which rows are used: counted at every step, keyed once, and refused when nothing can be estimated."""

from __future__ import annotations

import pytest
from tests.unit.calibrate.making import HEADER, rows_csv

from undertow.bank.responses import MISSING
from undertow.calibrate import Recipe
from undertow.calibrate.archive import parse_table
from undertow.calibrate.sample import Sample, sample_of
from undertow.errors import ArchiveError

ROWS = (
    "1,2,3,1,2,3,1,2,35,1,US",
    "3,3,1,2,1,1,2,3,80,0,IL",
    "2,1,2,3,3,2,3,1,18,2,DE",
    "1,1,1,1,1,1,1,1,17,2,DE",
    "1,1,1,1,1,1,1,1,81,2,DE",
    "0,0,0,0,0,0,0,0,40,3,DE",
    "0,2,2,2,2,2,2,2,40,3,DE",
)


def sample(recipe: Recipe, *rows: str, complete_cases: bool = False) -> Sample:
    return sample_of(parse_table(rows_csv(*rows), recipe), recipe, complete_cases=complete_cases)


def test_adults_with_any_answer_are_used_and_every_step_is_counted(recipe: Recipe) -> None:
    used = sample(recipe, *ROWS)
    assert [(step.step, step.rows) for step in used.steps] == [
        ("rows in the archive", 7),
        ("age stated as 18 to 80", 5),
        ("at least one item answered", 4),
    ]
    assert used.rows == 4
    assert used.age is not None
    assert used.age.tolist() == [35, 80, 18, 40]
    assert used.gender is not None
    assert used.gender.tolist() == ["man", "unstated", "woman", "other"]


def test_complete_cases_are_kept_whatever_their_age(recipe: Recipe) -> None:
    used = sample(recipe, *ROWS, complete_cases=True)
    assert [(step.step, step.rows) for step in used.steps] == [
        ("rows in the archive", 7),
        ("every item answered", 5),
    ]
    assert used.age is not None
    assert used.age.tolist() == [35, 80, 18, 17, 81]


def test_reversed_items_are_turned_once_and_missing_stays_missing(recipe: Recipe) -> None:
    used = sample(recipe, *ROWS)
    # A4 and B2 are reversed: 1 counts as the highest category there.
    assert used.keyed[0].tolist() == [0, 1, 2, 2, 1, 0, 0, 1]
    assert used.keyed[3].tolist() == [MISSING, 1, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (("1,2,3,1,2,3,1,2,12,1,US",), "data.csv: no row is left after 'age stated as 18 to 80'"),
        (
            ("0,0,0,0,0,0,0,0,30,1,US",),
            "data.csv: no row is left after 'at least one item answered'",
        ),
        (
            (*ROWS[:2], ROWS[2].replace("2,1,2,3,", "3,1,2,3,")),
            "data.csv, column A1: nobody chose 2",
        ),
        (
            ("1,2,3,1,2,3,1,2,35,1,US", "3,3,1,2,1,1,2,3,80,0,IL", "2,1,2,2,3,2,3,1,18,2,DE"),
            "data.csv, column A4: nobody chose 3",
        ),
        (
            tuple(",".join(["2", *row.split(",")[1:]]) for row in ROWS[:3]),
            "data.csv, column A1: everyone gave the same answer",
        ),
        (
            tuple(",".join(["0", *row.split(",")[1:]]) for row in ROWS[:3]),
            "data.csv, column A1: nobody answered it",
        ),
    ],
)
def test_what_cannot_be_estimated_is_refused(
    recipe: Recipe, rows: tuple[str, ...], says: str
) -> None:
    with pytest.raises(ArchiveError) as caught:
        sample(recipe, *rows)
    assert str(caught.value).startswith(says)


def test_no_complete_row_is_told(recipe: Recipe) -> None:
    with pytest.raises(ArchiveError, match="no row is left after 'every item answered'"):
        sample(recipe, "0,2,3,1,2,3,1,2,12,1,US", complete_cases=True)


def test_the_header_of_these_tests_is_the_recipe_s(recipe: Recipe) -> None:
    assert set(HEADER.split(",")) == {*recipe.needed_columns, *recipe.other_columns}
