"""When a sitting has asked enough, and why it ends; what is asked is left to `select`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from undertow.bank.item import DIMENSIONS
from undertow.errors import InputError
from undertow.measure.posterior import Estimate


class StopReason(StrEnum):
    PRECISE = "precise"
    """Both dimensions are known as well as the rule asks."""
    LENGTH = "length"
    """The most questions that a sitting may ask have been asked."""
    EXHAUSTED = "exhausted"
    """No question is left on a dimension that still needs answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRule:
    """psd at most `psd` on both dimensions, at least `least` answers on each, at most `most` asked.

    Raises InputError for a rule that could never end well.
    """

    psd: float = 0.30
    least: int = 4
    most: int = 20

    def __post_init__(self) -> None:
        if not self.psd > 0 or self.least < 1 or self.most < self.least * len(DIMENSIONS):
            raise InputError(
                "A stop rule needs a positive psd and a length that holds the least of both "
                "dimensions."
            )

    def wanted(self, estimate: Estimate, answered: tuple[int, int]) -> tuple[bool, bool]:
        """Which dimensions still need answers."""
        precise = np.asarray(estimate.psd <= self.psd)
        first, second = (
            not (bool(is_precise) and count >= self.least)
            for is_precise, count in zip(precise, answered, strict=True)
        )
        return first, second

    def lacking(self, counts: tuple[int, int]) -> tuple[int, int]:
        """How many each dimension still lacks of the least."""
        return max(0, self.least - counts[0]), max(0, self.least - counts[1])

    def reason(
        self, estimate: Estimate, *, answered: tuple[int, int], asked: int, left: int
    ) -> StopReason | None:
        """Why to stop now, or None. `answered` counts answers a dimension, `asked` all questions."""
        if not any(self.wanted(estimate, answered)):
            return StopReason.PRECISE
        if asked >= self.most:
            return StopReason.LENGTH
        if left == 0:
            return StopReason.EXHAUSTED
        return None
