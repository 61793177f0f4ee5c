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
    drift_of,
    drift_table,
    estimate_drift,
    item_figures,
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
    found = pooled_spread(of(1, 3, 0, 3, 6), np.full(5, 0.5), PLACES)

    assert found.sd == pytest.approx(math.sqrt(20 / 3 - 0.5))
    # SD of the mean square sqrt(2/3) * 20/3, through the square root: divided by 2 sd.
    assert found.se == pytest.approx(math.sqrt(2 / 3) * 20 / 3 / (2 * found.sd))


def test_noise_is_weighed_as_its_family_is() -> None:
    # Mean noise .2 in the pair counts once, .8 in the three counts twice: (0.2 + 1.6) / 3 = 0.6.
    found = pooled_spread(of(1, 3, 0, 3, 6), of(0.1, 0.3, 0.8, 0.7, 0.9), PLACES)

    assert found.sd == pytest.approx(math.sqrt(20 / 3 - 0.6))


def test_figures_of_one_kind_are_pooled() -> None:
    values = np.column_stack([of(1, 3, 0, 3, 6), of(1, 1, 2, 2, 2)])

    # The second column adds nothing, so the mean square is half as large.
    assert pooled_spread(values, np.zeros((5, 2)), PLACES).sd == pytest.approx(math.sqrt(10 / 3))


def test_where_noise_explains_all_nothing_is_left_but_doubt() -> None:
    found = pooled_spread(of(0.1, 0.3), of(0.5, 0.5), PLACES[:1])

    assert found.sd == 0
    # The mean square is .02 with an SD of .02 * sqrt(2); a variance of as much has its root as SD.
    assert found.se == pytest.approx(math.sqrt(0.02 * math.sqrt(2)))


def test_no_spread_and_no_noise() -> None:
    assert pooled_spread(of(2, 2), of(0, 0), PLACES[:1]) == Spread(sd=0.0, se=0.0)


# ---- figures of items ----------------------------------------------------------------------------

SLOPE = of(1.3, 2.1)
INTERCEPTS = np.array([[2.0, 0.4, -1.5], [1.1, -0.2, -2.6]])


def by_differences(figure: str) -> Array:
    """Variances by moving each parameter a little; the slow way to what the delta method gives."""
    step, covariance = 1e-5, covariances()
    found = []
    for item in range(2):
        columns = []
        for parameter in range(4):
            ends = []
            for sign in (1, -1):
                moved = np.column_stack([SLOPE, INTERCEPTS])
                moved[item, parameter] += sign * step
                figures = item_figures(moved[:, 0], moved[:, 1:], covariance)
                ends.append(np.atleast_1d(getattr(figures, figure)[item]))
            columns.append((ends[0] - ends[1]) / (2 * step))
        gradient = np.column_stack(columns)
        found.append(np.diag(gradient @ covariance[item] @ gradient.T))
    return np.array(found)


def covariances() -> Array:
    mixed = np.random.default_rng(3).normal(size=(2, 4, 4)) / 30
    return np.asarray(mixed @ mixed.transpose(0, 2, 1))


def test_figures_on_their_scales() -> None:
    figures = item_figures(SLOPE, INTERCEPTS, covariances())

    assert figures.log_slope == pytest.approx([math.log(1.3), math.log(2.1)])
    assert figures.thresholds[0] == pytest.approx([-2.0 / 1.3, -0.4 / 1.3, 1.5 / 1.3])
    middle = -0.9 / 3 / 1.3
    assert figures.spacing[0] == pytest.approx(
        [-2.0 / 1.3 - middle, -0.4 / 1.3 - middle, 1.5 / 1.3 - middle]
    )


@pytest.mark.parametrize("figure", ["log_slope", "thresholds", "spacing"])
def test_sampling_variances_against_differences(figure: str) -> None:
    figures = item_figures(SLOPE, INTERCEPTS, covariances())

    own = getattr(figures, f"{figure}_variance").reshape(2, -1)
    assert own == pytest.approx(by_differences(figure), rel=1e-6)


