"""Which question comes next: the one after which least is left unknown; when to stop is left to `stop`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from undertow.bank.item import DIMENSIONS
from undertow.measure.model import Model
from undertow.measure.posterior import Posterior

Array = NDArray[np.float64]

_TIE = 1e-12
"""Variances closer than this differ by the order of additions only."""


def expected_variances(model: Model, current: Posterior, candidates: tuple[int, ...]) -> Array:
    """Posterior variances to expect after each candidate's answer; (n, 2), anxiety first.

    For candidate j: sum over categories k of P(k) * Var(theta | answers, k), both dimensions,
    P(k) under the current posterior. An item of one dimension tells of the other only through
    their dependence in the posterior, so the work is one (K, Q) by (Q, 5) product an item.
    Never larger than the variance now. Source: vanderlinden1998.
    """
    moments = tuple(_moments(current, own=axis) for axis in range(len(DIMENSIONS)))
    expected = np.empty((len(candidates), len(DIMENSIONS)))
    for row, position in enumerate(candidates):
        own = int(model.dimension_of[position])
        # Columns: mass, own first and second moment, other first and second moment.
        by_category = model.probabilities[position] @ moments[own]
        mass = by_category[:, 0]
        expected[row, own] = by_category[:, 2].sum() - (by_category[:, 1] ** 2 / mass).sum()
        expected[row, 1 - own] = by_category[:, 4].sum() - (by_category[:, 3] ** 2 / mass).sum()
    return expected


def _moments(current: Posterior, *, own: int) -> Array:
    """(Q, 5): at each node of dimension `own` mass, own and other dimension's first two moments.

    Taken around the current means, so that variances do not drown in the squares of means.
    """
    weights = current.weights if own == 0 else current.weights.T
    nodes = current.grid.nodes
    mass = weights.sum(axis=1)
    other_mass = weights.sum(axis=0)
    here = nodes - mass @ nodes
    there = nodes - other_mass @ nodes
    return np.stack(
        [mass, mass * here, mass * here**2, weights @ there, weights @ there**2], axis=1
    )


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
    each dimension, how likely an item of it is answered and not left out: one that is left out
    takes nothing away.
    """
    now = np.diag(current.estimate().covariance)
    saved = now[None, :] - expected_variances(model, current, candidates)
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
    return candidates[int(np.argmax(values >= values.max() - _TIE))]
