"""A difference between groups stands in a bank only with the range over yardsticks around it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from undertow.bank.fairness import DifferenceRange, FairnessRange
from undertow.bank.item import Dimension
from undertow.errors import InstrumentError

WORRY = DifferenceRange(low=-0.3, high=0.2, chosen=-0.1)
DISTANCE = DifferenceRange(low=-0.2, high=-0.2, chosen=-0.2)
FOUND = FairnessRange(groups=("men", "women"), rule="purified", anxiety=WORRY, avoidance=DISTANCE)


def test_each_dimension_has_its_own() -> None:
    assert FOUND.of(Dimension.ANXIETY) is WORRY
    assert FOUND.of(Dimension.AVOIDANCE) is DISTANCE


@pytest.mark.parametrize(
    ("low", "high", "chosen"),
    [(0.1, -0.1, 0.0), (-0.1, 0.1, 0.2), (-0.1, 0.1, -0.2), (-0.1, float("nan"), 0.0)],
)
def test_a_choice_outside_its_range(low: float, high: float, chosen: float) -> None:
    with pytest.raises(InstrumentError, match="difference"):
        DifferenceRange(low=low, high=high, chosen=chosen)


@pytest.mark.parametrize("groups", [("men", "men"), ("men", " ")])
def test_groups_that_are_not_two(groups: tuple[str, str]) -> None:
    with pytest.raises(InstrumentError, match="two named groups"):
        replace(FOUND, groups=groups)


def test_a_rule_without_a_name() -> None:
    with pytest.raises(InstrumentError, match="anchor rule"):
        replace(FOUND, rule="")


def test_no_difference_without_its_range() -> None:
    with pytest.raises(TypeError):
        DifferenceRange(chosen=-0.1)  # type: ignore[call-arg]
