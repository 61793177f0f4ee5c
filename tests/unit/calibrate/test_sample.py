"""Which rows are used: counted at every step, keyed once, and refused when nothing can be estimated."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.calibrate.making import HEADER, recipe_data, rows_csv

from undertow.bank.responses import MISSING
from undertow.calibrate import BUILT_IN_RECIPE, Recipe, load_recipe, parse_recipe, read_archive
from undertow.calibrate.archive import parse_table
from undertow.calibrate.sample import LEAST_ROWS, Sample, sample_of
from undertow.errors import ArchiveError

ROWS = (
    "1,2,3,1,2,3,1,2,35,1,US",
    "3,3,1,2,1,1,2,3,80,0,IL",
    "2,1,2,3,3,2,3,1,18,2,DE",
    "1,1,1,1,1,1,1,2,17,2,DE",
    "1,1,1,1,1,1,1,2,81,2,DE",
    "0,0,0,0,0,0,0,0,40,3,DE",
    "0,1,2,2,2,2,2,2,40,3,NONE",
)
FEW = LEAST_ROWS + 20


def usual(rows: int) -> list[str]:
    """Adults whose answers go through all patterns, no two columns alike and nothing doubtful."""
    patterns = (np.base_repr(1237 * (number + 1) % 3**8, 3).zfill(8) for number in range(3**8))
    good = (own for own in patterns if not re.search(r"(.)\1{4}", own))
    return [
        ",".join([*(str(int(digit) + 1) for digit in own), "30", "1", "US"])
        for own in itertools.islice(good, rows)
    ]


USUAL = usual(FEW)


def sample(recipe: Recipe, *rows: str, **choices: Any) -> Sample:
    choices.setdefault("complete_cases", False)
    return sample_of(parse_table(rows_csv(*rows), recipe), recipe, **choices)


def steps(used: Sample) -> list[tuple[str, int]]:
    return [(step.step, step.rows - FEW) for step in used.steps]


def test_adults_with_any_answer_are_used_and_every_step_is_counted(recipe: Recipe) -> None:
    used = sample(recipe, *ROWS, *USUAL)
    assert steps(used) == [
        ("rows in the archive", 7),
        ("age possible, 10 to 100", 7),
        ("age stated as 18 to 80", 5),
        ("at least one item answered", 4),
        ("not the same answer to everything", 4),
        ("no run of 8 or more same answers against the keying", 4),
    ]
    assert used.rows == 4 + FEW
    assert used.age is not None
    assert used.age[:4].tolist() == [35, 80, 18, 40]
    assert used.gender is not None
    assert used.gender[:4].tolist() == ["man", "unstated", "woman", "other"]
    assert used.keep is not None
    assert used.keep.tolist() == [True, True, True, False, False, False, True] + [True] * FEW


DOUBTFUL = (
    *("1,2,3,1,2,3,1,2,0,1,US", "1,2,3,1,2,3,1,2,-7,1,US"),
    *("1,2,3,1,2,3,1,2,9,1,US", "1,2,3,1,2,3,1,2,101,1,US", "1,2,3,1,2,3,1,2,99999,1,US"),
    *("1,2,3,1,2,3,1,2,10,1,US", "1,2,3,1,2,3,1,2,100,1,US"),
    # The same to all of five answers and more; four say too little to tell.
    *("2,2,2,2,2,2,2,2,30,1,US", "3,0,3,3,0,3,3,0,30,1,US", "3,3,3,3,0,0,0,0,30,1,US"),
    # A1 to A4 hold a reversed item, so five same answers from A1 on contradict each other.
    *("1,1,1,1,1,2,2,2,30,1,US", "1,1,1,1,2,2,2,1,30,1,US"),
)


def cleaning_recipe(**keys: object) -> Recipe:
    data = recipe_data()
    data["age"]["unstated"] = [0, -7]
    data["cleaning"] = {"longest_run": 5, **keys}
    return parse_recipe(data, "made-up.toml")


def test_doubtful_rows_go_one_kind_after_the_other() -> None:
    used = sample(cleaning_recipe(), *DOUBTFUL, *USUAL)
    assert steps(used) == [
        ("rows in the archive", 12),
        ("age stated", 10),
        ("age possible, 10 to 100", 7),
        ("age stated as 18 to 80", 5),
        ("at least one item answered", 5),
        ("not the same answer to everything", 3),
        ("no run of 5 or more same answers against the keying", 2),
    ]
    assert used.keep is not None
    assert np.flatnonzero(used.keep)[:2].tolist() == [9, 11]


def test_without_cleaning_only_what_was_asked_for_is_left_out() -> None:
    used = sample(cleaning_recipe(), *DOUBTFUL, *USUAL, cleaning=False)
    assert steps(used) == [
        ("rows in the archive", 12),
        ("age stated", 10),
        ("age stated as 18 to 80", 5),
        ("at least one item answered", 5),
    ]
    cleaned = sample(cleaning_recipe(), *DOUBTFUL, *USUAL)
    assert used.keep is not None
    assert cleaned.keep is not None
    assert (used.keep & ~cleaned.keep).sum() == 3
    assert not (cleaned.keep & ~used.keep).any()


def test_the_recipe_may_leave_a_step_out() -> None:
    used = sample(cleaning_recipe(longest_run=0, same_answers=0), *DOUBTFUL, *USUAL)
    assert [step for step, _ in steps(used)][-1] == "at least one item answered"
    assert used.rows == 5 + FEW


def test_rows_that_are_there_twice_stay(recipe: Recipe) -> None:
    assert sample(recipe, *USUAL, *USUAL).rows == 2 * FEW


def test_complete_cases_are_kept_whatever_their_age(recipe: Recipe) -> None:
    used = sample(recipe, *ROWS, *DOUBTFUL, *USUAL, complete_cases=True)
    assert steps(used) == [("rows in the archive", 19), ("every item answered", 15)]
    assert used.age is not None
    assert used.age[:5].tolist() == [35, 80, 18, 17, 81]


def test_reversed_items_are_turned_once_and_missing_stays_missing(recipe: Recipe) -> None:
    used = sample(recipe, *ROWS, *USUAL)
    # A4 and B2 are reversed: 1 counts as the highest category there.
    assert used.keyed[0].tolist() == [0, 1, 2, 2, 1, 0, 0, 1]
    assert used.keyed[3].tolist() == [MISSING, 0, 1, 1, 1, 1, 1, 1]


def test_country_is_home_other_or_not_named() -> None:
    data = recipe_data()
    del data["other_columns"]
    data["country"] = {"column": "country", "home": "DE"}
    used = sample(parse_recipe(data, "made-up.toml"), *ROWS, *USUAL)
    assert used.country is not None
    assert used.country[:5].tolist() == ["other", "other", "DE", "", "other"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (("1,2,3,1,2,3,1,2,12,1,US",), "data.csv: no row is left after 'age stated as 18 to 80'"),
        (("1,2,3,1,2,3,1,2,1999,1,US",), "data.csv: no row is left after 'age possible, 10 to"),
        (("1,2,3,1,2,3,1,2,0,1,US",), "data.csv: no row is left after 'age stated'"),
        (
            ("0,0,0,0,0,0,0,0,30,1,US",),
            "data.csv: no row is left after 'at least one item answered'",
        ),
        (("1,1,1,1,1,1,1,1,30,1,US",), "data.csv: no row is left after 'not the same answer"),
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
        (ROWS, "data.csv: only 4 rows are left after 'no run of 8 or more same answers"),
        (USUAL[: LEAST_ROWS - 1], f"data.csv: only {LEAST_ROWS - 1} rows are left after"),
    ],
)
def test_what_cannot_be_estimated_is_refused(
    recipe: Recipe, rows: tuple[str, ...], says: str
) -> None:
    with pytest.raises(ArchiveError) as caught:
        sample(recipe, *rows)
    assert str(caught.value).startswith(says)


def with_b3(row: str, answer: str) -> str:
    cells = row.split(",")
    return ",".join([*cells[:6], answer, *cells[7:]])


def test_a_hundred_rows_are_enough(recipe: Recipe) -> None:
    assert sample(recipe, *USUAL[:LEAST_ROWS]).rows == LEAST_ROWS


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("rows", [FEW, 400])
def test_two_columns_that_say_the_same_are_named(recipe: Recipe, mirrored: bool, rows: int) -> None:
    made = []
    for number, row in enumerate(usual(rows)):
        shown = row.split(",")[1]
        # Where one of the two is missing, the other may be anything.
        same = "0" if number % 9 == 0 else str(4 - int(shown)) if mirrored else shown
        made.append(with_b3(row, same))
    with pytest.raises(ArchiveError, match=r"^data.csv, columns A2 and B3: say the same"):
        sample(recipe, *made)
    # One row that differs is enough to tell the two apart, even if it is the last.
    made[-1] = with_b3(made[-1], str(1 + int(made[-1].split(",")[1]) % 3))
    if mirrored:
        made[-1] = with_b3(made[-1], str(1 + (4 - int(made[-1].split(",")[1])) % 3))
    assert sample(recipe, *made).rows == rows


def test_no_complete_row_is_told(recipe: Recipe) -> None:
    with pytest.raises(ArchiveError, match="no row is left after 'every item answered'"):
        sample(recipe, "0,2,3,1,2,3,1,2,12,1,US", complete_cases=True)


def test_the_header_of_these_tests_is_the_recipe_s(recipe: Recipe) -> None:
    assert recipe.other_columns is not None
    assert set(HEADER.split(",")) == {*recipe.needed_columns, *recipe.other_columns}


@pytest.mark.real_data
def test_the_published_sample_is_cleaned_in_these_steps(ecr_sample: Path) -> None:
    """Counted once with awk over data.csv; see the recipe for why the last step is where it is."""
    recipe = load_recipe(BUILT_IN_RECIPE)
    table = read_archive(ecr_sample, recipe)
    used = sample_of(table, recipe, complete_cases=False)
    assert [step.rows for step in used.steps] == [36043, 36026, 30202, 30162, 30121, 29943]
    assert sample_of(table, recipe, complete_cases=True).rows == 32642
