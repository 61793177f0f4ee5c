"""The factorised E-step, its errors and the fit against the model on all nodes of three axes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from tests.reference.slow_agreeing import MISSING, SlowModel

from undertow.calibrate.agreeing import (
    AgreeingGrid,
    AgreeingParameters,
    Tendency,
    expect_agreeing,
)
from undertow.calibrate.agreeing_errors import agreeing_errors
from undertow.calibrate.agreeing_fit import fit_agreeing, fit_simple
from undertow.calibrate.agreeing_places import expected_answers, posterior_means
from undertow.calibrate.groups import GroupParameters
from undertow.calibrate.likelihood import Sides, sides_of
from undertow.calibrate.scores import Latent
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

KEYING = np.array([1.0, -1.0, 1.0, -1.0, 1.0])
DIMENSION_OF = np.array([0, 0, 1, 1, 1])
ITEMS = {
    "slope": np.array([1.2, 0.8, 1.6, 1.1, 0.9]),
    "intercepts": np.array([[0.9, -0.7], [0.4, -1.1], [1.3, -0.2], [0.6, -0.6], [0.8, -1.4]]),
    "keying": KEYING,
    "dimension_of": DIMENSION_OF,
}
SLOW = (
    SlowModel(
        **ITEMS,
        means=np.array([0.3, -0.2]),
        deviations=np.array([1.1, 0.9]),
        correlation=0.25,
        tendency=(0.2, 0.7),
    ),
    SlowModel(
        **ITEMS,
        means=np.array([-0.2, 0.1]),
        deviations=np.array([0.9, 1.05]),
        correlation=-0.1,
        tendency=(-0.1, 0.5),
    ),
)
GRID = AgreeingGrid(theta=Grid(nodes=np.linspace(-3.0, 3.0, 7)), tendency=np.linspace(-1.5, 1.7, 5))
PARAMETERS = AgreeingParameters(
    shared=GroupParameters(
        slope=np.stack([ITEMS["slope"]] * 2),
        intercepts=np.stack([ITEMS["intercepts"]] * 2),
        latents=tuple(
            Latent(means=one.means, deviations=one.deviations, correlation=one.correlation)
            for one in SLOW
        ),
    ),
    tendencies=tuple(Tendency(mean=one.tendency[0], deviation=one.tendency[1]) for one in SLOW),
)


def drawn(rows: int, seed: int) -> NDArray[np.int8]:
    rng = np.random.default_rng(seed)
    keyed = rng.integers(0, 3, (rows, 5)).astype(np.int8)
    keyed[rng.random(keyed.shape) < 0.15] = MISSING
    return keyed


PEOPLE = (drawn(40, 1), drawn(50, 2))


@pytest.fixture(scope="module")
def sides() -> tuple[Sides, ...]:
    return tuple(sides_of(people, DIMENSION_OF, 3) for people in PEOPLE)


@pytest.mark.parametrize("group", [0, 1])
def test_an_e_step_is_the_sum_over_all_nodes(sides: tuple[Sides, ...], group: int) -> None:
    found = expect_agreeing(sides[group], PARAMETERS, group, KEYING, GRID)
    nodes, tendency = GRID.theta.nodes, GRID.tendency
    counts = np.zeros((5, 3, tendency.size, nodes.size))
    joint, shares = np.zeros((nodes.size, nodes.size)), np.zeros(tendency.size)
    for person in PEOPLE[group]:
        posterior = SLOW[group].joint(person, nodes, tendency)
        posterior /= posterior.sum()
        joint += posterior.sum(axis=2)
        shares += posterior.sum(axis=(0, 1))
        for item, answer in enumerate(person):
            if answer != MISSING:
                other = 1 - DIMENSION_OF[item]
                counts[item, answer] += posterior.sum(axis=other).T
    assert found.log_likelihood == pytest.approx(
        sum(SLOW[group].log_marginal(person, nodes, tendency) for person in PEOPLE[group])
    )
    assert np.allclose(found.counts, counts.reshape(5, 3, -1), atol=1e-12)
    assert np.allclose(found.joint, joint, atol=1e-12)
    assert np.allclose(found.tendency, shares, atol=1e-12)


def test_errors_are_those_of_differences(sides: tuple[Sides, ...]) -> None:
    # Few items cannot tell all figures apart, so what one person's score adds is compared.
    size, own = 15, 7
    nodes, tendency = GRID.theta.nodes, GRID.tendency
    information = np.zeros((size + 2 * own,) * 2)
    for group, slow in enumerate(SLOW):
        at = slow.vector()
        places = np.concatenate([np.arange(size), size + group * own + np.arange(own)])
        for person in PEOPLE[group]:
            score = np.empty(at.size)
            for place in range(at.size):
                step = np.zeros(at.size)
                step[place] = 1e-5
                up, down = (
                    slow.at(at + sign * step).log_marginal(person, nodes, tendency)
                    for sign in (1, -1)
                )
                score[place] = (up - down) / 2e-5
            information[np.ix_(places, places)] += np.outer(score, score)
    held = [size, size + 1, size + 2, size + 3, size + 5]
    free = np.setdiff1d(np.arange(size + 2 * own), held)
    covariance = np.linalg.inv(information[np.ix_(free, free)])
    errors = np.full(size + 2 * own, np.nan)
    errors[free] = np.sqrt(np.diag(covariance))
    by_group = errors[size:].reshape(2, own)
    found = agreeing_errors(sides, PARAMETERS, KEYING, GRID)
    assert np.allclose(found.covariance, covariance, rtol=1e-4, atol=1e-8)
    assert np.allclose(found.latents, by_group[:, :5], rtol=1e-4, equal_nan=True)
    assert np.allclose(found.tendency_means, by_group[:, 5], rtol=1e-4, equal_nan=True)
    assert np.allclose(found.tendency_deviations, by_group[:, 6], rtol=1e-4, equal_nan=True)


def test_where_people_and_items_stand(sides: tuple[Sides, ...]) -> None:
    theta, tendency = np.linspace(-6.0, 6.0, 49), np.linspace(-4.0, 4.0, 33)
    found = posterior_means(sides, PARAMETERS, KEYING)
    answers = expected_answers(PARAMETERS, KEYING, DIMENSION_OF)
    axes = np.meshgrid(theta, theta, tendency, indexing="ij")
    for group, slow in enumerate(SLOW):
        for row in range(3):
            posterior = slow.joint(PEOPLE[group][row], theta, tendency)
            posterior /= posterior.sum()
            for axis, places in enumerate(axes):
                assert found[group][row, axis] == pytest.approx(
                    float((posterior * places).sum()), abs=1e-6
                )
        weights = slow.weights(theta, tendency)
        for item in range(5):
            place = axes[DIMENSION_OF[item]]
            mean = sum(k * slow.chances(item, k, place, axes[2]) for k in range(3))
            assert answers[group, item] == pytest.approx(float((weights * mean).sum()), abs=1e-6)


def test_no_other_way_of_climbing_gets_higher() -> None:
    keying = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    dimension_of = np.repeat([0, 1], 3)
    rng = np.random.default_rng(8)
    truth = SlowModel(
        slope=np.array([1.5, 1.2, 1.8, 1.4, 1.6, 1.3]),
        intercepts=np.array([[0.3], [-0.4], [0.0], [0.5], [-0.2], [0.1]]),
        keying=keying,
        dimension_of=dimension_of,
        means=np.zeros(2),
        deviations=np.ones(2),
        correlation=0.0,
        tendency=(0.0, 1.0),
    )
    people = []
    for mean in (0.4, 0.0):
        theta, m = rng.standard_normal((1500, 2)), mean + rng.standard_normal(1500)
        reached = truth.slope * theta[:, dimension_of] + keying * m[:, None]
        reached += truth.intercepts[:, 0] + rng.logistic(size=reached.shape)
        people.append((reached > 0).astype(np.int8))
    sides = [sides_of(own, dimension_of, 2) for own in people]
    fit = fit_agreeing(sides, keying, fit_simple(sides, keying))

    def models(vector: Array) -> list[SlowModel]:
        """The first group's moments name the metric, its mean tendency is 0."""
        items, first, second = np.split(vector, [12, 14])
        moments = [
            [0, 0, 1, 1, np.tanh(first[0]), 0, np.exp(first[1])],
            [*second[:2], *np.exp(second[2:4]), np.tanh(second[4]), second[5], np.exp(second[6])],
        ]
        return [truth.at(np.concatenate([items, own])) for own in moments]

    def minus(vector: Array) -> float:
        theta, tendency = np.linspace(-4.8, 4.8, 13), np.linspace(-4.5, 4.9, 10)
        return -sum(
            model.log_likelihood(own, theta, tendency)
            for model, own in zip(models(vector), people, strict=True)
        )

    start = np.concatenate([truth.vector()[:12], np.zeros(9)])
    best = minimize(minus, start, method="BFGS", options={"gtol": 1.0, "maxiter": 40})
    # Both have found the top of the same hill; grids differ by a few thousandths.
    assert -best.fun == pytest.approx(fit.log_likelihood, abs=0.05)
    first, second = fit.parameters.tendencies
    theirs = models(best.x)[1].tendency[0]
    assert second.mean - first.mean == pytest.approx(theirs, abs=0.02)
