"""Item fit by sums: counting, joining of cells, classes and what cannot be judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.calibrate.making import simulated_answers

from undertow.calibrate.em import fit_graded
from undertow.calibrate.item_fit import (
    FitClass,
    ItemFit,
    chosen_categories,
    counts_by_sum,
    item_fit,
    shares_by_sum,
)
from undertow.calibrate.likelihood import Parameters, category_tables, sides_of, working_grid
from undertow.errors import NotReady, ShapeError

DIMENSION_OF = np.array([0, 1, 0, 1, 0, 1, 0, 1])
GRID = working_grid()
SHOWN = simulated_answers(900, seed=4, missing=0.04)[:, [0, 4, 1, 5, 2, 6, 3, 7]]
KEYED = (SHOWN - 1).astype(np.int8)
KEYED[:, [3, 6]] = np.where(KEYED[:, [3, 6]] < 0, -1, 2 - KEYED[:, [3, 6]])


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return fit_graded(KEYED, DIMENSION_OF, 3).parameters


def test_categories_come_back_from_indicators() -> None:
    for dimension, side in enumerate(sides_of(KEYED, DIMENSION_OF, 3)):
        assert np.array_equal(chosen_categories(side), KEYED[:, dimension == DIMENSION_OF])


def test_counts_are_of_complete_rows() -> None:
    first, _ = sides_of(KEYED, DIMENSION_OF, 3)
    counts = counts_by_sum(first)
    own = KEYED[:, DIMENSION_OF == 0]
    complete = own[(own >= 0).all(axis=1)]
    assert counts.shape == (4, 9, 3)
    assert counts.sum(axis=(1, 2)).tolist() == [len(complete)] * 4
    at_five = complete[complete.sum(axis=1) == 5]
    assert counts[2, 5].tolist() == np.bincount(at_five[:, 2], minlength=3).tolist()


def test_shares_are_a_distribution_with_the_right_margins(parameters: Parameters) -> None:
    tables = category_tables(parameters.slope, parameters.intercepts, GRID.nodes)
    weights = np.full(GRID.nodes.size, 1 / GRID.nodes.size)
    shares = shares_by_sum(tables, weights)
    assert np.allclose(shares.sum(axis=(1, 2)), 1.0)
    assert np.allclose(shares.sum(axis=1), tables @ weights)
    # The sum has one distribution, whichever item is looked at.
    assert np.allclose(shares.sum(axis=2), shares.sum(axis=2)[0])


def test_items_come_in_their_order(parameters: Parameters) -> None:
    fits = item_fit(sides_of(KEYED, DIMENSION_OF, 3), parameters, GRID)
    assert [fit.item for fit in fits] == list(range(8))
    assert all(0 <= fit.p <= 1 and fit.df > 0 and fit.rmsea >= 0 for fit in fits)
    assert fits[0].rows != fits[1].rows  # each dimension has its own complete rows


def test_wider_cells_leave_fewer_degrees_of_freedom(parameters: Parameters) -> None:
    sides = sides_of(KEYED, DIMENSION_OF, 3)
    narrow, wide = (
        item_fit(sides, parameters, GRID, least_expected=least) for least in (1.0, 40.0)
    )
    assert all(w.df < n.df for w, n in zip(wide, narrow, strict=True))


def test_cells_all_joined_leave_nothing_to_test(parameters: Parameters) -> None:
    fits = item_fit(sides_of(KEYED, DIMENSION_OF, 3), parameters, GRID, least_expected=1e6)
    assert all(np.isnan(fit.p) and fit.df <= 0 and fit.rmsea == 0.0 for fit in fits)
    # And so no class, however small the gap: a spread without a degree of freedom says nothing.
    assert all(fit.fit_class is None for fit in fits)


def test_a_shifted_item_has_the_widest_gap(parameters: Parameters) -> None:
    moved = replace(parameters, intercepts=parameters.intercepts.copy())
    moved.intercepts[3] += 0.8
    fits = item_fit(sides_of(KEYED, DIMENSION_OF, 3), moved, GRID)
    assert max(fits, key=lambda fit: fit.gap).item == 3
    assert fits[3].fit_class is FitClass.POOR
    assert fits[3].p < 1e-4


@pytest.mark.parametrize(
    ("gap", "spread", "expected"),
    [
        (0.0, 0.0, FitClass.GOOD),
        (0.049, 0.29, FitClass.GOOD),
        (0.05, 0.0, FitClass.FAIR),
        (0.0, 0.3, FitClass.FAIR),
        (0.10, 0.0, FitClass.POOR),
        (0.0, 0.5, FitClass.POOR),
    ],
)
def test_classes(gap: float, spread: float, expected: FitClass) -> None:
    fit = ItemFit(item=0, statistic=1.0, df=1, p=0.3, rmsea=0.0, gap=gap, spread=spread, rows=100)
    assert fit.fit_class is expected


def test_what_cannot_be_judged(parameters: Parameters) -> None:
    keyed = KEYED.copy()
    keyed[np.arange(900), 2 * (np.arange(900) % 4)] = -1
    with pytest.raises(NotReady, match="every item of a dimension"):
        item_fit(sides_of(keyed, DIMENSION_OF, 3), parameters, GRID)
    few = Parameters(
        slope=parameters.slope[:4], intercepts=parameters.intercepts[:4], correlation=0.0
    )
    with pytest.raises(NotReady, match="at least three items"):
        item_fit(sides_of(KEYED[:, :4], DIMENSION_OF[:4], 3), few, GRID)
    with pytest.raises(ShapeError, match="least_expected"):
        item_fit(sides_of(KEYED, DIMENSION_OF, 3), parameters, GRID, least_expected=0.0)
