"""The factorised likelihood: with simple structure a person's is L1(theta1) * L2(theta2).

So an E-step is a handful of (N, Q) matrix products, never a Q x Q grid a person. Products are in
float32, sums over people in float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.measure.grid import Grid
from undertow.measure.grm import category_probabilities

Array = NDArray[np.float64]
Single = NDArray[np.float32]

_CHUNK_ROWS = 8192
"""Rows at a time: the products' operands stay near the processor, and memory stays flat."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parameters:
    """All items' parameters: `slope` (J,), `intercepts` (J, K-1) falling, and the correlation."""

    slope: Array
    intercepts: Array
    correlation: float

    def ordered(self) -> bool:
        return bool(np.all(self.slope > 0) and np.all(np.diff(self.intercepts, axis=1) < 0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Answers of one dimension's items as indicator rows; (N, J_d * K) float32, 0 where missing.

    `items` are the positions of the dimension's items among all.
    """

    indicators: Single
    items: NDArray[np.intp]
    categories: int

    @property
    def rows(self) -> int:
        return int(self.indicators.shape[0])

    def part(self, rows: slice) -> Answers:
        return Answers(
            indicators=self.indicators[rows], items=self.items, categories=self.categories
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expectation:
    """What an E-step gives: `counts` (J, K, Q), `joint` (Q, Q) and the log-likelihood."""

    counts: Array
    joint: Array
    log_likelihood: float


def answers_of(keyed: NDArray[np.int8], items: NDArray[np.intp], categories: int) -> Answers:
    """Indicator rows of some items' keyed categories (N, J)."""
    own = keyed[:, items]
    indicators = np.zeros((own.shape[0], items.size, categories), dtype=np.float32)
    rows, columns = np.nonzero(own != MISSING)
    indicators[rows, columns, own[rows, columns]] = 1.0
    return Answers(
        indicators=indicators.reshape(own.shape[0], -1), items=items, categories=categories
    )


def item_tables(parameters: Parameters, grid: Grid) -> Array:
    """log P(X_j = k) at every node; (J, K, Q)."""
    return np.stack(
        [
            np.log(category_probabilities(grid.nodes, slope=float(a), intercepts=d))
            for a, d in zip(parameters.slope, parameters.intercepts, strict=True)
        ]
    )


def posteriors(
    first: Answers, second: Answers, parameters: Parameters, grid: Grid
) -> Iterator[tuple[slice, Single, Single, Single, Single, Array]]:
    """Chunk by chunk: rows, L1, L2, both posterior marginals (n, Q) and log-likelihoods (n,).

    L1 and L2 are scaled by each row's maximum, so that float32 does not run out at 18 items;
    the maxima are in the log-likelihoods again. L1 is divided by the likelihood, so that L1.T @ L2
    sums to the expected joint counts before the prior.
    """
    log_tables = item_tables(parameters, grid)
    tables = [
        log_tables[a.items].reshape(-1, grid.nodes.size).astype(np.float32) for a in (first, second)
    ]
    prior = grid.prior(parameters.correlation).astype(np.float32)
    for start in range(0, first.rows, _CHUNK_ROWS):
        rows = slice(start, start + _CHUNK_ROWS)
        one, peak_one = _scaled(first.indicators[rows] @ tables[0])
        two, peak_two = _scaled(second.indicators[rows] @ tables[1])
        mixed = one @ prior
        mixed *= two
        likelihood = mixed.sum(axis=1, dtype=np.float64)
        one /= likelihood[:, None].astype(np.float32)
        mixed /= likelihood[:, None].astype(np.float32)
        own = two @ prior.T
        own *= one
        log_likelihood = np.log(likelihood) + peak_one + peak_two
        yield rows, one, two, own, mixed, log_likelihood


def _scaled(log_likelihood: Single) -> tuple[Single, Array]:
    peak = log_likelihood.max(axis=1)
    log_likelihood -= peak[:, None]
    np.exp(log_likelihood, out=log_likelihood)
    return log_likelihood, peak.astype(np.float64)


def expect(first: Answers, second: Answers, parameters: Parameters, grid: Grid) -> Expectation:
    """One E-step over all rows. Source: bockaitkin1981."""
    size, categories = grid.nodes.size, first.categories
    items = first.items.size + second.items.size
    counts = np.zeros((items, categories, size))
    joint = np.zeros((size, size))
    total = 0.0
    for rows, one, two, own, mixed, log_likelihood in posteriors(first, second, parameters, grid):
        total += float(log_likelihood.sum())
        joint += one.T @ two
        for answers, marginal in ((first, own), (second, mixed)):
            product = answers.indicators[rows].T @ marginal
            counts[answers.items] += product.reshape(-1, categories, size)
    joint *= grid.prior(parameters.correlation)
    return Expectation(counts=counts, joint=joint, log_likelihood=total)


def log_likelihood_of(first: Answers, second: Answers, parameters: Parameters, grid: Grid) -> float:
    """The marginal log-likelihood of all rows."""
    return sum(float(chunk[-1].sum()) for chunk in posteriors(first, second, parameters, grid))


def reporting_grid() -> Grid:
    """-6.5 to 6.5 by 0.1: every log-likelihood that is reported is evaluated here."""
    return Grid(nodes=np.linspace(-6.5, 6.5, 131))
