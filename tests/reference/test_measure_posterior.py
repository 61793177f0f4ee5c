"""The fast posterior against the slow twin's; choices are left to `test_measure_choice`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.made_up_bank import large_bank, small_bank
from tests.property.drawing import banks_and_answers, calibrated_items, hundredths
from tests.reference import slow_measure
from tests.reference.translation import COARSE, slow_answers, slow_item, slow_test

from undertow.bank.calibrated import Bank, CalibratedItem
from undertow.bank.item import DIMENSIONS, Dimension
from undertow.bank.responses import MISSING, Answer
from undertow.measure.grid import standard_grid
from undertow.measure.grm import category_probabilities
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior

CLOSE = 1e-11


@given(calibrated_items("x", Dimension.ANXIETY))
def test_category_probabilities(item: CalibratedItem) -> None:
    nodes = standard_grid().nodes
    slow = slow_item(item)

    fast = category_probabilities(nodes, slope=item.slope, intercepts=np.asarray(item.intercepts))

    for keyed in range(item.categories):
        tapped = item.categories - 1 - keyed if slow.reversed_ else keyed
        expected = [slow_measure.probability(slow, tapped, theta) for theta in nodes.tolist()]
        assert fast[keyed].tolist() == pytest.approx(expected, rel=1e-9, abs=1e-14)


@settings(max_examples=100)
@given(banks_and_answers())
def test_weights_mean_and_covariance(drawn: tuple[Bank, tuple[Answer, ...]]) -> None:
    bank, answers = drawn
    slow = slow_test(bank, COARSE)
    weights = slow_measure.posterior_weights(slow, slow_answers(bank, answers))

    now = posterior(model_of(bank, grid=COARSE), answers)
    estimate = now.estimate()

    assert np.abs(now.weights - np.array(weights)).max() <= CLOSE
    assert estimate.mean.tolist() == pytest.approx(slow_measure.mean_of(slow, weights), abs=CLOSE)
    covariance = np.array(slow_measure.covariance_of(slow, weights))
    assert np.abs(estimate.covariance - covariance).max() <= CLOSE


@settings(max_examples=100)
@given(
    banks_and_answers(),
    st.sampled_from(DIMENSIONS),
    hundredths(0.01, 0.99),
    st.tuples(hundredths(-3, 3), hundredths(-3, 3)),
)
def test_quantiles_and_regions(
    drawn: tuple[Bank, tuple[Answer, ...]],
    dimension: Dimension,
    share: float,
    borders: tuple[float, float],
) -> None:
    bank, answers = drawn
    axis = DIMENSIONS.index(dimension)
    slow = slow_test(bank, COARSE)
    weights = slow_measure.posterior_weights(slow, slow_answers(bank, answers))

    now = posterior(model_of(bank, grid=COARSE), answers)

    expected = slow_measure.quantile(slow, weights, axis, share)
    assert now.quantile(dimension, share) == pytest.approx(expected, abs=1e-9)
    masses = np.array(slow_measure.region_masses(slow, weights, borders))
    assert np.abs(now.region_masses(borders) - masses).max() <= CLOSE
    above = masses[1].sum() if axis == 0 else masses[:, 1].sum()
    assert now.share_above(dimension, borders[axis]) == pytest.approx(above, abs=CLOSE)


@pytest.mark.parametrize("correlation", [0.0, -0.35])
def test_a_long_sitting_on_the_standard_grid(correlation: float) -> None:
    bank = large_bank(correlation=correlation)
    # Every third item, categories that go round, and two that did not apply.
    answers = tuple(
        Answer(item_id=item.id, category=MISSING if number in (4, 9) else number * 2 % 5)
        for number, item in enumerate(bank.items[::3])
    )
    slow = slow_test(bank, standard_grid())
    weights = slow_measure.posterior_weights(slow, slow_answers(bank, answers))

    estimate = posterior(model_of(bank), answers).estimate()

    assert estimate.mean.tolist() == pytest.approx(slow_measure.mean_of(slow, weights), abs=CLOSE)
    covariance = np.array(slow_measure.covariance_of(slow, weights))
    assert np.abs(estimate.covariance - covariance).max() <= CLOSE


def test_the_standard_grid_is_fine_enough() -> None:
    # A grid four times as fine and a little wider moves no figure that anyone could see.
    bank = small_bank(correlation=0.4)
    answers = tuple(Answer(item_id=item.id, category=2) for item in bank.items)
    fine = slow_measure.SlowTest(
        items=slow_test(bank, standard_grid()).items,
        correlation=bank.correlation,
        nodes=tuple(-7 + 0.05 * k for k in range(281)),
    )
    weights = slow_measure.posterior_weights(fine, slow_answers(bank, answers))

    estimate = posterior(model_of(bank), answers).estimate()

    assert estimate.mean.tolist() == pytest.approx(slow_measure.mean_of(fine, weights), abs=1e-7)
    covariance = np.array(slow_measure.covariance_of(fine, weights))
    assert np.abs(estimate.covariance - covariance).max() <= 1e-7
