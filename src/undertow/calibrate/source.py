"""Rows wherever they lie, in blocks whose sums add up; rows on other machines are left to `cluster`.

A fit needs nothing of its rows but sums over them. They are added up block by block in a fixed
order, and a block is the same rows wherever it lies, so the sums are the same to the last digit
whether one process makes them or many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate import likelihood
from undertow.calibrate.likelihood import (
    Answers,
    Evaluation,
    Expectation,
    Parameters,
    Sides,
    parts_of,
)
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.measure.grid import Grid

Result = TypeVar("Result")

BLOCK_ROWS = 65_536
"""Rows whose sums travel as one: some 10 MB of answers and 0.1 MB of sums for 36 items.

Sums depend on it in their last digits, so it is the same for one machine and for many.
"""


class Source(Protocol):
    """Rows to fit, in blocks of BLOCK_ROWS in a fixed order, the last one smaller."""

    @property
    def rows(self) -> int:
        """How many there are in all blocks."""
        ...

    @property
    def layout(self) -> Sides:
        """Both dimensions' items and their categories, without a row."""
        ...

    def blocks(self, work: Callable[..., Result], /, *by_row: NDArray[Any]) -> Iterable[Result]:
        """work(sides, *own, mapper=mapper) of each block, in the blocks' order.

        Arrays of `by_row` have the rows as their last axis; `own` are their pieces for the block.
        `work` may run elsewhere: a function of a module, or `partial` of one.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InMemory:
    """Rows in this process."""

    sides: Sides
    mapper: Mapper = one_by_one

    @property
    def rows(self) -> int:
        return self.sides[0].rows

    @property
    def layout(self) -> Sides:
        return _rows_of(self.sides, slice(0))

    def blocks(self, work: Callable[..., Result], /, *by_row: NDArray[Any]) -> Iterable[Result]:
        for rows in parts_of(self.rows, BLOCK_ROWS):
            own = (array[..., rows] for array in by_row)
            yield work(_rows_of(self.sides, rows), *own, mapper=self.mapper)


def expect(source: Source, parameters: Parameters, grid: Grid) -> Expectation:
    """One E-step over all rows. Source: bockaitkin1981."""
    counts: NDArray[np.float64] | float = 0.0
    joint: NDArray[np.float64] | float = 0.0
    total = 0.0
    for own in source.blocks(partial(_expect, parameters, grid)):
        counts, joint = counts + own.counts, joint + own.joint
        total += own.log_likelihood
    return Expectation(counts=np.asarray(counts), joint=np.asarray(joint), log_likelihood=total)


def evaluate(
    source: Source, parameters: Parameters, members: NDArray[np.bool_] | None = None
) -> Evaluation:
    """One pass over all rows on the reporting grid; `members` (G, N) says who is in which group."""
    everyone = np.zeros((0, source.rows), dtype=bool) if members is None else members
    mass: NDArray[np.float64] | float = 0.0
    total = 0.0
    for own in source.blocks(partial(_evaluate, parameters), everyone):
        mass = mass + own.mass
        total += own.log_likelihood
    return Evaluation(log_likelihood=total, mass=np.asarray(mass))


def category_counts(source: Source) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How often each category was chosen, of each side's items; (J_d, K) each."""
    first, second = zip(*source.blocks(_category_counts), strict=True)
    return np.sum(first, axis=0), np.sum(second, axis=0)


def every(source: Source, step: int) -> Sides:
    """Every so-manieth row, the first among them, in memory here."""
    wanted = np.zeros(source.rows, dtype=bool)
    wanted[::step] = True
    picked = list(source.blocks(_picked, wanted))
    first, second = (
        Answers(
            indicators=np.concatenate([own[side].indicators for own in picked]),
            items=source.layout[side].items,
            categories=source.layout[side].categories,
        )
        for side in (0, 1)
    )
    return first, second


def _rows_of(sides: Sides, rows: slice) -> Sides:
    return sides[0].part(rows), sides[1].part(rows)


# What is done with a block stands in functions of the module, which other processes find by name.


def _expect(parameters: Parameters, grid: Grid, sides: Sides, *, mapper: Mapper) -> Expectation:
    return likelihood.expect(sides, parameters, grid, mapper)


def _evaluate(
    parameters: Parameters, sides: Sides, members: NDArray[np.bool_], *, mapper: Mapper
) -> Evaluation:
    return likelihood.evaluate(sides, parameters, members, mapper)


def _category_counts(
    sides: Sides, *, mapper: Mapper
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    del mapper
    return sides[0].category_counts(), sides[1].category_counts()


def _picked(sides: Sides, wanted: NDArray[np.bool_], *, mapper: Mapper) -> Sides:
    del mapper
    first, second = (
        Answers(indicators=side.indicators[wanted], items=side.items, categories=side.categories)
        for side in sides
    )
    return first, second
