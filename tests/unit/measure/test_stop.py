"""The stop rule at its edges; whole sittings are left to the laws."""

from __future__ import annotations

import numpy as np
import pytest

from undertow.errors import InputError
from undertow.measure.posterior import Estimate
from undertow.measure.stop import StopReason, StopRule


def known(anxiety: float, avoidance: float) -> Estimate:
    """An estimate with these posterior SDs."""
    return Estimate(mean=np.zeros(2), covariance=np.diag([anxiety**2, avoidance**2]))


RULE = StopRule(psd=0.5, least=2, most=6)
VAGUE, SHARP = 0.75, 0.25


def test_the_standard_rule() -> None:
    rule = StopRule()

    assert (rule.psd, rule.least, rule.most) == (0.30, 4, 20)


@pytest.mark.parametrize(
    "rule",
    [
        {"psd": 0.0},
        {"psd": -0.3},
        {"psd": float("nan")},
        {"least": 0},
        {"least": -1},
        {"most": 0},
        {"least": 4, "most": 7},
    ],
)
def test_rules_that_could_never_end_well(rule: dict[str, float]) -> None:
    with pytest.raises(InputError, match="stop rule needs"):
        StopRule(**rule)  # type: ignore[arg-type]


def test_the_least_of_both_may_be_all() -> None:
    assert StopRule(least=4, most=8).most == 8


@pytest.mark.parametrize(
    ("psd", "answered", "wanted"),
    [
        ((SHARP, SHARP), (2, 2), (False, False)),
        ((0.5, 0.5), (2, 2), (False, False)),  # exactly as well as asked is well enough
        ((VAGUE, SHARP), (9, 2), (True, False)),
        ((SHARP, VAGUE), (2, 9), (False, True)),
        ((SHARP, SHARP), (1, 2), (True, False)),  # known, but from too few answers
        ((SHARP, SHARP), (2, 0), (False, True)),
        ((VAGUE, VAGUE), (0, 0), (True, True)),
    ],
)
def test_which_dimensions_are_wanted(
    psd: tuple[float, float], answered: tuple[int, int], wanted: tuple[bool, bool]
) -> None:
    assert RULE.wanted(known(*psd), answered) == wanted


@pytest.mark.parametrize(
    ("counts", "lacking"),
    [((0, 0), (2, 2)), ((1, 2), (1, 0)), ((5, 1), (0, 1)), ((2, 3), (0, 0))],
)
def test_how_many_are_lacking(counts: tuple[int, int], lacking: tuple[int, int]) -> None:
    assert RULE.lacking(counts) == lacking


@pytest.mark.parametrize(
    ("psd", "answered", "asked", "left", "reason"),
    [
        ((VAGUE, VAGUE), (2, 2), 4, 9, None),
        ((SHARP, SHARP), (2, 2), 4, 9, StopReason.PRECISE),
        ((SHARP, SHARP), (2, 1), 4, 9, None),
        ((SHARP, VAGUE), (2, 2), 5, 9, None),
        ((VAGUE, VAGUE), (3, 3), 6, 9, StopReason.LENGTH),
        ((VAGUE, VAGUE), (1, 1), 6, 9, StopReason.LENGTH),  # four were missing
        ((VAGUE, VAGUE), (2, 2), 4, 0, StopReason.EXHAUSTED),
        # The best reason wins where several hold.
        ((SHARP, SHARP), (3, 3), 6, 0, StopReason.PRECISE),
        ((VAGUE, SHARP), (3, 3), 6, 0, StopReason.LENGTH),
    ],
)
def test_the_reason(
    psd: tuple[float, float],
    answered: tuple[int, int],
    asked: int,
    left: int,
    reason: StopReason | None,
) -> None:
    assert RULE.reason(known(*psd), answered=answered, asked=asked, left=left) == reason
