"""Comparing an archive's groups as the command does it: words for programs, names for people."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.calibrate.making import zip_of
from tests.unit.calibrate.making_dimensions import archive_csv, recipe_of

from undertow.calibrate import ComparedGroups, Recipe, compare_groups
from undertow.errors import InputError


@pytest.fixture(scope="module")
def leaning(archive: Path, recipe: Recipe) -> ComparedGroups:
    return compare_groups(archive, "gender", recipe=recipe, anchors="leaning-to-man")


def test_rows_have_words(leaning: ComparedGroups) -> None:
    assert {tuple(map(str, row["between"])) for row in leaning.rows} == {("man", "woman")}  # type: ignore[call-overload]
    assert {row["anchor_rule"] for row in leaning.rows} == {"leaning to man"}


def test_lines_and_pictures_have_names(leaning: ComparedGroups) -> None:
    assert leaning.lines[0] == "gender: men 450, women 450"
    assert leaning.lines[1].startswith("Differences are men less women")
    assert leaning.lines[2] == "anchors: leaning to men; low and high are over all 5 rules"
    assert all("men less women" in plot for plot in leaning.plots)


def test_a_rule_goes_by_the_name_for_people_as_well(
    archive: Path, recipe: Recipe, leaning: ComparedGroups
) -> None:
    other = compare_groups(archive, "gender", recipe=recipe, anchors="leaning-to-men")
    assert other.rows == leaning.rows


def test_rules_of_ones_own_are_counted(archive: Path, recipe: Recipe) -> None:
    own = compare_groups(archive, "gender", recipe=recipe, anchors="A1,A2,B1,B2")
    assert own.lines[2] == "anchors: named items; low and high are over all 6 rules"
    ages = compare_groups(archive, "age", recipe=recipe)
    assert ages.lines[2] == "anchors: purified; low and high are over all 5 rules"


def test_anchors_can_be_named_in_every_dimension(tmp_path: Path) -> None:
    path = tmp_path / "three.zip"
    path.write_bytes(zip_of(archive_csv(3, 900, seed=2)))
    named = "W1,W2,D1,D3,T2,T4"
    found = compare_groups(path, "gender", recipe=recipe_of(3), anchors=named)
    assert {row["item"] for row in found.rows if row["is_anchor"]} == set(named.split(","))
    with pytest.raises(InputError, match="at least 2 anchors among T1, T2, T3"):
        compare_groups(path, "gender", recipe=recipe_of(3), anchors="W1,W2,D1,D3,T2")
