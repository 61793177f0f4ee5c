"""The factorised likelihood and the EM step against their slow twins."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from tests.reference.slow_calibration import (
    MISSING,
    SlowItem,
    Weights,
    expected_counts,
    log_likelihood,
    normal_weights,
)

from undertow.calibrate.em import fit_graded
from undertow.calibrate.likelihood import (
    Parameters,
    Sides,
    category_tables,
    evaluate,
    expect,
    reporting_grid,
    sides_of,
)
from undertow.calibrate.maximising import latent_moments, maximise
from undertow.measure.grid import Grid
from undertow.measure.grm import category_probabilities

# Dimensions are mixed on purpose, so that an item's place and its dimension can't be confused.
ITEMS = (
    SlowItem(dimension=1, slope=1.3, intercepts=(1.1, -0.7)),
    SlowItem(dimension=0, slope=0.8, intercepts=(0.4, -1.9)),
    SlowItem(dimension=0, slope=2.4, intercepts=(2.0, 0.3)),
    SlowItem(dimension=1, slope=1.9, intercepts=(0.2, -0.2)),
    SlowItem(dimension=0, slope=1.1, intercepts=(-0.5, -2.5)),
)
CORRELATION = 0.35
PEOPLE = (
    (0, 1, 2, 0, 1),
    (2, 2, 2, 2, 2),
    (0, 0, 0, 0, 0),
    (MISSING, 1, MISSING, 2, 0),
    (1, MISSING, MISSING, MISSING, MISSING),
    (MISSING, MISSING, MISSING, MISSING, MISSING),
    (2, 0, 1, 1, MISSING),
    (1, 2, 0, 1, 2),
)
PARAMETERS = Parameters(
    slope=np.array([item.slope for item in ITEMS]),
    intercepts=np.array([item.intercepts for item in ITEMS]),
    correlation=CORRELATION,
)
COARSE = Grid(nodes=np.linspace(-4.0, 4.0, 17))


@pytest.fixture(scope="module")
def sides() -> Sides:
    return sides_of(
        np.array(PEOPLE, dtype=np.int8), np.array([item.dimension for item in ITEMS]), 3
    )


@pytest.fixture(scope="module")
def weights() -> Weights:
    return normal_weights([float(node) for node in COARSE.nodes], CORRELATION)


def test_the_reported_likelihood_is_the_double_sum(sides: Sides) -> None:
    fine = normal_weights([round(-6.5 + 0.1 * step, 10) for step in range(131)], CORRELATION)
    assert reporting_grid().nodes.tolist() == pytest.approx(
        [-6.5 + 0.1 * step for step in range(131)]
    )
    few = PEOPLE[3:5]
    fast = evaluate(
        sides_of_some(sides, slice(3, 5)), PARAMETERS, np.ones((1, 2), dtype=bool)
    ).log_likelihood
    assert fast == pytest.approx(log_likelihood(few, ITEMS, fine), abs=1e-11)


def sides_of_some(sides: Sides, rows: slice) -> Sides:
    first, second = (side.part(rows) for side in sides)
    return first, second


def test_an_e_step_is_the_double_sum(sides: Sides, weights: Weights) -> None:
    nodes = [float(node) for node in COARSE.nodes]
    fast = expect(sides, PARAMETERS, COARSE)
    counts, places = expected_counts(PEOPLE, ITEMS, weights, nodes)
    for (j, k, node), count in counts.items():
        assert fast.counts[j, k, nodes.index(node)] == pytest.approx(count, abs=1e-12)
    for (x, y), count in places.items():
        assert fast.joint[nodes.index(x), nodes.index(y)] == pytest.approx(count, abs=1e-12)
    assert fast.log_likelihood == pytest.approx(log_likelihood(PEOPLE, ITEMS, weights), abs=1e-11)


def test_e_steps_of_two_halves_add_up(sides: Sides) -> None:
    whole = expect(sides, PARAMETERS, COARSE)
    halves = [
        expect(sides_of_some(sides, rows), PARAMETERS, COARSE) for rows in (slice(3), slice(3, 8))
    ]
    assert np.allclose(sum(half.counts for half in halves), whole.counts, atol=1e-12)
    assert np.allclose(sum(half.joint for half in halves), whole.joint, atol=1e-12)
    assert sum(half.log_likelihood for half in halves) == pytest.approx(whole.log_likelihood)


def test_a_group_s_mass_is_the_sum_of_its_members_posteriors(sides: Sides) -> None:
    members = np.zeros((2, len(PEOPLE)), dtype=bool)
    members[0, [0, 3]] = True
    members[1, 5] = True
    mass = evaluate(sides, PARAMETERS, members).mass
    nodes = [round(-6.5 + 0.1 * step, 10) for step in range(131)]
    fine = normal_weights(nodes, CORRELATION)
    _, places = expected_counts([PEOPLE[0], PEOPLE[3]], ITEMS, fine, nodes)
    for axis in (0, 1):
        margin = dict.fromkeys(nodes, 0.0)
        for place, share in places.items():
            margin[place[axis]] += share
        assert np.allclose(mass[0, axis], [margin[node] for node in nodes], atol=1e-12)
    # Without answers the posterior is the prior.
    prior = [math.exp(-node * node / 2) for node in nodes]
    assert np.allclose(mass[1], np.array(prior) / sum(prior), atol=1e-9)


def test_latent_moments_are_means_deviations_and_correlation(
    sides: Sides, weights: Weights
) -> None:
    nodes = [float(node) for node in COARSE.nodes]
    _, places = expected_counts(PEOPLE, ITEMS, weights, nodes)
    total = math.fsum(places.values())
    means = [math.fsum(s * place[axis] for place, s in places.items()) / total for axis in (0, 1)]
    spread = [
        math.fsum(s * (place[axis] - means[axis]) ** 2 for place, s in places.items()) / total
        for axis in (0, 1)
    ]
    cross = math.fsum(s * (x - means[0]) * (y - means[1]) for (x, y), s in places.items()) / total
    got_means, got_deviations, got_correlation = latent_moments(
        expect(sides, PARAMETERS, COARSE).joint, COARSE.nodes
    )
    assert got_means == pytest.approx(means, abs=1e-12)
    assert got_deviations == pytest.approx([math.sqrt(v) for v in spread], abs=1e-12)
    assert got_correlation == pytest.approx(cross / math.sqrt(spread[0] * spread[1]), abs=1e-12)


def test_an_em_step_gains_likelihood_by_the_slow_count(sides: Sides) -> None:
    grid = Grid(nodes=np.linspace(-6.0, 6.0, 31))
    nodes = [float(node) for node in grid.nodes]
    here, reached = PARAMETERS, []
    for _ in range(3):
        items = tuple(
            SlowItem(dimension=item.dimension, slope=float(a), intercepts=tuple(map(float, d)))
            for item, a, d in zip(ITEMS, here.slope, here.intercepts, strict=True)
        )
        reached.append(log_likelihood(PEOPLE, items, normal_weights(nodes, here.correlation)))
        here = maximise(here, expect(sides, here, grid), grid, sides)
    assert reached[0] < reached[1] < reached[2]


def test_at_the_end_of_a_fit_no_parameter_can_be_bettered() -> None:
    rng = np.random.default_rng(12)
    theta = rng.standard_normal((2000, 2))
    theta[:, 1] += 0.4 * theta[:, 0]
    dimension_of = np.array([0, 0, 0, 1, 1, 1])
    reached = np.array([1.2, 1.6, 0.9, 1.4, 1.0, 1.7]) * theta[:, dimension_of] + 0.3
    keyed = (reached + rng.logistic(size=reached.shape) > 0).astype(np.int8)
    fit = fit_graded(keyed, dimension_of, 2)
    # Two categories, so that two thousand people give at most 64 different rows.
    rows = Counter(tuple(row) for row in keyed.tolist())
    nodes = [round(-6.0 + 0.4 * step, 10) for step in range(31)]

    def slow(slopes: list[float], intercepts: list[float], correlation: float) -> float:
        items = [
            SlowItem(dimension=int(dimension), slope=slope, intercepts=(intercept,))
            for dimension, slope, intercept in zip(dimension_of, slopes, intercepts, strict=True)
        ]
        weights = normal_weights(nodes, correlation)
        return math.fsum(n * log_likelihood([row], items, weights) for row, n in rows.items())

    best = [float(value) for value in (*fit.parameters.slope, *fit.parameters.intercepts[:, 0])]
    best.append(fit.parameters.correlation)
    step = 1e-3
    for at in (0, 4, 7, 11, 12):
        up, down = ([*best[:at], best[at] + by, *best[at + 1 :]] for by in (step, -step))
        ends = [slow(ends[:6], ends[6:12], ends[12]) for ends in (up, down)]
        # The information on each is in the hundreds, so the maximum is less than 1e-4 away.
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(0.0, abs=0.01)


def test_the_tables_are_those_that_scoring_uses() -> None:
    nodes = np.linspace(-8.0, 8.0, 41)
    tables = category_tables(PARAMETERS.slope, PARAMETERS.intercepts, nodes)
    for table, a, d in zip(tables, PARAMETERS.slope, PARAMETERS.intercepts, strict=True):
        assert np.allclose(
            table, category_probabilities(nodes, slope=float(a), intercepts=d), rtol=1e-12, atol=0
        )


def test_thousands_of_items_do_not_underflow() -> None:
    items = 2500
    keyed = np.tile(np.array([[0], [1], [2]], dtype=np.int8), (1, 2 * items))
    parameters = Parameters(
        slope=np.full(2 * items, 2.0),
        intercepts=np.tile([1.5, -1.5], (2 * items, 1)),
        correlation=0.0,
    )
    both = sides_of(keyed, np.repeat([0, 1], items), 3)
    reached = evaluate(both, parameters).log_likelihood
    # Without correlation a person's likelihood is the product of both sides' sums; theirs are equal.
    nodes = [round(-6.5 + 0.1 * step, 10) for step in range(131)]
    density = [math.exp(-node * node / 2) for node in nodes]
    item = SlowItem(dimension=0, slope=2.0, intercepts=(1.5, -1.5))
    slow = 0.0
    for answer in range(3):
        terms = [
            math.log(weight / math.fsum(density)) + items * math.log(item.probability(answer, node))
            for node, weight in zip(nodes, density, strict=True)
        ]
        slow += 2 * (max(terms) + math.log(math.fsum(math.exp(t - max(terms)) for t in terms)))
    assert reached == pytest.approx(slow, rel=1e-12)
