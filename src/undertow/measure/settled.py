"""Whether more questions could change what will be said; what is said is left to `reading`.

What is said of a place hangs on borders: on which side of each one it lies, surely enough. With the
questions that are left, the place's posterior will move and narrow; both can be foreseen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from undertow.errors import InputError

Array = NDArray[np.float64]

_SIDE = 0.8416212335729143
"""Standard normal quantile of .80: from that share on, a side is said."""
_LEAST_MOVE = 1e-6
"""Where nothing is left that could move a place; dividing by it must not fail."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Borders:
    """The places (B,) of each dimension at which what is said may change, anxiety first.

    `sure` is how likely it must be that nothing said would change for a sitting to end for that.
    Raises InputError for a place that is no number and a share that is none.
    """

    places: tuple[Array, Array]
    sure: float = 0.9
    _table: Array = field(init=False)

    def __post_init__(self) -> None:
        if not all(np.isfinite(own).all() for own in self.places) or not 0 < self.sure < 1:
            raise InputError(
                "Borders must be numbers, and how sure they ask to be lies between 0 and 1."
            )
        # Nothing lies below a border at -inf, so it changes nothing where one dimension has fewer.
        table = np.full((2, max(1, *(own.size for own in self.places))), -np.inf)
        for row, own in zip(table, self.places, strict=True):
            row[: own.size] = own
        object.__setattr__(self, "_table", table)

    def unchanged(self, mean: Array, psd: Array, last: Array) -> Array:
        """How likely each place is told at the end of a sitting as it is told now; (N, 2) all.

        The place is N(`mean`, `psd`^2) now and will have the psd `last` then; its mean will have moved
        by N(0, psd^2 - last^2), as the law of total variance has it. A side of a border is told when
        the posterior is surer of it than .80.
        """
        off = mean[..., None] - self._table
        now, then = _SIDE * psd[..., None], _SIDE * last[..., None]
        is_above, is_below = off >= now, off <= -now
        # How far the mean may move down and up: above stays above from border + z last on, below
        # stays below up to border - z last, and what is neither stays between these two.
        down = np.where(is_above, then - off, np.where(is_below, -np.inf, -then - off)).max(axis=-1)
        up = np.where(is_above, np.inf, np.where(is_below, -then - off, then - off)).min(axis=-1)
        moves = np.sqrt(np.maximum(psd**2 - last**2, _LEAST_MOVE**2))
        inside = _normal(up / moves) - _normal(down / moves)
        return np.maximum(inside, 0.0)


def last_psd(psd: Array, gains: Array, questions: NDArray[np.intp]) -> Array:
    """The psd to expect after as many more `questions`, the best of those left; each shaped (...).

    1 / variance grows by each question's `gains` (..., n), 0 or less for one that is not left.
    """
    ranked = np.sort(np.maximum(gains, 0.0), axis=-1)[..., ::-1]
    summed = np.zeros((*ranked.shape[:-1], ranked.shape[-1] + 1))
    np.cumsum(ranked, axis=-1, out=summed[..., 1:])
    asked = np.minimum(np.maximum(questions, 0), ranked.shape[-1])
    total = np.take_along_axis(summed, asked[..., None], axis=-1)[..., 0]
    value: Array = 1.0 / np.sqrt(1.0 / psd**2 + total)
    return value


def _normal(z: Array) -> Array:
    # numpy has no error function, and scipy is not there where people are served.
    erf_of = np.frompyfunc(erf, 1, 1)
    return 0.5 * (1.0 + np.asarray(erf_of(z / sqrt(2.0)), dtype=np.float64))
