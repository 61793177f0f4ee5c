"""A model's tables laid out for work on all items of both dimensions at once; their meaning is left to `model`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.item import DIMENSIONS

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """Every item in a slot of its dimension: D = 2 times S, S the most items that one has.

    `slots` (J,) are the items' places among all D * S; slots without an item hold zeros, so they
    tell nothing. `chances` (D, G * Q, S * K) and `logs` (D, S * K, G * Q) are the groups' tables and
    their logs, `priors` (D, Q, Q) the prior with the dimension's own nodes in its rows. `sides`
    (J, D) says 1 for an item's own dimension, `moments` (Q, 2) are the nodes and their squares.
    """

    slots: NDArray[np.intp]
    categories: int
    chances: Array
    logs: Array
    priors: Array
    sides: Array
    nodes: Array
    moments: Array

    @property
    def size(self) -> int:
        """S, the slots that a dimension has."""
        return int(self.logs.shape[1]) // self.categories

    def by_item(self, values: Array) -> Array:
        """What stands in slots, (D, N, S), by item; (N, J)."""
        people = values.shape[1]
        own: Array = values.transpose(1, 0, 2).reshape(people, -1)[:, self.slots]
        return own

    def by_slot(self, values: Array) -> Array:
        """What stands by item, (N, J), in slots, 0 in those without an item; (D, N, S)."""
        people = values.shape[0]
        own = np.zeros((people, len(DIMENSIONS) * self.size))
        own[:, self.slots] = values
        return own.reshape(people, len(DIMENSIONS), self.size).transpose(1, 0, 2)


def layout_of(
    tables: Array,
    log_tables: Array,
    *,
    dimension_of: NDArray[np.intp],
    log_prior: Array,
    nodes: Array,
) -> Layout:
    """The layout of a model's `tables` and `log_tables` (G, J, K, Q)."""
    groups, items, categories, size = tables.shape
    sides = np.zeros((items, len(DIMENSIONS)))
    sides[np.arange(items), dimension_of] = 1.0
    slots_each = int(sides.sum(axis=0).max())
    within = (np.cumsum(sides, axis=0) - 1.0)[np.arange(items), dimension_of].astype(np.intp)
    slots = dimension_of * slots_each + within
    shape = (len(DIMENSIONS) * slots_each, categories, groups, size)
    chances, logs = np.zeros(shape), np.zeros(shape)
    chances[slots] = tables.transpose(1, 2, 0, 3)
    logs[slots] = log_tables.transpose(1, 2, 0, 3)
    rows = (len(DIMENSIONS), slots_each * categories, groups * size)
    prior = np.exp(log_prior)
    return Layout(
        slots=slots,
        categories=categories,
        chances=np.ascontiguousarray(chances.reshape(rows).transpose(0, 2, 1)),
        logs=logs.reshape(rows),
        priors=np.stack([prior, prior.T]),
        sides=sides,
        nodes=nodes,
        moments=np.stack([nodes, nodes**2], axis=1),
    )
