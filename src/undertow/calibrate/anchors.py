"""Which items tie the groups' metrics together, by five rules; what follows from each is left to `dif`.

Differential item functioning is relative: whatever items are taken as fair decide how far the
groups are apart. So no rule is used without the others beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

ALL = "all items"
PURIFIED = "purified"
STEEPEST = "steepest"

SMALL_DIFFERENCE = 0.05
"""In SD of the item's score. An anchor that differs by less moves the groups by less than .02 SD."""
_SHARE = 3
"""A leaning or steepest set is one in three of a dimension's items: six of eighteen."""
_LEAST = 2
_MOST_ROUNDS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnchorRule:
    """A named choice of anchor items; `items` is (J,)."""

    name: str
    items: Mask


def leaning_to(group: str) -> str:
    """The name of the rule that takes the items which a group endorses more at the same place."""
    return f"leaning to {group}"


def extreme_items(values: Array, dimension_of: NDArray[np.intp]) -> Mask:
    """In each dimension, the third of the items with the largest `values` (J,)."""
    chosen = np.zeros(values.size, dtype=bool)
    for dimension in np.unique(dimension_of):
        own = np.flatnonzero(dimension_of == dimension)
        count = max(_LEAST, round(own.size / _SHARE))
        # A stable sort, so that ties are broken by the items' order on every machine.
        chosen[own[np.argsort(-values[own], kind="stable")[:count]]] = True
    return chosen


def small_effects(standardised: Array, dimension_of: NDArray[np.intp]) -> Mask:
    """Items whose effect (J,), in SD of their score, is small; at least two in each dimension."""
    chosen = np.abs(standardised) < SMALL_DIFFERENCE
    for dimension in np.unique(dimension_of):
        own = np.flatnonzero(dimension_of == dimension)
        least = own[np.argsort(np.abs(standardised[own]), kind="stable")[:_LEAST]]
        chosen[least] = True
    return chosen


def purify(
    first: Array, dimension_of: NDArray[np.intp], effects_with: Callable[[Mask], Array]
) -> Mask:
    """Anchors that stay small when they themselves are the yardstick.

    Starts from `first` (J,), the effects with all items as anchors, and asks `effects_with` for
    those under each next choice. Where the choice would go round in circles or run away from the
    first, the first choice stands. Source: candelldrasgow1988.
    """
    chosen = small_effects(first, dimension_of)
    begun = chosen
    for _ in range(_MOST_ROUNDS):
        after = small_effects(effects_with(chosen), dimension_of)
        if np.array_equal(after, chosen):
            return chosen
        chosen = after
    return begun
