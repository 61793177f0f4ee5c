"""The fit: its likelihood never falls, and it doesn't depend on order, names of sides or workers."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.calibrate.making import simulated_answers

from undertow.bank.responses import MISSING
from undertow.calibrate import accelerate, em
from undertow.calibrate.accelerate import climb
from undertow.calibrate.em import EmRoute, Fit, fit_graded, settle, starting_point
from undertow.calibrate.likelihood import (
    category_tables,
    evaluate,
    expect,
    sides_of,
    working_grid,
)
from undertow.calibrate.maximising import expected_fit, scoring_step
from undertow.calibrate.source import InMemory
from undertow.calibrate.workers import workers
from undertow.errors import ConvergenceError, ShapeError

CLOSE = 1e-5
DIMENSION_OF = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def keyed_answers(rows: int, *, seed: int, missing: float = 0.0) -> NDArray[np.int8]:
    shown = simulated_answers(rows, seed=seed, missing=missing)
    turned = shown.copy()
    for column in (3, 5):
        turned[:, column] = np.where(shown[:, column] == 0, 0, 4 - shown[:, column])
    return (turned - 1).astype(np.int8)


Array = NDArray[np.float64]

KEYED = keyed_answers(700, seed=11, missing=0.05)


@pytest.fixture(scope="module")
def fit() -> Fit:
    return fit_graded(KEYED, DIMENSION_OF, 3)


def test_the_likelihood_of_accepted_points_never_falls(fit: Fit) -> None:
    assert len(fit.trace) > 3
    assert np.diff(fit.trace).min() > -1e-6


def test_plain_em_steps_never_fall_either() -> None:
    sides = sides_of(KEYED, DIMENSION_OF, 3)
    route = EmRoute(source=InMemory(sides=sides), grid=working_grid())
    climbed = climb(route, starting_point(sides), tolerance=0.0, most=12)
    assert not climbed.settled
    assert np.diff(climbed.trace).min() > -1e-6


def test_progress_hears_of_every_accepted_point(fit: Fit) -> None:
    heard: list[tuple[int, float]] = []
    again = fit_graded(
        KEYED, DIMENSION_OF, 3, progress=lambda cycle, reached: heard.append((cycle, reached))
    )
    assert tuple(reached for _, reached in heard) == again.trace == fit.trace
    cycles = [cycle for cycle, _ in heard]
    assert cycles == sorted(set(cycles))
    assert cycles[-1] == fit.iterations


def test_a_second_run_gives_the_same_to_the_last_bit(fit: Fit) -> None:
    again = fit_graded(KEYED, DIMENSION_OF, 3)
    assert np.array_equal(again.parameters.slope, fit.parameters.slope)
    assert np.array_equal(again.parameters.intercepts, fit.parameters.intercepts)
    assert again.log_likelihood == fit.log_likelihood


def test_workers_change_nothing() -> None:
    sides = sides_of(keyed_answers(9000, seed=2), DIMENSION_OF, 3)
    start = starting_point(sides)
    members = np.stack([np.ones(9000, dtype=bool), np.arange(9000) % 3 == 0])
    with workers() as mapper:
        # Inside as well, since the threads inside a product do change its last digits.
        alone = expect(sides, start, working_grid())
        pass_alone = evaluate(sides, start, members)
        shared = expect(sides, start, working_grid(), mapper)
        pass_shared = evaluate(sides, start, members, mapper)
    assert np.array_equal(shared.joint, alone.joint)
    assert np.array_equal(shared.counts, alone.counts)
    assert shared.log_likelihood == alone.log_likelihood
    assert np.array_equal(pass_shared.mass, pass_alone.mass)


def test_the_order_of_rows_does_not_matter(fit: Fit) -> None:
    order = np.random.default_rng(1).permutation(KEYED.shape[0])
    other = fit_graded(KEYED[order], DIMENSION_OF, 3)
    assert np.allclose(other.parameters.slope, fit.parameters.slope, atol=CLOSE)
    assert other.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-6)


def test_the_order_of_items_does_not_matter(fit: Fit) -> None:
    order = np.array([4, 0, 5, 1, 6, 2, 7, 3])
    other = fit_graded(KEYED[:, order], DIMENSION_OF[order], 3)
    assert np.allclose(other.parameters.slope, fit.parameters.slope[order], atol=CLOSE)
    assert np.allclose(other.parameters.intercepts, fit.parameters.intercepts[order], atol=CLOSE)


def test_swapping_the_dimensions_swaps_the_items_and_keeps_the_correlation(fit: Fit) -> None:
    other = fit_graded(KEYED, 1 - DIMENSION_OF, 3)
    assert np.allclose(other.parameters.slope, fit.parameters.slope, atol=CLOSE)
    assert other.parameters.correlation == pytest.approx(fit.parameters.correlation, abs=CLOSE)


def test_turning_a_whole_dimension_turns_its_intercepts_and_the_correlation(fit: Fit) -> None:
    turned = KEYED.copy()
    own = turned[:, :4]
    turned[:, :4] = np.where(own == MISSING, MISSING, 2 - own)
    other = fit_graded(turned, DIMENSION_OF, 3)
    assert np.allclose(other.parameters.slope, fit.parameters.slope, atol=CLOSE)
    assert np.allclose(
        other.parameters.intercepts[:4], -fit.parameters.intercepts[:4, ::-1], atol=CLOSE
    )
    assert other.parameters.correlation == pytest.approx(-fit.parameters.correlation, abs=CLOSE)


def test_a_person_without_answers_changes_nothing(fit: Fit) -> None:
    silent = np.full((3, 8), MISSING, dtype=np.int8)
    sides = sides_of(np.concatenate([KEYED, silent]), DIMENSION_OF, 3)
    assert evaluate(sides, fit.parameters).log_likelihood == pytest.approx(
        fit.log_likelihood, abs=1e-8
    )


def test_intercepts_fall_and_slopes_are_positive(fit: Fit) -> None:
    assert fit.parameters.ordered()


def test_an_unsettled_fit_is_an_error_with_its_trace() -> None:
    with pytest.raises(ConvergenceError, match="had not settled after 3 cycles") as caught:
        fit_graded(KEYED, DIMENSION_OF, 3, most_cycles=3)
    assert len(caught.value.trace) >= 2
    assert all(np.isfinite(caught.value.trace))


def test_an_item_that_is_there_twice_is_named() -> None:
    # Three copies of one coin and nothing else on the dimension: one of them explains the rest.
    keyed = keyed_answers(600, seed=8)
    keyed[:, 1] = keyed[:, 2] = keyed[:, 0]
    sides = sides_of(keyed, DIMENSION_OF, 3)
    with pytest.raises(ConvergenceError, match=r"Item A\d goes with another almost perfectly"):
        settle(sides, names=["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"])


def test_an_item_keyed_the_wrong_way_is_named() -> None:
    keyed = keyed_answers(600, seed=9)
    keyed[:, 6] = 2 - keyed[:, 6]
    with pytest.raises(ConvergenceError, match=r"Item B3 does not go with .* check its keying"):
        fit_graded(keyed, DIMENSION_OF, 3, names=["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"])


def test_two_dimensions_that_are_nearly_one_are_named() -> None:
    rng = np.random.default_rng(1)
    theta = rng.standard_normal((3000, 1)) + 0.07 * rng.standard_normal((3000, 2))  # .995
    dimension_of = np.repeat([0, 1], 6)
    slope = np.tile([1.2, 1.8, 1.5, 1.1, 2.0, 1.4], 2)
    felt = slope * theta[:, dimension_of] + rng.logistic(size=(3000, 12))
    keyed = (felt[:, :, None] + np.array([1.0, -0.8]) > 0).sum(axis=2, dtype=np.int8)
    with pytest.raises(
        ConvergenceError, match=r"nearly one: their correlation came to 0\.9[89]"
    ) as e:
        fit_graded(keyed, dimension_of, 3)
    assert "one dimension in the recipe" in str(e.value)
    assert e.value.trace


def test_a_category_that_nobody_chose_is_refused() -> None:
    keyed = keyed_answers(200, seed=4)
    keyed[:, 2] = np.where(keyed[:, 2] == 1, 0, keyed[:, 2])
    with pytest.raises(ShapeError, match="each category of each item"):
        fit_graded(keyed, DIMENSION_OF, 3)


@pytest.mark.parametrize("wrong", [3, -2])
def test_a_category_out_of_range_is_refused(wrong: int) -> None:
    keyed = keyed_answers(200, seed=4)
    keyed[0, 0] = wrong
    with pytest.raises(ShapeError, match=r"must hold 0\.\.2"):
        fit_graded(keyed, DIMENSION_OF, 3)


def test_sides_that_do_not_fit_the_answers_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"beside dimension_of"):
        fit_graded(KEYED, DIMENSION_OF[:-1], 3)


def test_a_scoring_step_that_would_lose_is_shortened() -> None:
    # Here the plain step would lower the expected fit by some two thousand.
    nodes = working_grid().nodes
    people = 1000 * np.exp(-(nodes**2) / 2) / np.exp(-(nodes**2) / 2).sum()
    counts = people * category_tables(np.array([1.74]), np.array([[2.36, -0.22, -3.11]]), nodes)
    slope, intercepts = np.array([1.7]), np.array([[0.49, -2.49, -5.17]])
    reached = [float(expected_fit(slope, intercepts, counts, nodes)[0])]
    for _ in range(12):
        slope, intercepts = scoring_step(slope, intercepts, counts, nodes)
        reached.append(float(expected_fit(slope, intercepts, counts, nodes)[0]))
    assert np.diff(reached).min() > -1e-8
    assert slope[0] == pytest.approx(1.74, abs=1e-6)
    assert intercepts[0] == pytest.approx([2.36, -0.22, -3.11], abs=1e-6)


def test_a_guess_that_loses_likelihood_is_taken_back(
    fit: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def misled(history: Sequence[tuple[Array, Array]]) -> Array | None:
        nonlocal asked
        asked += 1
        _, safe = history[-1]
        # The log-slopes come first.
        doubled = safe + np.where(np.arange(safe.size) < 8, np.log(2), 0.0)
        return doubled if asked in (2, 3) else None

    monkeypatch.setattr(accelerate, "_leap", misled)
    other = fit_graded(KEYED, DIMENSION_OF, 3)
    assert np.diff(other.trace).min() > -1e-6
    assert len(other.trace) == other.iterations - 2
    assert np.allclose(other.parameters.slope, fit.parameters.slope, atol=CLOSE)


@pytest.mark.parametrize(
    ("module", "tolerance"), [(em, "PARAMETER_TOLERANCE"), (accelerate, "LIKELIHOOD_TOLERANCE")]
)
def test_both_parameters_and_likelihood_have_to_come_to_rest(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, tolerance: str
) -> None:
    monkeypatch.setattr(module, tolerance, -np.inf)
    with pytest.raises(ConvergenceError, match="had not settled"):
        fit_graded(KEYED, DIMENSION_OF, 3, most_cycles=60)


def test_a_scoring_step_far_off_keeps_order_and_never_loses() -> None:
    nodes = working_grid().nodes
    rng = np.random.default_rng(6)
    counts = rng.random((5, 4, nodes.size)) * 1000 * np.exp(-(nodes**2) / 2)
    counts[0, 2] *= 1e-9  # a category hardly anyone chose
    slope = np.array([6.0, 0.1, 1.0, 11.0, 3.0])
    intercepts = np.array(
        [[9.0, 1.0, -9.0], [0.1, 0.0, -0.1], [5, 4.9, 4.8], [1, 0, -1], [3, 2, 1]]
    )
    before = expected_fit(slope, intercepts, counts, nodes)
    for _ in range(8):
        slope, intercepts = scoring_step(slope, intercepts, counts, nodes)
        after = expected_fit(slope, intercepts, counts, nodes)
        assert np.all(after >= before - 1e-6)
        assert np.all(np.diff(intercepts, axis=1) < 0)
        assert np.all(slope > 0)
        before = after
