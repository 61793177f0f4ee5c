"""Score vectors: their order, missing answers, groups and workers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.calibrate.making import simulated_answers

from undertow.calibrate.em import Fit, fit_graded
from undertow.calibrate.likelihood import Sides, parts_of, sides_of, working_grid
from undertow.calibrate.scores import LATENT, CrossProducts, Latent, cross_products
from undertow.calibrate.workers import one_by_one, workers
from undertow.errors import ShapeError

DIMENSION_OF = np.array([0, 0, 0, 0, 1, 1, 1, 1])
NODES = working_grid().nodes
KEYED = (simulated_answers(700, seed=11, missing=0.05) - 1).astype(np.int8)
KEYED[:, [3, 5]] = np.where(KEYED[:, [3, 5]] < 0, -1, 2 - KEYED[:, [3, 5]])


@pytest.fixture(scope="module")
def sides() -> Sides:
    return sides_of(KEYED, DIMENSION_OF, 3)


@pytest.fixture(scope="module")
def fit() -> Fit:
    return fit_graded(KEYED, DIMENSION_OF, 3)


def sums(sides: Sides, fit: Fit) -> CrossProducts:
    latent = Latent.standard(fit.parameters.correlation)
    return cross_products(sides, fit.parameters.slope, fit.parameters.intercepts, latent, NODES)


def test_at_the_maximum_the_scores_sum_to_nothing(sides: Sides, fit: Fit) -> None:
    found = sums(sides, fit)
    assert found.products.shape == (8 * 3 + len(LATENT),) * 2
    assert found.rows == 700
    # Means and deviations are folded into the items, so they are at their maximum, too.
    assert np.abs(found.total).max() < 1e-2
    assert np.allclose(found.products, found.products.T)
    assert np.linalg.eigvalsh(found.products)[0] > -1e-8


def test_items_keep_their_places_whatever_their_order(sides: Sides, fit: Fit) -> None:
    order = np.array([4, 0, 5, 1, 6, 2, 7, 3])
    other = cross_products(
        sides_of(KEYED[:, order], DIMENSION_OF[order], 3),
        fit.parameters.slope[order],
        fit.parameters.intercepts[order],
        Latent.standard(fit.parameters.correlation),
        NODES,
    )
    place = np.append((order[:, None] * 3 + np.arange(3)).ravel(), np.arange(24, 29))
    assert np.allclose(other.products, sums(sides, fit).products[np.ix_(place, place)])


def test_an_item_without_an_answer_has_no_score(fit: Fit) -> None:
    # Of four rows only one answers item 2, so its block comes from that one alone.
    keyed = np.concatenate([KEYED[KEYED[:, 2] >= 0][:30], KEYED[:4]])
    keyed[-4:, 2] = -1
    rows = sides_of(keyed, DIMENSION_OF, 3)
    last: Sides = (rows[0].part(slice(30, 34)), rows[1].part(slice(30, 34)))
    found = sums(last, fit)
    assert np.all(found.products[6:9] == 0)
    assert np.all(found.total[6:9] == 0)
    assert np.any(found.products[3:6] != 0)


def test_workers_change_nothing(fit: Fit) -> None:
    keyed = np.resize(KEYED, (9000, 8))
    many = sides_of(keyed, DIMENSION_OF, 3)
    latent = Latent.standard(fit.parameters.correlation)
    own = fit.parameters
    with workers() as mapper:
        alone = cross_products(many, own.slope, own.intercepts, latent, NODES, mapper=one_by_one)
        shared = cross_products(many, own.slope, own.intercepts, latent, NODES, mapper=mapper)
    assert len(parts_of(9000, 4096)) > 1
    assert np.array_equal(alone.products, shared.products)
    assert np.array_equal(alone.total, shared.total)


def test_moving_the_metric_moves_nothing_else(sides: Sides, fit: Fit) -> None:
    # theta = m + s z: slope a / s and intercept d - a m / s say the same of the same people.
    means, deviations = np.array([0.5, -0.3]), np.array([1.25, 0.8])
    fine = np.linspace(-8.0, 8.0, 201)
    slope = fit.parameters.slope / deviations[DIMENSION_OF]
    intercepts = fit.parameters.intercepts - (slope * means[DIMENSION_OF])[:, None]
    moved = Latent(means=means, deviations=deviations, correlation=fit.parameters.correlation)
    there = cross_products(sides, slope, intercepts, moved, fine)
    here = cross_products(
        sides,
        fit.parameters.slope,
        fit.parameters.intercepts,
        Latent.standard(fit.parameters.correlation),
        fine,
    )
    intercept_places = [3 * j + 1 + k for j in range(8) for k in range(2)]
    block = np.ix_(intercept_places, intercept_places)
    assert np.allclose(there.products[block], here.products[block], atol=1e-6)
    assert there.products[-1, -1] == pytest.approx(here.products[-1, -1], rel=1e-6)
    assert there.products[24, 24] == pytest.approx(here.products[24, 24] / 1.25**2, rel=1e-6)


@pytest.mark.parametrize(
    ("means", "deviations", "correlation"),
    [
        (np.zeros(3), np.ones(2), 0.0),
        (np.zeros(2), np.array([1.0, 0.0]), 0.0),
        (np.zeros(2), np.ones(2), 1.0),
    ],
)
def test_latent_moments_that_cannot_be(
    means: NDArray[np.float64], deviations: NDArray[np.float64], correlation: float
) -> None:
    with pytest.raises(ShapeError, match="latent"):
        Latent(means=means, deviations=deviations, correlation=correlation)


def test_a_far_group_on_a_short_grid_still_has_weights() -> None:
    far = Latent(means=np.array([60.0, 0.0]), deviations=np.ones(2), correlation=0.2)
    prior = far.prior(NODES)
    assert prior.sum() == pytest.approx(1.0)
    assert np.isfinite(prior).all()
