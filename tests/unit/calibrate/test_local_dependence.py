"""Pairs: their order, missing answers, shares of information and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.calibrate.em import fit_graded
from undertow.calibrate.likelihood import Parameters, Sides, sides_of, working_grid
from undertow.calibrate.local_dependence import LocalDependence, local_dependence, nested_ratio
from undertow.calibrate.reliability import standings
from undertow.calibrate.workers import workers
from undertow.errors import ShapeError

ITEMS = 16
DIMENSION_OF = np.repeat([0, 1], 8)
GRID = working_grid()
ROWS = 5000


def made_up() -> NDArray[np.int8]:
    """Two dimensions of eight items; half of the people answer item 10 as item 9."""
    rng = np.random.default_rng(11)
    theta = rng.standard_normal((ROWS, 2))[:, DIMENSION_OF]
    errors = rng.logistic(size=theta.shape)
    errors[::2, 10] = errors[::2, 9]
    reached = 1.6 * theta + errors
    keyed: NDArray[np.int8] = (reached[:, :, None] > [-0.9, 0.9]).sum(axis=2, dtype=np.int8)
    keyed[rng.random(keyed.shape) < 0.05] = -1
    return keyed


KEYED = made_up()


@pytest.fixture(scope="module")
def sides() -> Sides:
    return sides_of(KEYED, DIMENSION_OF, 3)


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return fit_graded(KEYED, DIMENSION_OF, 3).parameters


def found(sides: Sides, parameters: Parameters) -> LocalDependence:
    return local_dependence(sides, parameters, GRID, standings(sides, parameters, GRID))


@pytest.fixture(scope="module")
def dependence(sides: Sides, parameters: Parameters) -> LocalDependence:
    return found(sides, parameters)


def test_the_planted_pair_comes_first(dependence: LocalDependence) -> None:
    pairs = dependence.pairs(least=-1.0)
    assert len(pairs) == 56
    assert (pairs[0].first, pairs[0].second) == (9, 10)
    assert dependence.pairs() == pairs[:1]
    assert [p.q3_star for p in pairs] == sorted((p.q3_star for p in pairs), reverse=True)
    assert pairs[0] == dependence.pair(pairs[0].first, pairs[0].second)
    assert pairs[0].chi_square > 0


def test_figures_are_the_same_both_ways(dependence: LocalDependence) -> None:
    off = ~np.eye(ITEMS, dtype=bool)
    for matrix in (dependence.chi_square, dependence.q3, dependence.q3_star):
        assert np.allclose(matrix[off], matrix.T[off])
        assert np.isfinite(matrix[off]).all()
    same = (DIMENSION_OF[:, None] == DIMENSION_OF) & off
    assert np.allclose(dependence.dependence[same], dependence.dependence.T[same])
    assert np.isnan(dependence.dependence[DIMENSION_OF[:, None] != DIMENSION_OF]).all()


def test_corrected_q3_has_mean_nothing_in_each_kind(dependence: LocalDependence) -> None:
    kind = (DIMENSION_OF[:, None] + DIMENSION_OF)[np.triu_indices(ITEMS, 1)]
    own = dependence.q3_star[np.triu_indices(ITEMS, 1)]
    for one in (0, 1, 2):
        assert own[kind == one].mean() == pytest.approx(0.0, abs=1e-12)


def test_the_order_of_items_does_not_matter(
    dependence: LocalDependence, parameters: Parameters
) -> None:
    order = np.random.default_rng(1).permutation(ITEMS)
    other = found(
        sides_of(KEYED[:, order], DIMENSION_OF[order], 3),
        Parameters(
            slope=parameters.slope[order],
            intercepts=parameters.intercepts[order],
            correlation=parameters.correlation,
        ),
    )
    off = ~np.eye(ITEMS, dtype=bool)
    for name in ("q3", "q3_star", "chi_square", "information"):
        one, two = getattr(other, name), getattr(dependence, name)[np.ix_(order, order)]
        assert np.allclose(one[off], two[off]), name


def test_workers_change_nothing(sides: Sides, parameters: Parameters) -> None:
    places = standings(sides, parameters, GRID)
    with workers() as mapper:
        alone = local_dependence(sides, parameters, GRID, places)
        shared = local_dependence(sides, parameters, GRID, places, mapper=mapper)
    assert np.array_equal(alone.q3, shared.q3)
    assert np.array_equal(alone.dependence, shared.dependence, equal_nan=True)


def test_shares_of_information(dependence: LocalDependence) -> None:
    assert dependence.information_share(9, 10) < dependence.information_share(8, 10)
    assert dependence.information_share(9, 10) < 0.8
    assert dependence.information_share(0, 9) == 1.0
    assert dependence.information_share(3, 3) == 0.0
    every = [dependence.information_share(j, k) for j in range(ITEMS) for k in range(ITEMS)]
    assert min(every) >= 0.0
    assert max(every) <= 1.0


def test_inflation_of_subsets(dependence: LocalDependence) -> None:
    assert dependence.inflation([2]) == pytest.approx(1.0)
    assert dependence.inflation([9, 10]) > 1.05
    with pytest.raises(ShapeError, match="one dimension"):
        dependence.inflation([0, 9])
    with pytest.raises(ShapeError, match="at least one"):
        dependence.inflation([])
    with pytest.raises(ShapeError, match="each item once"):
        dependence.inflation([1, 1])


def test_a_pair_that_nobody_answered_together_claims_nothing(parameters: Parameters) -> None:
    keyed = KEYED.copy()
    half = np.arange(ROWS) % 2 == 0
    keyed[half, 0] = -1
    keyed[~half, 1] = -1
    pair = found(sides_of(keyed, DIMENSION_OF, 3), parameters).pair(0, 1)
    assert pair.q3 == 0.0
    assert pair.chi_square == 0.0
    assert pair.dependence == 0.0


def test_a_short_test_is_compared_where_it_is_short(sides: Sides, parameters: Parameters) -> None:
    places = standings(sides, parameters, GRID)
    ratio = nested_ratio(sides, parameters, GRID, [0, 1], places)
    assert ratio[0] == pytest.approx(1.0, abs=0.15)
    assert np.isnan(ratio[1])  # nothing of avoidance is asked
    assert np.isnan(nested_ratio(sides, parameters, GRID, range(ITEMS), places)).all()


def test_parameters_of_other_items_are_refused(sides: Sides, parameters: Parameters) -> None:
    fewer = Parameters(
        slope=parameters.slope[:15], intercepts=parameters.intercepts[:15], correlation=0.0
    )
    with pytest.raises(ShapeError, match="both sides"):
        local_dependence(sides, fewer, GRID, standings(sides, parameters, GRID))
