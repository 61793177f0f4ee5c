"""Where drift comes in and where it must not: limits, shapes, and how little is held in place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.adapted_bank import LOG_SLOPE, THRESHOLD, adapting, drifting
from tests.made_up_bank import large_bank, small_bank

from undertow.bank.calibrated import Bank
from undertow.bank.drift import CarriedDrift
from undertow.bank.responses import Answer
from undertow.errors import ShapeError
from undertow.measure.grid import standard_grid
from undertow.measure.grm import category_probabilities, rising_ratios, widened_probabilities
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior
from undertow.measure.simulate import drifted

NODES = standard_grid().nodes
SLOPE, INTERCEPTS = 1.9, np.array([2.5, 0.3, -0.8, -2.2])


def widened(
    log_slope: float, threshold: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return widened_probabilities(
        NODES,
        slope=SLOPE,
        intercepts=INTERCEPTS,
        drift=CarriedDrift(log_slope=log_slope, threshold=threshold),
    )


def test_no_drift_is_the_plain_model_to_the_last_digit() -> None:
    plain = category_probabilities(NODES, slope=SLOPE, intercepts=INTERCEPTS)

    assert np.array_equal(widened(0.0, 0.0), plain)
    assert np.abs(widened(1e-5, 1e-5) - plain).max() < 1e-9


def test_more_drift_is_further_from_the_plain_model() -> None:
    plain = category_probabilities(NODES, slope=SLOPE, intercepts=INTERCEPTS)
    off = [np.abs(widened(0.1 * k, 0.1 * k) - plain).max() for k in (1, 2, 3, 4)]

    assert off == sorted(off)
    assert off[0] > 1e-3


def test_a_bank_without_drift_or_without_adapted_items_is_scored_as_it_is() -> None:
    bank = small_bank()
    plain = model_of(bank).probabilities
    carrying = drifting(bank)
    first_wording = replace(
        carrying, items=tuple(replace(item, adapts=None) for item in carrying.items)
    )

    for untouched in (
        model_of(adapting(bank)),
        model_of(first_wording),
        model_of(carrying, drift=False),
        model_of(drifting(bank, log_slope=0.0, threshold=0.0)),
    ):
        for own, table in zip(untouched.probabilities, plain, strict=True):
            assert np.array_equal(own, table)


def test_only_the_adapted_items_of_a_mixed_bank_are_widened() -> None:
    bank = drifting(small_bank())
    mixed = replace(bank, items=(replace(bank.items[0], adapts=None), *bank.items[1:]))
    plain, now = model_of(mixed, drift=False), model_of(mixed)

    assert np.array_equal(now.probabilities[0], plain.probabilities[0])
    assert all(
        np.abs(own - table).max() > 1e-3
        for own, table in zip(now.probabilities[1:], plain.probabilities[1:], strict=True)
    )


def test_off_the_grid_an_answer_is_as_likely_as_on_it() -> None:
    # Apart from what is held in place: below a thousandth.
    model = model_of(drifting(small_bank()))

    for position in range(6):
        for node in (20, 30, 41):
            here = model.chances(position, float(model.grid.nodes[node]))
            assert here == pytest.approx(model.probabilities[position][:, node], abs=1e-3)


def test_answers_to_drifted_wording_leave_the_place_less_sure() -> None:
    bank = large_bank()
    answers = tuple(
        Answer(item_id=item.id, category=(2 * number) % 5) for number, item in enumerate(bank.items)
    )

    sure, unsure = (
        posterior(model, answers).estimate().psd
        for model in (model_of(bank), model_of(drifting(bank)))
    )

    assert np.all(unsure > 1.05 * sure)


@pytest.mark.parametrize(("log_slope", "most"), [(LOG_SLOPE, 1e-3), (0.4, 0.02)])
def test_holding_the_ratios_hardly_moves_a_probability(log_slope: float, most: float) -> None:
    bank = drifting(large_bank(), log_slope=log_slope, threshold=THRESHOLD)
    drift = bank.carried_drift
    assert drift is not None
    for item in bank.items:
        table = widened_probabilities(
            NODES, slope=item.slope, intercepts=np.asarray(item.intercepts), drift=drift
        )
        held = rising_ratios(table, thresholds=np.asarray(item.thresholds), theta=NODES)
        assert np.abs(held - table).max() < most
        assert held.sum(axis=0) == pytest.approx(np.ones(NODES.size), abs=1e-12)


def test_ratios_that_rise_already_are_left_alone() -> None:
    table = category_probabilities(NODES, slope=SLOPE, intercepts=INTERCEPTS)

    held = rising_ratios(table, thresholds=-INTERCEPTS / SLOPE, theta=NODES)

    assert held == pytest.approx(table, rel=1e-9, abs=1e-300)


def test_a_ratio_that_falls_far_out_is_held_at_its_last_value() -> None:
    # Two categories, threshold at 0; the log-ratio turns back at both ends.
    theta = np.linspace(-2.0, 2.0, 5)
    ratio = np.array([-1.0, -1.5, 0.0, 1.5, 1.2])
    table = np.stack([1 / (1 + np.exp(ratio)), 1 / (1 + np.exp(-ratio))])

    held = rising_ratios(table, thresholds=np.array([0.0]), theta=theta)

    assert np.log(held[1] / held[0]) == pytest.approx([-1.5, -1.5, 0.0, 1.5, 1.5])


@pytest.mark.parametrize("intercepts", [np.array([0.0, 1.0]), np.array([])])
def test_figures_that_are_none(intercepts: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    with pytest.raises(ShapeError):
        widened_probabilities(
            NODES,
            slope=1.0,
            intercepts=intercepts,
            drift=CarriedDrift(log_slope=0.1, threshold=0.1),
        )


def test_a_drifted_bank_has_moved_each_items_figures_once() -> None:
    rng = np.random.default_rng(11)
    bank = drifting(large_bank())
    logs, shifts = [], []
    for _ in range(60):
        true = drifted(bank, rng)
        assert true.drift is None
        for before, after in zip(bank.items, true.items, strict=True):
            logs.append(np.log(after.slope / before.slope))
            moved = np.subtract(after.thresholds, before.thresholds)
            assert moved == pytest.approx(np.full(moved.size, moved[0]), abs=1e-9)
            shifts.append(moved[0])
    # 2,160 draws: an SD is known to within 1 / sqrt(2 n) = 1.5 % of itself.
    for drawn, sd in ((logs, LOG_SLOPE), (shifts, THRESHOLD)):
        assert abs(np.mean(drawn)) < 3.9 * sd / np.sqrt(len(drawn))
        assert np.std(drawn) == pytest.approx(sd, rel=3.9 * 0.0153)
    assert abs(np.corrcoef(logs, shifts)[0, 1]) < 3.9 / np.sqrt(len(logs))


@pytest.mark.parametrize("bank", [large_bank(), adapting(large_bank())])
def test_a_bank_that_carries_no_drift_stays_as_it_is(bank: Bank) -> None:
    assert drifted(bank, np.random.default_rng(1)) is bank
