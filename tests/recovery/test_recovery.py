"""Simulated people with known parameters are calibrated again: as near as their standard errors say.

The standard errors come from each person's score (the gradient of their log-likelihood), computed
here from the definition at the true parameters: the sum of their outer products estimates the
information. Source: bockaitkin1981.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate import Fit, fit_graded

Array = NDArray[np.float64]

PEOPLE, ITEMS, CATEGORIES = 4000, 12, 4
CUTS = CATEGORIES - 1
DIMENSION_OF = np.arange(ITEMS) % 2
CORRELATION = 0.3
NODES = np.linspace(-5.0, 5.0, 51)


@dataclass(frozen=True)
class Truth:
    slope: Array
    intercepts: Array

    def vector(self) -> Array:
        """Item by item its slope and intercepts, then the correlation."""
        items = np.column_stack([self.slope, self.intercepts])
        return np.append(items.ravel(), CORRELATION)


def truth() -> Truth:
    rng = np.random.default_rng(20261124)
    slope = rng.uniform(0.9, 2.6, ITEMS)
    thresholds = np.sort(rng.uniform(-0.3, 0.3, (ITEMS, CUTS)) + np.array([-1.2, 0.0, 1.3]), axis=1)
    return Truth(slope=slope, intercepts=-slope[:, None] * thresholds)


def simulate(true: Truth, seed: int, *, missing: float) -> NDArray[np.int8]:
    """Answers by the latent-response form of the model: a logistic error on slope * theta."""
    rng = np.random.default_rng(seed)
    anxiety = rng.standard_normal(PEOPLE)
    other = CORRELATION * anxiety + np.sqrt(1 - CORRELATION**2) * rng.standard_normal(PEOPLE)
    own = np.stack([anxiety, other], axis=1)[:, DIMENSION_OF]
    reached = true.slope * own + rng.logistic(size=own.shape)
    keyed: NDArray[np.int8] = (reached[:, :, None] + true.intercepts > 0).sum(axis=2, dtype=np.int8)
    keyed[rng.random(keyed.shape) < missing] = MISSING
    return keyed


def logistic(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def information(true: Truth, keyed: NDArray[np.int8]) -> Array:
    """The sum over people of score times score, at the true parameters."""
    likelihood = np.ones((2, keyed.shape[0], NODES.size))
    gradients = []
    for j in range(ITEMS):
        above = logistic(true.slope[j] * NODES + true.intercepts[j][:, None])
        above = np.concatenate([np.ones((1, NODES.size)), above, np.zeros((1, NODES.size))])
        steep = above * (1 - above)
        probability = above[:-1] - above[1:]
        # d log P_k: by the slope, then by each intercept.
        by = np.zeros((CATEGORIES, 1 + CUTS, NODES.size))
        by[:, 0] = NODES * (steep[:-1] - steep[1:])
        for cut in range(CUTS):
            by[cut + 1, 1 + cut] += steep[cut + 1]
            by[cut, 1 + cut] -= steep[cut + 1]
        by /= probability[:, None, :]
        answered = keyed[:, j] != MISSING
        likelihood[DIMENSION_OF[j], answered] *= probability[keyed[answered, j]]
        own = np.zeros((keyed.shape[0], 1 + CUTS, NODES.size))
        own[answered] = by[keyed[answered, j]]
        gradients.append(own)
    x, y = NODES[:, None], NODES[None, :]
    rho, rest = CORRELATION, 1 - CORRELATION**2
    form = x**2 - 2 * rho * x * y + y**2
    prior = np.exp(-form / (2 * rest))
    prior /= prior.sum()
    by_rho = rho / rest + x * y / rest - rho * form / rest**2
    first, second = likelihood
    marginal = ((first @ prior) * second).sum(axis=1)
    posteriors = (
        first * (second @ prior.T) / marginal[:, None],
        second * (first @ prior) / marginal[:, None],
    )
    scores = [
        np.einsum("npq,nq->np", gradient, posteriors[DIMENSION_OF[j]])
        for j, gradient in enumerate(gradients)
    ]
    scores.append(((first @ (prior * by_rho)) * second).sum(axis=1)[:, None] / marginal[:, None])
    every = np.concatenate(scores, axis=1)
    return np.asarray(every.T @ every)


@dataclass(frozen=True)
class Recovered:
    error: Array
    information: Array

    @property
    def standard_errors(self) -> Array:
        return np.asarray(np.sqrt(np.diag(np.linalg.inv(self.information))))


@pytest.fixture(scope="module", params=[0.0, 0.15], ids=["complete", "15 % missing"])
def recovered(request: pytest.FixtureRequest) -> Recovered:
    true = truth()
    keyed = simulate(true, seed=7, missing=request.param)
    fit: Fit = fit_graded(keyed, DIMENSION_OF, CATEGORIES)
    found = np.column_stack([fit.parameters.slope, fit.parameters.intercepts]).ravel()
    found = np.append(found, fit.parameters.correlation)
    return Recovered(error=found - true.vector(), information=information(true, keyed))


def test_all_errors_together_are_as_large_as_they_should_be(recovered: Recovered) -> None:
    # error' I error is chi-square with one degree for each of the 49 parameters: mean 49, SD 9.9.
    # Four SD around it leave a right fit outside once in some ten thousand samples.
    together = recovered.error @ recovered.information @ recovered.error
    assert 49 - 4 * 9.9 < together < 49 + 4 * 9.9


def test_no_single_error_is_out_of_bounds(recovered: Recovered) -> None:
    z = recovered.error / recovered.standard_errors
    assert np.abs(z).max() < 4
    # For independent errors the mean square would be 1 with SD sqrt(2 / 49) = 0.2.
    assert 0.4 < (z**2).mean() < 1.8


def test_slopes_and_intercepts_are_not_biased_and_as_exact_as_they_should_be(
    recovered: Recovered,
) -> None:
    covariance = np.linalg.inv(recovered.information)
    for first, step in ((0, 1 + CUTS), *((1 + cut, 1 + CUTS) for cut in range(CUTS))):
        at = np.arange(first, ITEMS * (1 + CUTS), step)
        errors = recovered.error[at]
        # A mean over items errs by the square root of the mean of all their covariances.
        assert abs(errors.mean()) < 3.5 * np.sqrt(covariance[np.ix_(at, at)].mean())
        root_mean_square = np.sqrt((errors**2).mean())
        assert root_mean_square < 2 * np.sqrt(np.diag(covariance)[at].mean())


def test_the_bounds_are_worth_something(recovered: Recovered) -> None:
    # Slopes a tenth too low throughout would not pass as noise.
    shift = np.zeros_like(recovered.error)
    shift[np.arange(0, ITEMS * (1 + CUTS), 1 + CUTS)] = -0.1 * truth().slope
    moved = recovered.error + shift
    assert moved @ recovered.information @ moved > 49 + 4 * 9.9
