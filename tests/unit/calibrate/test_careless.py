"""Careless answers, worked out by hand: what is a run against the keying, and what only looks like it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.calibrate.making import made_up_recipe

from undertow.calibrate.careless import longest_run_against_keying, same_answers

# A1-A4 and B1-B4; A4 and B2 are reversed.
RECIPE = made_up_recipe()
AS_ASKED = (0, 4, 1, 5, 2, 6, 3, 7)
"""A1 B1 A2 B2 A3 B3 A4 B4"""


@pytest.mark.parametrize(
    ("row", "order", "longest"),
    [
        # All of A, and A4 says the opposite of the others.
        ([2, 2, 2, 2, 0, 1, 0, 1], None, 4),
        ([1, 2, 2, 2, 0, 1, 0, 1], None, 3),
        # Three of A that agree are no contradiction.
        ([2, 2, 2, 0, 1, 0, 1, 0], None, 0),
        # A4 and B1 are of two dimensions: nothing contradicts, until B2 comes.
        ([0, 1, 0, 2, 2, 0, 1, 1], None, 0),
        ([0, 1, 0, 2, 2, 2, 1, 1], None, 3),
        # Left out in between: the run goes on, and is one shorter.
        ([2, 2, -1, 2, 0, 1, 0, 1], None, 3),
        ([2, 2, 2, -1, -1, -1, -1, -1], None, 0),
        ([-1] * 8, None, 0),
        ([1] * 8, None, 8),
        # As asked: B1 A2 B2 are the same, and B1 and B2 are opposites.
        ([0, 2, 0, 1, 2, 2, 0, 1], AS_ASKED, 3),
        # In the recipe's order B1 and B2 stand together, and A2 elsewhere.
        ([0, 2, 0, 1, 2, 2, 0, 1], None, 2),
    ],
)
def test_runs_by_hand(row: list[int], order: tuple[int, ...] | None, longest: int) -> None:
    found = longest_run_against_keying(np.array([row], dtype=np.int8), RECIPE, order=order)
    assert found.tolist() == [longest]


@pytest.mark.parametrize(
    ("row", "same"),
    [
        ([1, 1, 1, 1, 1, 1, 1, 1], True),
        ([0, 0, 0, 0, 0, -1, -1, -1], True),
        ([-1, -1, -1, -1, 2, 2, 2, 2], False),
        ([1, 1, 1, 1, 1, 1, 1, 2], False),
        ([-1] * 8, False),
    ],
)
def test_the_same_answer_five_times_and_never_another(row: list[int], same: bool) -> None:
    assert same_answers(np.array([row], dtype=np.int8), least=5).tolist() == [same]
