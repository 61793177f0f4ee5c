"""How a sitting spreads its questions over what the bank asks about; their precision is left to `select`.

Without it a short test asks what is sharpest, and the sharpest items lean one way. Each facet of a
dimension and each keying gets its share of the questions.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_SPARE = 0.5
"""So that a class that is owed less than one question may still get one."""
_LEAST_PRIORITY = 1e-3
"""A class that had its share comes last, and yet before there is nothing left to ask."""
_NEAR = 0.9
"""Questions within a tenth of the best are as good; which of them comes varies between people."""
_PRIME = 2_147_483_647


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classes:
    """One way to part the items: `members` (J, C) says 1 for each item's class, `class_of` (J,) which.

    `share` (C,) is how many questions of a sitting are each one's due, and half a question to spare.
    """

    members: Array
    class_of: NDArray[np.intp]
    share: Array

    def owed(self, shown: Mask) -> Array:
        """What each item's class is still owed, as a part of its share, 0 to 1; (N, J)."""
        owed = np.maximum(1.0 - (shown @ self.members) / self.share, _LEAST_PRIORITY)
        value: Array = owed[:, self.class_of]
        return value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Balance:
    """What gets its share of a sitting: the `facets` of both dimensions, and their `keyings`.

    `gentle` (J,) says which items may come first; none, where any may. `salt` (J, 2) makes which of
    equally good questions comes a matter of the answers so far, so that no item is asked of everyone
    without need.
    """

    facets: Classes
    keyings: Classes
    gentle: Mask
    salt: NDArray[np.int64]

    def priority(self, shown: Mask) -> Array:
        """How much each item's classes are still owed, 0 to 1; (N, J) for the `shown` (N, J).

        The product over facet and keying of (share - shown) / share, which is 1 before the first question
        and least once a class had its share. Source: chengchang2009.
        """
        return self.facets.owed(shown) * self.keyings.owed(shown)

    def lot(self, shown: Mask, keyed: NDArray[np.intp]) -> NDArray[np.int64]:
        """A number for each item, (N, J), that follows from the answers so far: the largest comes first.

        `keyed` (N, J) are categories, MISSING where there is none. The order of answers is not in it.
        """
        told = ((keyed + 2) * self.salt[:, 0] * shown).sum(axis=1)
        drawn: NDArray[np.int64] = (told[:, None] + 1) * self.salt[:, 1] % _PRIME
        return drawn

    def among_equals(self, values: Array, lots: NDArray[np.int64]) -> NDArray[np.intp]:
        """Which item of each row comes: of those within a tenth of the largest value, by lot; (N,)."""
        best = np.maximum.reduce(values, axis=1, keepdims=True)
        near = values >= np.where(best > 0, _NEAR * best, best)
        chosen: NDArray[np.intp] = np.where(near, lots, -1).argmax(axis=1)
        return chosen


def balance_of(bank: Bank, *, most: int, gentle: frozenset[str] = frozenset()) -> Balance:
    """Facets and keyings of a bank, for sittings of `most` questions.

    A dimension whose items name no facets is one class. `gentle` are the ids of items that may come
    first.
    """
    items = len(bank.items)
    # Fixed numbers that share no pattern with the order of the items.
    order = np.arange(1, items + 1, dtype=np.int64)
    salt = np.stack([order * 2_654_435 % 1_000_003, order * 40_503 % 999_983], axis=1)
    return Balance(
        facets=_classes([(item.dimension, item.facet) for item in bank.items], most),
        keyings=_classes([(item.dimension, item.keying) for item in bank.items], most),
        gentle=np.array([item.id in gentle for item in bank.items]),
        salt=salt,
    )


def _classes(names: Sequence[Hashable], most: int) -> Classes:
    """The items' classes by name, in the order in which they first come."""
    known = {name: number for number, name in enumerate(dict.fromkeys(names))}
    class_of = np.array([known[name] for name in names], dtype=np.intp)
    members = np.zeros((len(names), len(known)))
    members[np.arange(len(names)), class_of] = 1.0
    return Classes(
        members=members,
        class_of=class_of,
        share=members.sum(axis=0) * most / len(names) + _SPARE,
    )