@pytest.mark.parametrize(
    ("slope", "intercepts", "blocks"),
    [((3,), (2, 3), (2, 4, 4)), ((2,), (2, 3), (2, 3, 3)), ((2,), (2, 3), (4, 4))],
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
    figures = item_figures(parameters.slope, parameters.intercepts, np.zeros((2, 3, 3)))

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
    figures = item_figures(np.ones(2), np.array([[1.0, -1.0]] * 2), np.zeros((2, 3, 3)))
    values = np.array([[0.4, 0.4], [0.6, 0.4]])
    for anchors_moved in (0.0, 3.0):
        gender = ThresholdDifferences(values=values + anchors_moved, variances=np.zeros((2, 2)))

        found = estimate_drift(NAMES[:2], [("A", "B")], figures, gender=gender)

        assert found.gender_difference is not None
        assert found.gender_difference.sd == pytest.approx(math.sqrt(0.02 / 2))


def test_two_categories_have_no_spacing() -> None:
    figures = item_figures(np.ones(2), np.array([[0.1], [0.3]]), np.zeros((2, 2, 2)))

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
    figures = item_figures(np.ones(5), np.zeros((5, 1)), np.zeros((5, 2, 2)))

    with pytest.raises(InputError, match=said):
        estimate_drift(NAMES, families, figures)


def test_estimates_of_other_shapes() -> None:
    figures = item_figures(np.ones(5), np.zeros((5, 1)), np.zeros((5, 2, 2)))
    wrong = ThresholdDifferences(values=np.zeros((5, 1)), variances=np.zeros((5, 2)))

    with pytest.raises(ShapeError, match="figures of 6 items"):
        estimate_drift((*NAMES, "F"), FAMILIES, figures)
    with pytest.raises(ShapeError, match="differences of thresholds"):
        estimate_drift(NAMES, FAMILIES, figures, gender=wrong)


def test_the_table_of_a_bank_file() -> None:
    figures = item_figures(np.exp(of(0, 0.2)), np.array([[0.1], [0.3]]), np.zeros((2, 2, 2)))
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


def test_a_fit_with_its_errors_in_one_step(answers: Sides) -> None:
    errors = standard_errors(answers, TRUE, working_grid())

    found = drift_of(ITEMS, [("A1", "A2")], TRUE, errors)

    own = item_figures(
        TRUE.slope, TRUE.intercepts, np.stack([errors.of_item(item) for item in range(8)])
    )
    assert found == estimate_drift(ITEMS, [("A1", "A2")], own)
    # log(1.8 / 1.2) squared over 2, less the mean sampling variance.
    noise = (errors.slope[:2] ** 2 / TRUE.slope[:2] ** 2).mean()
    assert found.log_slope.sd == pytest.approx(math.sqrt(math.log(1.5) ** 2 / 2 - noise))


def test_groups_that_were_made_alike_differ_by_no_more_than_chance(answers: Sides) -> None:
    members = np.arange(1500) % 2 == np.array([[0], [1]])
    halves = sides_of_groups(answers, members)

    found = threshold_differences(halves, ITEMS, [("A1", "A2"), ("B3", "B4")], TRUE)

    free = [0, 1, 6, 7]
    assert np.all(found.values[[2, 3, 4, 5]] == 0)
    assert np.all(found.variances[[2, 3, 4, 5]] == 0)
    z = found.values[free] / np.sqrt(found.variances[free])
    # Eight differences: their mean square is near 1, and none is far out.
    assert np.abs(z).max() < 3.6
    assert 0.15 < (z**2).mean() < 2.6


def test_only_two_groups_have_one_difference(answers: Sides) -> None:
    with pytest.raises(ShapeError, match="two groups"):
        threshold_differences((answers,), ITEMS, [("A1", "A2")], TRUE)
