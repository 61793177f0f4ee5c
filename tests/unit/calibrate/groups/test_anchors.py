"""Anchor rules: third by third, purifying in all its endings, and rules named on a command line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.calibrate.anchors import (
    ALL,
    NAMED,
    PURIFIED,
    STEEPEST,
    AnchorRule,
    extreme_items,
    parse_anchors,
    purify,
    rule_in_words,
    rule_names,
    small_effects,
)
from undertow.errors import InputError

Array = NDArray[np.float64]
ONE = np.zeros(6, dtype=np.intp)
TWO = np.array([0, 1, 0, 1, 0, 1])
ITEMS = ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6"]


def answering(*effects: list[float]) -> Callable[[NDArray[np.bool_]], Array]:
    """Gives one set of effects after the other, whatever the anchors."""
    left = [np.array(own) for own in effects]
    return lambda _: left.pop(0)


def test_the_extreme_third_of_each_dimension() -> None:
    values = np.array([0.1, 9.0, 0.3, 8.0, 0.2, 7.0])
    assert extreme_items(values, ONE).tolist() == [False, True, False, True, False, False]
    # Of three items a third is one, but two are the least that can be tested.
    assert extreme_items(values, TWO).tolist() == [False, True, True, True, True, False]


def test_ties_go_to_the_first() -> None:
    assert extreme_items(np.ones(6), ONE).tolist() == [True, True, False, False, False, False]


def test_small_means_below_five_hundredths_whatever_the_sign() -> None:
    effects = np.array([0.04, -0.049, 0.05, -0.2, 0.0, 0.3])
    assert small_effects(effects, ONE).tolist() == [True, True, False, False, True, False]


def test_where_nothing_is_fair_the_two_nearest_to_it_stand() -> None:
    effects = np.array([0.3, -0.2, 0.4, 0.1, -0.5, 0.6])
    assert small_effects(effects, ONE).tolist() == [False, True, False, True, False, False]
    in_each = small_effects(effects, TWO)
    assert in_each.tolist() == [True, True, True, True, False, False]


def test_purifying_ends_where_the_anchors_stay_small_by_their_own_yardstick() -> None:
    first = np.array([0.3, 0.01, 0.02, 0.03, 0.04, 0.0])
    later = [0.35, 0.08, 0.02, 0.03, 0.04, 0.0]
    found = purify(first, ONE, answering(later, later))
    assert found.settled
    assert found.items.tolist() == [False, False, True, True, True, True]


def test_purifying_asks_each_choice_for_its_own_effects() -> None:
    asked = []

    def effects_with(anchors: NDArray[np.bool_]) -> Array:
        asked.append(anchors.tolist())
        return np.array([0.3, 0.3, 0.0, 0.0, 0.0, 0.0])

    purify(np.array([0.3, 0.0, 0.0, 0.0, 0.0, 0.0]), ONE, effects_with)
    assert asked == [[False, *[True] * 5], [False, False, *[True] * 4]]


def test_in_circles_the_first_choice_stands_and_it_is_said() -> None:
    first = [0.3, 0.0, 0.0, 0.0, 0.0, 0.0]
    other = [0.0, 0.3, 0.0, 0.0, 0.0, 0.0]
    found = purify(np.array(first), ONE, answering(other, first))
    assert not found.settled
    assert found.items.tolist() == [False, *[True] * 5]


def test_a_search_without_end_ends() -> None:
    rng = np.random.default_rng(1)
    wide = np.zeros(30, dtype=np.intp)
    first = rng.normal(0, 0.1, 30)
    found = purify(first, wide, lambda _: rng.normal(0, 0.1, 30))
    assert not found.settled
    assert np.array_equal(found.items, np.abs(first) < 0.05)


def test_rules_that_lean_need_two_groups() -> None:
    two = (ALL, PURIFIED, STEEPEST, "leaning to man", "leaning to woman")
    assert rule_names(["man", "woman"]) == two
    assert rule_names(["a", "b", "c"]) == two[:3]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("all", ALL),
        ("all items", ALL),
        ("purified", PURIFIED),
        (" steepest ", STEEPEST),
        ("leaning-to-man", "leaning to man"),
        ("leaning to woman", "leaning to woman"),
    ],
)
def test_a_rule_by_its_name(said: str, meant: str) -> None:
    assert parse_anchors(said, ["man", "woman"], ITEMS, TWO) == meant


def test_a_group_of_several_words_can_be_leant_to() -> None:
    found = parse_anchors("leaning-to-other-country", ["US", "other country"], ITEMS, TWO)
    assert found == "leaning to other country"


@pytest.mark.parametrize("said", ["leaning-to-man", "leaning-to-men", "leaning to men"])
def test_groups_go_by_their_words_for_programs_as_well(said: str) -> None:
    found = parse_anchors(said, ["men", "women"], ITEMS, TWO, words=["man", "woman"])
    assert found == "leaning to men"
    with pytest.raises(InputError, match="The rules are all, purified, steepest, leaning-to-man, "):
        parse_anchors("fairest", ["men", "women"], ITEMS, TWO, words=["man", "woman"])


def test_a_rule_in_words_for_programs() -> None:
    names, words = ["men", "women"], ["man", "woman"]
    assert rule_in_words("leaning to women", names, words) == "leaning to woman"
    assert rule_in_words(PURIFIED, names, words) == PURIFIED


def test_items_by_their_names() -> None:
    found = parse_anchors("Q1, Q4,Q3 ,Q2", ["man", "woman"], ITEMS, TWO)
    assert isinstance(found, AnchorRule)
    assert found.name == NAMED
    assert found.items.tolist() == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "leaning-to-nobody",
            "'leaning-to-nobody' is no anchor rule and no item. The rules are all",
        ),
        ("Q1,Q9", "'Q9' is no anchor rule and no item"),
        ("", "'' is no anchor rule"),
        (",", "',' is no anchor rule"),
        ("Q1,Q3", "Name at least 2 anchors among Q2, Q4, Q6"),
        ("Q2,Q4,Q6,Q1", "Name at least 2 anchors among Q1, Q3, Q5"),
    ],
)
def test_what_is_neither_is_refused(said: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        parse_anchors(said, ["man", "woman"], ITEMS, TWO)


def test_a_leaning_rule_is_none_for_three_groups() -> None:
    with pytest.raises(InputError, match="The rules are all, purified, steepest; or"):
        parse_anchors("leaning-to-a", ["a", "b", "c"], ITEMS, TWO)
