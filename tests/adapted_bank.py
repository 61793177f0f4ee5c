"""Made-up banks whose items adapt others and whose figures may have drifted; used by many tests."""

from __future__ import annotations

from dataclasses import replace

from undertow.bank.calibrated import Bank
from undertow.bank.drift import Spread, WordingDrift

LOG_SLOPE, THRESHOLD = 0.2, 0.28
"""What the built-in items carry, rounded."""


def adapting(bank: Bank) -> Bank:
    """The bank as if every item were a new wording of one that is called the same."""
    return replace(
        bank, items=tuple(replace(item, adapts=f"first-{item.id}") for item in bank.items)
    )


def drifting(
    bank: Bank, *, log_slope: float = LOG_SLOPE, threshold: float = THRESHOLD, factor: float = 2.0
) -> Bank:
    """An adapting bank that carries these SDs of log-slope and threshold."""
    drift = WordingDrift(
        log_slope=Spread(sd=log_slope / factor, se=0.0),
        threshold=Spread(sd=threshold / factor, se=0.0),
        threshold_spacing=None,
        gender_difference=None,
        families=((bank.items[0].id, bank.items[1].id),),
        factor=factor,
    )
    return replace(adapting(bank), drift=drift)
