"""How far two groups are apart by what is taken as the yardstick; finding it out is left to `calibrate`."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from undertow.bank.item import Dimension
from undertow.errors import InstrumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRange:
    """A difference of two groups' latent means on one dimension, in SD of the reference population.

    `low` and `high` are the least and the most that the anchor rules give, `chosen` what the bank's
    own rule gives. Raises InstrumentError for a range that does not hold what was chosen.
    """

    low: float
    high: float
    chosen: float

    def __post_init__(self) -> None:
        if not all(isfinite(value) for value in (self.low, self.high, self.chosen)):
            raise InstrumentError(file="bank", key="fairness", rule="differences must be numbers")
        if not self.low <= self.chosen <= self.high:
            raise InstrumentError(
                file="bank", key="fairness", rule="the chosen difference must lie from low to high"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessRange:
    """How far two groups' means are apart, first less second, over all anchor rules.

    `groups` names the two, `rule` the anchor rule that the bank uses. There is no outside criterion,
    so one rule's difference is never told without the range: none is here alone. Raises
    InstrumentError for other than two groups and for a rule without a name.
    """

    groups: tuple[str, str]
    rule: str
    anxiety: DifferenceRange
    avoidance: DifferenceRange

    def __post_init__(self) -> None:
        if len(set(self.groups)) != 2 or not all(name.strip() for name in self.groups):
            raise InstrumentError(file="bank", key="fairness", rule="needs two named groups")
        if not self.rule.strip():
            raise InstrumentError(file="bank", key="fairness", rule="needs its anchor rule's name")

    def of(self, dimension: Dimension) -> DifferenceRange:
        return self.anxiety if dimension is Dimension.ANXIETY else self.avoidance
