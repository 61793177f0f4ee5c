"""Which question comes next: the one after which least is left unknown; when to stop is left to `stop`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from undertow.measure.balance import Balance
from undertow.measure.model import Model
from undertow.measure.places import Places
from undertow.measure.posterior import Posterior

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_TIE = 1e-12
"""Variances closer than this differ by the order of additions only."""
_LEAST_MASS = 1e-300
"""A category that nobody can choose any more tells nothing; dividing by its chance must not fail."""


def savings(model: Model, places: Places) -> Array:
    """The variance that each item's answer is expected to take away, in slots; (D, 2, N, S).

    By the items' dimension d, then of d itself and of the other one. For an item: Var(theta) less
    sum over categories k of P(k) * Var(theta | answers, k), which is sum over k of
    P(k) * (E[theta | answers, k] - E[theta])^2 by the law of total variance, so never negative. An
    item of one dimension tells of the other only through their dependence in the posterior, so the
    work is one product with the margins. Source: vanderlinden1998.
    """
    layout = model.layout
    sides, people, groups, size = places.margins.shape
    rows = np.empty((sides, 3, people, groups, size))
    rows[:, 0] = places.margins
    np.multiply(
        places.margins, (layout.nodes - places.mean[:, :, None])[:, :, None, :], out=rows[:, 1]
    )
    # Around the means of now, so that variances do not drown in the squares of means.
    np.subtract(places.crossed, places.margins * places.mean[::-1, :, None, None], out=rows[:, 2])
    told = rows.reshape(sides, 3 * people, groups * size) @ layout.chances
    by_category = told.reshape(sides, 3, people, layout.size, layout.categories)
    mass = np.maximum(by_category[:, :1], _LEAST_MASS)
    moved = by_category[:, 1:]
    value: Array = (moved * moved / mass).sum(axis=4)
    return value


def values_of(saved: Array, wanted: Mask, chances: Array) -> Array:
    """How much variance each item is expected to take from the `wanted` (N, D), in slots; (D, N, S).

    `saved` as `savings` gives it; `chances` (N, D) say how likely an item of each dimension is
    answered and not left out: one that is left out takes nothing away.
    """
    counts = wanted.T[:, :, None]
    value: Array = (saved[:, 0] * counts + saved[:, 1] * counts[::-1]) * chances.T[:, :, None]
    return value


def sharpest(values: Array) -> NDArray[np.intp]:
    """The item with the largest value of each row (N, J), the first that only rounding tells apart."""
    best = np.maximum.reduce(values, axis=1, keepdims=True)
    chosen: NDArray[np.intp] = (values >= best - _TIE).argmax(axis=1)
    return chosen


def balanced(
    balance: Balance,
    values: Array,
    left: Array,
    *,
    keyed: NDArray[np.intp],
    shown: Mask,
) -> NDArray[np.intp]:
    """The item that a balanced test asks, from `values` (N, J), -inf for those that may not come; (N,).

    Each value is multiplied by what near-duplicates leave of the item (`left`) and by how much its
    facet and its keying are still owed. `keyed` holds categories, MISSING where there is none, `shown`
    what came. The first question is a gentle one where the bank names any.
    """
    may = np.isfinite(values)
    opening: Mask = ~np.logical_or.reduce(shown, axis=1)
    if opening.any():
        gentle = may & balance.gentle
        may = np.where((opening & np.logical_or.reduce(gentle, axis=1))[:, None], gentle, may)
    worth = np.where(may, values, 0.0) * left * balance.priority(shown)
    return balance.among_equals(np.where(may, worth, -np.inf), balance.lot(shown, keyed))


def expected_variances(model: Model, current: Posterior, candidates: tuple[int, ...]) -> Array:
    """Posterior variances to expect after each candidate's answer; (n, 2), anxiety first.

    For candidate j: sum over categories k of P(k) * Var(theta | answers, k), both dimensions,
    P(k) under the current posterior. Never larger than the variance now. Source: vanderlinden1998.
    """
    saved, variance = _saved(model, current, candidates)
    return variance - saved


def criterion(
    model: Model,
    current: Posterior,
    candidates: tuple[int, ...],
    *,
    wanted: tuple[bool, bool],
    answer_chance: tuple[float, float] = (1.0, 1.0),
) -> Array:
    """How much variance each candidate is expected to take away; (n,), larger is better.

    Counted over the `wanted` dimensions, those that still need answers. `answer_chance` is, for
    each dimension, how likely an item of it is answered and not left out.
    """
    saved, _ = _saved(model, current, candidates)
    chance = np.asarray(answer_chance)[model.dimension_of[list(candidates)]]
    value: Array = chance * (saved @ np.asarray(wanted, dtype=np.float64))
    return value


def select(
    model: Model,
    current: Posterior,
    candidates: tuple[int, ...],
    *,
    wanted: tuple[bool, bool],
    answer_chance: tuple[float, float] = (1.0, 1.0),
) -> int:
    """The candidate with the largest criterion; the first of `candidates` breaks ties.

    What only rounding tells apart is a tie, so that replay is exact on another machine too.
    """
    values = criterion(model, current, candidates, wanted=wanted, answer_chance=answer_chance)
    return candidates[int(sharpest(values[None])[0])]


def _saved(model: Model, current: Posterior, candidates: tuple[int, ...]) -> tuple[Array, Array]:
    """What each candidate is expected to take from both dimensions, (n, 2), and the variances now."""
    estimate = current.estimate()
    parts, nodes = current.parts, current.grid.nodes
    places = Places(
        margins=np.stack([parts.sum(axis=2), parts.sum(axis=1)])[:, None],
        crossed=np.stack([parts @ nodes, nodes @ parts])[:, None],
        mean=estimate.mean[:, None],
        variance=np.diag(estimate.covariance)[:, None],
    )
    by_side = savings(model, places)
    own, other = model.layout.by_item(by_side[:, 0])[0], model.layout.by_item(by_side[:, 1])[0]
    first = model.dimension_of == 0
    saved = np.stack([np.where(first, own, other), np.where(first, other, own)], axis=1)
    return saved[list(candidates)], places.variance[:, 0]
