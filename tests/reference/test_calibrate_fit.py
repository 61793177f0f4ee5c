"""Scores, standard errors, item, pair and model fit against their slow twins."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import linalg, stats
from tests.reference.slow_calibration import MISSING, SlowItem, Weights, normal_weights
from tests.reference.slow_fit import (
    correlation_of,
    expected_moments,
    gradient,
    item_chi_square,
    log_marginal,
    moment_covariance,
    normal_at,
    pair_chi_square,
    pair_dependence,
    pair_residuals,
    posterior_moments,
    vector_of,
    with_parameters,
)

from undertow.calibrate.item_fit import item_fit
from undertow.calibrate.likelihood import Parameters, Sides, sides_of
from undertow.calibrate.local_dependence import LocalDependence, local_dependence, nested_ratio
from undertow.calibrate.model_fit import (
    model_fit,
    model_moments,
    moment_derivatives,
    residual_form,
    rmsea_interval,
)
from undertow.calibrate.reliability import standings
from undertow.calibrate.scores import Latent, cross_products
from undertow.calibrate.standard_errors import (
    observed_information,
    one_group_information,
    standard_errors,
)
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

# Dimensions are mixed on purpose, so that an item's place and its dimension can't be confused.
ITEMS = (
    SlowItem(dimension=1, slope=1.3, intercepts=(1.1, -0.7)),
    SlowItem(dimension=0, slope=0.8, intercepts=(0.4, -1.9)),
    SlowItem(dimension=0, slope=2.4, intercepts=(2.0, 0.3)),
    SlowItem(dimension=1, slope=1.9, intercepts=(0.2, -0.2)),
)
DIMENSION_OF = np.array([item.dimension for item in ITEMS])
CORRELATION = 0.35
GRID = Grid(nodes=np.linspace(-4.0, 4.0, 17))
NODES = [float(node) for node in GRID.nodes]
PARAMETERS = Parameters(
    slope=np.array([item.slope for item in ITEMS]),
    intercepts=np.array([item.intercepts for item in ITEMS]),
    correlation=CORRELATION,
)
STANDARD = Latent.standard(CORRELATION)


def drawn(rows: int, *, missing: float, seed: int = 3) -> NDArray[np.int8]:
    rng = np.random.default_rng(seed)
    keyed = rng.integers(0, 3, (rows, len(ITEMS))).astype(np.int8)
    keyed[rng.random(keyed.shape) < missing] = MISSING
    return keyed


KEYED = drawn(40, missing=0.15)
PEOPLE = [tuple(int(answer) for answer in row) for row in KEYED]


@pytest.fixture(scope="module")
def sides() -> Sides:
    return sides_of(KEYED, DIMENSION_OF, 3)


@pytest.fixture(scope="module")
def weights() -> Weights:
    return normal_weights(NODES, CORRELATION)


def test_scores_and_their_products_are_those_of_differences(sides: Sides) -> None:
    latent = Latent(
        means=np.array([0.3, -0.4]), deviations=np.array([1.2, 0.8]), correlation=CORRELATION
    )
    at = [*vector_of(ITEMS), 0.3, -0.4, 1.2, 0.8, CORRELATION]

    def of(person: tuple[int, ...]) -> list[float]:
        return gradient(
            lambda v: log_marginal(
                person, with_parameters(ITEMS, v), normal_at(NODES, v[12:14], v[14:16], v[16])
            ),
            at,
        )

    slow = np.array([of(person) for person in PEOPLE[:12]])
    some: Sides = (sides[0].part(slice(12)), sides[1].part(slice(12)))
    fast = cross_products(some, PARAMETERS.slope, PARAMETERS.intercepts, latent, GRID.nodes)
    assert np.allclose(fast.total, slow.sum(axis=0), atol=1e-7)
    assert np.allclose(fast.products, slow.T @ slow, atol=1e-6)


def test_observed_information_is_the_second_difference(sides: Sides) -> None:
    at = np.array([*vector_of(ITEMS), CORRELATION])
    keep = [*range(12), 16]

    def summed(v: Array) -> Array:
        own = v[:12].reshape(4, 3)
        # Summed scores are held to differences of the log-likelihood by the test above.
        found = cross_products(
            sides, own[:, 0], own[:, 1:], Latent.standard(float(v[12])), GRID.nodes
        )
        return found.total[keep]

    step = 1e-5
    slow = np.array(
        [-(summed(at + step * e) - summed(at - step * e)) / (2 * step) for e in np.eye(13)]
    )
    found = cross_products(sides, PARAMETERS.slope, PARAMETERS.intercepts, STANDARD, GRID.nodes)
    products = one_group_information(found, PARAMETERS)
    assert np.allclose(observed_information(sides, PARAMETERS, GRID, products), slow, atol=1e-6)


def test_robust_errors_are_the_sandwich() -> None:
    # Two items of a dimension can't be told apart; three can.
    parameters = Parameters(
        slope=np.array([1.2, 0.9, 1.8, 1.4, 1.1, 1.6]),
        intercepts=np.tile([0.8, -0.9], (6, 1)),
        correlation=0.2,
    )
    rng = np.random.default_rng(4)
    theta = rng.standard_normal((500, 2)).repeat(3, axis=1)
    reached = parameters.slope * theta + rng.logistic(size=theta.shape)
    keyed = (reached[:, :, None] + parameters.intercepts > 0).sum(axis=2).astype(np.int8)
    sides = sides_of(keyed, np.repeat([0, 1], 3), 3)
    found = cross_products(
        sides, parameters.slope, parameters.intercepts, Latent.standard(0.2), GRID.nodes
    )
    products = one_group_information(found, parameters)
    bread = linalg.inv(observed_information(sides, parameters, GRID, products))
    robust = standard_errors(sides, parameters, GRID, robust=True)
    plain = standard_errors(sides, parameters, GRID)
    assert np.allclose(robust.covariance, bread @ products @ bread, rtol=1e-6)
    assert np.allclose(plain.covariance, linalg.inv(products), rtol=1e-6)


def test_item_fit_is_the_sum_over_all_patterns() -> None:
    rng = np.random.default_rng(8)
    items = (
        SlowItem(dimension=0, slope=1.2, intercepts=(0.8, -0.9)),
        SlowItem(dimension=0, slope=0.7, intercepts=(0.3, -0.4)),
        SlowItem(dimension=0, slope=1.8, intercepts=(1.0, -0.2)),
    )
    both = (*items, *items)
    parameters = Parameters(
        slope=np.array([item.slope for item in both]),
        intercepts=np.array([item.intercepts for item in both]),
        correlation=0.4,
    )
    keyed = rng.integers(0, 3, (400, 6)).astype(np.int8)
    keyed[5, 1] = MISSING  # only complete rows of its dimension count
    fast = item_fit(sides_of(keyed, np.repeat([0, 1], 3), 3), parameters, GRID, least_expected=1e-9)
    weights = normal_weights(NODES, 0.0)
    for place, fit in enumerate(fast):
        own = keyed[:, :3] if place < 3 else keyed[:, 3:]
        people = [tuple(map(int, row)) for row in own if MISSING not in row]
        statistic, df = item_chi_square(people, items, weights, place % 3)
        assert fit.statistic == pytest.approx(statistic, rel=1e-10)
        assert fit.df == df
        assert fit.p == pytest.approx(float(stats.chi2.sf(statistic, df)))
        assert fit.rows == len(people)
        assert fit.rmsea == pytest.approx(
            math.sqrt(max(statistic - df, 0.0) / (df * (len(people) - 1)))
        )


def test_standings_are_posterior_means_and_deviations(sides: Sides, weights: Weights) -> None:
    fast = standings(sides, PARAMETERS, GRID)
    for row, person in enumerate(PEOPLE[:10]):
        for axis in (0, 1):
            mean, deviation = posterior_moments(person, ITEMS, weights, axis)
            assert fast.means[row, axis] == pytest.approx(mean, abs=1e-12)
            assert fast.psd[row, axis] == pytest.approx(deviation, abs=1e-10)


@pytest.fixture(scope="module")
def dependence(sides: Sides) -> LocalDependence:
    return local_dependence(sides, PARAMETERS, GRID, standings(sides, PARAMETERS, GRID))


@pytest.mark.parametrize("pair", list(itertools.combinations(range(4), 2)))
def test_pairs(dependence: LocalDependence, weights: Weights, pair: tuple[int, int]) -> None:
    found = dependence.pair(*pair)
    q3 = correlation_of(pair_residuals(PEOPLE, ITEMS, weights, *pair))
    # Expected answers are read off along lines between places a sixteenth of an SD apart here.
    assert found.q3 == pytest.approx(q3, abs=1e-3)
    statistic = pair_chi_square(PEOPLE, ITEMS, weights, *pair)
    assert abs(found.chi_square) == pytest.approx(max(statistic - 4, 0.0) / math.sqrt(8))
    if ITEMS[pair[0]].dimension == ITEMS[pair[1]].dimension:
        slow = pair_dependence(PEOPLE, ITEMS, weights, *pair)
        assert found.dependence == pytest.approx(slow, rel=1e-6)
    else:
        assert math.isnan(found.dependence)


def test_how_far_a_short_test_strays(sides: Sides, weights: Weights) -> None:
    asked = [0, 2]
    strayed, said = [0.0, 0.0], [0.0, 0.0]
    for person in PEOPLE:
        short = tuple(a if j in asked else MISSING for j, a in enumerate(person))
        for axis in (0, 1):
            m, s = posterior_moments(short, ITEMS, weights, axis)
            full, deviation = posterior_moments(person, ITEMS, weights, axis)
            strayed[axis] += (m - full) ** 2
            said[axis] += s**2 - deviation**2
    fast = nested_ratio(sides, PARAMETERS, GRID, asked, standings(sides, PARAMETERS, GRID))
    assert fast.tolist() == pytest.approx([s / t for s, t in zip(strayed, said, strict=True)])


def test_moments_are_sums_over_all_patterns(sides: Sides, weights: Weights) -> None:
    model = model_moments(sides, PARAMETERS, GRID)
    assert np.allclose(model.expected, expected_moments(ITEMS, weights, 3), atol=1e-12)
    assert np.allclose(model.covariance, moment_covariance(ITEMS, weights, 3), atol=1e-12)


@pytest.fixture(scope="module")
def slow_derivative() -> Array:
    at, step = [*vector_of(ITEMS), CORRELATION], 1e-5
    columns = []
    for place in range(len(at)):
        ends = []
        for by in (step, -step):
            v = [value + by * (where == place) for where, value in enumerate(at)]
            weights = normal_weights(NODES, v[-1])
            ends.append(np.array(expected_moments(with_parameters(ITEMS, v), weights, 3)))
        columns.append((ends[0] - ends[1]) / (2 * step))
    return np.stack(columns, axis=1)


def test_moments_move_with_the_parameters(sides: Sides, slow_derivative: Array) -> None:
    fast = moment_derivatives(sides, PARAMETERS, GRID)
    assert np.allclose(fast[:, :-1], slow_derivative[:, :-1], atol=1e-8)
    # On a grid that ends at 4 the margins, too, hang on the correlation, if only a little.
    assert np.allclose(fast[:, -1], slow_derivative[:, -1], atol=5e-5)


def test_c2_by_the_complement_of_the_derivatives(weights: Weights, slow_derivative: Array) -> None:
    keyed = drawn(200, missing=0.02, seed=5)
    own = sides_of(keyed, DIMENSION_OF, 3)
    fit = model_fit(own, PARAMETERS, GRID)
    complete = [tuple(map(int, row)) for row in keyed if MISSING not in row]
    n = len(complete)
    observed = np.array(
        [
            *[np.mean([p[j] >= k for p in complete]) for j in range(4) for k in (1, 2)],
            *[
                np.mean([p[i] * p[j] for p in complete])
                for i, j in itertools.combinations(range(4), 2)
            ],
        ]
    )
    apart = observed - np.array(expected_moments(ITEMS, weights, 3))
    covariance = np.array(moment_covariance(ITEMS, weights, 3))
    # The other way to write it: e' C (C' X C)^-1 C' e, C orthogonal to the derivatives.
    free = linalg.null_space(slow_derivative.T, rcond=1e-6)
    statistic = n * apart @ free @ linalg.solve(free.T @ covariance @ free, free.T @ apart)
    assert fit.rows == n
    assert fit.df == free.shape[1] == 1
    assert fit.statistic == pytest.approx(statistic, rel=1e-4)
    assert fit.p == pytest.approx(float(stats.chi2.sf(statistic, 1)), rel=1e-3)
    answers = np.array(complete)
    expected = expected_moments(ITEMS, weights, 3)
    squares = []
    for place, (i, j) in enumerate(itertools.combinations(range(4), 2)):
        spread = []
        for item in (i, j):
            at_least = expected[2 * item : 2 * item + 2]
            mean, square = at_least[0] + at_least[1], at_least[0] + 3 * at_least[1]
            spread.append((mean, math.sqrt(square - mean**2)))
        model = (expected[8 + place] - spread[0][0] * spread[1][0]) / (spread[0][1] * spread[1][1])
        squares.append((np.corrcoef(answers[:, i], answers[:, j])[0, 1] - model) ** 2)
    assert fit.srmsr == pytest.approx(math.sqrt(np.mean(squares)))


def test_c2_of_no_relation_hand_in_hand_with_cfi() -> None:
    keyed = drawn(200, missing=0.0, seed=5)
    fit = model_fit(sides_of(keyed, DIMENSION_OF, 3), PARAMETERS, GRID)
    shares = [[float(np.mean(keyed[:, j] == k)) for k in range(3)] for j in range(4)]
    mean, covariance = np.zeros(14), np.zeros((14, 14))
    rows = []
    for person in itertools.product(range(3), repeat=4):
        p = math.prod(shares[j][a] for j, a in enumerate(person))
        v = np.array(
            [float(a >= k) for a in person for k in (1, 2)]
            + [float(x * y) for x, y in itertools.combinations(person, 2)]
        )
        rows.append((p, v))
        mean += p * v
    for p, v in rows:
        covariance += p * np.outer(v - mean, v - mean)
    observed = np.mean(
        [
            [float(a >= k) for a in person for k in (1, 2)]
            + [float(x * y) for x, y in itertools.combinations(person, 2)]
            for person in keyed.astype(int)
        ],
        axis=0,
    )
    at_least = observed[:8].reshape(4, 2)
    derivative = np.zeros((14, 8))
    derivative[:8] = np.eye(8)
    for place, (i, j) in enumerate(itertools.combinations(range(4), 2)):
        derivative[8 + place, 2 * i : 2 * i + 2] = at_least[j].sum()
        derivative[8 + place, 2 * j : 2 * j + 2] = at_least[i].sum()
    free = linalg.null_space(derivative.T)
    apart = observed - mean
    null = 200 * apart @ free @ linalg.solve(free.T @ covariance @ free, free.T @ apart)
    worst = max(fit.statistic - fit.df, 0.0)
    assert fit.cfi == pytest.approx(1 - worst / max(null - 6, worst, 1e-300), abs=1e-9)


@pytest.mark.parametrize(("statistic", "df", "rows"), [(180.0, 100, 500), (900.0, 593, 3000)])
def test_an_interval_is_where_the_noncentral_tail_is(statistic: float, df: int, rows: int) -> None:
    low, high = rmsea_interval(statistic, df, rows)
    for end, share in ((low, 0.95), (high, 0.05)):
        noncentrality = end**2 * df * (rows - 1)
        assert stats.ncx2.cdf(statistic, df, noncentrality) == pytest.approx(share, abs=1e-6)


def test_an_interval_far_out() -> None:
    # Far out a noncentral chi-square is normal with mean df + l and variance 2 (df + 2 l).
    low, high = rmsea_interval(190_000.0, 593, 30_000)
    for end, z in ((low, 1.645), (high, -1.645)):
        noncentrality = end**2 * 593 * 29_999
        apart = 190_000 - 593 - noncentrality
        assert apart / math.sqrt(2 * (593 + 2 * noncentrality)) == pytest.approx(z, abs=0.02)


def test_a_form_does_not_hang_on_the_parameters_scale() -> None:
    rng = np.random.default_rng(2)
    root = rng.standard_normal((6, 6))
    covariance, derivative = root @ root.T + np.eye(6), rng.standard_normal((6, 2))
    apart = rng.standard_normal(6)
    turned = derivative @ np.array([[10.0, 3.0], [0.0, 0.01]])
    assert residual_form(apart, covariance, turned) == pytest.approx(
        residual_form(apart, covariance, derivative)
    )
