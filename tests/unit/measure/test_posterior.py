"""Estimates and posteriors that cannot be right are refused; figures are left to the goldens."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.made_up_bank import ANXIETY, AVOIDANCE, large_bank, small_bank

from undertow.bank.responses import Answer
from undertow.errors import ResponseError, ShapeError
from undertow.measure.grid import Grid
from undertow.measure.model import model_of
from undertow.measure.posterior import Estimate, Posterior, posterior

Array = NDArray[np.float64]

GRID = Grid(nodes=np.linspace(-6.0, 6.0, 13))
UNIT = np.eye(2)


def test_an_estimate_says_place_and_spread_by_dimension() -> None:
    estimate = Estimate(
        mean=np.array([0.5, -1.0]), covariance=np.array([[0.09, 0.01], [0.01, 0.16]])
    )

    assert (estimate.place(ANXIETY), estimate.place(AVOIDANCE)) == (0.5, -1.0)
    assert (estimate.spread(ANXIETY), estimate.spread(AVOIDANCE)) == pytest.approx((0.3, 0.4))
    assert estimate.psd.tolist() == pytest.approx([0.3, 0.4])


@pytest.mark.parametrize(
    ("mean", "covariance", "rule"),
    [
        (np.zeros(3), UNIT, "mean"),
        (np.zeros((2, 1)), UNIT, "mean"),
        (np.zeros(2), np.array([1.0, 1.0]), "mean"),
        (np.zeros(2), np.eye(3), "mean"),
        (np.array([np.nan, 0.0]), UNIT, "made of numbers"),
        (np.zeros(2), np.array([[1.0, 0.0], [0.0, np.inf]]), "made of numbers"),
        (np.zeros(2), np.array([[1.0, 0.3], [0.0, 1.0]]), "symmetric"),
        (np.zeros(2), np.zeros((2, 2)), "positive definite"),
        (np.zeros(2), -UNIT, "positive definite"),
        (np.zeros(2), np.array([[1.0, 1.0], [1.0, 1.0]]), "positive definite"),
        (np.zeros(2), np.array([[1.0, 1.5], [1.5, 1.0]]), "positive definite"),
    ],
)
def test_estimates_that_cannot_be(mean: Array, covariance: Array, rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        Estimate(mean=mean, covariance=covariance)


def test_weights_of_another_shape() -> None:
    with pytest.raises(ShapeError, match=r"\(13, 13\)"):
        Posterior(grid=GRID, weights=GRID.prior(0.0)[:-1])


def with_one_weight(value: float) -> Array:
    weights = GRID.prior(0.0)
    weights[4, 4] = value
    return weights


@pytest.mark.parametrize(
    "weights",
    [
        2 * GRID.prior(0.0),
        -GRID.prior(0.0),
        0 * GRID.prior(0.0),
        with_one_weight(np.nan),
        with_one_weight(-0.1),
    ],
)
def test_weights_that_are_none(weights: Array) -> None:
    with pytest.raises(ShapeError, match="sum to 1"):
        Posterior(grid=GRID, weights=weights)


@pytest.mark.parametrize("place", [(0, 6), (-1, 6), (6, 0), (6, -1)])
def test_mass_on_any_of_the_four_edges(place: tuple[int, int]) -> None:
    weights = GRID.prior(0.0) * 0.999
    weights[place] += 0.001

    with pytest.raises(ShapeError, match="cuts this posterior off"):
        Posterior(grid=GRID, weights=weights)


def test_a_posterior_of_answers_that_the_bank_does_not_know() -> None:
    with pytest.raises(ResponseError, match="not part of this self-check"):
        posterior(model_of(small_bank()), (Answer(item_id="Q99", category=0),))


def test_thirty_six_middling_answers_make_no_place_uncertain() -> None:
    bank = large_bank()
    answers = tuple(Answer(item_id=item.id, category=2) for item in bank.items)

    assert np.all(posterior(model_of(bank), answers).estimate().psd < 0.3)


def test_people_who_contradict_themselves_are_scored_without_a_warning() -> None:
    # Every other item at one end and the rest at the other, as a person who taps at random might.
    bank = large_bank(correlation=0.4)
    answers = tuple(
        Answer(item_id=item.id, category=0 if number // 2 % 2 else 4)
        for number, item in enumerate(bank.items)
    )

    estimate = posterior(model_of(bank), answers).estimate()

    assert np.all(np.abs(estimate.mean) < 2)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_outermost_quantiles_stay_on_the_grid(share: float) -> None:
    now = posterior(model_of(small_bank()), ())

    assert -6.1 <= now.quantile(ANXIETY, share) <= 6.1


def test_a_ninety_five_percent_range_is_the_one_of_a_normal() -> None:
    # Before any answer a place is standard normal; its 2.5 % and 97.5 % lie at 1.96. Spreading
    # each node over its cell widens the range by the root of 1 + 0.2^2 / 12, 0.2 %.
    now = posterior(model_of(small_bank()), ())

    assert now.quantile(ANXIETY, 0.025) == pytest.approx(-1.95996, abs=0.006)
    assert now.quantile(ANXIETY, 0.5) == pytest.approx(0.0, abs=1e-9)
    assert now.quantile(ANXIETY, 0.975) == pytest.approx(1.95996, abs=0.006)
    assert now.share_above(AVOIDANCE, 1.0) == pytest.approx(0.158655, abs=0.002)


def test_the_plane_before_any_answer_has_the_quadrants_of_a_normal() -> None:
    # Both above 0: 1/4 + asin(rho) / (2 pi); with rho = 0.5 that is 1/3.
    masses = posterior(model_of(small_bank(correlation=0.5)), ()).region_masses((0.0, 0.0))

    assert masses.ravel().tolist() == pytest.approx([1 / 3, 1 / 6, 1 / 6, 1 / 3], abs=2e-3)
