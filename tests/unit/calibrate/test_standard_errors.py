"""Standard errors: their shape, how they shrink, and answers that say too little."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.calibrate.making import simulated_answers

from undertow.calibrate.em import fit_graded
from undertow.calibrate.likelihood import Parameters, Sides, sides_of, working_grid
from undertow.calibrate.scores import Latent, cross_products
from undertow.calibrate.standard_errors import (
    errors_from,
    inverse,
    one_group_information,
    standard_errors,
)
from undertow.calibrate.workers import workers
from undertow.errors import NotReady, ShapeError

DIMENSION_OF = np.array([0, 0, 0, 0, 1, 1, 1, 1])
GRID = working_grid()
KEYED = (simulated_answers(700, seed=11) - 1).astype(np.int8)
KEYED[:, [3, 5]] = 2 - KEYED[:, [3, 5]]


@pytest.fixture(scope="module")
def sides() -> Sides:
    return sides_of(KEYED, DIMENSION_OF, 3)


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return fit_graded(KEYED, DIMENSION_OF, 3).parameters


@pytest.mark.parametrize("robust", [False, True])
def test_each_parameter_has_its_error(sides: Sides, parameters: Parameters, robust: bool) -> None:
    errors = standard_errors(sides, parameters, GRID, robust=robust)
    assert errors.covariance.shape == (25, 25)
    assert errors.slope.shape == (8,)
    assert errors.intercepts.shape == errors.thresholds.shape == (8, 2)
    assert np.all(errors.slope > 0)
    own = errors.of_item(5)
    assert own[0, 0] == pytest.approx(errors.slope[5] ** 2)
    assert own[2, 2] == pytest.approx(errors.intercepts[5, 1] ** 2)
    assert np.allclose(errors.covariance, errors.covariance.T)


def test_four_times_the_people_halve_the_errors(parameters: Parameters, sides: Sides) -> None:
    four = sides_of(np.tile(KEYED, (4, 1)), DIMENSION_OF, 3)
    for robust in (False, True):
        few = standard_errors(sides, parameters, GRID, robust=robust)
        many = standard_errors(four, parameters, GRID, robust=robust)
        assert np.allclose(many.thresholds, few.thresholds / 2)
        assert many.correlation == pytest.approx(few.correlation / 2)


def test_workers_change_nothing(parameters: Parameters) -> None:
    many = sides_of(np.tile(KEYED, (13, 1)), DIMENSION_OF, 3)
    with workers() as mapper:
        alone = standard_errors(many, parameters, GRID, robust=True)
        shared = standard_errors(many, parameters, GRID, robust=True, mapper=mapper)
    assert np.array_equal(alone.covariance, shared.covariance)


def test_too_few_rows_name_an_item(sides: Sides, parameters: Parameters) -> None:
    few: Sides = (sides[0].part(slice(10)), sides[1].part(slice(10)))
    names = [f"A{j}" for j in range(8)]
    with pytest.raises(NotReady, match=r"enough about item A\d to give standard errors"):
        standard_errors(few, parameters, GRID, names=names)


def test_an_item_that_nobody_answered_is_named(parameters: Parameters, sides: Sides) -> None:
    found = cross_products(
        sides, parameters.slope, parameters.intercepts, Latent.standard(0.0), GRID.nodes
    )
    information = one_group_information(found, parameters)
    information[12:15] = information[:, 12:15] = 0.0
    with pytest.raises(NotReady, match="item number 5 "):
        inverse(information, parameters)


def test_a_correlation_that_nothing_tells_is_named(parameters: Parameters) -> None:
    information = np.eye(25)
    information[-1, -1] = 0.0
    with pytest.raises(NotReady, match="the correlation of the two dimensions"):
        inverse(information, parameters)


def test_shapes_that_do_not_go_together(parameters: Parameters, sides: Sides) -> None:
    with pytest.raises(ShapeError, match="covariance"):
        errors_from(np.eye(23), parameters)
    found = cross_products(
        sides, parameters.slope, parameters.intercepts, Latent.standard(0.0), GRID.nodes
    )
    fewer = Parameters(
        slope=parameters.slope[:7], intercepts=parameters.intercepts[:7], correlation=0.0
    )
    with pytest.raises(ShapeError, match="same items"):
        one_group_information(found, fewer)
