"""One person who agrees with both a straight and a reversed item: worked by hand, in fractions.

Both are yes/no items of anxiety with odds 3^theta, so slope log 3 and intercept 0. The tendency m
doubles the straight item's odds for each step up, and halves the reversed one's (after keying):

| theta | m = -1: yes, no | product | m = 0 | m = +1: yes, no | product |
|---:|---|---:|---:|---|---:|
| -1 | 1/7, 3/5 | 3/35 | 1/4 * 3/4 = 3/16 | 2/5, 6/7 | 12/35 |
|  0 | 1/3, 1/3 | 1/9  | 1/2 * 1/2 = 1/4  | 2/3, 2/3 | 4/9 |
| +1 | 3/5, 1/7 | 3/35 | 3/4 * 1/4 = 3/16 | 6/7, 2/5 | 12/35 |

With 1/4, 1/2, 1/4 over theta the likelihoods given m are 31/315, 7/32 and 124/315; with the same
shares over m the marginal is 31/1260 + 7/64 + 31/315 = 937/4032.
"""

from __future__ import annotations

import numpy as np
import pytest

from undertow.calibrate.agreeing import AgreeingGrid, AgreeingTables, agreeing_tables
from undertow.calibrate.likelihood import Answers, Sides
from undertow.measure.grid import Grid

SHARES = np.array([0.25, 0.5, 0.25])
GRID = AgreeingGrid(
    theta=Grid(nodes=np.array([-1.0, 0.0, 1.0])), tendency=np.log(2) * np.array([-1.0, 0.0, 1.0])
)
# Yes to the straight item is category 1; agreeing with the reversed one is 0 after keying.
AGREES: Sides = (
    Answers(indicators=np.array([[0, 1, 1, 0]], dtype=np.uint8), items=np.arange(2), categories=2),
    Answers(
        indicators=np.zeros((1, 0), dtype=np.uint8), items=np.arange(0, dtype=np.intp), categories=2
    ),
)


def test_the_table_above() -> None:
    tables = agreeing_tables(np.full(2, np.log(3)), np.zeros((2, 1)), np.array([1.0, -1.0]), GRID)
    yes, no = tables[0, 1].reshape(3, 3), tables[1, 0].reshape(3, 3)
    assert yes == pytest.approx(
        np.array([[1 / 7, 1 / 3, 3 / 5], [1 / 4, 1 / 2, 3 / 4], [2 / 5, 2 / 3, 6 / 7]])
    )
    assert no == pytest.approx(
        np.array([[3 / 5, 1 / 3, 1 / 7], [3 / 4, 1 / 2, 1 / 4], [6 / 7, 2 / 3, 2 / 5]])
    )


def test_the_likelihood_and_how_much_the_person_tends_to_agree() -> None:
    tables = agreeing_tables(np.full(2, np.log(3)), np.zeros((2, 1)), np.array([1.0, -1.0]), GRID)
    shared = AgreeingTables.of(AGREES, tables, np.outer(SHARES, SHARES), SHARES)
    found = shared.layers(AGREES, slice(0, 1))
    assert np.exp(found.log_likelihood[0]) == pytest.approx(937 / 4032)
    for margin in found.margins:
        assert margin[0].sum(axis=1) == pytest.approx(
            np.array([31 / 1260, 7 / 64, 31 / 315]) * 4032 / 937
        )
    # Agreeing with both says nothing of theta here.
    assert found.margins[0][0].sum(axis=0) @ GRID.theta.nodes == pytest.approx(0.0)
