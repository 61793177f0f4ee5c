"""Does what the plan says, one replication after the other or in two processes; reporting is left to `report`.

Each replication has a seed of its own, made from the plan's seed, the condition's number and its own,
so the figures do not hang on how many processes there are or which of them is first.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

import numpy as np
from benchmarks.recovery.between_groups import Compared, compare_again
from benchmarks.recovery.one_group import Refound, refind
from benchmarks.recovery.plan import SEED, OneGroup, Plan, TwoGroupsOf
from benchmarks.recovery.truth import TwoGroups, load_items, one_group, ten_items, two_groups

from undertow.calibrate.workers import keep_one_thread_for_products
from undertow.errors import UndertowError

Result = TypeVar("Result")
Say = Callable[[str], None]

_SHARES_SAID = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Every condition's replications in the plan's order; `failed` counts those that raised.

    `processor_seconds` are those of all processes together: the machine may have had other work too.
    """

    one: tuple[tuple[Refound, ...], ...]
    two: tuple[tuple[Compared, ...], ...]
    failed: int
    processor_seconds: float


def run(plan: Plan, *, processes: int, say: Say) -> Results:
    """All replications. A fit that raises is counted and left out; none is tried again."""
    begun = time.monotonic()
    with _mapping(processes) as mapped:
        one = [
            _all(mapped, partial(_refind, number, condition), condition, say, begun)
            for number, condition in enumerate(plan.one)
        ]
        two = [
            _all(
                mapped, partial(_compare, len(plan.one) + number, condition), condition, say, begun
            )
            for number, condition in enumerate(plan.two)
        ]
    asked = sum(each.replications for each in plan.one) + sum(
        each.replications for each in plan.two
    )
    return Results(
        one=tuple(one),
        two=tuple(two),
        failed=asked - sum(map(len, one)) - sum(map(len, two)),
        # User and system time, of this process and of those in the pool, which has ended.
        processor_seconds=sum(os.times()[:4]),
    )


class _Mapped:
    """Maps over replications, here or in a pool; results come in order."""

    def __init__(self, pool: ProcessPoolExecutor | None) -> None:
        self._pool = pool

    def __call__(self, work: Callable[[int], Result], numbers: Iterable[int]) -> Iterator[Result]:
        return map(work, numbers) if self._pool is None else self._pool.map(work, numbers)


@contextmanager
def _mapping(processes: int) -> Iterator[_Mapped]:
    keep_one_thread_for_products()
    if processes == 1:
        yield _Mapped(None)
        return
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=keep_one_thread_for_products
    ) as pool:
        yield _Mapped(pool)


def _all(
    mapped: _Mapped,
    work: Callable[[int], Result | None],
    condition: OneGroup | TwoGroupsOf,
    say: Say,
    begun: float,
) -> tuple[Result, ...]:
    made: list[Result] = []
    total = condition.replications
    every = max(1, total // _SHARES_SAID)
    for number, result in enumerate(mapped(work, range(total)), 1):
        if result is not None:
            made.append(result)
        if number % every == 0 or number == total:
            say(f"{time.monotonic() - begun:6.0f} s  {condition.name}: {number} of {total}")
    if not made:
        raise RuntimeError(f"Not one fit of '{condition.name}' came to an end.")
    return tuple(made)


def _rng(condition: int, replication: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(condition, replication)))


def _refind(number: int, condition: OneGroup, replication: int) -> Refound | None:
    truth = ten_items() if condition.ten_items else one_group(load_items())
    try:
        return refind(
            truth,
            condition.rows,
            condition.missing,
            _rng(number, replication),
            robust=condition.robust,
        )
    except UndertowError:
        return None


def _compare(number: int, condition: TwoGroupsOf, replication: int) -> Compared | None:
    try:
        return compare_again(
            truth_of(condition), condition.men, condition.women, _rng(number, replication)
        )
    except UndertowError:
        return None


def truth_of(condition: TwoGroupsOf) -> TwoGroups:
    """The made-up men and women of a condition."""
    return two_groups(
        load_items(),
        men=condition.men,
        women=condition.women,
        differing=condition.differing,
    )
