"""Known tendencies to agree are found again, and so is what a simple model takes them for.

On real answers the figures are held to sums of straight and reversed items, which need no model.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.calibrate.agreeing_people import KEYING, MadeUp, sides_by_group

from undertow.bank.item import DIMENSIONS
from undertow.bank.responses import MISSING
from undertow.calibrate import BUILT_IN_RECIPE, load_recipe
from undertow.calibrate.agreeing_comparison import compare_with_agreeing
from undertow.calibrate.agreeing_errors import agreeing_errors
from undertow.calibrate.agreeing_fit import fit_agreeing, fit_simple
from undertow.calibrate.agreeing_places import posterior_means
from undertow.calibrate.archive import read_archive
from undertow.calibrate.likelihood import sides_of
from undertow.calibrate.sample import Sample, sample_of
from undertow.calibrate.workers import workers

Array = NDArray[np.float64]

REPLICATIONS = 8
MEN = MadeUp(rows=700, theta=np.array([-0.3, 0.2]), mean=-0.4, deviation=0.7)
WOMEN = MadeUp(rows=900, deviation=0.5)
# Difference of the tendency's means, both deviations, then the latent differences in pooled SD.
SHARES = np.array([MEN.rows, WOMEN.rows]) / (MEN.rows + WOMEN.rows)
POOLED = np.sqrt(1 + SHARES.prod() * MEN.theta**2)
TRUTH = np.array([-0.4, 0.7, 0.5, *(MEN.theta / POOLED)])


@pytest.fixture(scope="module")
def replications() -> tuple[Array, Array, Array]:
    """Estimates (R, 5), their standard errors, and the latent differences of the simple model (R, 2)."""
    signs = KEYING.astype(np.float64)
    found, errors, simple = [], [], []
    with workers() as mapper:
        for seed in range(REPLICATIONS):
            sides = sides_by_group((MEN, WOMEN), seed=100 + seed)
            without = fit_simple(sides, signs, mapper=mapper)
            fit = fit_agreeing(sides, signs, without, mapper=mapper)
            error = agreeing_errors(sides, fit.parameters, signs, fit.grid, mapper=mapper)
            men, women = fit.parameters.shared.latents
            first, second = fit.parameters.tendencies
            gap = first.mean - second.mean
            found.append([gap, first.deviation, second.deviation, *(men.means - women.means)])
            errors.append(
                [error.tendency_means[1], *error.tendency_deviations, *error.latents[1, :2]]
            )
            one, other = without.parameters.shared.latents
            simple.append(one.means - other.means)
    return np.array(found), np.array(errors), np.array(simple)


def test_estimates_lie_around_the_truth(replications: tuple[Array, Array, Array]) -> None:
    found, _, _ = replications
    sampling = found.std(axis=0, ddof=1) / np.sqrt(REPLICATIONS)
    assert (np.abs(found.mean(axis=0) - TRUTH) < 4 * sampling).all()
    assert (sampling < 0.035).all()
    assert (found[:, 0] < 0).all()


def test_standard_errors_are_those_of_the_estimates(
    replications: tuple[Array, Array, Array],
) -> None:
    found, errors, _ = replications
    z = (found - TRUTH) / errors
    # Of 40 draws of a standard normal, hung together within a replication.
    assert 0.7 < np.sqrt((z**2).mean()) < 1.4
    assert np.abs(z).max() < 4.5


def test_the_simple_model_takes_agreeing_for_anxiety(
    replications: tuple[Array, Array, Array],
) -> None:
    found, _, simple = replications
    # Five of six anxiety items are straight, and men agree less: they come out too low there.
    assert simple[:, 0].mean() < TRUTH[3] - 0.1
    shift = (simple - found[:, 3:]).mean(axis=0)
    # Avoidance is keyed half and half, so there the tendency nearly cancels out.
    assert abs(shift[1]) < abs(shift[0]) / 3


@pytest.fixture(scope="module")
def adults(ecr_sample: Path) -> tuple[Sample, NDArray[np.intp], NDArray[np.int64]]:
    """Adults of any gender, with the items' dimension and keying."""
    recipe = load_recipe(BUILT_IN_RECIPE)
    sample = sample_of(read_archive(ecr_sample, recipe), recipe, complete_cases=False)
    dimension_of = np.array([DIMENSIONS.index(item.dimension) for item in recipe.items])
    return sample, dimension_of, np.array([int(item.keying) for item in recipe.items])


@pytest.mark.real_data
def test_real_answers_against_plain_sums(
    adults: tuple[Sample, NDArray[np.intp], NDArray[np.int64]],
) -> None:
    sample, dimension_of, keying = adults
    gender = sample.gender
    assert gender is not None
    whole = (sample.keyed != MISSING).all(axis=1)
    groups = [sample.keyed[(gender == word) & whole][::8] for word in ("man", "woman")]
    sides = [sides_of(own, dimension_of, 5) for own in groups]
    names = [f"item {number}" for number in range(36)]
    with workers() as mapper:
        found = compare_with_agreeing(sides, ("men", "women"), names, keying, mapper=mapper)
        signs = np.where(dimension_of == 1, keying, 0).astype(np.float64)
        fit = fit_agreeing(sides, signs, fit_simple(sides, signs, mapper=mapper), mapper=mapper)
        places = posterior_means(sides, fit.parameters, signs, mapper=mapper)
    agreeing, simple = found.agreeing, found.simple
    rows = sum(found.rows)
    # A quarter of log-likelihood a person, for three figures.
    assert agreeing.log_likelihood - simple.log_likelihood > 0.2 * rows
    assert all(0.4 < deviation < 0.7 for deviation in agreeing.tendency.deviations)
    # Straight less reversed avoidance items, in mean categories: agreeing, whatever the place.
    halves = [
        [own[:, (dimension_of == 1) & (keying == key)].mean(axis=1) for key in (1, -1)]
        for own in groups
    ]
    agreed = [straight - turned for straight, turned in halves]
    for own, index in zip(places, agreed, strict=True):
        assert np.corrcoef(own[:, 2], index)[0, 1] > 0.85
    assert agreed[0].mean() < agreed[1].mean() - 0.08
    assert agreeing.tendency.difference < -2 * (agreeing.tendency.difference_error or np.inf)
    # Halves' own sums: men lower on straight items only.
    straight, turned = found.half(1, 1), found.half(1, -1)
    assert straight is not None
    assert turned is not None
    spread = np.sqrt(
        sum(len(own[0]) * own[0].var() for own in halves) / (len(halves[0][0]) + len(halves[1][0]))
    )
    assert straight.observed == pytest.approx(
        (halves[0][0].mean() - halves[1][0].mean()) / spread, abs=1e-3
    )
    assert straight.expected is not None
    assert turned.expected is not None
    assert straight.expected[0] == pytest.approx(turned.expected[0], abs=0.02)
    assert straight.expected[1] < turned.expected[1] - 0.04
    # Items keyed half and half leave people where they were.
    moved = {one.dimension: one for one in found.moves if one.model == 1}
    assert moved[1].correlation > 0.998
    assert 0.95 < moved[0].correlation < 0.99
