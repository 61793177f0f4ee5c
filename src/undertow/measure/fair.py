"""The tests that a bank allows: fair to men and women, and plain for comparison; asking is left to `session`."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.bank.person import Gender
from undertow.measure.balance import balance_of
from undertow.measure.model import model_of
from undertow.measure.session import AdaptiveTest
from undertow.measure.settled import Borders
from undertow.measure.stop import StopRule

TOLD_SHARES = (0.10, 0.25, 0.50, 0.75, 0.90)
"""Where in the reference population what is said of a place changes."""


class Length(StrEnum):
    """How long a sitting may get: at most 20 questions, at most 12, or every one."""

    USUAL = "usual"
    SHORT = "short"
    FULL = "full"


def fair_test(
    bank: Bank,
    *,
    gender: Gender = Gender.UNSTATED,
    rule: StopRule | None = None,
    drift: bool = True,
    gentle: frozenset[str] = frozenset(),
) -> AdaptiveTest:
    """The test that people take: balanced over facets and keyings, near-duplicates discounted.

    A stated man or woman is scored with that group's figures. For everyone else both groups' figures
    weigh the same and nothing is inferred; all share one prior. A bank without figures by group
    scores everyone with the same ones. `gentle` are ids of items that may come first.
    """
    rule = rule or StopRule(borders=borders_of(bank))
    groups = (gender.value,) if gender.value in bank.groups else bank.groups
    return AdaptiveTest(
        model=model_of(bank, drift=drift, groups=groups, discounts=True),
        rule=rule,
        balance=balance_of(bank, most=rule.most, gentle=gentle),
    )


def plain_test(bank: Bank, *, rule: StopRule | None = None, drift: bool = True) -> AdaptiveTest:
    """What any program would give: the sharpest question next, one set of figures for everyone."""
    return AdaptiveTest(
        model=model_of(bank, drift=drift), rule=rule or StopRule(borders=borders_of(bank))
    )


def rule_of(bank: Bank, length: Length = Length.USUAL) -> StopRule:
    """The rule of a length. A full sitting asks every question, whatever is known by then."""
    if length is Length.SHORT:
        return StopRule(most=12, borders=borders_of(bank))
    if length is Length.FULL:
        # No psd is that small, so only the end of the questions ends it.
        return StopRule(psd=1e-6, most=max(len(bank.items), 8))
    return StopRule(borders=borders_of(bank))


def borders_of(bank: Bank) -> Borders:
    """The places at which what is said changes, from the norm of everyone."""
    everyone = next(norm for norm in bank.norms if norm.gender is None and norm.age_band is None)
    anxiety, avoidance = (
        np.array([everyone.place(share, dimension) for share in TOLD_SHARES])
        for dimension in DIMENSIONS
    )
    return Borders(places=(anxiety, avoidance))
