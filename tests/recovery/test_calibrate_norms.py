"""Norms of groups that lie apart: each is found where it was put, not drawn towards everyone."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.calibrate.blocks import blocks_of, fit_blocks, tally_blocks
from undertow.calibrate.norming import KNOTS, EstimatedNorm, Group, norms_from

ITEMS, ROWS = 5, 9000
MEANS = np.array([-0.5, 0.5])
# Half of each: 0.5 * (0.81 + 0.69) + 0.25 = 1, so that everyone together has variance 1.
DEVIATIONS = np.array([0.9, sqrt(0.69)])
MEMBERS = np.stack([np.ones(ROWS, dtype=bool), np.arange(ROWS) % 2 == 0, np.arange(ROWS) % 2 == 1])
PLACES = (-1.5, -0.5, 0.0, 0.5, 1.5)
AT = [int(np.argmin(np.abs(KNOTS - place))) for place in PLACES]


def answers(rng: np.random.Generator, dimensions: int) -> NDArray[np.int8]:
    """Few items, so that a posterior leaves much to its prior."""
    own = np.arange(ROWS) % 2
    theta = MEANS[own][:, None] + DEVIATIONS[own][:, None] * rng.standard_normal((ROWS, dimensions))
    slope = np.tile([1.2, 1.8, 1.5, 1.0, 1.4], dimensions)
    felt = slope * np.repeat(theta, ITEMS, axis=1) + rng.logistic(size=(ROWS, ITEMS * dimensions))
    keyed: NDArray[np.int8] = (felt[:, :, None] + np.array([1.0, -0.8]) > 0).sum(
        axis=2, dtype=np.int8
    )
    return keyed


@pytest.fixture(scope="module", params=[1, 2, 3], ids=["one", "two", "three dimensions"])
def norms(request: pytest.FixtureRequest) -> tuple[EstimatedNorm, ...]:
    dimensions = int(request.param)
    keyed = answers(np.random.default_rng(20261124 + dimensions), dimensions)
    blocks = blocks_of(keyed, np.repeat(np.arange(dimensions), ITEMS), 3)
    fit = fit_blocks(blocks)
    sums = tally_blocks(blocks, fit, MEMBERS)
    groups = tuple(
        Group(name=name, gender=None, age_band=None, member=member)
        for name, member in zip(("everyone", "low", "high"), MEMBERS, strict=True)
    )
    made = norms_from(groups, sums.mass[:, :dimensions], sums.squares[:, :dimensions])
    assert all(norm.cdf.shape == (dimensions, KNOTS.size) for norm in made)
    return made


@pytest.mark.parametrize("group", [0, 1])
def test_a_group_is_found_where_it_was_put(norms: tuple[EstimatedNorm, ...], group: int) -> None:
    norm = norms[1 + group]
    true = [(1 + erf((place - MEANS[group]) / DEVIATIONS[group] / sqrt(2))) / 2 for place in PLACES]
    assert norm.standard_error is not None
    off = (norm.cdf[:, AT] - true) / norm.standard_error[:, AT]
    # Under one prior for everyone most are off by ten of these standard errors and more.
    assert np.abs(off).max() < 3.5
    assert np.sqrt((off**2).mean()) < 2.0
    assert norm.place(0.5) == pytest.approx([MEANS[group]] * len(norm.cdf), abs=0.06)


def test_everyone_together_has_the_metric(norms: tuple[EstimatedNorm, ...]) -> None:
    assert norms[0].place(0.5) == pytest.approx([0.0] * len(norms[0].cdf), abs=0.03)
