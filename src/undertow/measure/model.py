"""A bank on a grid: the tables that scoring and selection read; neither happens here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank, CalibratedItem
from undertow.bank.drift import CarriedDrift
from undertow.bank.item import DIMENSIONS
from undertow.bank.responses import MISSING, Answer, keyed_category
from undertow.errors import ResponseError
from undertow.measure.grid import Grid, standard_grid
from undertow.measure.grm import (
    category_probabilities,
    rising_ratios,
    widened_probabilities,
)

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """Probability tables of every item on every node.

    `probabilities` is one (K, Q) array an item, in the bank's order, after keying;
    `log_prior` is (Q, Q), anxiety first; `dimension_of` is (J,), 0 anxiety, 1 avoidance.
    `drift` is what adapted items' tables are widened by, None where every figure is taken as sure.
    """

    bank: Bank
    grid: Grid
    probabilities: tuple[Array, ...]
    log_prior: Array
    dimension_of: NDArray[np.intp]
    drift: CarriedDrift | None = None

    def index(self, item_id: str) -> int:
        """Where the item stands in the bank. Raises ResponseError when it does not."""
        for position, item in enumerate(self.bank.items):
            if item.id == item_id:
                return position
        raise ResponseError("That question is not part of this self-check. Answer the one shown.")

    def item(self, item_id: str) -> CalibratedItem:
        return self.bank.items[self.index(item_id)]

    def chances(self, position: int, place: float) -> Array:
        """P(X = k) of one item at any place, off the grid too, after keying; (K,)."""
        item = self.bank.items[position]
        value: Array = _probabilities(item, np.array([place]), self.drift)[:, 0]
        return value

    def keyed(self, answer: Answer) -> tuple[int, int]:
        """(position of the item, category after keying or MISSING). Raises ResponseError."""
        position = self.index(answer.item_id)
        item = self.bank.items[position]
        category = keyed_category(answer.category, keying=item.keying, categories=item.categories)
        return position, category

    def log_likelihoods(self, answers: tuple[Answer, ...]) -> Array:
        """log L of the answers at every node, one row a dimension; (2, Q).

        With simple structure an item speaks about one dimension only, so the likelihood of a
        person is L1(theta1) * L2(theta2). MISSING adds nothing. Raises ResponseError.
        """
        total = np.zeros((len(DIMENSIONS), self.grid.nodes.size))
        for answer in answers:
            position, category = self.keyed(answer)
            if category != MISSING:
                row = np.log(self.probabilities[position][category])
                total[self.dimension_of[position]] += row
        return total


def model_of(bank: Bank, *, grid: Grid | None = None, drift: bool = True) -> Model:
    """The bank's tables on a grid, by default the standard one.

    Items that adapt others are widened by what the bank says wording may do (`Bank.carried_drift`);
    with `drift` False their figures are taken as if they were their own.
    """
    on = grid or standard_grid()
    carried = bank.carried_drift if drift else None
    return Model(
        bank=bank,
        grid=on,
        probabilities=tuple(_table(item, on.nodes, carried) for item in bank.items),
        log_prior=on.log_prior(bank.correlation),
        dimension_of=np.array(
            [DIMENSIONS.index(item.dimension) for item in bank.items], dtype=np.intp
        ),
        drift=carried,
    )


def _table(item: CalibratedItem, nodes: Array, drift: CarriedDrift | None) -> Array:
    table = _probabilities(item, nodes, drift)
    if drift is None or item.adapts is None or not drift.log_slope:
        return table
    return rising_ratios(table, thresholds=np.asarray(item.thresholds), theta=nodes)


def _probabilities(item: CalibratedItem, theta: Array, drift: CarriedDrift | None) -> Array:
    intercepts = np.asarray(item.intercepts)
    if drift is None or item.adapts is None:
        return category_probabilities(theta, slope=item.slope, intercepts=intercepts)
    return widened_probabilities(theta, slope=item.slope, intercepts=intercepts, drift=drift)
