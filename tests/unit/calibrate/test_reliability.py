"""Standings and reliability: the prior where nothing is said, less psd for more items."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.calibrate.making import simulated_answers

from undertow.calibrate.em import fit_graded
from undertow.calibrate.likelihood import Parameters, Sides, sides_of, working_grid
from undertow.calibrate.reliability import (
    TABLE_AT,
    category_slopes,
    item_information,
    reliability,
    standings,
)
from undertow.calibrate.workers import workers
from undertow.errors import NotReady

DIMENSION_OF = np.array([0, 0, 0, 0, 1, 1, 1, 1])
GRID = working_grid()
KEYED = (simulated_answers(5000, seed=11, missing=0.05) - 1).astype(np.int8)
KEYED[:, [3, 5]] = np.where(KEYED[:, [3, 5]] < 0, -1, 2 - KEYED[:, [3, 5]])
KEYED[7] = -1


@pytest.fixture(scope="module")
def sides() -> Sides:
    return sides_of(KEYED, DIMENSION_OF, 3)


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return fit_graded(KEYED, DIMENSION_OF, 3).parameters


def test_who_says_nothing_stands_where_the_prior_is(sides: Sides, parameters: Parameters) -> None:
    found = standings(sides, parameters, GRID)
    assert found.means.shape == found.psd.shape == (5000, 2)
    assert found.means[7].tolist() == pytest.approx([0.0, 0.0], abs=1e-9)
    assert found.psd[7].tolist() == pytest.approx([1.0, 1.0], abs=1e-6)
    assert found.psd[:7].max() < 1.0


def test_workers_change_nothing(sides: Sides, parameters: Parameters) -> None:
    with workers() as mapper:
        alone = standings(sides, parameters, GRID)
        shared = standings(sides, parameters, GRID, mapper=mapper)
    assert np.array_equal(alone.means, shared.means)
    assert np.array_equal(alone.psd, shared.psd)


def test_categories_move_against_each_other(parameters: Parameters) -> None:
    moved = category_slopes(parameters.slope, parameters.intercepts, GRID.nodes)
    assert np.allclose(moved.sum(axis=1), 0.0, atol=1e-15)
    assert np.all(moved[:, 0] <= 0)
    assert np.all(moved[:, -1] >= 0)
    information = item_information(parameters.slope, parameters.intercepts, GRID.nodes)
    assert np.all(information >= 0)
    assert information.shape == (8, 61)


def test_both_kinds_of_reliability_agree_where_the_model_holds(
    sides: Sides, parameters: Parameters
) -> None:
    found = reliability(sides, parameters, standings(sides, parameters, GRID))
    assert np.allclose(found.marginal, found.empirical, atol=0.02)
    assert found.at.tolist() == TABLE_AT.tolist() == [-3 + half / 2 for half in range(13)]
    assert np.allclose(found.by_theta, 1 - found.psd**2)
    assert np.all((found.by_theta > 0) & (found.by_theta < 1))
    # The mean over people lies between the best and the worst place.
    assert np.all(found.marginal < found.by_theta.max(axis=1))
    assert np.all(found.marginal > found.by_theta.min(axis=1))


def test_silent_rows_do_not_lower_reliability(parameters: Parameters) -> None:
    silent = np.concatenate([KEYED, np.full((5000, 8), -1, dtype=np.int8)])
    one, two = (
        reliability(own, parameters, standings(own, parameters, GRID))
        for own in (sides_of(KEYED, DIMENSION_OF, 3), sides_of(silent, DIMENSION_OF, 3))
    )
    assert np.allclose(one.marginal, two.marginal)
    assert np.allclose(one.empirical, two.empirical)


def test_a_dimension_that_nobody_answered(sides: Sides, parameters: Parameters) -> None:
    nobody: Sides = (sides[0].part(slice(7, 8)), sides[1].part(slice(7, 8)))
    with pytest.raises(NotReady, match="two rows"):
        reliability(nobody, parameters, standings(nobody, parameters, GRID))
