"""Comparing groups, worked out with pencil and paper; how each number comes about stands beside it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from undertow.calibrate.comparison import differences_of, range_of
from undertow.calibrate.dif import EffectClass, benjamini_hochberg, effect_class
from undertow.calibrate.groups import GroupParameters, moved, pooled_correlation, rescaled
from undertow.calibrate.likelihood import Parameters
from undertow.calibrate.reliability import item_information
from undertow.calibrate.scores import Latent
from undertow.calibrate.short_tests import agreement

ONE = np.array([0])


def test_adjusted_p_values() -> None:
    # Sorted .005 .01 .03 .04 times 4/1 4/2 4/3 4/4: .02 .02 .04 .04, none above a later one.
    p = np.array([0.01, 0.04, 0.03, 0.005])
    assert benjamini_hochberg(p) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    # .5 * 3/1 = 1.5 falls back to what stands behind it: .6 * 3/2 = .9, .7 * 3/3 = .7.
    assert benjamini_hochberg(np.array([0.5, 0.7, 0.6])) == pytest.approx([0.7, 0.7, 0.7])
    assert benjamini_hochberg(np.array([0.2])) == pytest.approx([0.2])
    assert benjamini_hochberg(np.array([0.0, 1.0])) == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(
    ("standardised", "p_adjusted", "expected"),
    [
        (0.17, 0.001, EffectClass.NEGLIGIBLE),
        (0.171, 0.001, EffectClass.MODERATE),
        (-0.25, 0.05, EffectClass.MODERATE),
        (-0.251, 0.05, EffectClass.LARGE),
        (0.9, 0.051, EffectClass.NEGLIGIBLE),
    ],
)
def test_effect_classes(standardised: float, p_adjusted: float, expected: EffectClass) -> None:
    assert effect_class(standardised, p_adjusted) is expected


def test_an_expected_score_difference_and_its_size() -> None:
    # At 20 and -20 a boundary is passed by all and by none. So the first group's answers are 0 or 1
    # and the second's 1 or 2, each by halves over a population that is symmetric about 0.
    own = [
        Parameters(slope=np.ones(1), intercepts=np.array([cuts]), correlation=0.0)
        for cuts in ([0.0, -20.0], [20.0, 0.0])
    ]
    latents = [Latent.standard(0.0)] * 2
    differences, spread = differences_of(own, latents, ONE)
    # Means .5 and 1.5, so -.5 and +.5 about their mean; mean squares .5 and 2.5, so variance
    # 1.5 - 1 = .5.
    assert differences[:, 0] == pytest.approx([-0.5, 0.5], abs=1e-6)
    assert spread == pytest.approx([math.sqrt(0.5)], abs=1e-6)
    assert range_of(differences) == pytest.approx([1.0], abs=1e-6)


def test_a_fit_of_its_own_on_a_common_metric() -> None:
    # 2 z + 1 with z = (theta - .5) / 2 is theta + .5; the other intercept -1 becomes -1.5.
    latent = Latent(means=np.array([0.5, 0.0]), deviations=np.array([2.0, 1.0]), correlation=0.0)
    own = Parameters(slope=np.array([2.0]), intercepts=np.array([[1.0, -1.0]]), correlation=0.0)
    slope, intercepts = moved(own, latent, ONE)
    assert slope == pytest.approx([1.0])
    assert intercepts == pytest.approx(np.array([[0.5, -1.5]]))


def test_the_metric_of_two_groups_mixed() -> None:
    # Means 0 and 4, deviations 1 and 1, three in four in the first: mean 1, variance
    # .75 (1 + 1) + .25 (1 + 9) = 4, deviation 2.
    latents = tuple(
        Latent(means=np.array([m, 0.0]), deviations=np.ones(2), correlation=0.0) for m in (0.0, 4.0)
    )
    before = GroupParameters(
        slope=np.full((2, 1), 3.0), intercepts=np.zeros((2, 1, 1)), latents=latents
    )
    after = rescaled(before, np.array([0.75, 0.25]), ONE)
    assert [one.means[0] for one in after.latents] == pytest.approx([-0.5, 1.5])
    assert [one.deviations[0] for one in after.latents] == pytest.approx([0.5, 0.5])
    # 3 theta = 3 (1 + 2 t) = 6 t + 3.
    assert after.slope[:, 0] == pytest.approx([6.0, 6.0])
    assert after.intercepts[:, 0, 0] == pytest.approx([3.0, 3.0])


def test_groups_apart_on_both_dimensions_make_a_correlation() -> None:
    # None inside, means (-1, -1) and (1, 1), halves: covariance 1, variances 1 + 1; 1/2.
    latents = tuple(
        Latent(means=np.full(2, m), deviations=np.ones(2), correlation=0.0) for m in (-1.0, 1.0)
    )
    both = GroupParameters(slope=np.ones((2, 1)), intercepts=np.zeros((2, 1, 1)), latents=latents)
    assert pooled_correlation(both, np.array([0.5, 0.5])) == pytest.approx(0.5)


def test_information_of_a_yes_or_no_item() -> None:
    # a^2 p (1 - p): slope 2, at its threshold 4 / 4 = 1; where p = .9 (logit log 9) 4 * .09.
    parameters = Parameters(
        slope=np.full(2, 2.0), intercepts=np.array([[0.0], [math.log(9.0)]]), correlation=0.0
    )
    found = item_information(parameters.slope, parameters.intercepts, np.zeros(1))
    assert found[:, 0] == pytest.approx([1.0, 0.36])


def test_bias_found_and_gap() -> None:
    # 200 people of each group, standards 0 1 2 ... and .5 1.5 2.5 ...: 64 of 400 lie above the 84th
    # percentile, 32 of each group. The test puts the first group's upper 16 a thousand too low.
    first, second = np.arange(200.0), np.arange(200.0) + 0.5
    low = first - np.where(first >= 184, 1000.0, 0.0)
    found = agreement([low, second], [first, second])
    assert found.bias == pytest.approx((-1000 * 16 / 200, 0.0))
    # The deviations of 16 in 200 at -1000 and the rest at 0: variance 1000^2 * .08 * .92 * 200/199.
    assert found.bias_error[0] == pytest.approx(1000 * math.sqrt(0.08 * 0.92 / 199))
    assert found.bias_error[1] == 0
    # The test's own 64 highest begin where the standard's 80 highest began, so 16 of 32 are found.
    assert found.found == pytest.approx((50.0, 100.0))
    assert found.gap == pytest.approx(50.0)
    assert found.gap_error == pytest.approx(100 * math.sqrt(0.25 / 32))
    turned = agreement([second, low], [second, first])
    assert turned.gap == pytest.approx(-50.0)
