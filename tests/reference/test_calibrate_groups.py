"""The multiple-group fit, its errors and tests against a slow twin, and what scoring shares with loops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats
from tests.reference.slow_groups import (
    Layout,
    folded,
    hessian,
    log_likelihood,
    maximised,
    probabilities,
    scores_of,
    slopes,
    wald,
)
from tests.unit.calibrate.making_groups import answers_of, truth

from undertow.calibrate.comparison import differences_of
from undertow.calibrate.group_information import (
    GroupErrors,
    group_errors,
    held_moments,
    score_sums,
)
from undertow.calibrate.groups import GroupParameters, moved, pooled_correlation, rescaled
from undertow.calibrate.likelihood import Parameters, Sides, sides_of
from undertow.calibrate.multigroup import GroupFit, fit_groups
from undertow.calibrate.reliability import item_information
from undertow.calibrate.scores import Latent
from undertow.calibrate.short_tests import standings_by, standings_on

Array = NDArray[np.float64]

TRUE = truth(5, seed=2, means=(-0.2, 0.3), deviations=(1.1, 0.9), planted={4: 0.5})
RNG = np.random.default_rng(7)
GROUPS = [answers_of(TRUE, 0, 900, RNG), answers_of(TRUE, 1, 600, RNG)]
FOLDED = folded(GROUPS)
EQUAL = np.array([True, True, True, True, False])
FREE_FIRST, FREE_SECOND = [12, 13, 14], [15, 16, 17]


def started(items: int) -> GroupParameters:
    return GroupParameters(
        slope=np.ones((2, items)),
        intercepts=np.tile([0.7, -0.7], (2, items, 1)),
        latents=(Latent.standard(0.0), Latent.standard(0.0)),
    )


def vector_of(parameters: GroupParameters, equal: NDArray[np.bool_]) -> Array:
    items = np.concatenate([parameters.slope[:, :, None], parameters.intercepts], axis=2)
    later = parameters.latents[1]
    return np.concatenate(
        [
            items[0, equal].ravel(),
            items[0, ~equal].ravel(),
            items[1, ~equal].ravel(),
            [later.means[0], later.deviations[0]],
        ]
    )


def layout_of(parameters: GroupParameters, equal: NDArray[np.bool_]) -> Layout:
    first = parameters.latents[0]
    return Layout(equal=equal, groups=2, first=(float(first.means[0]), float(first.deviations[0])))


@pytest.fixture(scope="module")
def sides() -> tuple[Sides, ...]:
    return tuple(sides_of(rows, np.zeros(5, dtype=np.intp), 3) for rows in GROUPS)


@pytest.fixture(scope="module")
def fit(sides: tuple[Sides, ...]) -> GroupFit:
    return fit_groups(sides, started(5), EQUAL)


@dataclass(frozen=True)
class Slow:
    layout: Layout
    vector: Array
    log_likelihood: float


@pytest.fixture(scope="module")
def slow(fit: GroupFit) -> Slow:
    layout = layout_of(fit.parameters, EQUAL)
    vector, reached = maximised(FOLDED, layout)
    return Slow(layout=layout, vector=vector, log_likelihood=reached)


@pytest.fixture(scope="module")
def errors(sides: tuple[Sides, ...], fit: GroupFit) -> GroupErrors:
    sums = score_sums(sides, fit.parameters)
    return group_errors(sums, EQUAL, 3, held=held_moments(sides[0]))


def test_the_fit_is_where_another_program_ends(fit: GroupFit, slow: Slow) -> None:
    assert np.allclose(vector_of(fit.parameters, EQUAL), slow.vector, atol=2e-3)
    assert fit.log_likelihood == pytest.approx(slow.log_likelihood, abs=1e-3)


def test_the_pooled_population_has_mean_0_and_variance_1(fit: GroupFit) -> None:
    means = np.array([one.means[0] for one in fit.parameters.latents])
    squares = np.array([one.deviations[0] ** 2 for one in fit.parameters.latents]) + means**2
    assert [0.6, 0.4] @ means == pytest.approx(0, abs=1e-9)
    assert [0.6, 0.4] @ squares == pytest.approx(1, abs=1e-9)
    assert means[1] - means[0] == pytest.approx(0.5, abs=0.15)


def test_errors_are_those_of_score_times_score(
    fit: GroupFit, slow: Slow, errors: GroupErrors
) -> None:
    at = vector_of(fit.parameters, EQUAL)
    scores = [scores_of(rows, slow.layout, g, at) for g, rows in enumerate(GROUPS)]
    # Hartlap: the inverse of a sum over N people of P scores is N / (N - P - 1) too large.
    people = sum(one.shape[0] for one in scores)
    covariance = np.linalg.inv(sum(one.T @ one for one in scores)) * (people - 20 - 1) / people
    assert errors.covariance.shape == (20, 20)
    assert np.allclose(errors.covariance, covariance, rtol=1e-4, atol=1e-7)
    assert errors.of_means(1)[0] == pytest.approx(np.sqrt(covariance[18, 18]), rel=1e-4)
    assert np.isnan(errors.of_means(1)[1])


def test_errors_and_test_are_near_those_of_the_curvature(
    fit: GroupFit, slow: Slow, errors: GroupErrors
) -> None:
    covariance = np.asarray(np.linalg.inv(-hessian(FOLDED, slow.layout, slow.vector)), np.float64)
    ratio = np.sqrt(np.diag(errors.covariance) / np.diag(covariance))
    assert np.all((ratio > 0.85) & (ratio < 1.15))
    at = vector_of(fit.parameters, EQUAL)
    fast = wald(at, errors.covariance, FREE_FIRST, FREE_SECOND)
    assert fast == pytest.approx(wald(slow.vector, covariance, FREE_FIRST, FREE_SECOND), rel=0.15)
    assert fast > stats.chi2.ppf(0.999, 3)


def test_one_step_from_equal_items_is_the_score_test(sides: tuple[Sides, ...]) -> None:
    everyone = np.ones(5, dtype=bool)
    constrained = fit_groups(sides, started(5), everyone)
    layout = layout_of(constrained.parameters, EQUAL)
    at = vector_of(constrained.parameters, EQUAL)
    scores = [scores_of(rows, layout, g, at) for g, rows in enumerate(GROUPS)]
    total = sum(one.sum(axis=0) for one in scores)
    # Rao: the summed score, where only the freed item pulls, against its information.
    people = sum(one.shape[0] for one in scores)
    rao = total @ np.linalg.solve(sum(one.T @ one for one in scores), total)
    rao *= (people - total.size - 1) / people
    sums = score_sums(sides, constrained.parameters)
    freed = group_errors(sums, EQUAL, 3, held=held_moments(sides[0]))
    step = np.concatenate(
        [constrained.parameters.slope[:, 4:], constrained.parameters.intercepts[:, 4]], 1
    )
    moved_to = (step + freed.step_of_item(4)).ravel()
    statistic = wald(moved_to, freed.of_item(4), [0, 1, 2], [3, 4, 5])
    assert statistic == pytest.approx(float(rao), rel=1e-3)
    # And it is of the size of the likelihood-ratio test of the same question.
    free = fit_groups(sides, started(5), EQUAL)
    ratio = 2 * (free.log_likelihood - constrained.log_likelihood)
    assert statistic == pytest.approx(ratio, rel=0.2)


def test_in_two_dimensions_the_fit_rests_where_the_likelihood_is_level() -> None:
    true = truth(6, seed=5, dimensions=2, means=(0.2, -0.2), planted={5: -0.8})
    rng = np.random.default_rng(3)
    rows = [answers_of(true, 0, 250, rng), answers_of(true, 1, 300, rng)]
    equal = np.array([True] * 5 + [False])
    both = tuple(sides_of(own, true.dimension_of, 3) for own in rows)
    found = fit_groups(both, started(6), equal).parameters
    nodes = np.arange(-6.0, 6.01, 0.2)

    def slow_likelihood(vector: Array) -> Array:
        """Slopes and intercepts by group, then means, deviations, correlation by group."""
        items, latents = vector[:36].reshape(2, 6, 3), vector[36:].reshape(2, 5)
        total = 0.0
        for own, tables, (m1, m2, s1, s2, r) in zip(rows, items, latents, strict=True):
            x, y = np.meshgrid((nodes - m1) / s1, (nodes - m2) / s2, indexing="ij")
            prior = np.exp(-(x**2 - 2 * r * x * y + y**2) / (2 * (1 - r**2)))
            sides = [np.ones((len(own), nodes.size)), np.ones((len(own), nodes.size))]
            for item in range(6):
                sides[item % 2] *= probabilities(tables[item], nodes)[own[:, item]]
            mean = np.einsum("nq,qr,nr->n", sides[0], prior / prior.sum(), sides[1], optimize=True)
            total += float(np.log(mean).sum())
        return np.array(total)

    items = np.concatenate([found.slope[:, :, None], found.intercepts], axis=2)
    latents = [[*one.means, *one.deviations, one.correlation] for one in found.latents]
    at = np.concatenate([items.ravel(), np.ravel(latents)])
    gradient = slopes(slow_likelihood, at)
    by_item = gradient[:36].reshape(2, 6, 3)
    assert np.abs(by_item[:, :5].sum(axis=0)).max() < 1e-2
    assert np.abs(by_item[:, 5]).max() < 1e-2
    assert np.abs(gradient[36:]).max() < 1e-2


def test_another_metric_has_the_same_likelihood(fit: GroupFit) -> None:
    layout = layout_of(fit.parameters, EQUAL)
    here = log_likelihood(FOLDED, layout, vector_of(fit.parameters, EQUAL))
    there = rescaled(fit.parameters, np.array([0.0, 1.0]), np.zeros(5, dtype=np.intp))
    assert there.latents[1].means[0] == pytest.approx(0)
    assert there.latents[1].deviations[0] == pytest.approx(1)
    other = log_likelihood(FOLDED, layout_of(there, EQUAL), vector_of(there, EQUAL))
    # The grid ends where it did, so a little of the first group's tail is moved past it.
    assert other == pytest.approx(here, abs=2e-3)


def test_expected_scores_are_integrals() -> None:
    own = [
        Parameters(slope=np.array([a, 2.0]), intercepts=np.array([d, [0.5, -1.0]]), correlation=0.0)
        for a, d in ((1.4, [1.0, -0.5]), (0.9, [0.2, -1.1]))
    ]
    latents = [
        Latent(means=np.array([m, 0.0]), deviations=np.array([s, 1.0]), correlation=0.0)
        for m, s in ((-0.3, 1.2), (0.4, 0.8))
    ]
    differences, spread = differences_of(own, latents, np.array([0, 1]))

    def score(group: int, power: int) -> float:
        (a, (d, e)), latent = (own[group].slope[0], own[group].intercepts[0]), latents[group]

        def integrand(theta: float) -> float:
            # On the group's own metric its people are at (theta - mean) / deviation.
            z = (theta - latent.means[0]) / latent.deviations[0]
            one, two = 1 / (1 + np.exp(-(a * z + d))), 1 / (1 + np.exp(-(a * z + e)))
            return float(((one - two) + 2**power * two) * stats.norm.pdf(theta))

        return float(integrate.quad(integrand, -8, 8)[0])

    first, second = score(0, 1), score(1, 1)
    assert differences[0, 0] - differences[1, 0] == pytest.approx(first - second, abs=1e-6)
    variance = (score(0, 2) + score(1, 2)) / 2 - ((first + second) / 2) ** 2
    assert spread[0] == pytest.approx(np.sqrt(variance), abs=1e-6)
    slope, intercepts = moved(own[0], latents[0], np.array([0, 1]))
    assert slope[0] == pytest.approx(1.4 / 1.2)
    assert intercepts[0] == pytest.approx(np.array([1.0, -0.5]) + 0.3 * 1.4 / 1.2)


def test_the_pooled_correlation_is_that_of_people() -> None:
    latents = (
        Latent(means=np.array([-0.6, 0.5]), deviations=np.array([1.1, 0.7]), correlation=0.4),
        Latent(means=np.array([0.9, 0.2]), deviations=np.array([0.8, 1.3]), correlation=-0.3),
    )
    parameters = GroupParameters(
        slope=np.ones((2, 1)), intercepts=np.zeros((2, 1, 1)), latents=latents
    )
    rng = np.random.default_rng(1)
    people = []
    for one, rows in zip(latents, (150_000, 50_000), strict=True):
        cross = one.correlation * float(one.deviations.prod())
        covariance = np.diag(one.deviations**2) + np.array([[0, cross], [cross, 0]])
        people.append(rng.multivariate_normal(one.means, covariance, rows))
    drawn = np.asarray(np.corrcoef(np.concatenate(people).T))[0, 1]
    found = pooled_correlation(parameters, np.array([0.75, 0.25]))
    assert found == pytest.approx(drawn, abs=0.01)


def test_information_is_the_mean_square_of_the_slope_of_the_log() -> None:
    parameters = Parameters(
        slope=np.array([1.7, 0.6]), intercepts=np.array([[1.0, -0.2], [0.3, -2.0]]), correlation=0.0
    )
    for item in range(2):
        row = np.array([parameters.slope[item], *parameters.intercepts[item]])
        step = 1e-5
        low, here, high = (
            probabilities(row, np.array([0.3 + by]))[:, 0] for by in (-step, 0, step)
        )
        slow = here @ ((np.log(high) - np.log(low)) / (2 * step)) ** 2
        fast = item_information(parameters.slope, parameters.intercepts, np.array([0.3]))
        assert fast[item, 0] == pytest.approx(slow, rel=1e-6)


def test_standings_are_posterior_means() -> None:
    true = truth(6, seed=8, dimensions=2)
    rows = answers_of(true, 0, 300, np.random.default_rng(5))
    rows[:40, 2] = -1
    both = sides_of(rows, true.dimension_of, 3)
    nodes = np.arange(-6.0, 6.01, 0.2)
    items = np.concatenate([true.slope[:, None], true.intercepts], axis=1)
    correlation = 0.45
    by_all = standings_by(both, true.slope, true.intercepts, correlation)
    asked = np.array([0, 4])
    alone = standings_on(both[0], true.slope, true.intercepts, asked)
    for person in (0, 17, 120):
        sides = [np.ones(nodes.size), np.ones(nodes.size)]
        short = np.exp(-(nodes**2) / 2)
        for item in range(6):
            if rows[person, item] >= 0:
                chance = probabilities(items[item], nodes)[rows[person, item]]
                sides[item % 2] *= chance
                short = short * chance if item in asked else short
        x, y = np.meshgrid(nodes, nodes, indexing="ij")
        joint = np.exp(-(x**2 - 2 * correlation * x * y + y**2) / (2 * (1 - correlation**2)))
        joint *= sides[0][:, None] * sides[1]
        assert by_all[person, 0] == pytest.approx((joint * x).sum() / joint.sum(), abs=1e-9)
        assert by_all[person, 1] == pytest.approx((joint * y).sum() / joint.sum(), abs=1e-9)
        assert alone[person] == pytest.approx(short @ nodes / short.sum(), abs=1e-9)
