"""How savings become values, by hand; what an item is expected to save is left to `reference` and goldens."""

from __future__ import annotations

import numpy as np
import pytest
from tests.made_up_bank import ANXIETY, AVOIDANCE, bank_of, calibrated_item, small_bank

from undertow.bank.responses import MISSING, Answer
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior
from undertow.measure.select import criterion, sharpest, values_of
from undertow.measure.session import AdaptiveTest, Session
from undertow.measure.stop import StopRule


def test_values_count_the_wanted_dimensions_only() -> None:
    # Of one person an anxiety item saves 3 of its own and 1 of the other, an avoidance item 5 and 2.
    saved = np.array([[[[3.0]], [[1.0]]], [[[5.0]], [[2.0]]]])
    sure = np.ones((1, 2))
    for wanted, anxiety, avoidance in (
        ((True, True), 4.0, 7.0),
        ((True, False), 3.0, 2.0),
        ((False, True), 1.0, 5.0),
        ((False, False), 0.0, 0.0),
    ):
        found = values_of(saved, np.array([wanted]), sure)
        assert found.ravel().tolist() == [anxiety, avoidance]


def test_values_count_as_likely_as_an_answer_is() -> None:
    saved = np.array([[[[3.0]], [[1.0]]], [[[5.0]], [[2.0]]]])

    found = values_of(saved, np.array([[True, True]]), np.array([[0.5, 0.25]]))

    assert found.ravel().tolist() == [2.0, 1.75]


def test_the_sharpest_is_the_first_that_only_rounding_tells_apart() -> None:
    values = np.array([[0.1, 0.3, 0.3 + 1e-13, -np.inf], [-np.inf, 0.2, 0.2 + 1e-9, 0.0]])

    assert sharpest(values).tolist() == [1, 2]


def test_slots_and_items_are_the_same_thing_in_two_orders() -> None:
    # The second item belongs to avoidance, whose only one it is; anxiety has three.
    small = small_bank()
    bank = bank_of([item for item in small.items if item.id not in {"v2", "v3"}])
    layout = model_of(bank).layout
    by_item = np.arange(8.0).reshape(2, 4) + 1

    by_slot = layout.by_slot(by_item)

    assert by_slot.shape == (2, 2, 3)
    assert by_slot[1].tolist() == [[2.0, 0.0, 0.0], [6.0, 0.0, 0.0]]
    assert by_slot[0].tolist() == [[1.0, 3.0, 4.0], [5.0, 7.0, 8.0]]
    assert np.array_equal(layout.by_item(by_slot), by_item)


def test_the_chance_of_an_answer_is_the_share_so_far_and_one_more() -> None:
    # One avoidance question answered and one left out: the next counts (1 + 1) / (2 + 1). An anxiety
    # question that saves about four fifths of it comes first, one that saves half does not.
    def next_item(slope: float) -> tuple[str, float]:
        bank = bank_of(
            [
                *(
                    calibrated_item(f"v{n}", AVOIDANCE, slope=1.6, thresholds=(-0.5, 0.5))
                    for n in (1, 2, 3)
                ),
                calibrated_item("a1", ANXIETY, slope=slope, thresholds=(-0.5, 0.5)),
            ]
        )
        came = (Answer(item_id="v1", category=1), Answer(item_id="v2", category=MISSING))
        model = model_of(bank)
        anxiety, avoidance = criterion(
            model, posterior(model, came), (3, 2), wanted=(True, True)
        ).tolist()
        rule = StopRule(psd=0.05, least=1, most=8)
        test = AdaptiveTest(model=model, rule=rule)
        return Session(test=test, answers=came).next_item, anxiety / avoidance

    for slope, share, item_id in ((0.68, 0.8, "a1"), (0.52, 0.5, "v3")):
        found, saves = next_item(slope)
        assert saves == pytest.approx(share, abs=0.1)
        assert found == item_id
