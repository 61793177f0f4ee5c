"""Wording drift that was made up is found again, and rings that allow for it hold the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.adapted_bank import drifting
from tests.made_up_bank import large_bank

from undertow.bank.calibrated import Bank
from undertow.bank.drift import WordingDrift
from undertow.calibrate.em import fit_graded
from undertow.calibrate.groups import sides_of_groups
from undertow.calibrate.likelihood import sides_of, working_grid
from undertow.calibrate.standard_errors import standard_errors
from undertow.calibrate.wording_drift import (
    estimate_drift,
    figures_of,
    pooled_spread,
    threshold_differences,
)
from undertow.measure.grid import Grid
from undertow.measure.model import Model, model_of
from undertow.measure.posterior import Posterior, posterior
from undertow.measure.session import AdaptiveTest
from undertow.measure.simulate import (
    draw_population,
    drifted,
    simulate_answer,
    simulate_sitting,
)
from undertow.measure.stop import StopRule

Array = NDArray[np.float64]

# ---- the spread itself ---------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[1, 4], ids=["one figure", "four figures"])
def spreads(request: pytest.FixtureRequest) -> Array:
    """sd and se of 2,000 made-up sets of 20 pairs with a true SD of .3 and noise of .1 to .2."""
    rng = np.random.default_rng(20261124)
    families = [np.array([2 * pair, 2 * pair + 1]) for pair in range(20)]
    noise = rng.uniform(0.1, 0.2, (40, request.param))
    covariance = np.eye(40)[:, :, None] * noise**2
    found = []
    for _ in range(2000):
        # Families differ from each other by much more than their members do.
        true = np.repeat(rng.normal(0, 2, 20), 2)[:, None] + rng.normal(0, 0.3, noise.shape)
        one = pooled_spread(true + rng.normal(0, noise), covariance, families)
        found.append((one.sd, one.se))
    return np.array(found)


def test_the_variance_is_found_without_bias(spreads: Array) -> None:
    variance = spreads[:, 0] ** 2

    assert variance.mean() == pytest.approx(
        0.3**2, abs=3.3 * variance.std(ddof=1) / math.sqrt(2000)
    )


def test_its_standard_error_is_large_enough_and_for_one_figure_right(spreads: Array) -> None:
    sd, se = spreads.T
    within = (np.abs(sd - 0.3) <= 1.96 * se).mean()

    # Four figures that move on their own are known better than is said; one as well as is said.
    assert within >= 0.93
    if sd.std(ddof=1) > 0.04:
        assert se.mean() == pytest.approx(sd.std(ddof=1), rel=0.1)
        assert within < 0.975


# ---- from answers --------------------------------------------------------------------------------

PEOPLE, PAIRS, CUTS = 16_000, 5, 4
LOG_SLOPE, SHIFT, GENDER = 0.25, 0.2, 0.15
PER_SIDE = 2 * PAIRS + 2
"""Pairs of near-paraphrases and two items of their own on each dimension."""
ITEMS = 2 * PER_SIDE
DIMENSION_OF = np.repeat([0, 1], PER_SIDE)
NAMES = [f"Q{number}" for number in range(ITEMS)]
FAMILIES = [
    (NAMES[first], NAMES[first + 1])
    for side in range(2)
    for first in range(side * PER_SIDE, side * PER_SIDE + 2 * PAIRS, 2)
]


@dataclass(frozen=True)
class Planted:
    """What was put in: the spreads as they came out in the draw, and what was found."""

    log_slope: float
    threshold: float
    gender: float
    found: WordingDrift


def between_pairs(values: Array) -> float:
    """The pairs' SD as it was drawn; differences of two have twice the variance of one."""
    table = values.reshape(ITEMS, -1)
    first = np.array([NAMES.index(pair[0]) for pair in FAMILIES])
    return float(np.sqrt(((table[first] - table[first + 1]) ** 2).mean() / 2))


