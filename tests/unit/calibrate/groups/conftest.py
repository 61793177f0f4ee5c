"""Two groups with two planted differences, compared once for all tests here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from tests.unit.calibrate.making_groups import Truth, groups_of, names_of, truth

from undertow.calibrate.by_group import ByGroup, fit_by_group
from undertow.calibrate.comparison import Comparison, compare
from undertow.calibrate.dif import ItemDif, item_difs
from undertow.calibrate.fairness import Fairness, fairness
from undertow.calibrate.likelihood import Answers, Sides

DIMENSIONS = ("anxiety", "avoidance")
GROUPS = ("man", "woman")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """Everything that is made of one pair of groups; items 0 and 3 differ, one in each dimension."""

    true: Truth
    sides: tuple[Sides, ...]
    comparison: Comparison
    difs: tuple[ItemDif, ...]

    @property
    def items(self) -> list[str]:
        return names_of(self.true)


def compared(sides: tuple[Sides, ...], true: Truth) -> Compared:
    comparison = compare(sides, GROUPS, names_of(true))
    return Compared(
        true=true, sides=sides, comparison=comparison, difs=item_difs(comparison, sides)
    )


@pytest.fixture(scope="session")
def two() -> Compared:
    """Two dimensions of six items; men endorse Q1 more than women in the same place, Q4 less."""
    true = truth(
        12,
        seed=4,
        dimensions=2,
        means=(-0.2, 0.2),
        deviations=(1.1, 0.9),
        planted={0: 0.9, 3: -0.9},
    )
    return compared(groups_of(true, (1300, 1200), seed=10), true)


@pytest.fixture(scope="session")
def turned(two: Compared) -> Compared:
    """The same groups in the other order."""
    comparison = compare(two.sides[::-1], GROUPS[::-1], two.items)
    return Compared(
        true=two.true,
        sides=two.sides[::-1],
        comparison=comparison,
        difs=item_difs(comparison, two.sides[::-1]),
    )


@pytest.fixture(scope="session")
def one() -> Compared:
    """One dimension of seven items, of which Q1 differs; the second side has no items."""
    true = truth(7, seed=6, means=(-0.2, 0.2), planted={0: 0.9})
    sides = groups_of(true, (900, 800), seed=11)
    empty = np.zeros(0, dtype=np.intp)
    bare = tuple(
        (
            own[0],
            Answers(
                indicators=np.zeros((own[0].rows, 0), dtype=np.uint8), items=empty, categories=3
            ),
        )
        for own in sides
    )
    return compared(bare, true)


@pytest.fixture(scope="session")
def table(two: Compared) -> Fairness:
    return fairness(two.comparison, two.sides, DIMENSIONS)


@pytest.fixture(scope="session")
def by_group(two: Compared) -> ByGroup:
    return fit_by_group(two.comparison, two.difs, two.sides)
