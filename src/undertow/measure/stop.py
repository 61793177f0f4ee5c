"""When a sitting has asked enough, and why it ends; what is asked is left to `select`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from undertow.bank.item import DIMENSIONS
from undertow.errors import InputError
from undertow.measure.settled import Borders, last_psd

Array = NDArray[np.float64]
Counts = NDArray[np.float64]
"""How many questions or answers; whole numbers, as products with masks give them."""
Mask = NDArray[np.bool_]


class StopReason(StrEnum):
    PRECISE = "precise"
    """Both dimensions are known as well as the rule asks."""
    SETTLED = "settled"
    """Nothing that is likely to be answered would change what is said."""
    LENGTH = "length"
    """The most questions that a sitting may ask have been asked."""
    EXHAUSTED = "exhausted"
    """No question is left on a dimension that still needs answers."""


REASONS = tuple(StopReason)
PRECISE, SETTLED, LENGTH, EXHAUSTED = 0, 1, 2, 3
"""Where many sittings end at once, a reason is its place in REASONS."""
GOES_ON = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRule:
    """psd at most `psd` on both dimensions, at least `least` answers on each, at most `most` asked.

    With `borders` a dimension also needs no more answers once it is sure enough that none would
    change what is said, from `least_settled` answers on. All methods judge N sittings at once, with
    dimensions last: anxiety first. Raises InputError for a rule that could never end well.
    """

    psd: float = 0.30
    least: int = 4
    most: int = 20
    borders: Borders | None = None
    least_settled: int = 6

    def __post_init__(self) -> None:
        if not self.psd > 0 or self.least < 1 or self.most < self.least * len(DIMENSIONS):
            raise InputError(
                "A stop rule needs a positive psd and a length that holds the least of both "
                "dimensions."
            )

    def wanted(self, psd: Array, answered: Counts) -> Mask:
        """Which dimensions still need answers; (N, 2)."""
        wanted: Mask = (psd > self.psd) | (answered < self.least)
        return wanted

    def ended(self, wanted: Mask, *, asked: Counts, left: Mask) -> NDArray[np.intp]:
        """Why each sitting ends now, counted into REASONS, or GOES_ON; (N,).

        `asked` (N,) counts all questions, `left` (N,) says whether one is left that is `wanted`. What is
        settled is asked of the questions that are left, so it comes after this.
        """
        ended: NDArray[np.intp] = np.where(
            wanted.any(axis=1),
            np.where(asked >= self.most, LENGTH, np.where(left, GOES_ON, EXHAUSTED)),
            PRECISE,
        )
        return ended

    def settled(
        self,
        wanted: Mask,
        *,
        mean: Array,
        psd: Array,
        answered: Counts,
        gains: Array,
        asked: Counts,
    ) -> Mask:
        """Which wanted dimensions are sure enough that no answer would change what is said; (N, 2).

        `gains` (N, 2, n) are what each question left of a dimension is expected to add to its
        1 / variance. Two dimensions that both want answers share the questions that are left.
        """
        if self.borders is None:
            return np.zeros(wanted.shape, dtype=bool)
        sharing = np.maximum(wanted.sum(axis=1), 1)
        share = np.ceil((self.most - asked) / sharing).astype(np.intp)[:, None]
        last = last_psd(psd, gains, np.broadcast_to(share, psd.shape))
        sure = self.borders.unchanged(mean, psd, last) >= self.borders.sure
        settled: Mask = wanted & sure & (answered >= self.least_settled)
        return settled

    def kept(self, may: Mask, *, came: Counts, sides: Array) -> Mask:
        """Which of the questions that `may` come do; (N, J).

        The last questions are kept for a dimension that would else end with too few. Those that `came`
        (N, 2) and were left out count too, or someone to whom they don't apply would be asked them in
        vain. `sides` (J, 2) say which dimension an item is of.
        """
        lacking = np.maximum(self.least - came, 0.0)
        short = self.most - came.sum(axis=1) <= lacking.sum(axis=1)
        if not short.any():
            return may
        needed = may & ((lacking > 0) @ sides.T > 0)
        kept: Mask = np.where((short & needed.any(axis=1))[:, None], needed, may)
        return kept