@pytest.fixture(scope="module")
def planted() -> Planted:
    rng = np.random.default_rng(20180301)
    family = np.repeat(np.arange(ITEMS // 2), 2)
    log_slope = np.log(rng.uniform(1.4, 2.2, ITEMS // 2))[family] + rng.normal(0, LOG_SLOPE, ITEMS)
    middle = rng.uniform(-0.4, 0.6, ITEMS // 2)[family] + rng.normal(0, SHIFT, ITEMS)
    thresholds = middle[:, None] + np.array([-1.2, -0.3, 0.4, 1.3])
    # Men's thresholds lie off women's: those of a pair by much and together, its members' by a
    # little and apart, those of a side's last two items not at all.
    leaning = rng.normal(0, 0.3, ITEMS // 2)[family] + rng.normal(0, GENDER, ITEMS)
    leaning[np.arange(ITEMS) % PER_SIDE >= 2 * PAIRS] = 0
    woman = rng.random(PEOPLE) < 0.5
    theta = rng.standard_normal((PEOPLE, 2))[:, DIMENSION_OF]
    own = thresholds[None] + np.where(woman, 0, 1)[:, None, None] * leaning[None, :, None]
    reached = np.exp(log_slope) * (theta[:, :, None] - own).transpose(2, 0, 1)
    keyed = (reached + rng.logistic(size=theta.shape) > 0).sum(axis=0, dtype=np.int8)
    # One group's fit for what is true in one group: pooled, items that lean seem flatter than they are.
    parameters = fit_graded(keyed[woman], DIMENSION_OF, CUTS + 1).parameters
    sides = sides_of(keyed, DIMENSION_OF, CUTS + 1)
    men, women = sides_of_groups(sides, np.stack([~woman, woman]))
    gender = threshold_differences((men, women), NAMES, FAMILIES, parameters)
    errors = standard_errors(women, parameters, working_grid())
    return Planted(
        log_slope=between_pairs(log_slope),
        threshold=between_pairs(middle),
        gender=between_pairs(leaning),
        found=estimate_drift(NAMES, FAMILIES, figures_of(parameters, errors), gender=gender),
    )


def test_the_planted_drift_of_slopes_and_thresholds_is_found(planted: Planted) -> None:
    found = planted.found

    # Against what was drawn, only sampling people is left: it was taken off, a tenth is no wonder.
    assert found.log_slope.sd == pytest.approx(planted.log_slope, rel=0.1)
    assert found.threshold.sd == pytest.approx(planted.threshold, rel=0.1)
    # Against what it was drawn from, the standard error covers.
    assert abs(found.log_slope.sd - LOG_SLOPE) < 2.6 * found.log_slope.se
    assert abs(found.threshold.sd - SHIFT) < 2.6 * found.threshold.se


def test_thresholds_that_moved_together_show_no_spacing_of_their_own(planted: Planted) -> None:
    spacing = planted.found.threshold_spacing

    assert spacing is not None
    assert spacing.sd < planted.found.threshold.sd / 4


def test_the_planted_differences_between_men_and_women_are_found(planted: Planted) -> None:
    found = planted.found.gender_difference

    assert found is not None
    assert found.sd == pytest.approx(planted.gender, rel=0.2)
    assert abs(found.sd - GENDER) < 2.6 * found.se


# ---- what is told to a person --------------------------------------------------------------------

SITTINGS, FULL = 150, 800
QUICK = Grid(nodes=np.linspace(-1.0, 1.0, 3))
"""For a model that only answers; its tables are never read."""
Told = list[tuple[Posterior, Array]]


@pytest.fixture(scope="module")
def bank() -> Bank:
    """As the built-in one carries: every item's wording has drifted, each on its own."""
    return drifting(large_bank())


def true_model(bank: Bank, rng: np.random.Generator) -> Model:
    return model_of(drifted(bank, rng), grid=QUICK)


@pytest.fixture(scope="module")
def full(bank: Bank) -> tuple[Told, Told]:
    """All 36 answers of people, each to wording that has drifted anew: scored with and without."""
    rng = np.random.default_rng(36)
    allowing, trusting = model_of(bank), model_of(bank, drift=False)
    told: tuple[Told, Told] = ([], [])
    for theta in draw_population(allowing, FULL, rng):
        truth = true_model(bank, rng)
        answers = tuple(simulate_answer(truth, item.id, theta, rng) for item in bank.items)
        told[0].append((posterior(allowing, answers), theta))
        told[1].append((posterior(trusting, answers), theta))
    return told


@pytest.fixture(scope="module")
def adaptive(bank: Bank) -> Told:
    rng = np.random.default_rng(20)
    test = AdaptiveTest(model=model_of(bank), rule=StopRule())
    told: Told = []
    for theta in draw_population(test.model, SITTINGS, rng):
        sitting = simulate_sitting(test, theta, rng, truth=true_model(bank, rng))
        told.append((sitting.session.posterior(), theta))
    return told


def inside(told: Told, mass: float) -> NDArray[np.bool_]:
    """Whose true place lies inside the ring that is drawn to hold `mass`."""
    found = []
    for now, theta in told:
        estimate = now.estimate()
        off = theta - estimate.mean
        found.append(off @ np.linalg.solve(estimate.covariance, off) <= -2 * math.log(1 - mass))
    return np.array(found)


def chance(mass: float, n: int) -> float:
    """Three and a third standard errors of a share."""
    return 3.3 * math.sqrt(mass * (1 - mass) / n)


@pytest.mark.parametrize("mass", [0.80, 0.95])
def test_all_items_with_drift_allowed_for_the_rings_hold_what_they_say(
    full: tuple[Told, Told], mass: float
) -> None:
    assert inside(full[0], mass).mean() == pytest.approx(mass, abs=chance(mass, FULL))


@pytest.mark.parametrize("mass", [0.80, 0.95])
def test_all_items_with_figures_trusted_the_rings_hold_too_little(
    full: tuple[Told, Told], mass: float
) -> None:
    allowing, trusting = (inside(told, mass) for told in full)
    gained, lost = int((allowing & ~trusting).sum()), int((trusting & ~allowing).sum())

    # The same people with the same answers, so the difference is known better than either share.
    assert gained - lost > 2.6 * math.sqrt(gained + lost)
    assert trusting.mean() < mass - 0.01


@pytest.mark.parametrize("mass", [0.80, 0.95])
def test_in_a_sitting_the_rings_hold_what_they_say(adaptive: Told, mass: float) -> None:
    assert inside(adaptive, mass).mean() == pytest.approx(mass, abs=chance(mass, SITTINGS))


def test_errors_are_as_large_as_the_uncertainty_says(full: tuple[Told, Told]) -> None:
    def mean_square(told: Told) -> float:
        return float(
            np.mean(
                [((now.estimate().mean - theta) / now.estimate().psd) ** 2 for now, theta in told]
            )
        )

    # Two dimensions a person: 2 * FULL squares of mean 1, with a standard error of sqrt(2 / n).
    chance_alone = 3.3 * math.sqrt(2 / (2 * FULL))
    assert mean_square(full[0]) == pytest.approx(1, abs=chance_alone)
    assert mean_square(full[1]) > mean_square(full[0]) + 0.08
