"""One dimension, and correlations of dimensions fitted alone, against their slow twins."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import linalg, optimize
from tests.reference.slow_calibration import (
    MISSING,
    SlowItem,
    Weights,
    expected_counts,
)
from tests.reference.slow_calibration import log_likelihood as double_sum
from tests.reference.slow_fit import (
    correlation_of,
    expected_moments,
    gradient,
    item_chi_square,
    log_marginal,
    moment_covariance,
    pair_chi_square,
    pair_dependence,
    pair_residuals,
    posterior_moments,
    vector_of,
    with_parameters,
)
from tests.reference.slow_one_dimension import fitted, log_likelihood, pair_log_likelihood

from undertow.calibrate.correlations import Alone, correlations_between, pair_grid
from undertow.calibrate.em import fit_graded
from undertow.calibrate.item_fit import item_fit
from undertow.calibrate.likelihood import Parameters, Sides, evaluate, expect, sides_of
from undertow.calibrate.local_dependence import local_dependence, nested_ratio
from undertow.calibrate.model_fit import model_fit, model_moments, moment_derivatives
from undertow.calibrate.norming import KNOTS
from undertow.calibrate.reliability import standings
from undertow.calibrate.scores import Latent, cross_products
from undertow.calibrate.standard_errors import observed_information, one_group_information
from undertow.calibrate.tallies import tally
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

ITEMS = (
    SlowItem(dimension=0, slope=1.3, intercepts=(1.1, -0.7)),
    SlowItem(dimension=0, slope=0.8, intercepts=(0.4, -1.9)),
    SlowItem(dimension=0, slope=2.4, intercepts=(2.0, 0.3)),
    SlowItem(dimension=0, slope=1.9, intercepts=(0.2, -0.2)),
    SlowItem(dimension=0, slope=1.1, intercepts=(1.5, -0.5)),
)
GRID = Grid(nodes=np.linspace(-4.0, 4.0, 17))
NODES = [float(node) for node in GRID.nodes]
# The twin has two axes; the second has one place.
DENSITY = [math.exp(-node * node / 2) for node in NODES]
WEIGHTS: Weights = {
    (node, 0.0): own / math.fsum(DENSITY) for node, own in zip(NODES, DENSITY, strict=True)
}
PARAMETERS = Parameters(
    slope=np.array([item.slope for item in ITEMS]),
    intercepts=np.array([item.intercepts for item in ITEMS]),
    correlation=0.0,
)
RNG = np.random.default_rng(3)
KEYED = RNG.integers(0, 3, (40, len(ITEMS))).astype(np.int8)
KEYED[RNG.random(KEYED.shape) < 0.15] = MISSING
PEOPLE = [tuple(int(answer) for answer in row) for row in KEYED]


@pytest.fixture(scope="module", params=[0, 1], ids=["first side", "second side"])
def side(request: pytest.FixtureRequest) -> int:
    place: int = request.param
    return place


@pytest.fixture(scope="module")
def sides(side: int) -> Sides:
    return sides_of(KEYED, np.full(len(ITEMS), side), 3)


def test_an_e_step(sides: Sides) -> None:
    fast = expect(sides, PARAMETERS, GRID)
    counts, places = expected_counts(PEOPLE, ITEMS, WEIGHTS, NODES)
    for (j, k, node), count in counts.items():
        assert fast.counts[j, k, NODES.index(node)] == pytest.approx(count, abs=1e-12)
    margin = dict.fromkeys(NODES, 0.0)
    for (x, _), count in places.items():
        margin[x] += count
    assert np.allclose(fast.joint.ravel(), list(margin.values()), atol=1e-12)
    slow = double_sum(PEOPLE, ITEMS, WEIGHTS)
    assert fast.log_likelihood == pytest.approx(slow, abs=1e-11)


def test_a_pass_on_the_reporting_grid(sides: Sides, side: int) -> None:
    slow = log_likelihood(Counter(PEOPLE), ITEMS, [-6.5 + 0.1 * step for step in range(131)])
    members = np.ones((1, len(PEOPLE)), dtype=bool)
    found = evaluate(sides, PARAMETERS, members)
    assert found.log_likelihood == pytest.approx(slow, abs=1e-8)
    assert found.mass[0, side].sum() == pytest.approx(len(PEOPLE))
    assert np.isnan(found.mass[0, 1 - side]).all()


def test_a_whole_fit() -> None:
    rng = np.random.default_rng(12)
    theta = rng.standard_normal((1500, 1))
    reached = np.array([1.2, 1.8, 0.9]) * theta + rng.logistic(size=(1500, 3))
    keyed = (reached[:, :, None] > [-0.8, 1.0]).sum(axis=2).astype(np.int8)
    keyed[:40, 1] = MISSING
    slow, best = fitted(Counter(tuple(map(int, row)) for row in keyed), 3, 2)
    fast = fit_graded(keyed, np.zeros(3, dtype=np.intp), 3)
    assert fast.log_likelihood == pytest.approx(best, abs=1e-4)
    assert fast.log_likelihood > best - 1e-6
    assert np.allclose(fast.parameters.slope, [item.slope for item in slow], atol=2e-3)
    assert np.allclose(fast.parameters.intercepts, [item.intercepts for item in slow], atol=2e-3)
    assert fast.parameters.correlation == 0.0


def score_of(person: tuple[int, ...], at: list[float]) -> list[float]:
    return gradient(lambda v: log_marginal(person, with_parameters(ITEMS, v), WEIGHTS), at)


def test_scores_are_those_of_differences(sides: Sides, side: int) -> None:
    at = vector_of(ITEMS)
    slow = np.array([score_of(person, at) for person in PEOPLE])
    latent = Latent.standard(0.0)
    found = cross_products(sides, PARAMETERS.slope, PARAMETERS.intercepts, latent, GRID.nodes)
    assert np.allclose(found.products[:15, :15], slow.T @ slow, atol=1e-7)
    assert np.allclose(found.total[:15], slow.sum(axis=0), atol=1e-7)
    assert found.told.tolist() == [side == 0, side == 1, side == 0, side == 1, False]
    assert np.all(found.products[:, 15:][:, ~found.told] == 0)
    assert np.all(found.products[15:, 15:][np.ix_(found.told, found.told)].diagonal() > 0)


@pytest.fixture(scope="module")
def slow_information() -> Array:
    """Minus the second differences of the first twelve people's log-likelihood."""
    patterns, at = Counter(PEOPLE[:12]), vector_of(ITEMS)

    def slopes(vector: list[float]) -> list[float]:
        return gradient(
            lambda v: log_likelihood(patterns, with_parameters(ITEMS, v), NODES), vector, 1e-4
        )

    rows = []
    for place in range(len(at)):
        up, down = (
            slopes([value + by * (where == place) for where, value in enumerate(at)])
            for by in (1e-4, -1e-4)
        )
        rows.append([(low - high) / 2e-4 for high, low in zip(up, down, strict=True)])
    return np.array(rows)


