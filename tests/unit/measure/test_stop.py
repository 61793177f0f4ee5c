"""The stop rule at its edges; whole sittings are left to the laws, borders to `test_settled`."""

from __future__ import annotations

import numpy as np
import pytest

from undertow.errors import InputError
from undertow.measure.stop import (
    EXHAUSTED,
    GOES_ON,
    LENGTH,
    PRECISE,
    REASONS,
    SETTLED,
    StopReason,
    StopRule,
)

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
    # Someone else's sitting beside it changes nothing.
    found = RULE.wanted(np.array([psd, (VAGUE, SHARP)]), np.array([answered, (2.0, 2.0)]))

    assert found.tolist() == [list(wanted), [True, False]]


SIDES = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
"""Four items, anxiety and avoidance in turn."""


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ((2, 1), [True, True, True, True]),  # one is lacking, three are left
        ((3, 1), [True, True, True, True]),  # one is lacking, two are left
        ((4, 1), [False, True, False, True]),  # the last one is avoidance's
        ((1, 4), [True, False, True, False]),
        ((4, 2), [True, True, True, True]),
        ((5, 1), [False, True, False, True]),  # beyond its length, which does not happen
    ],
)
def test_which_questions_are_kept_for_what_is_lacking(
    came: tuple[int, int], kept: list[bool]
) -> None:
    may = np.ones((1, 4), dtype=bool)

    assert RULE.kept(may, came=np.array([came], dtype=float), sides=SIDES).tolist() == [kept]


def test_nothing_is_kept_for_a_dimension_that_has_no_question_left() -> None:
    may = np.array([[True, False, True, False]])

    assert RULE.kept(may, came=np.array([[4.0, 1.0]]), sides=SIDES).tolist() == may.tolist()


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
    wanted = RULE.wanted(np.array([psd]), np.array([answered], dtype=float))
    ended = RULE.ended(wanted, asked=np.array([float(asked)]), left=np.array([left > 0]))

    assert ended.tolist() == [GOES_ON if reason is None else REASONS.index(reason)]


def test_every_reason_has_its_number() -> None:
    numbers = (PRECISE, SETTLED, LENGTH, EXHAUSTED)
    assert [REASONS[number].name for number in numbers] == [
        "PRECISE",
        "SETTLED",
        "LENGTH",
        "EXHAUSTED",
    ]
    assert set(REASONS) == set(StopReason)
    assert GOES_ON not in range(len(REASONS))
