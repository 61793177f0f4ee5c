"""What near-duplicates are worth together; which items those are is left to the bank.

Two items that go together more than theta explains tell less than the sum of both. With scores U on
theta of covariance C between a set's items, and d their information alone, weights w = C^-1 d make
the most of the set, and its information is then d' w, neither more nor less.
Weights hang on which items were answered, never on the answers or their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.measure.grid import Grid

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LEAST_WEIGHT = 0.1
"""An answer never counts for nothing, nor against itself."""
_LEAST_LEFT = 0.02
"""An item whose near-duplicates were all answered is still a question, where nothing else is left."""
_LEAST_BEYOND = 1e-9
"""Variance of a score beyond what others tell; dividing by it must not fail."""
_SMALLEST = 0.1
"""Smallest eigenvalue of relations between scores: below it, weights swing with rounding."""
_MOST_TABLED = 10
"""A cluster of n items has 2^n sets; those of larger clusters are worked out when they come."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lookup:
    """Every set of every cluster: an item's row is `start` (J,) plus `bits` (J, J) of those answered."""

    start: Array
    bits: Array
    weights: Array
    left: Array

    def worth(self, answered: Mask) -> tuple[Array, Array]:
        rows = (self.start + answered @ self.bits).astype(np.intp)
        return self.weights[rows], self.left[rows]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dependence:
    """How the bank's items hang together: the `covariance` (J, J) of their scores on theta.

    A mean over the reference population, 0 between items that only theta connects. Items fall into
    clusters that have nothing to do with each other, so that what an answer counts hangs on its own
    cluster's answers only. Small clusters' sets are worked out once and looked up from then on.
    """

    covariance: Array
    _lookup: _Lookup = field(init=False)
    _large: tuple[NDArray[np.intp], ...] = field(init=False)

    def __post_init__(self) -> None:
        clusters = list(_clusters(self.covariance))
        small = [own for own in clusters if own.size <= _MOST_TABLED]
        large = tuple(own for own in clusters if own.size > _MOST_TABLED)
        object.__setattr__(self, "_lookup", _looked_up(small, self.covariance))
        object.__setattr__(self, "_large", large)

    def weights(self, answered: Mask) -> Array:
        """How much each answer counts; (N, J), 0 where `answered` (N, J) is not, else 0.1 to 1."""
        return self.worth(answered)[0]

    def left(self, answered: Mask) -> Array:
        """The share of each item's information that it would add to those `answered`; (N, J), to 1.

        An item that was answered adds nothing, for which the least of all, 0.02, stands.
        """
        return self.worth(answered)[1]

    def worth(self, answered: Mask) -> tuple[Array, Array]:
        """`weights` and `left` at once."""
        weights, left = self._lookup.worth(answered)
        for own in self._large:
            weights[:, own], left[:, own] = _worth(
                answered[:, own], self.covariance[np.ix_(own, own)]
            )
        return weights, left


def dependence_of(bank: Bank, information: Array, grid: Grid) -> Dependence | None:
    """The bank's pairs with its items' `information` (J, Q) on the grid; None where no pair is known.

    Cov(U_i, U_j) = r_ij * mean over N(0,1) of sqrt(I_i I_j), r the pair's dependence.
    """
    if not bank.pairs:
        return None
    weights = np.exp(-(grid.nodes**2) / 2)
    weights /= weights.sum()
    root = np.sqrt(information)
    at = {item.id: number for number, item in enumerate(bank.items)}
    relation = np.eye(len(bank.items))
    for pair in bank.pairs:
        first, second = at[pair.first], at[pair.second]
        relation[first, second] = relation[second, first] = pair.dependence
    for dimension in DIMENSIONS:
        own = np.flatnonzero([item.dimension == dimension for item in bank.items])
        relation[np.ix_(own, own)] = _positive(relation[np.ix_(own, own)])
    return Dependence(covariance=relation * ((root * weights) @ root.T))


def _positive(relation: Array) -> Array:
    """The relations, shrunk towards none until they can be those of a set of scores.

    Pairs were estimated one by one, so that a whole of them may contradict itself.
    """
    smallest = float(np.linalg.eigvalsh(relation)[0])
    if smallest >= _SMALLEST:
        return relation
    # (1 - s) R + s I has smallest eigenvalue (1 - s) l + s.
    share = (_SMALLEST - smallest) / (1.0 - smallest)
    shrunk: Array = (1 - share) * relation + share * np.eye(relation.shape[0])
    return shrunk


def _clusters(covariance: Array) -> Iterator[NDArray[np.intp]]:
    """The items of each cluster, in the bank's order: those that a chain of relations connects."""
    related = covariance != 0
    unseen = np.ones(related.shape[0], dtype=bool)
    while unseen.any():
        own = np.arange(unseen.size) == unseen.argmax()
        while (more := own | related[own].any(axis=0)).sum() > own.sum():
            own = more
        unseen &= ~own
        yield np.flatnonzero(own)


def _looked_up(clusters: Sequence[NDArray[np.intp]], covariance: Array) -> _Lookup:
    items = covariance.shape[0]
    start, bits = np.zeros(items), np.zeros((items, items))
    # The first row is for items of large clusters, whose sets are not here.
    weights, left, rows = [np.zeros(1)], [np.ones(1)], 1
    for own in clusters:
        powers = 1 << np.arange(own.size)
        sets = (np.arange(1 << own.size)[:, None] & powers) > 0
        own_weights, own_left = _worth(sets, covariance[np.ix_(own, own)])
        weights.append(own_weights.T.ravel())
        left.append(own_left.T.ravel())
        start[own] = rows + np.arange(own.size) * sets.shape[0]
        bits[np.ix_(own, own)] = powers[:, None]
        rows += sets.size
    return _Lookup(
        start=start, bits=bits, weights=np.concatenate(weights), left=np.concatenate(left)
    )


def _worth(answered: Mask, covariance: Array) -> tuple[Array, Array]:
    """Weights and what is left, of one cluster's sets; (N, n) each."""
    alone = np.diag(covariance)
    both = answered[:, :, None] & answered[:, None, :]
    # The covariance among the answered items, and each other item alone by itself.
    among = np.where(both | np.eye(alone.size, dtype=bool), covariance, 0.0)
    # Column c: the item's covariance with each answered one.
    together = covariance * answered[:, :, None]
    told = answered * alone
    solved = np.linalg.solve(among, np.concatenate([told[:, :, None], together], axis=2))
    best, mixed = solved[:, :, 0], solved[:, :, 1:]
    weights = np.where(answered, np.clip(best, _LEAST_WEIGHT, 1.0), 0.0)
    beyond = alone - np.einsum("nsc,nsc->nc", together, mixed)
    new = alone - np.einsum("ns,nsc->nc", told, mixed)
    gained = np.maximum(new, 0.0) ** 2 / np.maximum(beyond, _LEAST_BEYOND) / alone
    return weights, np.clip(gained, _LEAST_LEFT, 1.0)
