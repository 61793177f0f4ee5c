"""Model fit: complete rows only, order, too few rows, and items that follow from each other."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.calibrate.making import simulated_answers

from undertow.calibrate.em import fit_graded
from undertow.calibrate.likelihood import Parameters, Sides, sides_of, working_grid
from undertow.calibrate.model_fit import fit_grid, model_fit, residual_form, rmsea_interval
from undertow.calibrate.workers import workers
from undertow.errors import NotReady

DIMENSION_OF = np.array([0, 0, 0, 0, 1, 1, 1, 1])
KEYED = (simulated_answers(5000, seed=11, missing=0.02) - 1).astype(np.int8)
KEYED[:, [3, 5]] = np.where(KEYED[:, [3, 5]] < 0, -1, 2 - KEYED[:, [3, 5]])


@pytest.fixture(scope="module")
def sides() -> Sides:
    return sides_of(KEYED, DIMENSION_OF, 3)


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return fit_graded(KEYED, DIMENSION_OF, 3).parameters


def test_a_good_model_fits(sides: Sides, parameters: Parameters) -> None:
    fit = model_fit(sides, parameters)
    assert fit.rows == int((KEYED >= 0).all(axis=1).sum())
    assert fit.df == 8 * 2 + 28 - (8 * 3 + 1)
    assert fit.p > 1e-4
    assert fit.rmsea_interval[0] <= fit.rmsea <= fit.rmsea_interval[1] < 0.03
    assert fit.cfi > 0.99
    assert fit.srmsr < 0.03
    assert np.allclose(fit.residuals, fit.residuals.T)
    assert np.all(np.diag(fit.residuals) == 0)


def test_a_wrong_model_does_not(sides: Sides, parameters: Parameters) -> None:
    # Two items are each taken for one of the other dimension; parameters can't make up for that.
    other = sides_of(KEYED, np.array([0, 0, 0, 1, 0, 1, 1, 1]), 3)
    bad = model_fit(other, parameters)
    good = model_fit(sides, parameters)
    assert bad.p < 1e-10
    assert bad.rmsea > 3 * good.rmsea
    assert bad.srmsr > 2 * good.srmsr
    assert bad.cfi < good.cfi


def test_what_parameters_can_make_up_for_is_no_misfit(sides: Sides, parameters: Parameters) -> None:
    # C2 looks at what no small change of parameters would mend; SRMSR looks at everything.
    near = Parameters(
        slope=parameters.slope * 0.9,
        intercepts=parameters.intercepts * 0.95,
        correlation=parameters.correlation,
    )
    moved, here = model_fit(sides, near), model_fit(sides, parameters)
    assert moved.statistic == pytest.approx(here.statistic, abs=5.0)
    assert moved.srmsr > 1.5 * here.srmsr


def test_a_finer_grid_changes_nothing(sides: Sides, parameters: Parameters) -> None:
    coarse, fine = (model_fit(sides, parameters, grid) for grid in (fit_grid(), working_grid()))
    assert coarse.statistic == pytest.approx(fine.statistic, rel=1e-4)
    assert coarse.srmsr == pytest.approx(fine.srmsr, rel=1e-4)


def test_the_order_of_items_does_not_matter(sides: Sides, parameters: Parameters) -> None:
    order = np.array([4, 0, 5, 1, 6, 2, 7, 3])
    other = model_fit(
        sides_of(KEYED[:, order], DIMENSION_OF[order], 3),
        Parameters(
            slope=parameters.slope[order],
            intercepts=parameters.intercepts[order],
            correlation=parameters.correlation,
        ),
    )
    here = model_fit(sides, parameters)
    assert other.statistic == pytest.approx(here.statistic, rel=1e-8)
    assert other.cfi == pytest.approx(here.cfi, rel=1e-8)
    assert np.allclose(other.residuals, here.residuals[np.ix_(order, order)])


def test_workers_change_nothing(sides: Sides, parameters: Parameters) -> None:
    with workers() as mapper:
        alone = model_fit(sides, parameters)
        shared = model_fit(sides, parameters, mapper=mapper)
    assert alone.statistic == shared.statistic
    assert alone.srmsr == shared.srmsr


def test_too_few_complete_rows(sides: Sides, parameters: Parameters) -> None:
    few: Sides = (sides[0].part(slice(40)), sides[1].part(slice(40)))
    with pytest.raises(NotReady, match="more than 44 rows with every item answered"):
        model_fit(few, parameters)


def test_too_few_items() -> None:
    keyed = KEYED[:, [0, 1, 4]]
    some = Parameters(slope=np.ones(3), intercepts=np.tile([1.0, -1.0], (3, 1)), correlation=0.1)
    with pytest.raises(NotReady, match="more items"):
        model_fit(sides_of(keyed, np.array([0, 0, 1]), 3), some)


def test_moments_that_follow_from_each_other() -> None:
    singular = np.array([[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(NotReady, match="follow from each other"):
        residual_form(np.array([1.0, 0.0]), -singular, np.zeros((2, 1)))


def test_an_interval_starts_at_0_when_all_is_well() -> None:
    assert rmsea_interval(40.0, 50, 1000)[0] == 0.0
    low, high = rmsea_interval(10.0, 50, 1000)
    assert (low, high) == (0.0, 0.0)
