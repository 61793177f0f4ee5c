"""The M-step: item parameters and latent moments from expected counts; the counts are left to `likelihood`.

The latent means, variances and correlation are all freed, and means and variances are then folded
back into the items (parameter expansion): the same likelihood, reached in a third of the cycles.
Source: bockaitkin1981, liurubinwu1998.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import (
    Expectation,
    Parameters,
    Sides,
    boundary_probabilities,
    category_tables,
)
from undertow.calibrate.scores import Latent
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

SLOPE_RANGE = (0.05, 12.0)
"""A slope that wants to leave this range says that an item does not belong, or is there twice."""
_CORRELATION_LIMIT = 0.999
_SCORING_STEPS = 2
_HALVINGS = 30


def maximise(at: Parameters, expectation: Expectation, grid: Grid, sides: Sides) -> Parameters:
    """Parameters that make the expected counts more likely than `at` does."""
    slope, intercepts = at.slope, at.intercepts
    for _ in range(_SCORING_STEPS):
        slope, intercepts = scoring_step(slope, intercepts, expectation.counts, grid.nodes)
    means, deviations, correlation = latent_moments(expectation.joint, grid.nodes)
    slope, intercepts = slope.copy(), intercepts.copy()
    for side, mean, deviation in zip(sides, means, deviations, strict=True):
        # a * theta + d with theta = mean + deviation * z is (a * deviation) * z + (d + a * mean).
        intercepts[side.items] += slope[side.items, None] * mean
        slope[side.items] *= deviation
    return Parameters(
        slope=np.clip(slope, *SLOPE_RANGE),
        intercepts=intercepts,
        correlation=float(np.clip(correlation, -_CORRELATION_LIMIT, _CORRELATION_LIMIT)),
    )


def latent_of(joint: Array, nodes: Array) -> Latent:
    """The bivariate normal that makes expected joint counts most likely; as `latent_moments`."""
    means, deviations, correlation = latent_moments(joint, nodes)
    return Latent(
        means=np.array(means),
        deviations=np.array(deviations),
        correlation=float(np.clip(correlation, -_CORRELATION_LIMIT, _CORRELATION_LIMIT)),
    )


def latent_moments(joint: Array, nodes: Array) -> tuple[list[float], list[float], float]:
    """Means, deviations and correlation of expected joint counts (Q, Q).

    These maximise the expected log-density of a bivariate normal on the grid: the grid is fine
    enough that a normal's moments on it are its own moments. Of counts (Q, 1) or (1, Q), which have
    one dimension, the other stays at mean 0 and deviation 1 and the correlation at 0.
    """
    share = joint / joint.sum()
    if 1 in joint.shape:
        mean, deviation = _moments(share.ravel(), nodes)
        if joint.shape[1] == 1:
            return [mean, 0.0], [deviation, 1.0], 0.0
        return [0.0, mean], [1.0, deviation], 0.0
    margins = [share.sum(axis=1), share.sum(axis=0)]
    (mean, deviation), (other_mean, other_deviation) = (_moments(m, nodes) for m in margins)
    means, deviations = [mean, other_mean], [deviation, other_deviation]
    cross = float((nodes - means[0]) @ share @ (nodes - means[1]))
    return means, deviations, cross / (deviations[0] * deviations[1])


def _moments(margin: Array, nodes: Array) -> tuple[float, float]:
    mean = float(margin @ nodes)
    return mean, float(np.sqrt(margin @ (nodes - mean) ** 2))


def expected_fit(slope: Array, intercepts: Array, counts: Array, nodes: Array) -> Array:
    """Each item's expected complete-data log-likelihood; (J,)."""
    fit: Array = (counts * np.log(category_tables(slope, intercepts, nodes))).sum(axis=(1, 2))
    return fit


def scoring_step(
    slope: Array, intercepts: Array, counts: Array, nodes: Array
) -> tuple[Array, Array]:
    """One Fisher scoring step of all items at once; slope (J,), intercepts (J, K-1), counts (J, K, Q).

    An item's step is halved until its intercepts keep their order, its slope stays positive and its
    expected fit does not fall.
    """
    step = _scoring_direction(slope, intercepts, counts, nodes)
    before = expected_fit(slope, intercepts, counts, nodes)
    # Sums over thousands of people are only known to their last digits.
    least = before - 1e-12 * np.abs(before)
    factor = np.ones(slope.size)
    for _ in range(_HALVINGS):
        new_slope = slope + factor * step[:, 0]
        new_intercepts = intercepts + factor[:, None] * step[:, 1:]
        bad = (np.diff(new_intercepts, axis=1) >= 0).any(axis=1) | (new_slope <= 0)
        # Where the order is broken there is no probability to compare; the old values stand in.
        tried_slope = np.where(bad, slope, new_slope)
        tried_intercepts = np.where(bad[:, None], intercepts, new_intercepts)
        bad |= expected_fit(tried_slope, tried_intercepts, counts, nodes) < least
        if not bad.any():
            return new_slope, new_intercepts
        factor[bad] /= 2
    return np.where(bad, slope, new_slope), np.where(bad[:, None], intercepts, new_intercepts)


def _scoring_direction(slope: Array, intercepts: Array, counts: Array, nodes: Array) -> Array:
    """Inverse information times gradient; (J, K), the slope first."""
    items, cuts = intercepts.shape
    above, below = boundary_probabilities(slope, intercepts, nodes)
    density = above * below  # (J, K-1, Q)
    probability = category_tables(slope, intercepts, nodes)  # (J, K, Q)
    # dP_k / d intercept_m: +density at the category's lower boundary, -density at its upper one.
    gradient = np.zeros((items, cuts + 1, cuts + 1, nodes.size))  # (J, category, parameter, Q)
    for cut in range(cuts):
        gradient[:, cut + 1, cut + 1] += density[:, cut]
        gradient[:, cut, cut + 1] -= density[:, cut]
    gradient[:, :, 0] = gradient[:, :, 1:].sum(axis=2) * nodes
    slope_of_fit = np.einsum("jkq,jkpq->jp", counts / probability, gradient)
    weight = counts.sum(axis=1)[:, None, :] / probability
    weighted = gradient * weight[:, :, None, :]
    information = np.einsum("jkpq,jkrq->jpr", weighted, gradient)
    # A category that hardly anyone chose leaves next to no information on its thresholds.
    information += 1e-8 * np.eye(cuts + 1)
    direction: Array = np.linalg.solve(information, slope_of_fit[:, :, None])[:, :, 0]
    return direction
