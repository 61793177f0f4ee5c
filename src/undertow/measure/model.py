"""A bank on a grid: the tables that scoring and selection read; neither happens here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank, CalibratedItem
from undertow.bank.drift import CarriedDrift
from undertow.bank.item import DIMENSIONS
from undertow.bank.responses import MISSING, Answer, keyed_category
from undertow.errors import InputError, ResponseError
from undertow.measure.dependence import Dependence, dependence_of
from undertow.measure.grid import Grid, standard_grid
from undertow.measure.grm import (
    category_probabilities,
    item_information,
    rising_ratios,
    widened_probabilities,
)
from undertow.measure.layout import Layout, layout_of

Array = NDArray[np.float64]

_SMALLEST = 1e-300
"""Before logs, and for categories that an item does not have."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """Probability tables of every item on every node, under one or several groups' figures.

    `tables` (G, J, K, Q) are P(X = k | theta) after keying, 0 for categories that an item lacks;
    `groups` (G,) names whose figures they are, empty for those of everyone, and `shares` (G,) what
    each weighs for a person of whom no group is known. `log_prior` is (Q, Q), anxiety first, one for
    all; `dimension_of` is (J,), 0 anxiety, 1 avoidance. `drift` is what adapted items' tables are
    widened by, None where every figure is taken as sure; `dependence` what near-duplicates are worth
    together, None where every answer counts in full.
    """

    bank: Bank
    grid: Grid
    groups: tuple[str, ...] = ()
    tables: Array
    shares: Array
    log_prior: Array
    dimension_of: NDArray[np.intp]
    drift: CarriedDrift | None = None
    dependence: Dependence | None = None
    log_tables: Array = field(init=False)
    layout: Layout = field(init=False)
    _places: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "log_tables", np.log(np.maximum(self.tables, _SMALLEST)))
        layout = layout_of(
            self.tables,
            self.log_tables,
            dimension_of=self.dimension_of,
            log_prior=self.log_prior,
            nodes=self.grid.nodes,
        )
        object.__setattr__(self, "layout", layout)
        places = {item.id: position for position, item in enumerate(self.bank.items)}
        object.__setattr__(self, "_places", places)

    @property
    def correlation(self) -> float:
        """Of the dimensions, in the prior."""
        return _correlation(self.bank, self.groups)

    @property
    def probabilities(self) -> tuple[Array, ...]:
        """One (K, Q) array an item, in the bank's order: the groups' tables, weighted by their shares."""
        mixed = np.einsum("g,gjkq->jkq", self.shares, self.tables)
        return tuple(
            table[: item.categories] for item, table in zip(self.bank.items, mixed, strict=True)
        )

    def index(self, item_id: str) -> int:
        """Where the item stands in the bank. Raises ResponseError when it does not."""
        if item_id not in self._places:
            raise ResponseError(
                "That question is not part of this self-check. Answer the one shown."
            )
        return self._places[item_id]

    def item(self, item_id: str) -> CalibratedItem:
        return self.bank.items[self.index(item_id)]

    def chances(self, position: int, place: float) -> Array:
        """P(X = k) of one item at any place, off the grid too, after keying; (K,)."""
        item = self.bank.items[position]
        at = np.array([place])
        chances: Array = np.zeros(item.categories)
        for slope_and_intercepts, share in zip(
            figures_of(item, self.groups), self.shares, strict=True
        ):
            chances += share * _probabilities(item, at, self.drift, *slope_and_intercepts)[:, 0]
        return chances

    def keyed(self, answer: Answer) -> tuple[int, int]:
        """(position of the item, category after keying or MISSING). Raises ResponseError."""
        position = self.index(answer.item_id)
        item = self.bank.items[position]
        category = keyed_category(answer.category, keying=item.keying, categories=item.categories)
        return position, category

    def weights(self, answered: NDArray[np.bool_]) -> Array:
        """How much each of the `answered` (N, J) counts; (N, J), 0 where it is not."""
        if self.dependence is None:
            return answered.astype(np.float64)
        return self.dependence.weights(answered)

    def left(self, answered: NDArray[np.bool_]) -> Array:
        """What share of each item's information the `answered` (N, J) leave; (N, J)."""
        if self.dependence is None:
            return np.ones(answered.shape)
        return self.dependence.left(answered)

    def worth(self, answered: NDArray[np.bool_]) -> tuple[Array, Array]:
        """`weights` and `left` at once."""
        if self.dependence is None:
            return answered.astype(np.float64), np.ones(answered.shape)
        return self.dependence.worth(answered)

    def log_likelihoods(self, answers: Sequence[Answer]) -> Array:
        """log L of the answers at every node, by group and dimension; (G, 2, Q).

        With simple structure an item speaks about one dimension only, so the likelihood of a
        person is L1(theta1) * L2(theta2) in each group. MISSING adds nothing, and near-duplicates
        count for what they are worth together. Raises ResponseError.
        """
        given = [one for one in map(self.keyed, answers) if one[1] != MISSING]
        total = np.zeros((self.shares.size, len(DIMENSIONS), self.grid.nodes.size))
        if not given:
            return total
        positions, categories = (np.array(column) for column in zip(*given, strict=True))
        answered = np.zeros((1, len(self.bank.items)), dtype=bool)
        answered[0, positions] = True
        weights = self.weights(answered)[0, positions]
        rows = self.log_tables[:, positions, categories]  # (G, n, Q)
        of_dimension = np.zeros((len(DIMENSIONS), positions.size))
        of_dimension[self.dimension_of[positions], np.arange(positions.size)] = weights
        value: Array = of_dimension @ rows
        return value


