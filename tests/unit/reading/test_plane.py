"""The chart's geometry against the bivariate normal it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.measure.posterior import Estimate
from undertow.reading.plane import Ellipse, Plane, ellipse_of

VARIANCES = st.floats(min_value=0.02, max_value=2.0)
CORRELATIONS = st.floats(min_value=-0.9, max_value=0.9)


def estimate(first: float, second: float, correlation: float) -> Estimate:
    cross = correlation * np.sqrt(first * second)
    return Estimate(
        mean=np.array([0.3, -0.4]), covariance=np.array([[first, cross], [cross, second]])
    )


def plane(ellipse: Ellipse) -> Plane:
    return Plane(
        anxiety=0.3,
        avoidance=-0.4,
        borders=(0.0, 0.0),
        ellipses=(ellipse,),
        anxiety_soundings=(),
        avoidance_soundings=(),
        reach=3.0,
        caption="c",
    )


@pytest.mark.parametrize("mass", [0.80, 0.95])
@pytest.mark.parametrize(("first", "second", "correlation"), [(0.1, 0.1, 0.0), (0.3, 0.05, 0.6)])
def test_an_ellipse_holds_its_mass(
    mass: float, first: float, second: float, correlation: float
) -> None:
    given_estimate = estimate(first, second, correlation)
    ellipse = ellipse_of(given_estimate, mass)
    rng = np.random.default_rng(3)
    draws = rng.multivariate_normal(given_estimate.mean, given_estimate.covariance, size=20_000)
    inside = np.mean([plane(ellipse).holds(ellipse, float(x), float(y)) for x, y in draws])
    assert inside == pytest.approx(mass, abs=4 * np.sqrt(mass * (1 - mass) / 20_000))


@given(first=VARIANCES, second=VARIANCES, correlation=CORRELATIONS)
def test_radii_and_tilt_give_the_covariance_back(
    first: float, second: float, correlation: float
) -> None:
    wanted = estimate(first, second, correlation)
    ellipse = ellipse_of(wanted, 0.8)
    turn = np.deg2rad(ellipse.tilt_degrees)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    radii = np.diag([ellipse.radius_one**2, ellipse.radius_two**2])
    # Two degrees of freedom: the squared radius that holds 80 % is -2 ln(0.2).
    rebuilt = rotation @ radii @ rotation.T / (-2 * np.log(0.2))
    np.testing.assert_allclose(rebuilt, wanted.covariance, rtol=1e-9, atol=1e-12)


@given(first=VARIANCES, second=VARIANCES, correlation=CORRELATIONS)
def test_the_outer_ring_lies_around_the_inner_one(
    first: float, second: float, correlation: float
) -> None:
    given_estimate = estimate(first, second, correlation)
    inner, outer = (ellipse_of(given_estimate, mass) for mass in (0.80, 0.95))
    assert outer.radius_one > inner.radius_one
    assert outer.radius_two > inner.radius_two
    assert inner.tilt_degrees == pytest.approx(outer.tilt_degrees)
