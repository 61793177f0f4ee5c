"""Answers given without reading: the same one over and over, against the keying. Which are dropped is
left to `sample`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.recipe import Recipe


def same_answers(shown: NDArray[np.int8], *, least: int) -> NDArray[np.bool_]:
    """Which rows of `shown` (N, J), as shown, have `least` or more answers, all of them the same; (N,).

    Source: meadecraig2012.
    """
    # MISSING is below every category: as 127 it is above them.
    highest = shown.max(axis=1)
    lowest = np.where(shown == MISSING, np.int8(127), shown).min(axis=1)
    # Few rows pass, so answers are counted in those alone.
    same: NDArray[np.bool_] = highest == lowest
    same[same] = (shown[same] != MISSING).sum(axis=1) >= least
    return same


def longest_run_against_keying(
    shown: NDArray[np.int8], recipe: Recipe, *, order: tuple[int, ...] | None
) -> NDArray[np.int16]:
    """Each row's longest run of one answer, as shown, that contradicts itself; (N,), 0 for none.

    A run contradicts itself where it holds items of both keyings of one dimension: to agree with
    both is to say one thing and its opposite. `shown` is (N, J) of 0..K-1 or MISSING; `order` are
    the items as people saw them. An item left out neither ends a run nor counts.
    Source: meadecraig2012.
    """
    places = range(len(recipe.items)) if order is None else order
    dimension_of = recipe.dimension_of
    rows = shown.shape[0]
    longest = np.zeros(rows, dtype=np.int16)
    length = np.zeros(rows, dtype=np.int16)
    last = np.full(rows, MISSING, dtype=np.int8)
    # Of each dimension and keying, whether the run that goes on holds such an item: a bit of each.
    held = np.zeros((len(recipe.dimensions), rows), dtype=np.uint8)
    contradicts = np.zeros(rows, dtype=bool)
    for place in places:
        item, answer = recipe.items[place], shown[:, place]
        answered = answer != MISSING
        new = answered & (answer != last)
        length[new] = 0
        length += answered
        held[:, new] = 0
        own = held[dimension_of[place]]
        own |= np.where(answered, np.uint8(1 if item.keying == 1 else 2), np.uint8(0))
        contradicts &= ~new
        contradicts |= own == 3
        last = np.where(answered, answer, last)
        np.maximum(longest, np.where(contradicts, length, np.int16(0)), out=longest)
    return longest
