"""Rows in blocks: the sums of the blocks are those of all rows, and each row is met once and in order."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.calibrate.making import simulated_answers

from undertow.calibrate import likelihood, source
from undertow.calibrate.em import settle, starting_point
from undertow.calibrate.likelihood import Sides, sides_of, working_grid
from undertow.calibrate.source import InMemory, category_counts, evaluate, every, expect
from undertow.calibrate.workers import Mapper, workers

ROWS = 1000
DIMENSION_OF = np.array([0, 0, 0, 0, 1, 1, 1, 1])
SHOWN = simulated_answers(ROWS, seed=5, missing=0.04)
REVERSED = np.isin(np.arange(8), (3, 5)) & (SHOWN > 0)
KEYED = (np.where(REVERSED, 4 - SHOWN, SHOWN) - 1).astype(np.int8)
SIDES = sides_of(KEYED, DIMENSION_OF, 3)


@pytest.fixture(params=[64, 333, 65_536])
def rows_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> InMemory:
    monkeypatch.setattr(source, "BLOCK_ROWS", request.param)
    return InMemory(sides=SIDES)


def own_numbers(sides: Sides, numbers: NDArray[Any], *, mapper: Mapper) -> NDArray[Any]:
    del mapper
    assert sides[0].rows == sides[1].rows == numbers.shape[-1]
    return numbers


def test_each_row_is_met_once_and_in_order(rows_here: InMemory) -> None:
    numbers = np.arange(2 * ROWS).reshape(2, ROWS)
    met = list(rows_here.blocks(own_numbers, numbers))
    assert np.array_equal(np.concatenate(met, axis=1), numbers)


def test_an_expectation_is_that_of_all_rows_at_once(rows_here: InMemory) -> None:
    start = starting_point(rows_here)
    whole = likelihood.expect(SIDES, start, working_grid())
    blocks = expect(rows_here, start, working_grid())
    np.testing.assert_allclose(blocks.counts, whole.counts, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(blocks.joint, whole.joint, rtol=1e-11, atol=1e-12)
    assert blocks.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-9)


def test_an_evaluation_is_that_of_all_rows_at_once(rows_here: InMemory) -> None:
    start = starting_point(rows_here)
    members = np.random.default_rng(3).random((2, ROWS)) < 0.5
    whole = likelihood.evaluate(SIDES, start, members)
    blocks = evaluate(rows_here, start, members)
    np.testing.assert_allclose(blocks.mass, whole.mass, rtol=1e-11, atol=1e-12)
    assert blocks.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-9)
    assert evaluate(rows_here, start).mass.shape == (0, 2, 131)


def test_categories_are_counted_over_all_blocks(rows_here: InMemory) -> None:
    for side, counts in enumerate(category_counts(rows_here)):
        columns = KEYED[:, side == DIMENSION_OF]
        by_hand = [[int((column == k).sum()) for k in range(3)] for column in columns.T]
        assert counts.tolist() == by_hand


@pytest.mark.parametrize("step", [2, 7, 400])
def test_every_so_manieth_row_counts_across_blocks(rows_here: InMemory, step: int) -> None:
    picked = every(rows_here, step)
    for side, whole in zip(picked, SIDES, strict=True):
        assert np.array_equal(side.indicators, whole.indicators[::step])
        assert np.array_equal(side.items, whole.items)
        assert side.categories == 3


def test_a_layout_has_the_items_and_no_row(rows_here: InMemory) -> None:
    for side, whole in zip(rows_here.layout, SIDES, strict=True):
        assert side.rows == 0
        assert np.array_equal(side.items, whole.items)


def test_workers_change_nothing(rows_here: InMemory) -> None:
    start = starting_point(rows_here)
    alone = expect(rows_here, start, working_grid())
    with workers() as mapper:
        shared = expect(InMemory(sides=SIDES, mapper=mapper), start, working_grid())
    assert shared.log_likelihood == alone.log_likelihood
    assert np.array_equal(shared.counts, alone.counts)


def test_a_fit_takes_sides_or_a_source() -> None:
    one, other = settle(SIDES), settle(InMemory(sides=SIDES))
    assert one.trace == other.trace
    assert np.array_equal(one.parameters.slope, other.parameters.slope)


def test_what_is_done_with_a_block_can_be_sent_elsewhere() -> None:
    work = partial(source._expect, starting_point(SIDES), working_grid())
    again = pickle.loads(pickle.dumps(work))  # noqa: S301
    assert again(SIDES, mapper=map).log_likelihood == work(SIDES, mapper=map).log_likelihood
