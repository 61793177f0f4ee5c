"""One dimension: an empty side costs nothing, says nothing, and it doesn't matter which side it is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.em import EmRoute, Fit, fit_graded, settle, starting_point
from undertow.calibrate.item_fit import item_fit
from undertow.calibrate.likelihood import (
    Parameters,
    Sides,
    evaluate,
    expect,
    nodes_of,
    one_dimensional,
    sides_of,
    working_grid,
)
from undertow.calibrate.local_dependence import local_dependence
from undertow.calibrate.maximising import latent_moments
from undertow.calibrate.model_fit import model_fit
from undertow.calibrate.norming import KNOTS, Group, norms_from
from undertow.calibrate.reliability import reliability, standings
from undertow.calibrate.scores import Latent, cross_products, told_moments
from undertow.calibrate.source import InMemory, category_counts, every
from undertow.calibrate.standard_errors import standard_errors
from undertow.calibrate.tallies import tally_by_group
from undertow.calibrate.workers import workers
from undertow.errors import ConvergenceError, NotReady, ShapeError

ITEMS, CATEGORIES, ROWS = 8, 4, 3000
GRID = working_grid()
NAMES = [f"A{number}" for number in range(1, ITEMS + 1)]


def made_up(rows: int = ROWS, *, seed: int = 5) -> NDArray[np.int8]:
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal((rows, 1))
    reached = np.linspace(0.8, 2.2, ITEMS) * theta + rng.logistic(size=(rows, ITEMS))
    keyed: NDArray[np.int8] = (reached[:, :, None] > [-1.0, 0.0, 1.2]).sum(axis=2, dtype=np.int8)
    return keyed


KEYED = made_up()
KEYED[np.random.default_rng(6).random(KEYED.shape) < 0.03] = MISSING


def side_number(place: int, keyed: NDArray[np.int8] = KEYED) -> Sides:
    return sides_of(keyed, np.full(keyed.shape[1], place), CATEGORIES)


@pytest.fixture(scope="module")
def fit() -> Fit:
    return fit_graded(KEYED, np.zeros(ITEMS, dtype=np.intp), CATEGORIES)


def test_the_correlation_is_no_parameter(fit: Fit) -> None:
    assert fit.parameters.correlation == 0.0
    errors = standard_errors(side_number(0), fit.parameters, GRID)
    assert errors.covariance.shape == (ITEMS * CATEGORIES,) * 2
    assert np.isnan(errors.correlation)
    assert errors.of_item(7).shape == (CATEGORIES, CATEGORIES)
    assert np.all(errors.slope > 0)


def test_either_side_will_do(fit: Fit) -> None:
    other = fit_graded(KEYED, np.ones(ITEMS, dtype=np.intp), CATEGORIES)
    assert np.allclose(other.parameters.slope, fit.parameters.slope, atol=1e-9)
    assert other.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-7)
    one, two = side_number(0), side_number(1)
    for robust in (False, True):
        here, there = (
            standard_errors(own, fit.parameters, GRID, robust=robust) for own in (one, two)
        )
        assert np.allclose(here.covariance, there.covariance, rtol=1e-8)
    fits = [item_fit(own, fit.parameters, GRID) for own in (one, two)]
    assert fits[0] == fits[1]
    wholes = [model_fit(own, fit.parameters) for own in (one, two)]
    assert wholes[0].statistic == pytest.approx(wholes[1].statistic)
    pairs = [
        local_dependence(own, fit.parameters, GRID, standings(own, fit.parameters, GRID))
        for own in (one, two)
    ]
    assert np.allclose(pairs[0].q3_star, pairs[1].q3_star)
    assert np.allclose(pairs[0].dependence, pairs[1].dependence)
    assert np.isfinite(pairs[0].dependence).all()
    assert pairs[0].dimension_of.tolist() == [0] * ITEMS
    assert pairs[1].dimension_of.tolist() == [1] * ITEMS


def test_it_is_two_dimensions_whose_second_has_next_to_nothing_to_say(fit: Fit) -> None:
    # One answer on the second side, so that its items are there and hardly anything hangs on them.
    extra = np.full((ROWS, 1), MISSING, dtype=np.int8)
    extra[:4, 0] = range(4)
    keyed = np.concatenate([KEYED, extra], axis=1)
    both = sides_of(keyed, np.repeat([0, 1], [ITEMS, 1]), CATEGORIES)
    parameters = Parameters(
        slope=np.append(fit.parameters.slope, 0.05),
        intercepts=np.concatenate([fit.parameters.intercepts, [[1.0, 0.0, -1.0]]]),
        correlation=0.0,
    )
    shares = np.array([1 / (1 + np.exp(-d)) for d in (1.0, 0.0, -1.0)])
    said = np.log(-np.diff([1.0, *shares, 0.0])).sum()
    assert evaluate(both, parameters).log_likelihood == pytest.approx(
        fit.log_likelihood + said, abs=0.01
    )
    alone, beside = (
        standings(side_number(0), fit.parameters, GRID),
        standings(both, parameters, GRID),
    )
    assert np.allclose(alone.means[:, 0], beside.means[:, 0])


def test_nothing_is_said_of_the_dimension_that_is_not_there(fit: Fit) -> None:
    for place in (0, 1):
        sides = side_number(place)
        none = 1 - place
        found = standings(sides, fit.parameters, GRID)
        assert np.isnan(found.means[:, none]).all()
        assert np.isfinite(found.psd[:, place]).all()
        how_sure = reliability(sides, fit.parameters, found)
        for figure in (how_sure.information, how_sure.psd, how_sure.by_theta):
            assert np.isnan(figure[none]).all()
            assert np.isfinite(figure[place]).all()
        assert np.isnan([how_sure.marginal[none], how_sure.empirical[none]]).all()
        assert how_sure.marginal[place] == pytest.approx(how_sure.empirical[place], abs=0.03)
        here = [place == 0, place == 1]
        assert told_moments(sides).tolist() == [*here, *here, False]


def test_a_dimension_that_is_not_there_costs_one_column() -> None:
    sides = side_number(0)
    assert one_dimensional(sides)
    assert nodes_of(sides[1], GRID.nodes).tolist() == [0.0]
    assert expect(sides, starting_point(sides), GRID).joint.shape == (61, 1)
    assert expect(side_number(1), starting_point(sides), GRID).joint.shape == (1, 61)


def test_moments_of_one_dimension() -> None:
    nodes = np.array([-1.0, 0.0, 1.0])
    counts = np.array([1.0, 1.0, 2.0])
    # Mean 1/4, mean square 3/4.
    spread = np.sqrt(3 / 4 - 1 / 16)
    assert latent_moments(counts[:, None], nodes) == ([0.25, 0.0], [spread, 1.0], 0.0)
    assert latent_moments(counts[None], nodes) == ([0.0, 0.25], [1.0, spread], 0.0)


def test_the_likelihood_never_falls_and_scores_sum_to_nothing(fit: Fit) -> None:
    assert np.diff(fit.trace).min() > -1e-6
    found = cross_products(
        side_number(0),
        fit.parameters.slope,
        fit.parameters.intercepts,
        Latent.standard(0.0),
        GRID.nodes,
    )
    assert np.abs(found.total).max() < 1e-2


def test_a_leap_does_not_move_the_correlation() -> None:
    sides = side_number(0)
    route = EmRoute(source=InMemory(sides=sides), grid=GRID)
    start = starting_point(sides)
    _, after = route.step(start)
    back = route.point(route.vector(after), after)
    assert back is not None
    assert after.correlation == back.correlation == 0.0


def test_rows_in_blocks_of_a_source(fit: Fit) -> None:
    source = InMemory(sides=side_number(0))
    assert settle(source).parameters.slope.tolist() == fit.parameters.slope.tolist()
    first, second = category_counts(source)
    assert first.sum(axis=1).tolist() == (KEYED >= 0).sum(axis=0).tolist()
    assert second.shape == (0, CATEGORIES)
    assert [side.indicators.shape for side in every(source, 10)] == [(300, 32), (300, 0)]


def test_a_warm_up_leads_to_the_same_place() -> None:
    # 9,000 rows have one, 3,000 don't.
    many = np.tile(KEYED, (3, 1))
    long = fit_graded(many, np.zeros(ITEMS, dtype=np.intp), CATEGORIES)
    short = fit_graded(KEYED, np.zeros(ITEMS, dtype=np.intp), CATEGORIES)
    assert np.allclose(long.parameters.slope, short.parameters.slope, atol=1e-5)


def test_workers_change_nothing(fit: Fit) -> None:
    many = side_number(0, np.tile(KEYED, (3, 1)))
    with workers() as mapper:
        alone = expect(many, fit.parameters, GRID)
        shared = expect(many, fit.parameters, GRID, mapper)
    assert np.array_equal(alone.joint, shared.joint)
    assert np.array_equal(alone.counts, shared.counts)


def test_norms_of_one_dimension(fit: Fit) -> None:
    members = np.stack([np.ones(ROWS, dtype=bool), np.arange(ROWS) % 2 == 0])
    found = tally_by_group(side_number(0), fit.parameters, members)
    assert found.log_likelihood[0] == pytest.approx(fit.log_likelihood, abs=1e-6)
    groups = tuple(
        Group(name=name, gender=None, age_band=None, member=own)
        for name, own in zip(("all", "half"), members, strict=True)
    )
    for norm in norms_from(groups, found.mass[:, :1], found.squares[:, :1]):
        assert norm.cdf.shape == (1, KNOTS.size)
        assert norm.place(0.5) == pytest.approx((0.0,), abs=0.06)
        error = norm.place_error(0.5)
        assert error is not None
        assert len(error) == 1
        assert 0 < error[0] < 0.1
    both = norms_from(groups, found.mass, found.squares)[0]
    assert np.isnan(both.cdf[1]).all()


def test_a_good_model_fits_with_its_own_degrees_of_freedom(fit: Fit) -> None:
    found = model_fit(side_number(0), fit.parameters)
    assert found.df == ITEMS * (ITEMS - 1) // 2 - ITEMS
    assert found.p > 1e-4
    assert found.srmsr < 0.03


def test_three_items_leave_nothing_to_test(fit: Fit) -> None:
    some = Parameters(
        slope=fit.parameters.slope[:3], intercepts=fit.parameters.intercepts[:3], correlation=0.0
    )
    with pytest.raises(NotReady, match="more items"):
        model_fit(side_number(0, KEYED[:, :3]), some)


def test_an_item_that_is_there_twice_is_named() -> None:
    keyed = made_up(900, seed=8)[:, [3, 3, 3, 7]]
    with pytest.raises(ConvergenceError, match=r"Item A[123] goes with another") as caught:
        fit_graded(keyed, np.zeros(4, dtype=np.intp), CATEGORIES, names=NAMES)
    assert all(np.isfinite(caught.value.trace))


def test_an_item_keyed_the_wrong_way_is_named() -> None:
    keyed = made_up(900, seed=9)
    keyed[:, 6] = 3 - keyed[:, 6]
    with pytest.raises(ConvergenceError, match=r"Item A7 does not go with .* check its keying"):
        fit_graded(keyed, np.zeros(ITEMS, dtype=np.intp), CATEGORIES, names=NAMES)


def test_an_unsettled_fit_is_an_error_with_its_trace() -> None:
    with pytest.raises(ConvergenceError, match="had not settled after 3 cycles") as caught:
        fit_graded(KEYED, np.zeros(ITEMS, dtype=np.intp), CATEGORIES, most_cycles=3)
    assert len(caught.value.trace) >= 2


@pytest.mark.parametrize("wrong", [2, -1])
def test_a_third_dimension_is_refused(wrong: int) -> None:
    dimension_of = np.zeros(ITEMS, dtype=np.intp)
    dimension_of[2] = wrong
    with pytest.raises(ShapeError, match="0 or 1"):
        sides_of(KEYED, dimension_of, CATEGORIES)


def test_no_item_at_all_is_refused() -> None:
    with pytest.raises(ShapeError, match="at least one item"):
        sides_of(KEYED[:, :0], np.zeros(0, dtype=np.intp), CATEGORIES)
