"""Scores, sums, fit and precision on an item small enough for a pocket calculator.

The item has three categories; its slope is ln 3 and its intercepts are ln 3 and -ln 3, so that the
odds of "at least 1" are 3^(1+t) at nodes t = -1, 0, 1 and those of "at least 2" are 3^(t-1):

    t     P(>=1)  P(>=2)   P(0)   P(1)   P(2)
    -1    1/2     1/10     1/2    2/5    1/10
     0    3/4     1/4      1/4    1/2    1/4
     1    9/10    1/2      1/10   2/5    1/2

A person's posterior is taken as 1/4, 1/2, 1/4.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from undertow.calibrate.item_fit import shares_by_sum
from undertow.calibrate.likelihood import Parameters, category_tables, sides_of
from undertow.calibrate.local_dependence import LocalDependence
from undertow.calibrate.model_fit import moments_at, residual_form
from undertow.calibrate.reliability import Standings, item_information, reliability
from undertow.calibrate.scores import ScoreTable, item_scores
from undertow.calibrate.standard_errors import errors_from

NODES = np.array([-1.0, 0.0, 1.0])
SLOPE = np.array([math.log(3)])
INTERCEPTS = np.array([[math.log(3), -math.log(3)]])
MARGIN = np.array([[0.25, 0.5, 0.25]])
TABLE = np.array([[[1 / 2, 1 / 4, 1 / 10], [2 / 5, 1 / 2, 2 / 5], [1 / 10, 1 / 4, 1 / 2]]])


def test_the_table_above() -> None:
    assert np.allclose(category_tables(SLOPE, INTERCEPTS, NODES), TABLE, atol=1e-15)


@pytest.mark.parametrize(
    ("answer", "by_hand"),
    [
        # d log P0: by d1 -P(>=1), by d2 0, by the slope t * -P(>=1).
        # -(1/2)/4 - (3/4)/2 - (9/10)/4 = -0.725; (1/2)/4 - (9/10)/4 = -0.1.
        (0, (-0.1, -0.725, 0.0)),
        # d log P1 by d1: (1/4)/(2/5) = 5/8, (3/16)/(1/2) = 3/8, (9/100)/(2/5) = 9/40; mean 0.4.
        # By d2 the same from the other end, with a minus. By the slope t * (sum of both):
        # -1 * 2/5, 0, 1 * -2/5; mean -0.2.
        (1, (-0.2, 0.4, -0.4)),
        # d log P2: by d2 1 - P(>=2): 9/10, 3/4, 1/2; mean 0.725; by the slope -0.9/4 + 0.5/4.
        (2, (-0.1, 0.0, 0.725)),
    ],
)
def test_a_person_s_score(answer: int, by_hand: tuple[float, float, float]) -> None:
    chosen = np.zeros((1, 3))
    chosen[0, answer] = 1.0
    scores = item_scores(chosen, MARGIN, ScoreTable.of(SLOPE, INTERCEPTS, NODES))
    assert scores[0] == pytest.approx(by_hand, abs=1e-14)


def test_a_missing_answer_has_no_score() -> None:
    scores = item_scores(np.zeros((1, 3)), MARGIN, ScoreTable.of(SLOPE, INTERCEPTS, NODES))
    assert scores.tolist() == [[0.0, 0.0, 0.0]]


def test_a_threshold_s_standard_error() -> None:
    # a = 2 with variance 0.04, d = 1 with variance 0.09, covariance 0.01; b = -1/2.
    # (0.25 * 0.04 - 2 * 0.5 * 0.01 + 0.09) / 4 = 0.0225, the square of 0.15.
    parameters = Parameters(slope=np.array([2.0]), intercepts=np.array([[1.0]]), correlation=0.0)
    covariance = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, 0.0], [0.0, 0.0, 0.0016]])
    errors = errors_from(covariance, parameters)
    assert errors.thresholds[0, 0] == pytest.approx(0.15, abs=1e-15)
    assert (errors.slope[0], errors.intercepts[0, 0]) == pytest.approx((0.2, 0.3))
    assert errors.correlation == pytest.approx(0.04)


def test_the_item_twice_and_its_sum() -> None:
    shares = shares_by_sum(np.concatenate([TABLE, TABLE]), MARGIN[0])
    # P(0)P(0): (1/4)/4 + (1/16)/2 + (1/100)/4 = 0.09625. P(0)P(1): (1/5)/4 + (1/8)/2 + (1/25)/4.
    # P(1)P(1): (4/25)/4 + (1/4)/2 + (4/25)/4 = 0.205. P(0)P(2): (1/20)/4 + (1/16)/2 + (1/20)/4.
    by_hand = [
        [0.09625, 0.0, 0.0],
        [0.1225, 0.1225, 0.0],
        [0.05625, 0.205, 0.05625],
        [0.0, 0.1225, 0.1225],
        [0.0, 0.0, 0.09625],
    ]
    assert np.allclose(shares, [by_hand, by_hand], atol=1e-15)


def test_information_psd_and_reliability() -> None:
    # At 0 the outer answers move by 3/16 of the slope each way, the middle one stays:
    # slope^2 * (9/256) * (4 + 4) = slope^2 * 9/32. At 1: 9/100 down, 9/100 - 1/4 and 1/4 up:
    # slope^2 * (0.0081 * 10 + 0.0256 * 2.5 + 0.0625 * 2) = slope^2 * 0.27.
    information = item_information(SLOPE, INTERCEPTS, NODES)[0]
    square = math.log(3) ** 2
    assert information[1:] == pytest.approx([square * 9 / 32, square * 0.27], rel=1e-14)
    sides = sides_of(np.array([[0, 0], [1, 1], [2, 2]], dtype=np.int8), np.array([0, 1]), 3)
    both = Parameters(
        slope=np.repeat(SLOPE, 2), intercepts=np.repeat(INTERCEPTS, 2, axis=0), correlation=0.0
    )
    means = np.array([[-0.6, -0.6], [0.0, 0.0], [0.6, 0.6]])
    found = Standings(means=means, psd=np.full((3, 2), 0.8))
    made = reliability(sides, both, found, at=np.array([0.0]))
    assert made.psd[0, 0] == pytest.approx(1 / math.sqrt(square * 9 / 32 + 1))
    assert made.by_theta[1, 0] == pytest.approx((square * 9 / 32) / (square * 9 / 32 + 1))
    # 1 - 0.64; the means' variance is 0.72 / 3 = 0.24, and 0.24 / (0.24 + 0.64) = 3/11.
    assert made.marginal.tolist() == pytest.approx([0.36, 0.36])
    assert made.empirical.tolist() == pytest.approx([3 / 11, 3 / 11])


def dependence_of(r: float, first: float, second: float) -> LocalDependence:
    root = math.sqrt(first * second)
    empty = np.zeros((2, 2))
    return LocalDependence(
        dimension_of=np.array([0, 0]),
        chi_square=empty,
        q3=empty,
        q3_star=empty,
        dependence=np.array([[0.0, r], [r, 0.0]]),
        information=np.array([[first, root], [root, second]]),
    )


def test_what_is_left_of_a_second_item() -> None:
    # Equal items: (1 - r) / (1 + r).
    assert dependence_of(0.5, 1.0, 1.0).information_share(0, 1) == pytest.approx(1 / 3)
    # Information 1 and 4, r = 1/4: the pair's scores vary by 6 and not 5; 25/6 - 1 = 19/6 of 4.
    uneven = dependence_of(0.25, 1.0, 4.0)
    assert uneven.information_share(0, 1) == pytest.approx(19 / 24)
    assert uneven.information_share(1, 0) == pytest.approx(1 / 6)
    assert uneven.inflation([0, 1]) == pytest.approx(6 / 5)
    # The same question twice tells nothing new.
    assert dependence_of(1.0, 2.0, 2.0).information_share(0, 1) == pytest.approx(0.0)


def test_moments_of_two_yes_no_items() -> None:
    # Nothing in common, P 1/2 and 1/4: the product has mean 1/8, variance 7/64, covariance
    # 1/8 - 1/16 with the first and 1/8 - 1/32 with the second.
    tables = np.array([[[0.5], [0.5]], [[0.75], [0.25]]])
    alone = moments_at(tables, np.ones(1))
    assert alone.expected.tolist() == pytest.approx([1 / 2, 1 / 4, 1 / 8])
    by_hand = [[1 / 4, 0, 1 / 16], [0, 3 / 16, 3 / 32], [1 / 16, 3 / 32, 7 / 64]]
    assert np.allclose(alone.covariance, by_hand, atol=1e-15)
    # Two places, P 1/4 at one and 3/4 at the other, both items alike: E[XY] = (1/16 + 9/16) / 2.
    at = np.array([[0.75, 0.25], [0.25, 0.75]])
    mixed = moments_at(np.stack([at, at]), np.array([0.5, 0.5]))
    assert mixed.expected.tolist() == pytest.approx([1 / 2, 1 / 2, 5 / 16])
    by_hand = [[1 / 4, 1 / 16, 5 / 32], [1 / 16, 1 / 4, 5 / 32], [5 / 32, 5 / 32, 55 / 256]]
    assert np.allclose(mixed.covariance, by_hand, atol=1e-15)


def test_what_parameters_cannot_reach() -> None:
    # Unit covariance, one parameter along (1, 1, 0): of (3, 1, 2) that leaves (1, -1, 2).
    form = residual_form(np.array([3.0, 1.0, 2.0]), np.eye(3), np.array([[1.0], [1.0], [0.0]]))
    assert form == pytest.approx(6.0)
