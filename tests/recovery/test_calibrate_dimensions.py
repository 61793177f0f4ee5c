"""Archives of other shapes made up and found again: one dimension, and five of them with correlations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.calibrate.blocks import BlocksFit, alone, blocks_of, fit_blocks
from undertow.calibrate.correlations import correlation_errors
from undertow.calibrate.item_fit import FitClass, item_fit
from undertow.calibrate.likelihood import working_grid
from undertow.calibrate.local_dependence import local_dependence
from undertow.calibrate.model_fit import model_fit
from undertow.calibrate.reliability import standings
from undertow.calibrate.standard_errors import standard_errors

Array = NDArray[np.float64]

GRID = working_grid()
BIG_FIVE = np.array(
    [
        [1.0, -0.3, 0.2, 0.5, 0.1],
        [-0.3, 1.0, 0.0, -0.6, 0.2],
        [0.2, 0.0, 1.0, 0.1, 0.3],
        [0.5, -0.6, 0.1, 1.0, -0.4],
        [0.1, 0.2, 0.3, -0.4, 1.0],
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """Items' slope (J,), intercepts (J, K-1) and dimension (J,), and the answers drawn from them."""

    slope: Array
    intercepts: Array
    dimension_of: NDArray[np.intp]
    keyed: NDArray[np.int8]
    theta: Array


def drawn(
    rows: int, items: int, categories: int, correlations: Array, *, seed: int, missing: float = 0.0
) -> Truth:
    rng = np.random.default_rng(seed)
    dimension_of = np.arange(items) % correlations.shape[0]
    slope = rng.uniform(0.8, 2.6, items)
    thresholds = np.linspace(-1.3, 1.3, categories - 1) + rng.uniform(-0.5, 0.5, (items, 1))
    intercepts = -slope[:, None] * thresholds
    theta = rng.multivariate_normal(np.zeros(correlations.shape[0]), correlations, rows)
    reached = slope * theta[:, dimension_of] + rng.logistic(size=(rows, items))
    keyed = (reached[:, :, None] + intercepts > 0).sum(axis=2, dtype=np.int8)
    keyed[rng.random(keyed.shape) < missing] = -1
    return Truth(
        slope=slope, intercepts=intercepts, dimension_of=dimension_of, keyed=keyed, theta=theta
    )


@pytest.fixture(scope="module")
def rosenberg() -> Truth:
    """Ten items of one dimension, four categories."""
    return drawn(6000, 10, 4, np.eye(1), seed=31, missing=0.01)


def test_ten_items_of_one_dimension(rosenberg: Truth) -> None:
    (block,) = blocks_of(rosenberg.keyed, rosenberg.dimension_of, 4)
    fit = fit_blocks([block])
    parameters = fit.fits[0].parameters
    errors = standard_errors(block.sides, parameters, GRID)
    z = np.concatenate(
        [
            (fit.slope - rosenberg.slope) / errors.slope,
            ((fit.intercepts - rosenberg.intercepts) / errors.intercepts).ravel(),
        ]
    )
    # The people drawn are not exactly mean 0 and variance 1, which moves all items together a little.
    assert np.mean(np.abs(z) < 1.96) > 0.85
    assert np.sqrt(np.mean(z**2)) < 1.5
    assert np.allclose(fit.slope, rosenberg.slope, rtol=0.12)
    places = standings(block.sides, parameters, GRID)
    assert np.corrcoef(places.means[:, 0], rosenberg.theta[:, 0])[0, 1] > 0.92
    whole = model_fit(block.sides, parameters)
    assert whole.df == 35
    assert whole.rmsea < 0.02
    assert all(one.fit_class is FitClass.GOOD for one in item_fit(block.sides, parameters, GRID))
    assert not local_dependence(block.sides, parameters, GRID, places).pairs()


def big_five(rows: int, items: int, seed: int) -> tuple[Truth, BlocksFit, Array]:
    true = drawn(rows, items, 5, BIG_FIVE, seed=seed, missing=0.02)
    blocks = blocks_of(true.keyed, true.dimension_of, 5)
    fit = fit_blocks(blocks)
    errors = correlation_errors(alone(blocks, fit.fits), fit.correlations, GRID)
    return true, fit, errors


def test_fifty_items_of_five_dimensions() -> None:
    true, fit, errors = big_five(4000, 50, 7)
    assert fit.slope.shape == (50,)
    assert np.allclose(fit.slope, true.slope, rtol=0.2)
    assert np.sqrt(np.mean((fit.slope / true.slope - 1) ** 2)) < 0.06
    assert np.sqrt(np.mean((fit.intercepts - true.intercepts) ** 2)) < 0.12
    assert np.allclose(fit.correlations, BIG_FIVE, atol=0.06)
    assert fit.correlations_moved == 0.0
    off = ~np.eye(5, dtype=bool)
    assert np.all((errors[off] > 0.008) & (errors[off] < 0.03))


def test_errors_of_correlations_are_as_large_as_the_correlations_err() -> None:
    above = np.triu_indices(5, 1)
    z = []
    for seed in range(5):
        _, fit, errors = big_five(700, 20, 100 + seed)
        z.append((fit.correlations - BIG_FIVE)[above] / errors[above])
    every = np.concatenate(z)
    # Fifty of them: their root mean square is 1, give or take a tenth.
    assert 0.75 < np.sqrt(np.mean(every**2)) < 1.3
    assert np.mean(np.abs(every) < 1.96) > 0.86


@pytest.mark.parametrize("rho", [0.85, -0.85])
def test_a_high_correlation(rho: float) -> None:
    matrix = np.array([[1.0, rho, 0.0], [rho, 1.0, 0.0], [0.0, 0.0, 1.0]])
    true = drawn(1500, 15, 4, matrix, seed=3)
    fit = fit_blocks(blocks_of(true.keyed, true.dimension_of, 4))
    assert np.allclose(fit.correlations, matrix, atol=0.08)
