"""Banks and answers as the slow twin takes them; it knows nothing of the package itself."""

from __future__ import annotations

import numpy as np
from tests.reference.slow_measure import Given, SlowItem, SlowTest

from undertow.bank.calibrated import Bank, CalibratedItem
from undertow.bank.item import Dimension
from undertow.bank.responses import MISSING, Answer
from undertow.measure.grid import Grid

COARSE = Grid(nodes=np.linspace(-6.5, 6.5, 27))
"""Half a unit a step: too coarse to score people on, as good as any to compare two programs on."""


def slow_item(item: CalibratedItem) -> SlowItem:
    return SlowItem(
        dimension=0 if item.dimension == Dimension.ANXIETY else 1,
        slope=item.slope,
        intercepts=item.intercepts,
        reversed_=item.keying == -1,
    )


def slow_test(bank: Bank, grid: Grid) -> SlowTest:
    return SlowTest(
        items=tuple(slow_item(item) for item in bank.items),
        correlation=bank.correlation,
        nodes=tuple(grid.nodes.tolist()),
    )


def slow_answers(bank: Bank, answers: tuple[Answer, ...]) -> list[Given]:
    numbers = {item.id: number for number, item in enumerate(bank.items)}
    return [
        Given(numbers[answer.item_id], None if answer.category == MISSING else answer.category)
        for answer in answers
    ]
