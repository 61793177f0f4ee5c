"""Laws of probabilities and posteriors on the plane; what answers do to them is left to `test_answers`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.made_up_bank import normal_norm
from tests.property.drawing import (
    CORRELATIONS,
    banks_and_answers,
    calibrated_items,
    hundredths,
)

from undertow.bank.calibrated import Bank, CalibratedItem
from undertow.bank.item import DIMENSIONS, Dimension
from undertow.bank.responses import Answer
from undertow.measure.grid import standard_grid
from undertow.measure.grm import category_probabilities
from undertow.measure.model import model_of
from undertow.measure.posterior import Posterior, posterior

Drawn = tuple[Bank, tuple[Answer, ...]]

BORDERS = st.tuples(hundredths(-4, 4), hundredths(-4, 4))
DIMENSION = st.sampled_from(DIMENSIONS)


def now(drawn: Drawn) -> Posterior:
    bank, answers = drawn
    return posterior(model_of(bank), answers)


def table(item: CalibratedItem) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return category_probabilities(
        standard_grid().nodes, slope=item.slope, intercepts=np.asarray(item.intercepts)
    )


@given(calibrated_items("x", Dimension.ANXIETY))
def test_category_probabilities_sum_to_one_at_every_node(item: CalibratedItem) -> None:
    probabilities = table(item)

    assert probabilities.shape == (item.categories, standard_grid().nodes.size)
    assert np.all(probabilities > 0)
    assert probabilities.sum(axis=0).tolist() == pytest.approx([1.0] * 61, abs=1e-14)


@given(calibrated_items("x", Dimension.ANXIETY), st.integers(1, 4))
def test_each_category_gains_on_the_one_below_all_along_the_grid(
    item: CalibratedItem, times: int
) -> None:
    # The order of the categories, at far nodes and steep slopes too: what makes a higher answer
    # mean more. The plain difference of two logistics loses it there.
    steep = category_probabilities(
        standard_grid().nodes,
        slope=item.slope * times,
        intercepts=np.asarray(item.intercepts) * times,
    )
    gains = np.diff(np.log(steep[1:]) - np.log(steep[:-1]), axis=1)

    assert np.all(gains >= -1e-12)


@given(CORRELATIONS)
def test_the_prior_is_the_population(correlation: float) -> None:
    grid = standard_grid()
    prior = grid.prior(correlation)
    nodes = grid.nodes

    assert prior.sum() == pytest.approx(1.0, abs=1e-13)
    assert np.allclose(prior, prior.T, rtol=1e-12, atol=0)
    assert nodes @ prior @ nodes == pytest.approx(correlation, abs=1e-6)
    assert prior.sum(axis=1) @ nodes**2 == pytest.approx(1.0, abs=1e-6)
    assert np.allclose(np.exp(grid.log_prior(correlation)), prior, rtol=1e-12, atol=0)


@given(banks_and_answers())
def test_a_posterior_sums_to_one_and_its_covariance_is_symmetric_and_positive(drawn: Drawn) -> None:
    current = now(drawn)
    estimate = current.estimate()

    assert current.weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert np.all(current.weights >= 0)
    for dimension in DIMENSIONS:
        assert current.marginal(dimension).sum() == pytest.approx(1.0, abs=1e-12)
    assert np.array_equal(estimate.covariance, estimate.covariance.T)
    assert np.all(np.linalg.eigvalsh(estimate.covariance) > 0)
    assert (estimate.psd**2).tolist() == pytest.approx(np.diag(estimate.covariance).tolist())


@given(banks_and_answers())
def test_answers_never_leave_more_unknown_than_no_answers(drawn: Drawn) -> None:
    # The graded model's likelihood is log-concave, and a log-concave likelihood never widens a
    # normal. So 1, the population's variance, is the most there is.
    assert np.all(np.diag(now(drawn).estimate().covariance) <= 1 + 1e-6)


@given(banks_and_answers(), BORDERS)
def test_the_four_parts_of_the_plane_make_one_whole(
    drawn: Drawn, borders: tuple[float, float]
) -> None:
    current = now(drawn)
    masses = current.region_masses(borders)

    assert masses.shape == (2, 2)
    assert np.all(masses >= -1e-15)
    assert masses.sum() == pytest.approx(1.0, abs=1e-12)
    # Each side of a border is what `share_above` says of it.
    assert masses[1].sum() == pytest.approx(
        current.share_above(DIMENSIONS[0], borders[0]), abs=1e-12
    )
    assert masses[:, 1].sum() == pytest.approx(
        current.share_above(DIMENSIONS[1], borders[1]), abs=1e-12
    )


@given(banks_and_answers(), DIMENSION, hundredths(0.01, 0.99), hundredths(0.01, 0.99))
def test_quantiles_rise_with_the_share_and_undo_share_above(
    drawn: Drawn, dimension: Dimension, one: float, other: float
) -> None:
    current = now(drawn)
    low, high = sorted((one, other))

    assert current.quantile(dimension, low) <= current.quantile(dimension, high)
    for share in (low, high):
        place = current.quantile(dimension, share)
        assert current.share_above(dimension, place) == pytest.approx(1 - share, abs=1e-9)


@given(banks_and_answers(), DIMENSION, hundredths(-5, 5), hundredths(-5, 5))
def test_less_lies_above_a_higher_border(
    drawn: Drawn, dimension: Dimension, one: float, other: float
) -> None:
    current = now(drawn)
    low, high = sorted((one, other))

    assert current.share_above(dimension, low) >= current.share_above(dimension, high) - 1e-15


@given(banks_and_answers(), DIMENSION)
def test_quantiles_agree_with_the_estimate(drawn: Drawn, dimension: Dimension) -> None:
    # Mean of a distribution = the integral of its quantiles; the middle of each 1/400 stands for it.
    current = now(drawn)
    shares = (np.arange(400) + 0.5) / 400
    places = np.array([current.quantile(dimension, float(share)) for share in shares])
    estimate = current.estimate()

    assert places.mean() == pytest.approx(estimate.place(dimension), abs=2e-3)
    # Spreading a weight over its cell adds step^2 / 12 to the variance, and no more than that.
    spread = estimate.spread(dimension) ** 2 + current.grid.step**2 / 12
    assert places.var() == pytest.approx(spread, rel=0.02)


@given(hundredths(-3.5, 3.5), hundredths(0.01, 0.99), DIMENSION)
def test_a_norm_and_its_inverse(place: float, share: float, dimension: Dimension) -> None:
    norm = normal_norm(means=(0.2, -0.1))
    below = norm.share_below(place, dimension)
    assume(1e-6 < below < 1 - 1e-6)

    assert norm.place(below, dimension) == pytest.approx(place, abs=1e-6)
    assert norm.share_below(norm.place(share, dimension), dimension) == pytest.approx(
        share, abs=1e-9
    )
    assert norm.share_below(place + 0.1, dimension) > below
