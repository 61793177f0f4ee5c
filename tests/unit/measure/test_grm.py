"""Category probabilities at places where they can be checked by reasoning; laws are left to the
laws, the definition to the slow twin."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.errors import ShapeError
from undertow.measure.grm import category_probabilities


def test_two_categories_are_a_logistic_curve() -> None:
    table = category_probabilities(
        np.array([-1.0, 0.0, 2.0]), slope=1.3, intercepts=np.array([0.4])
    )

    assert table[1].tolist() == pytest.approx(
        [1 / (1 + math.exp(-(1.3 * t + 0.4))) for t in (-1, 0, 2)], rel=1e-14
    )


def test_at_a_threshold_half_lie_below_it() -> None:
    slope, thresholds = 1.7, np.array([-0.9, 0.2, 1.4])
    table = category_probabilities(thresholds, slope=slope, intercepts=-slope * thresholds)

    for number in range(3):
        assert table[: number + 1, number].sum() == pytest.approx(0.5, rel=1e-13)


def test_small_probabilities_keep_their_digits() -> None:
    # Far out, P(0) is e^-u and P(1) is (e^d - 1) e^-u for the next boundary a distance d lower;
    # as differences of numbers near 1 they would be noise.
    table = category_probabilities(np.array([6.0]), slope=5.0, intercepts=np.array([3.0, 1.0]))

    assert table[0, 0] == pytest.approx(math.exp(-33.0), rel=1e-12)
    assert table[1, 0] == pytest.approx(math.exp(-33.0) * (math.exp(2.0) - 1), rel=1e-12)


@pytest.mark.parametrize("theta", [-1e6, 1e6])
def test_absurdly_far_out_nothing_overflows_and_logs_exist(theta: float) -> None:
    table = category_probabilities(
        np.array([theta]), slope=9.0, intercepts=np.array([2.0, 0.0, -2.0])
    )

    assert np.all(np.isfinite(np.log(table)))
    assert table[3 if theta > 0 else 0, 0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("theta", "intercepts"),
    [
        (np.zeros((1, 3)), np.array([0.0])),
        (np.zeros(3), np.zeros((1, 1))),
        (np.zeros(3), np.array([])),
        (np.zeros(3), np.array([0.0, 1.0])),
        (np.zeros(3), np.array([1.0, 1.0])),
    ],
)
def test_arrays_of_other_shapes(
    theta: NDArray[np.float64], intercepts: NDArray[np.float64]
) -> None:
    with pytest.raises(ShapeError):
        category_probabilities(theta, slope=1.0, intercepts=intercepts)