def test_observed_information_is_that_of_differences(sides: Sides, slow_information: Array) -> None:
    few: Sides = (sides[0].part(slice(12)), sides[1].part(slice(12)))
    found = cross_products(
        few, PARAMETERS.slope, PARAMETERS.intercepts, Latent.standard(0.0), GRID.nodes
    )
    products = one_group_information(found, PARAMETERS)
    assert products.shape == (15, 15)
    observed = observed_information(few, PARAMETERS, GRID, products)
    assert np.allclose(observed, slow_information, atol=1e-5)


def test_standings_and_how_far_a_short_test_strays(sides: Sides, side: int) -> None:
    fast = standings(sides, PARAMETERS, GRID)
    asked = [0, 2]
    strayed, said = 0.0, 0.0
    for row, person in enumerate(PEOPLE):
        mean, deviation = posterior_moments(person, ITEMS, WEIGHTS, 0)
        assert fast.means[row, side] == pytest.approx(mean, abs=1e-12)
        assert fast.psd[row, side] == pytest.approx(deviation, abs=1e-10)
        short = tuple(a if j in asked else MISSING for j, a in enumerate(person))
        m, s = posterior_moments(short, ITEMS, WEIGHTS, 0)
        strayed += (m - mean) ** 2
        said += s**2 - deviation**2
    assert np.isnan(fast.means[:, 1 - side]).all()
    assert np.isnan(fast.psd[:, 1 - side]).all()
    ratio = nested_ratio(sides, PARAMETERS, GRID, asked, fast)
    assert ratio[side] == pytest.approx(strayed / said)
    assert np.isnan(ratio[1 - side])


def test_what_norms_are_made_of(sides: Sides, side: int) -> None:
    members = np.array([[True] * 10 + [False] * 30])
    found = tally(sides, PARAMETERS, members)
    fine = [round(-6.5 + 0.1 * step, 10) for step in range(131)]
    weights = {(x, 0.0): math.exp(-x * x / 2) for x in fine}
    squares = 0.0
    for person in PEOPLE[:10]:
        product = {
            x: w
            * math.prod(
                i.probability(a, x) for i, a in zip(ITEMS, person, strict=True) if a != MISSING
            )
            for (x, _), w in weights.items()
        }
        total = math.fsum(product.values())
        # Half of the mass at 0 lies below 0; that the curve rises there is the rule's own correction.
        below = math.fsum(v for x, v in product.items() if x < 0) + product[0.0] / 2
        below -= (product[0.1] - product[-0.1]) / 2 / 12
        squares += (below / total) ** 2
    assert found.squares[0, side, int(np.argmin(np.abs(KNOTS)))] == pytest.approx(squares, rel=1e-9)
    assert np.isnan(found.squares[0, 1 - side]).all()
    assert found.mass[0, side].sum() == pytest.approx(10)


