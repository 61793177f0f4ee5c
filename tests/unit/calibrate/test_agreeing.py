"""The model with a tendency to agree: its edge is the simple model, and fitting never loses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.calibrate.agreeing_people import (
    CATEGORIES,
    DIMENSION_OF,
    INTERCEPTS,
    KEYING,
    SLOPE,
    MadeUp,
    sides_by_group,
)

from undertow.calibrate.agreeing import (
    AgreeingGrid,
    AgreeingParameters,
    Tendency,
    agreeing_tables,
    expect_agreeing,
)
from undertow.calibrate.agreeing_fit import (
    LEAST_DEVIATION,
    AgreeingFit,
    climbing_grid,
    fit_agreeing,
    fit_simple,
    log_likelihood_of,
    scoring_step,
    tendency_like,
)
from undertow.calibrate.groups import GroupParameters
from undertow.calibrate.likelihood import Sides
from undertow.calibrate.multigroup import fit_groups
from undertow.calibrate.scores import Latent
from undertow.calibrate.workers import workers
from undertow.errors import ConvergenceError, ShapeError
from undertow.measure.grid import Grid

SIGNS = KEYING.astype(np.float64)
TRUTH = AgreeingParameters(
    shared=GroupParameters(
        slope=np.stack([SLOPE] * 2),
        intercepts=np.stack([INTERCEPTS] * 2),
        latents=(Latent.standard(0.1), Latent.standard(-0.2)),
    ),
    tendencies=(Tendency(mean=-0.2, deviation=0.6), Tendency(mean=0.1, deviation=0.5)),
)


@pytest.fixture(scope="module")
def sides() -> tuple[Sides, Sides]:
    men = MadeUp(rows=500, theta=np.array([-0.3, 0.2]), mean=-0.5, deviation=0.7)
    return sides_by_group((men, MadeUp(rows=700, deviation=0.6)), seed=4)


@pytest.fixture(scope="module")
def simple(sides: tuple[Sides, Sides]) -> AgreeingFit:
    return fit_simple(sides, SIGNS)


@pytest.fixture(scope="module")
def agreeing(sides: tuple[Sides, Sides], simple: AgreeingFit) -> AgreeingFit:
    return fit_agreeing(sides, SIGNS, simple)


def test_a_tendency_lifts_straight_items_and_lowers_reversed_ones() -> None:
    grid = AgreeingGrid(theta=Grid(nodes=np.linspace(-1, 1, 3)), tendency=np.array([-0.5, 0.5]))
    tables = agreeing_tables(SLOPE, INTERCEPTS, SIGNS, grid)
    mean = np.einsum("jkq,k->jq", tables, np.arange(CATEGORIES)).reshape(12, 2, 3)
    assert np.allclose(tables.sum(axis=1), 1.0)
    assert (np.sign(mean[:, 1] - mean[:, 0]) == KEYING[:, None]).all()


def test_the_same_answers_with_hardly_any_tendency_are_as_likely_as_with_none(
    sides: tuple[Sides, Sides],
) -> None:
    none = AgreeingParameters.without(TRUTH.shared)
    without = log_likelihood_of(sides, none, SIGNS)
    gaps = []
    for deviation in (0.2, 0.02, 0.002):
        own = Tendency(mean=0.0, deviation=deviation)
        little = replace(TRUTH, tendencies=(own, own))
        gaps.append(abs(log_likelihood_of(sides, little, SIGNS) - without))
    # It goes with the square of the deviation.
    assert gaps[0] > 1.0
    assert gaps[1] < 0.02 * gaps[0]
    assert gaps[2] < 0.02 * gaps[1]


def test_without_a_tendency_it_is_the_fit_of_several_groups(
    sides: tuple[Sides, Sides], simple: AgreeingFit
) -> None:
    start = replace(simple.parameters.shared, slope=np.full((2, 12), 1.5))
    groups = fit_groups(sides, start, np.ones(12, dtype=bool))
    assert simple.log_likelihood == pytest.approx(groups.log_likelihood, abs=0.01)
    assert np.allclose(simple.parameters.slope, groups.parameters.slope[0], atol=0.01)
    for own, other in zip(simple.parameters.shared.latents, groups.parameters.latents, strict=True):
        assert np.allclose(own.means, other.means, atol=0.003)
        assert np.allclose(own.deviations, other.deviations, atol=0.005)


def test_a_planted_tendency_is_found(simple: AgreeingFit, agreeing: AgreeingFit) -> None:
    assert agreeing.log_likelihood > simple.log_likelihood + 50
    first, second = agreeing.parameters.tendencies
    assert first.deviation == pytest.approx(0.7, abs=0.12)
    assert second.deviation == pytest.approx(0.6, abs=0.12)
    assert first.mean - second.mean == pytest.approx(-0.5, abs=0.2)
    assert 500 * first.mean + 700 * second.mean == pytest.approx(0.0, abs=1e-9)


def test_it_stands_at_a_top(sides: tuple[Sides, Sides], agreeing: AgreeingFit) -> None:
    best = agreeing.parameters
    top = log_likelihood_of(sides, best, SIGNS)
    for group in (0, 1):
        for mean, deviation in ((0.1, 1.0), (-0.1, 1.0), (0.0, 1.1), (0.0, 0.9)):
            own = best.tendencies[group]
            moved = list(best.tendencies)
            moved[group] = Tendency(mean=own.mean + mean, deviation=own.deviation * deviation)
            other = replace(best, tendencies=tuple(moved))
            assert log_likelihood_of(sides, other, SIGNS) < top


def test_answers_are_never_less_likely_than_without() -> None:
    nobody = (MadeUp(rows=250), MadeUp(rows=250))
    sides = sides_by_group(nobody, seed=1)
    simple = fit_simple(sides, SIGNS)
    found = fit_agreeing(sides, SIGNS, simple)
    assert found.log_likelihood >= simple.log_likelihood
    # Three more figures gain 1.5 on average where there is nothing to find.
    assert found.log_likelihood < simple.log_likelihood + 10


def test_workers_change_nothing(sides: tuple[Sides, Sides]) -> None:
    grid = climbing_grid(TRUTH)
    with workers() as mapper:
        # Here too, since products with several threads have other last digits.
        alone = expect_agreeing(sides[0], TRUTH, 0, SIGNS, grid)
        shared = expect_agreeing(sides[0], TRUTH, 0, SIGNS, grid, mapper=mapper)
    assert alone.log_likelihood == shared.log_likelihood
    assert np.array_equal(alone.counts, shared.counts)


def test_some_rows_bring_many_close_and_change_nothing(
    sides: tuple[Sides, Sides], agreeing: AgreeingFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("undertow.calibrate.agreeing_fit._WARM_UP_ROWS", 500)
    warmed = fit_agreeing(sides, SIGNS, fit_simple(sides, SIGNS))
    assert warmed.log_likelihood == pytest.approx(agreeing.log_likelihood, abs=0.01)
    pairs = zip(warmed.parameters.tendencies, agreeing.parameters.tendencies, strict=True)
    for one, other in pairs:
        assert one.mean == pytest.approx(other.mean, abs=0.01)
        assert one.deviation == pytest.approx(other.deviation, abs=0.01)


def test_centring_changes_no_answer(sides: tuple[Sides, Sides]) -> None:
    centred = TRUTH.centred(np.array([0.25, 0.75]), SIGNS)
    assert 0.25 * centred.tendencies[0].mean + 0.75 * centred.tendencies[1].mean == pytest.approx(0)
    assert log_likelihood_of(sides, centred, SIGNS) == pytest.approx(
        log_likelihood_of(sides, TRUTH, SIGNS), abs=1e-6
    )


@pytest.mark.parametrize("held", [None, 0.0])
def test_a_tendency_has_the_moments_of_its_counts(held: float | None) -> None:
    nodes = np.linspace(-2.0, 2.0, 9)
    counts = np.array([1.0, 2, 6, 14, 20, 16, 9, 4, 2])
    found = tendency_like(counts, nodes, Tendency(mean=0.0, deviation=0.5), mean=held)
    weights, share = found.weights(nodes), counts / counts.sum()
    centre = found.mean
    assert centre == 0.0 if held is not None else weights @ nodes == pytest.approx(share @ nodes)
    assert weights @ (nodes - centre) ** 2 == pytest.approx(share @ (nodes - centre) ** 2)


def test_counts_at_one_place_leave_the_least_deviation() -> None:
    counts = np.array([0.0, 0, 0, 0, 9, 0, 0, 0, 0])
    found = tendency_like(counts, np.linspace(-2, 2, 9), Tendency(mean=0.0, deviation=0.5))
    assert found.deviation == LEAST_DEVIATION


def test_a_scoring_step_never_loses() -> None:
    grid = climbing_grid(TRUTH)
    rng = np.random.default_rng(5)
    counts = rng.uniform(0.1, 1.0, (12, CATEGORIES, grid.size))
    counts[3, 1] *= 1e-4  # A category that hardly anyone chose.
    fit = [
        (counts * np.log(agreeing_tables(slope, cuts, SIGNS, grid))).sum(axis=(1, 2))
        for slope, cuts in (
            (SLOPE, INTERCEPTS),
            scoring_step(SLOPE, INTERCEPTS, counts, SIGNS, grid),
        )
    ]
    assert (fit[1] >= fit[0] - 1e-9 * np.abs(fit[0])).all()
    assert (fit[1] > fit[0] + 1).sum() > 8


def test_a_scoring_step_goes_to_the_parameters_that_made_the_counts() -> None:
    grid = climbing_grid(TRUTH)
    counts = agreeing_tables(SLOPE, INTERCEPTS, SIGNS, grid)
    slope, intercepts = 0.8 * SLOPE, INTERCEPTS + 0.2
    for _ in range(8):
        slope, intercepts = scoring_step(slope, intercepts, counts, SIGNS, grid)
    assert np.allclose(slope, SLOPE, atol=1e-6)
    assert np.allclose(intercepts, INTERCEPTS, atol=1e-6)


def test_a_tendency_that_cannot_be() -> None:
    with pytest.raises(ShapeError, match="must not be below 0"):
        Tendency(mean=0.0, deviation=-0.1)
    with pytest.raises(ShapeError, match="must not be below 0"):
        Tendency(mean=0.0, deviation=float("nan"))
    with pytest.raises(ShapeError, match="one node"):
        Tendency(mean=0.0, deviation=0.0).weights(np.linspace(-1, 1, 3))


def test_a_far_group_still_has_weights() -> None:
    weights = Tendency(mean=90.0, deviation=0.5).weights(np.linspace(-2, 2, 9))
    assert weights.sum() == pytest.approx(1.0)


def test_a_fit_that_does_not_settle_says_so(
    sides: tuple[Sides, Sides], simple: AgreeingFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("undertow.calibrate.agreeing_fit.MOST_CYCLES", 1)
    with pytest.raises(ConvergenceError, match="had not settled") as raised:
        fit_agreeing(sides, SIGNS, simple)
    assert raised.value.trace[-1] > simple.log_likelihood - 500


def test_progress_hears_of_every_cycle(sides: tuple[Sides, Sides], simple: AgreeingFit) -> None:
    heard: list[tuple[int, float]] = []
    fit = fit_simple(
        sides,
        SIGNS,
        simple.parameters.shared,
        progress=lambda cycle, reached: heard.append((cycle, reached)),
    )
    assert heard[0][0] == 1
    assert heard[-1][1] == pytest.approx(fit.log_likelihood, abs=0.1)
    assert len(DIMENSION_OF) == fit.parameters.slope.size