def model_of(
    bank: Bank,
    *,
    grid: Grid | None = None,
    drift: bool = True,
    groups: Sequence[str] = (),
    discounts: bool = False,
) -> Model:
    """The bank's tables on a grid, by default the standard one.

    Items that adapt others are widened by what the bank says wording may do (`Bank.carried_drift`);
    with `drift` False their figures are taken as if they were their own. `groups` asks for the
    figures of stated groups in place of those of everyone, with equal shares where there are
    several: for whom none is stated. With `discounts` near-duplicates count for what they are worth
    together. Raises InputError for a group that the bank has no figures for.
    """
    on = grid or standard_grid()
    carried = bank.carried_drift if drift else None
    for group in groups:
        if group not in bank.groups:
            known = ", ".join(bank.groups) or "none"
            raise InputError(
                f"Bank '{bank.id}' has no figures for '{group}' (it has: {known}). Use one of those, "
                "or the figures of everyone."
            )
    categories = max(item.categories for item in bank.items)
    count = max(len(groups), 1)
    tables = np.zeros((count, len(bank.items), categories, on.nodes.size))
    for position, item in enumerate(bank.items):
        for number, (slope, intercepts) in enumerate(figures_of(item, groups)):
            tables[number, position, : item.categories] = _table(
                item, on.nodes, carried, slope, intercepts
            )
    return Model(
        bank=bank,
        grid=on,
        groups=tuple(groups),
        tables=tables,
        shares=np.full(count, 1.0 / count),
        log_prior=on.log_prior(_correlation(bank, groups)),
        dimension_of=np.array(
            [DIMENSIONS.index(item.dimension) for item in bank.items], dtype=np.intp
        ),
        drift=carried,
        dependence=_dependence(bank, on) if discounts else None,
    )


def _correlation(bank: Bank, groups: Sequence[str]) -> float:
    # Figures by group were found together with a correlation of their own.
    if groups and bank.group_correlation is not None:
        return bank.group_correlation
    return bank.correlation


def _dependence(bank: Bank, grid: Grid) -> Dependence | None:
    # Pairs were found under the figures of everyone, so their information is taken there too.
    information = np.stack(
        [
            item_information(grid.nodes, slope=item.slope, intercepts=np.asarray(item.intercepts))
            for item in bank.items
        ]
    )
    return dependence_of(bank, information, grid)


def figures_of(item: CalibratedItem, groups: Sequence[str]) -> list[tuple[float, Array]]:
    """Slope and intercepts (K-1,) of each group, or those of everyone where no group is named."""
    if not groups:
        return [(item.slope, np.asarray(item.intercepts))]
    by_group = {figures.group: figures for figures in item.by_group}
    return [(by_group[group].slope, np.asarray(by_group[group].intercepts)) for group in groups]


def _table(
    item: CalibratedItem,
    nodes: Array,
    drift: CarriedDrift | None,
    slope: float,
    intercepts: Array,
) -> Array:
    table = _probabilities(item, nodes, drift, slope, intercepts)
    if drift is None or item.adapts is None or not drift.log_slope:
        return table
    return rising_ratios(table, thresholds=-intercepts / slope, theta=nodes)


def _probabilities(
    item: CalibratedItem,
    theta: Array,
    drift: CarriedDrift | None,
    slope: float,
    intercepts: Array,
) -> Array:
    if drift is None or item.adapts is None:
        return category_probabilities(theta, slope=slope, intercepts=intercepts)
    return widened_probabilities(theta, slope=slope, intercepts=intercepts, drift=drift)
