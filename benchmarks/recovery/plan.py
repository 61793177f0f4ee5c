"""Which samples are made up, how large and how many times; doing it is left to `running`."""

from __future__ import annotations

from dataclasses import dataclass

SEED = 20261124


@dataclass(frozen=True, slots=True, kw_only=True)
class OneGroup:
    """`ten_items` is the small instrument of one dimension, else the 36 items; `missing` a share.

    With `robust` the standard errors that a bank carries stand beside the plain ones.
    """

    rows: int
    missing: float
    replications: int
    ten_items: bool = False
    robust: bool = False

    @property
    def name(self) -> str:
        what = "ten items" if self.ten_items else "36 items"
        return f"{what}, {self.rows:,} people, {self.missing:.0%} missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoGroupsOf:
    """With `differing`, twelve items are not the same for men and women."""

    men: int
    women: int
    differing: bool
    replications: int

    @property
    def name(self) -> str:
        what = "twelve items differ" if self.differing else "no item differs"
        return f"{self.men:,} + {self.women:,}, {what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`trial` is for seeing that the command runs: its figures mean nothing."""

    trial: bool
    one: tuple[OneGroup, ...]
    two: tuple[TwoGroupsOf, ...]


FULL = Plan(
    trial=False,
    one=(
        OneGroup(rows=2000, missing=0.0, replications=300),
        OneGroup(rows=2000, missing=0.05, replications=300, robust=True),
        OneGroup(rows=10_000, missing=0.0, replications=100),
        OneGroup(rows=10_000, missing=0.05, replications=100),
        OneGroup(rows=2000, missing=0.0, replications=400, ten_items=True, robust=True),
    ),
    two=(
        TwoGroupsOf(men=2000, women=2000, differing=True, replications=150),
        TwoGroupsOf(men=4000, women=8000, differing=True, replications=40),
        TwoGroupsOf(men=2000, women=2000, differing=False, replications=80),
    ),
)
TRIAL = Plan(
    trial=True,
    one=(
        OneGroup(rows=800, missing=0.0, replications=2),
        OneGroup(rows=800, missing=0.05, replications=2, robust=True),
        OneGroup(rows=800, missing=0.0, replications=2, ten_items=True),
    ),
    two=(
        TwoGroupsOf(men=600, women=600, differing=True, replications=2),
        TwoGroupsOf(men=600, women=600, differing=False, replications=2),
    ),
)
