"""Rows for a table or JSON: their keys and order, and whichever anchors were asked for."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.calibrate.groups.conftest import DIMENSIONS, Compared

from undertow.calibrate.dif import P_METHOD
from undertow.calibrate.dif_table import natural, rows_of
from undertow.errors import ShapeError

KEYS = {
    *("item", "dimension", "expected_score_difference", "effect_class", "p_adjusted", "p_method"),
    *("anchors", "anchor_rule", "standard_error", "standardised", "low", "high", "statistic", "df"),
    *("is_anchor", "between"),
}


def test_rows_say_everything_in_the_natural_order(two: Compared) -> None:
    rows = json.loads(
        json.dumps(rows_of(two.comparison, two.difs, two.sides, DIMENSIONS), allow_nan=False)
    )
    assert [row["item"] for row in rows] == [f"Q{n}" for n in range(1, 13)]
    assert all(set(row) == KEYS for row in rows)
    assert [row["dimension"] for row in rows[:3]] == ["anxiety", "avoidance", "anxiety"]
    assert rows[0]["between"] == ["man", "woman"]
    assert rows[0]["expected_score_difference"] == round(two.difs[0].difference, 4) > 0
    assert rows[3]["expected_score_difference"] < 0
    assert rows[0]["p_method"] == P_METHOD
    assert rows[0]["effect_class"] in {"moderate", "large"}


def test_anchors_are_those_of_the_items_dimension(two: Compared) -> None:
    rows = rows_of(two.comparison, two.difs, two.sides, DIMENSIONS)
    chosen = {two.items[item] for item in np.flatnonzero(two.comparison.chosen.rule.items)}
    anxiety = [row for row in rows if row["dimension"] == "anxiety"]
    assert {str(row["anchors"]) for row in anxiety} == {
        str([name for name in two.items[::2] if name in chosen])
    }
    assert all(row["is_anchor"] == (row["item"] in chosen) for row in rows)
    assert {row["anchor_rule"] for row in rows} == {"purified"}


def test_groups_go_by_their_words_for_programs(two: Compared) -> None:
    comparison = replace(two.comparison, chosen=two.comparison.rule("leaning to woman"))
    rows = rows_of(comparison, two.difs, two.sides, DIMENSIONS, ("m", "w"))
    assert all(row["between"] == ["m", "w"] for row in rows)
    assert {row["anchor_rule"] for row in rows} == {"leaning to w"}


def test_one_dimension(one: Compared) -> None:
    rows = rows_of(one.comparison, one.difs, one.sides, ["worry"])
    assert {row["dimension"] for row in rows} == {"worry"}
    with pytest.raises(ShapeError, match="must name 1"):
        rows_of(one.comparison, one.difs, one.sides, DIMENSIONS)


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["Q10", "q2", "Q1", "10b", "9", "A"]
    assert sorted(names, key=natural) == ["9", "10b", "A", "Q1", "q2", "Q10"]
