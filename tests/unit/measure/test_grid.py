"""The grid: what it refuses, cells and borders, and that the standard one reaches and is fine enough."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from tests.made_up_bank import bank_of, large_bank, small_bank

from undertow.bank.calibrated import Bank
from undertow.bank.responses import Answer
from undertow.errors import ShapeError
from undertow.measure.grid import Grid, standard_grid
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    "nodes",
    [
        [],
        [0.0, 1.0],
        [1.0, 0.0, -1.0],
        [0.0, 0.0, 1.0],
        [[0.0, 1.0, 2.0]],
        1.0,
        [0.0, NAN, 2.0],
        [-INFINITY, 0.0, INFINITY],
    ],
)
def test_nodes_that_do_not_rise(nodes: float | Sequence[object]) -> None:
    with pytest.raises(ShapeError, match="three nodes that rise"):
        Grid(nodes=np.array(nodes))


@pytest.mark.parametrize("nodes", [[0.0, 1.0, 3.0], [-1.0, 0.0, 1.001]])
def test_nodes_in_unequal_steps(nodes: list[float]) -> None:
    with pytest.raises(ShapeError, match="equal steps"):
        Grid(nodes=np.array(nodes))


def test_the_step() -> None:
    assert Grid(nodes=np.array([-1.0, -0.5, 0.0])).step == 0.5


@pytest.mark.parametrize(
    ("border", "shares"),
    [
        (0.0, [0.0, 0.5, 1.0]),
        (0.25, [0.0, 0.25, 1.0]),
        (-0.5, [0.0, 1.0, 1.0]),
        (1.4, [0.0, 0.0, 0.1]),
        (-9.0, [1.0, 1.0, 1.0]),
        (9.0, [0.0, 0.0, 0.0]),
    ],
)
def test_the_share_of_each_cell_above_a_border(border: float, shares: list[float]) -> None:
    grid = Grid(nodes=np.array([-1.0, 0.0, 1.0]))

    assert grid.share_above(border).tolist() == pytest.approx(shares)


def test_the_standard_grid() -> None:
    nodes = standard_grid().nodes

    assert (nodes[0], nodes[-1], nodes.size) == (-6.0, 6.0, 61)
    assert standard_grid().step == pytest.approx(0.2)


@pytest.mark.parametrize("spread", [0.2, 0.25, 0.3, 0.5])
@pytest.mark.parametrize("shift", [0.0, 0.05, 0.1])
def test_the_standard_grid_sees_a_narrow_normal_wherever_it_lies(
    spread: float, shift: float
) -> None:
    # The claim beside `standard_grid`: the error of a sum over its nodes stays below 1e-8.
    grid = standard_grid()
    weights = np.exp(-(((grid.nodes - shift) / spread) ** 2) / 2)
    total = weights.sum() * grid.step

    assert total == pytest.approx(spread * math.sqrt(2 * math.pi), rel=1e-8)


def all_at_one_end(bank: Bank, keyed_last: bool) -> tuple[Answer, ...]:
    return tuple(
        Answer(
            item_id=item.id,
            category=item.categories - 1 if keyed_last == (item.keying == 1) else 0,
        )
        for item in bank.items
    )


@pytest.mark.parametrize("keyed_last", [True, False])
@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_the_standard_grid_reaches_past_thirty_six_answers_at_one_end(
    keyed_last: bool, correlation: float
) -> None:
    bank = large_bank(correlation=correlation)

    # Building the posterior raises when the grid cuts it off.
    estimate = posterior(model_of(bank), all_at_one_end(bank, keyed_last)).estimate()

    assert np.all(np.abs(estimate.mean) + 4.5 * estimate.psd < 6)


@pytest.mark.parametrize("correlation", [-0.99, 0.97])
def test_a_high_correlation_needs_no_logarithm_of_zero(correlation: float) -> None:
    # Warnings are errors here, so a log of an underflowed corner would show.
    model = model_of(small_bank(correlation=correlation))

    assert np.all(np.isfinite(model.log_prior))
    covariance = posterior(model, ()).estimate().covariance
    assert covariance[0, 1] == pytest.approx(correlation, abs=1e-3)


def test_a_grid_that_cuts_a_posterior_off_is_refused() -> None:
    short = Grid(nodes=np.linspace(-2.0, 2.0, 21))

    with pytest.raises(ShapeError, match="cuts this posterior off"):
        posterior(model_of(bank_of(small_bank().items), grid=short), ())