def test_item_fit(sides: Sides) -> None:
    fast = item_fit(sides, PARAMETERS, GRID, least_expected=1e-9)
    complete = [person for person in PEOPLE if MISSING not in person]
    assert [fit.item for fit in fast] == list(range(5))
    for place, fit in enumerate(fast):
        statistic, df = item_chi_square(complete, ITEMS, WEIGHTS, place)
        assert fit.statistic == pytest.approx(statistic, rel=1e-10)
        assert fit.df == df
        assert fit.rows == len(complete)


@pytest.mark.parametrize("pair", list(itertools.combinations(range(5), 2))[::3])
def test_pairs(sides: Sides, pair: tuple[int, int]) -> None:
    places = standings(sides, PARAMETERS, GRID)
    found = local_dependence(sides, PARAMETERS, GRID, places).pair(*pair)
    q3 = correlation_of(pair_residuals(PEOPLE, ITEMS, WEIGHTS, *pair))
    assert found.q3 == pytest.approx(q3, abs=1e-3)
    statistic = pair_chi_square(PEOPLE, ITEMS, WEIGHTS, *pair)
    assert abs(found.chi_square) == pytest.approx(max(statistic - 4, 0.0) / math.sqrt(8))
    assert found.dependence == pytest.approx(pair_dependence(PEOPLE, ITEMS, WEIGHTS, *pair))


def test_c2(sides: Sides) -> None:
    rng = np.random.default_rng(5)
    keyed = rng.integers(0, 3, (200, 5)).astype(np.int8)
    own = sides_of(keyed, np.array([0 if sides[0].items.size else 1] * 5), 3)
    moments = model_moments(own, PARAMETERS, GRID)
    expected = np.array(expected_moments(ITEMS, WEIGHTS, 3))
    covariance = np.array(moment_covariance(ITEMS, WEIGHTS, 3))
    assert np.allclose(moments.expected, expected, atol=1e-12)
    assert np.allclose(moments.covariance, covariance, atol=1e-12)
    at = vector_of(ITEMS)
    columns = []
    for place in range(len(at)):
        up, down = (
            [v + by * (where == place) for where, v in enumerate(at)] for by in (1e-5, -1e-5)
        )
        ends = [
            np.array(expected_moments(with_parameters(ITEMS, v), WEIGHTS, 3)) for v in (up, down)
        ]
        columns.append((ends[0] - ends[1]) / 2e-5)
    derivative = np.stack(columns, axis=1)
    assert np.allclose(moment_derivatives(own, PARAMETERS, GRID), derivative, atol=1e-8)
    observed = np.mean(
        [
            [float(a >= k) for a in row for k in (1, 2)]
            + [float(x * y) for x, y in itertools.combinations(row, 2)]
            for row in keyed.astype(int).tolist()
        ],
        axis=0,
    )
    free = linalg.null_space(derivative.T, rcond=1e-6)
    apart = observed - expected
    statistic = 200 * apart @ free @ linalg.solve(free.T @ covariance @ free, free.T @ apart)
    fit = model_fit(own, PARAMETERS, GRID)
    # Moments J (K-1) + J (J-1) / 2 less parameters J K.
    assert fit.df == free.shape[1] == 5 * 2 + 10 - 15
    assert fit.statistic == pytest.approx(statistic, rel=1e-4)


def test_a_correlation_is_where_the_pairs_likelihood_is_highest() -> None:
    rng = np.random.default_rng(9)
    theta = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 60)
    answers = []
    for dimension in (0, 1):
        reached = PARAMETERS.slope * theta[:, [dimension]] + rng.logistic(size=(60, 5))
        # Each item's own intercepts, as in ITEMS.
        answers.append(
            (reached[:, :, None] + PARAMETERS.intercepts > 0).sum(axis=2).astype(np.int8)
        )
    answers[0][3] = MISSING  # says nothing on the first
    answers[1][5, 2:] = MISSING
    nodes = [float(node) for node in pair_grid().nodes]
    people = [
        (tuple(map(int, one)), tuple(map(int, two))) for one, two in zip(*answers, strict=True)
    ]
    slow = optimize.minimize_scalar(
        lambda rho: -pair_log_likelihood(people, ITEMS, ITEMS, rho, nodes),
        bounds=(0.0, 0.95),
        method="bounded",
        options={"xatol": 1e-7},
    )
    dimensions = [
        Alone(
            answers=sides_of(np.concatenate([own, EVERY]), np.zeros(5, dtype=np.intp), 3)[0].part(
                slice(60)
            ),
            parameters=PARAMETERS,
        )
        for own in answers
    ]
    found = correlations_between(dimensions)
    assert found.moved == 0.0
    assert found.matrix[0, 1] == pytest.approx(float(slow.x), abs=2e-5)
    assert found.matrix[0, 1] == found.matrix[1, 0]


EVERY = np.tile(np.arange(3, dtype=np.int8)[:, None], (1, 5))
"""Rows that choose every category once, which `sides_of` asks for; they are taken off again."""
