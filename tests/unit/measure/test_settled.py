"""Whether more answers could change what is said, by hand; the walk through it all is in `reference`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.errors import InputError
from undertow.measure.settled import Borders, last_psd
from undertow.measure.stop import StopRule

Array = NDArray[np.float64]

NONE = np.zeros(0)
SIDE = 0.8416212  # the standard normal's .80


def below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def chance(borders: list[float], mean: float, psd: float, last: float) -> float:
    """For anxiety, beside an avoidance that has no borders."""
    found = Borders(places=(np.array(borders), NONE)).unchanged(
        np.array([[mean, 0.0]]), np.array([[psd, 1.0]]), np.array([[last, 1.0]])
    )
    return float(found[0, 0])


def test_one_border_above_by_hand() -> None:
    # Now 1.0 above the border at psd 0.5: 1.0 > .8416 * .5, so it is told as above. At psd 0.3 it is
    # as long as the mean stays above .8416 * .3 = .2525; it moves by N(0, .25 - .09 = .4^2).
    expected = below((1.0 - SIDE * 0.3) / 0.4)

    assert chance([0.0], 1.0, 0.5, 0.3) == pytest.approx(expected, abs=1e-6)
    # A table's Phi(1.87) = .96926, less .0012 of its slope .0694.
    assert expected == pytest.approx(0.96926 - 0.001216 * 0.0694, abs=1e-5)


def test_below_is_the_mirror_image() -> None:
    assert chance([0.2], -0.8, 0.5, 0.3) == pytest.approx(chance([-0.2], 0.8, 0.5, 0.3), abs=1e-12)


def test_on_the_border_neither_side_is_told_and_must_not_come_to_be() -> None:
    # Both ways .8416 * .3 / .4 = .6312 SD of the move away.
    expected = 2 * below(SIDE * 0.3 / 0.4) - 1

    assert chance([0.0], 0.0, 0.5, 0.3) == pytest.approx(expected, abs=1e-6)


def test_between_two_borders_both_count() -> None:
    # Told as above the lower and below the upper one; the mean may move as far as either lets it.
    up = (1.0 - SIDE * 0.3) / 0.4

    assert chance([-1.0, 1.0], 0.0, 0.5, 0.3) == pytest.approx(2 * below(up) - 1, abs=1e-6)


def test_borders_far_away_change_nothing() -> None:
    assert chance([-30.0, 30.0], 0.4, 0.5, 0.3) == pytest.approx(1.0, abs=1e-12)
    assert chance([], 0.4, 0.5, 0.3) == 1.0


def test_where_no_question_is_left_nothing_moves() -> None:
    assert chance([0.0], 0.5, 0.4, 0.4) == pytest.approx(1.0)
    assert chance([0.0], 0.1, 0.4, 0.4) == pytest.approx(1.0)


def test_what_cannot_be_told_so_at_the_end_is_sure_to_change() -> None:
    # 0.5 around two borders 0.2 apart: neither side of either now; at psd .01 no place is neither of
    # both.
    assert chance([-0.1, 0.1], 0.0, 0.5, 0.01) == 0.0


def test_simulated_posteriors_agree() -> None:
    # N(0, 1) and normal answers: a place drawn from the posterior of now, and the mean it comes to.
    rng = np.random.default_rng(20261125)
    mean, psd, last, borders = 0.35, 0.45, 0.25, np.array([-0.3, 0.2, 1.1])
    noise = math.sqrt(1 / (1 / last**2 - 1 / psd**2))
    n = 200_000
    place = rng.normal(mean, psd, n)
    heard = place + rng.normal(0.0, noise, n)
    then = last**2 * (mean / psd**2 + heard / noise**2)

    def told(at: Array, spread: float) -> Array:
        above = (at[:, None] - borders) / spread
        return np.asarray(np.where(above >= SIDE, 1, np.where(above <= -SIDE, -1, 0)))

    same = (told(then, last) == told(np.array([mean]), psd)).all(axis=1).mean()
    found = chance(borders.tolist(), mean, psd, last)

    assert 0.05 < found < 0.95
    assert found == pytest.approx(same, abs=4 * math.sqrt(found * (1 - found) / n))


def test_the_psd_to_come_by_hand() -> None:
    # 1 / .25 = 4, and the two best of 3, 1, 5 add 8: 1 / sqrt(12).
    gains = np.array([[3.0, 1.0, 5.0, -2.0]])

    def psd(questions: int) -> float:
        return float(last_psd(np.array([0.5]), gains, np.array([questions]))[0])

    assert psd(2) == pytest.approx(1 / math.sqrt(12))
    assert psd(0) == 0.5
    assert psd(-3) == 0.5  # a resumed sitting may already be longer than its rule
    assert psd(3) == psd(4) == psd(99) == pytest.approx(1 / math.sqrt(13))


def test_both_dimensions_and_many_people_at_once() -> None:
    borders = Borders(places=(np.array([0.0]), np.array([-1.0, 0.5, 1.0])))
    mean = np.array([[1.0, 0.7], [-0.2, 0.1], [0.0, -3.0]])
    psd = np.array([[0.5, 0.4], [0.6, 0.5], [0.3, 0.9]])
    last = psd * 0.6

    found = borders.unchanged(mean, psd, last)

    for person in range(3):
        for dimension, own in enumerate(borders.places):
            at = mean[person, dimension], psd[person, dimension], last[person, dimension]
            assert found[person, dimension] == pytest.approx(chance(own.tolist(), *at), abs=1e-12)


@pytest.mark.parametrize(
    ("places", "sure"),
    [
        ((np.array([np.nan]), NONE), 0.9),
        ((NONE, np.array([np.inf])), 0.9),
        ((NONE, NONE), 0.0),
        ((NONE, NONE), 1.0),
        ((NONE, NONE), float("nan")),
    ],
)
def test_borders_that_cannot_be(places: tuple[Array, Array], sure: float) -> None:
    with pytest.raises(InputError, match="Borders must be numbers"):
        Borders(places=places, sure=sure)


# ---- the rule that asks -----------------------------------------------------------------------------


FAR = Borders(places=(np.array([-9.0]), np.array([-9.0])))
RULE = StopRule(psd=0.3, least=2, most=10, borders=FAR, least_settled=3)


def settled(
    rule: StopRule,
    *,
    wanted: tuple[bool, bool] = (True, True),
    answered: tuple[float, float] = (3.0, 3.0),
    mean: float = 0.0,
) -> list[bool]:
    found = rule.settled(
        np.array([wanted]),
        mean=np.full((1, 2), mean),
        psd=np.full((1, 2), 0.6),
        answered=np.array([answered]),
        gains=np.ones((1, 2, 5)),
        asked=np.array([sum(answered)]),
    )
    return [bool(one) for one in found[0]]


def test_a_rule_without_borders_never_ends_for_them() -> None:
    assert settled(StopRule(psd=0.3, least=2, most=10)) == [False, False]


def test_far_borders_settle_a_dimension_that_had_enough_answers() -> None:
    assert settled(RULE) == [True, True]
    assert settled(RULE, answered=(2.0, 3.0)) == [False, True]
    assert settled(RULE, wanted=(True, False)) == [True, False]
    assert settled(RULE, mean=-9.0) == [False, False]


def test_two_dimensions_share_the_questions_left() -> None:
    # With one place left and both dimensions open, each reckons with one question; with none, nothing
    # can change any more.
    near = StopRule(
        psd=0.3,
        least=2,
        most=8,
        least_settled=3,
        borders=Borders(places=(np.array([0.0]), np.array([0.0])), sure=0.95),
    )
    # 0.7 above the border at psd 0.6 is told as above: .7 > .505.
    assert settled(near, answered=(4.0, 3.0), mean=0.7) == [False, False]
    assert settled(near, answered=(4.0, 4.0), mean=0.7) == [True, True]
