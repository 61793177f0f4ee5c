"""Spreads between near-paraphrases by hand, and what cannot be compared; recovery is tested elsewhere."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.calibrate.making import simulated_answers

from undertow.bank.drift import Spread
from undertow.calibrate.groups import sides_of_groups
from undertow.calibrate.likelihood import Parameters, Sides, sides_of, working_grid
from undertow.calibrate.standard_errors import standard_errors
from undertow.calibrate.wording_drift import (
    ThresholdDifferences,
    drift_table,
    estimate_drift,
    figures_of,
    item_figures,
    joined_figures,
    pooled_spread,
    threshold_differences,
)
from undertow.errors import InputError, ShapeError

Array = NDArray[np.float64]
NAMES = ("A", "B", "C", "D", "E")
FAMILIES = (("A", "B"), ("C", "D", "E"))
PLACES = (np.array([0, 1]), np.array([2, 3, 4]))


def of(*values: float) -> Array:
    return np.array(values)


# ---- pooled spreads ------------------------------------------------------------------------------


def test_a_spread_by_hand() -> None:
    # Families (1, 3) and (0, 3, 6): squares around their means 1 + 1 and 9 + 0 + 9, together 20, on
    # 1 + 2 degrees of freedom: 20/3. Sampling variances of .5 take .5 off.
    found = pooled_spread(of(1, 3, 0, 3, 6), 0.5 * np.eye(5), PLACES)

    assert found.sd == pytest.approx(math.sqrt(20 / 3 - 0.5))
    # SD of the mean square sqrt(2/3) * 20/3, through the square root: divided by 2 sd.
    assert found.se == pytest.approx(math.sqrt(2 / 3) * 20 / 3 / (2 * found.sd))


def test_noise_that_a_family_shares_cancels() -> None:
    # Everything that all items share, and what the first two share besides, moves no difference.
    shared = 0.5 * np.eye(5) + 7.0
    shared[:2, :2] += 40.0
    found = pooled_spread(of(1, 3, 0, 3, 6), shared, PLACES)

    assert found.sd == pytest.approx(math.sqrt(20 / 3 - 0.5))


def test_noise_against_drawn_families() -> None:
    rng = np.random.default_rng(8)
    mixed = rng.normal(size=(5, 5)) + 1.0
    covariance = mixed @ mixed.T
    # With nothing but noise, the mean square within families is what is taken off.
    drawn = rng.multivariate_normal(np.zeros(5), covariance, 40_000)
    within = sum(
        ((drawn[:, own] - drawn[:, own].mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
        for own in PLACES
    )
    expected = float(np.mean(within)) / 3
    high = np.array([0.0, 60.0, 0.0, 0.0, 60.0])  # mean square 4200 / 3, far above the noise
    found = pooled_spread(high, covariance, PLACES)

    assert 4200 / 3 - found.sd**2 == pytest.approx(expected, rel=0.03)


def test_noise_is_weighed_as_its_family_is() -> None:
    # Mean noise .2 in the pair counts once, .8 in the three counts twice: (0.2 + 1.6) / 3 = 0.6.
    found = pooled_spread(of(1, 3, 0, 3, 6), np.diag(of(0.1, 0.3, 0.8, 0.7, 0.9)), PLACES)

    assert found.sd == pytest.approx(math.sqrt(20 / 3 - 0.6))


def test_figures_of_one_kind_are_pooled() -> None:
    values = np.column_stack([of(1, 3, 0, 3, 6), of(1, 1, 2, 2, 2)])

    # The second column adds nothing, so the mean square is half as large.
    assert pooled_spread(values, np.zeros((5, 5, 2)), PLACES).sd == pytest.approx(math.sqrt(10 / 3))


def test_where_noise_explains_all_nothing_is_left_but_doubt() -> None:
    found = pooled_spread(of(0.1, 0.3), 0.5 * np.eye(2), PLACES[:1])

    assert found.sd == 0
    # The mean square is .02 with an SD of .02 * sqrt(2); a variance of as much has its root as SD.
    assert found.se == pytest.approx(math.sqrt(0.02 * math.sqrt(2)))


def test_no_spread_and_no_noise() -> None:
    assert pooled_spread(of(2, 2), np.zeros((2, 2)), PLACES[:1]) == Spread(sd=0.0, se=0.0)


# ---- figures of items ----------------------------------------------------------------------------

SLOPE = of(1.3, 2.1)
INTERCEPTS = np.array([[2.0, 0.4, -1.5], [1.1, -0.2, -2.6]])


def by_differences(figure: str) -> Array:
    """Covariances by moving each parameter a little; the slow way to what the delta method gives."""
    step, at = 1e-5, np.column_stack([SLOPE, INTERCEPTS]).ravel()
    columns = []
    for parameter in range(8):
        ends = []
        for sign in (1, -1):
            moved = at.copy()
            moved[parameter] += sign * step
            table = moved.reshape(2, 4)
            figures = item_figures(table[:, 0], table[:, 1:], covariances())
            ends.append(getattr(figures, figure).ravel())
        columns.append((ends[0] - ends[1]) / (2 * step))
    gradient = np.column_stack(columns)
    return np.asarray(gradient @ covariances() @ gradient.T)


def covariances() -> Array:
    mixed = np.random.default_rng(3).normal(size=(8, 8)) / 30
    return np.asarray(mixed @ mixed.T)


def test_figures_on_their_scales() -> None:
    figures = item_figures(SLOPE, INTERCEPTS, covariances())

    assert figures.log_slope == pytest.approx([math.log(1.3), math.log(2.1)])
    assert figures.thresholds[0] == pytest.approx([-2.0 / 1.3, -0.4 / 1.3, 1.5 / 1.3])
    middle = -0.9 / 3 / 1.3
    assert figures.spacing[0] == pytest.approx(
        [-2.0 / 1.3 - middle, -0.4 / 1.3 - middle, 1.5 / 1.3 - middle]
    )


@pytest.mark.parametrize("figure", ["log_slope", "thresholds", "spacing"])
def test_sampling_covariances_against_differences(figure: str) -> None:
    figures = item_figures(SLOPE, INTERCEPTS, covariances())

    own = getattr(figures, f"{figure}_noise").reshape(2, 2, -1)
    slow = by_differences(figure).reshape(2, own.shape[2], 2, own.shape[2])
    assert own == pytest.approx(np.einsum("jtlt->jlt", slow), rel=1e-5, abs=1e-10)


@pytest.mark.parametrize(
    ("slope", "intercepts", "blocks"),
    [((3,), (2, 3), (8, 8)), ((2,), (2, 3), (6, 6)), ((2,), (2, 3), (4, 4))],
)
def test_figures_of_other_shapes(
    slope: tuple[int, ...], intercepts: tuple[int, ...], blocks: tuple[int, ...]
) -> None:
    with pytest.raises(ShapeError, match="drift needs slope"):
        item_figures(np.ones(slope), np.zeros(intercepts), np.zeros(blocks))


# ---- the whole estimate --------------------------------------------------------------------------


def exact(log_slopes: Array, thresholds: Array) -> Parameters:
    slope = np.exp(log_slopes)
    return Parameters(slope=slope, intercepts=-slope[:, None] * thresholds, correlation=0.0)


def test_each_spread_by_hand() -> None:
    # Known without error: log-slopes 0 and .2; thresholds -1 and 1 in A, -.7 and .9 in B.
    parameters = exact(of(0, 0.2), np.array([[-1.0, 1.0], [-0.7, 0.9]]))
    figures = item_figures(parameters.slope, parameters.intercepts, np.zeros((6, 6)))

    found = estimate_drift(NAMES[:2], [("A", "B")], figures)

    assert found.log_slope.sd == pytest.approx(0.2 / math.sqrt(2))
    # Differences .3 and .1: squares (.045 + .005) / 2 for one threshold.
    assert found.threshold.sd == pytest.approx(math.sqrt(0.025))
    # Around their own means the thresholds are -1, 1 and -.8, .8: differences .2, squares .02 each;
    # of two deviations one is free, so twice that.
    assert found.threshold_spacing is not None
    assert found.threshold_spacing.sd == pytest.approx(math.sqrt(0.04))
    assert found.gender_difference is None
    assert found.carried.threshold == pytest.approx(2 * math.sqrt(0.025))


def test_a_difference_that_the_family_shares_cancels() -> None:
    figures = item_figures(np.ones(2), np.array([[1.0, -1.0]] * 2), np.zeros((6, 6)))
    values = np.array([[0.4, 0.4], [0.6, 0.4]])
    for anchors_moved in (0.0, 3.0):
        gender = ThresholdDifferences(values=values + anchors_moved, noise=np.zeros((2, 2, 2)))

        found = estimate_drift(NAMES[:2], [("A", "B")], figures, gender=gender)

        assert found.gender_difference is not None
        assert found.gender_difference.sd == pytest.approx(math.sqrt(0.02 / 2))


def test_two_categories_have_no_spacing() -> None:
    figures = item_figures(np.ones(2), np.array([[0.1], [0.3]]), np.zeros((4, 4)))

    assert estimate_drift(NAMES[:2], [("A", "B")], figures).threshold_spacing is None


@pytest.mark.parametrize(
    ("families", "said"),
    [
        ([], "at least one family"),
        ([("A",)], "two or more"),
        ([("A", "X")], "names X"),
        ([("A", "B"), ("B", "C")], "B stands in families twice"),
    ],
)
def test_families_that_cannot_be_compared(families: list[tuple[str, ...]], said: str) -> None:
    figures = item_figures(np.ones(5), np.zeros((5, 1)), np.zeros((10, 10)))

    with pytest.raises(InputError, match=said):
        estimate_drift(NAMES, families, figures)


def test_estimates_of_other_shapes() -> None:
    figures = item_figures(np.ones(5), np.zeros((5, 1)), np.zeros((10, 10)))
    wrong = ThresholdDifferences(values=np.zeros((5, 1)), noise=np.zeros((5, 5, 2)))

    with pytest.raises(ShapeError, match="figures of 6 items"):
        estimate_drift((*NAMES, "F"), FAMILIES, figures)
    with pytest.raises(ShapeError, match="differences of thresholds"):
        estimate_drift(NAMES, FAMILIES, figures, gender=wrong)


def test_the_table_of_a_bank_file() -> None:
    figures = item_figures(np.exp(of(0, 0.2)), np.array([[0.1], [0.3]]), np.zeros((4, 4)))
    found = estimate_drift(NAMES[:2], [("A", "B")], figures, factor=1.5)

    table = drift_table(replace(found, gender_difference=Spread(sd=0.123456, se=0.1)))

    assert table["log_slope"] == {"sd": 0.1414, "se": 0.1}
    assert table["gender_difference"] == {"sd": 0.1235, "se": 0.1}
    assert "threshold_spacing" not in table
    assert table["families"] == [["A", "B"]]
    assert table["factor"] == 1.5
    assert "judgement" in str(table["note"])


# ---- from answers --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answers() -> Sides:
    keyed = (simulated_answers(1500, seed=5) - 1).astype(np.int8)
    keyed[:, [3, 5]] = 2 - keyed[:, [3, 5]]  # keyed as the recipe says
    return sides_of(keyed, np.repeat([0, 1], 4), 3)


TRUE = Parameters(
    slope=of(1.2, 1.8, 1.5, 1.0, 1.4, 2.0, 1.1, 1.6),
    intercepts=np.tile([1.0, -0.8], (8, 1)),
    correlation=0.0,
)
ITEMS = ("A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4")


def test_a_fits_figures_with_their_errors(answers: Sides) -> None:
    errors = standard_errors(answers, TRUE, working_grid())

    found = estimate_drift(ITEMS, [("A1", "A2")], figures_of(TRUE, errors))

    # log(1.8 / 1.2) squared over 2, less half the sampling variance of the difference.
    apart = np.zeros(errors.covariance.shape[0])
    apart[[0, 3]] = 1 / TRUE.slope[0], -1 / TRUE.slope[1]
    noise = apart @ errors.covariance @ apart / 2
    assert found.log_slope.sd == pytest.approx(math.sqrt(math.log(1.5) ** 2 / 2 - noise))


def test_fits_that_were_made_apart_are_pooled() -> None:
    # A pair in each of two fits, the items of the second before those of the first.
    one = item_figures(np.exp(of(0, 0.2)), np.array([[0.1], [0.3]]), 0.01 * np.eye(4))
    two = item_figures(np.exp(of(0.5, 0.1)), np.array([[0.0], [0.0]]), 0.01 * np.eye(4))

    joined = joined_figures(5, [np.array([3, 4]), np.array([0, 2])], [one, two])

    assert joined.log_slope == pytest.approx(of(0.5, 0, 0.1, 0, 0.2))
    found = estimate_drift(NAMES, [("D", "E"), ("A", "C")], joined)
    # Squares .02 and .08 on two degrees of freedom; noise .01 / slope^2 each.
    noise = 0.01 * np.exp(-2 * of(0, 0.2, 0.5, 0.1)).mean()
    assert found.log_slope.sd == pytest.approx(math.sqrt(0.05 - noise))


def test_groups_that_were_made_alike_differ_by_no_more_than_chance(answers: Sides) -> None:
    members = np.arange(1500) % 2 == np.array([[0], [1]])
    halves = sides_of_groups(answers, members)

    found = threshold_differences(halves, ITEMS, [("A1", "A2"), ("B3", "B4")], TRUE)

    free = [0, 1, 6, 7]
    assert np.all(found.values[[2, 3, 4, 5]] == 0)
    assert np.all(found.noise[[2, 3, 4, 5]] == 0)
    assert np.all(found.noise[:, [2, 3, 4, 5]] == 0)
    z = found.values[free] / np.sqrt(found.noise[free, free])
    # Eight differences: their mean square is near 1, and none is far out.
    assert np.abs(z).max() < 3.6
    assert 0.15 < (z**2).mean() < 2.6


def test_items_of_a_family_share_how_the_groups_were_put_together(answers: Sides) -> None:
    members = np.arange(1500) % 2 == np.array([[0], [1]])
    halves = sides_of_groups(answers, members)

    found = threshold_differences(halves, ITEMS, [("A1", "A2"), ("B3", "B4")], TRUE)

    # Where the anchors put the groups moves all free items of a dimension alike.
    assert np.all(found.noise[0, 1] > 0.2 * np.sqrt(found.noise[0, 0] * found.noise[1, 1]))
    assert np.allclose(found.noise, found.noise.swapaxes(0, 1))
    for cut in range(2):
        assert np.linalg.eigvalsh(found.noise[:, :, cut]).min() > -1e-12


def test_only_two_groups_have_one_difference(answers: Sides) -> None:
    with pytest.raises(ShapeError, match="two groups"):
        threshold_differences((answers,), ITEMS, [("A1", "A2")], TRUE)
