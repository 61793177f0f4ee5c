"""How far an item's figures may have moved with its wording; estimating it is left to `calibrate`."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from undertow.errors import InstrumentError

FRESH_WORDING_FACTOR = 2.0
"""Fresh wording is taken to drift twice as far as near-paraphrases inside one questionnaire do.
A judgement, not an estimate: its authors meant those to say the same, in one style and one sitting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A standard deviation between items that say nearly the same, with its standard error."""

    sd: float
    se: float

    def __post_init__(self) -> None:
        if not (isfinite(self.sd) and isfinite(self.se) and self.sd >= 0 and self.se >= 0):
            raise InstrumentError(file="bank", key="drift", rule="sd and se must be 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedDrift:
    """What scoring widens an adapted item by: its figures are uncertain, each on its own.

    `log_slope` is the SD of log a, `threshold` that of each threshold b_k, in SD of the reference
    population. Both are normal around the original item's figures. Whether an item's thresholds move
    together or apart makes no difference: P(X >= k) holds one of them, and an item is asked once.
    """

    log_slope: float
    threshold: float

    def __post_init__(self) -> None:
        if not all(isfinite(sd) and sd >= 0 for sd in (self.log_slope, self.threshold)):
            raise InstrumentError(file="bank", key="drift", rule="sd must be 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingDrift:
    """How far figures move between items of one questionnaire that say nearly the same.

    `log_slope`: log a. `threshold`: one threshold. `threshold_spacing`: the part of it that an item's
    thresholds do not share. `gender_difference`: the men-women difference of a threshold. All but the
    first in SD of the reference population; None where it was not estimated. `families` names the
    items that were compared. Fresh wording carries `factor` times as much, which is a judgement.
    """

    log_slope: Spread
    threshold: Spread
    threshold_spacing: Spread | None
    gender_difference: Spread | None
    families: tuple[tuple[str, ...], ...]
    factor: float = FRESH_WORDING_FACTOR
    note: str = ""

    def __post_init__(self) -> None:
        if not (isfinite(self.factor) and self.factor > 0):
            raise InstrumentError(file="bank", key="drift.factor", rule="must be above 0")
        if not self.families or any(len(set(family)) < 2 for family in self.families):
            raise InstrumentError(
                file="bank", key="drift.families", rule="needs families of two or more items"
            )

    @property
    def carried(self) -> CarriedDrift:
        """What an adaptation carries."""
        return CarriedDrift(
            log_slope=self.factor * self.log_slope.sd, threshold=self.factor * self.threshold.sd
        )

    @property
    def carried_gender_difference(self) -> float | None:
        """The SD that a men-women difference of an adapted item may be off by; told, not scored."""
        return None if self.gender_difference is None else self.factor * self.gender_difference.sd
