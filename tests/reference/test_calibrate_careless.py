"""Careless answers, fast and slow: the same rows for any answers, items and order."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.reference import slow_careless

from undertow.bank.responses import MISSING
from undertow.calibrate.careless import longest_run_against_keying, same_answers
from undertow.calibrate.recipe import Recipe, parse_recipe


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    sizes = draw(st.lists(st.integers(3, 6), min_size=1, max_size=3))
    items: dict[str, Any] = {
        f"dimension {chr(ord('a') + at)}": [f"D{at}_1-D{at}_{size}"]
        for at, size in enumerate(sizes)
    }
    columns = [f"D{at}_{place}" for at, size in enumerate(sizes) for place in range(1, size + 1)]
    items["reversed"] = draw(st.lists(st.sampled_from(columns), unique=True))
    answers = {"lowest": 1, "highest": 3}
    return parse_recipe({"id": "drawn", "answers": answers, "items": items}, "drawn.toml")


@given(data=st.data(), recipe=recipes())
def test_fast_and_slow_find_the_same_runs(data: st.DataObject, recipe: Recipe) -> None:
    items = len(recipe.items)
    answer = st.sampled_from([None, 0, 0, 0, 1])
    rows = data.draw(st.lists(st.lists(answer, min_size=items, max_size=items), min_size=1))
    order = data.draw(st.permutations(range(items)))
    shown = np.array([[MISSING if a is None else a for a in row] for row in rows], dtype=np.int8)
    found = longest_run_against_keying(shown, recipe, order=tuple(order))
    slow = [
        slow_careless.longest_run_against_keying(
            [row[at] for at in order],
            [(recipe.items[at].dimension, recipe.items[at].keying) for at in order],
        )
        for row in rows
    ]
    assert found.tolist() == slow
    in_order = longest_run_against_keying(shown, recipe, order=tuple(range(items)))
    assert longest_run_against_keying(shown, recipe, order=None).tolist() == in_order.tolist()


@given(
    rows=st.lists(
        st.lists(st.sampled_from([None, 0, 0, 0, 2]), min_size=7, max_size=7), min_size=1
    ),
    least=st.integers(2, 8),
)
def test_fast_and_slow_find_the_same_rows(rows: list[list[int | None]], least: int) -> None:
    shown = np.array([[MISSING if a is None else a for a in row] for row in rows], dtype=np.int8)
    assert same_answers(shown, least=least).tolist() == [
        slow_careless.same_answers(row, least=least) for row in rows
    ]
