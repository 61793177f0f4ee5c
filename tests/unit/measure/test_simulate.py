"""People made up from the model are found again where they were put, as surely as is said."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.made_up_bank import ANXIETY, bank_of, calibrated_item, large_bank, small_bank

from undertow.bank.item import DIMENSIONS, Dimension
from undertow.bank.responses import Answer
from undertow.measure.model import model_of
from undertow.measure.session import AdaptiveTest, Stop, resume
from undertow.measure.simulate import (
    SimulatedSitting,
    draw_population,
    simulate_answer,
    simulate_sitting,
)
from undertow.measure.stop import StopReason, StopRule

PEOPLE = 400

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def sittings() -> list[SimulatedSitting]:
    """People of the reference population, each with a whole sitting under the standard rule."""
    rng = np.random.default_rng(20180301)
    model = model_of(large_bank(correlation=0.3))
    test = AdaptiveTest(model=model, rule=StopRule())
    return [simulate_sitting(test, theta, rng) for theta in draw_population(model, PEOPLE, rng)]


@pytest.fixture(scope="module")
def errors(sittings: list[SimulatedSitting]) -> Array:
    """Estimate less truth; (PEOPLE, 2)."""
    return np.array([s.session.posterior().estimate().mean - s.theta for s in sittings])


@pytest.fixture(scope="module")
def spreads(sittings: list[SimulatedSitting]) -> Array:
    """The posterior SDs that a person would be told; (PEOPLE, 2)."""
    return np.array([s.session.posterior().estimate().psd for s in sittings])


@pytest.mark.parametrize("axis", [0, 1])
def test_no_one_is_moved_to_one_side(errors: Array, axis: int) -> None:
    # Mean error within 3.3 of its standard errors: one seed in a thousand would miss it.
    standard_error = errors[:, axis].std(ddof=1) / math.sqrt(PEOPLE)

    assert abs(errors[:, axis].mean()) < 3.3 * standard_error


@pytest.mark.parametrize("axis", [0, 1])
def test_errors_are_as_large_as_the_uncertainty_says(
    errors: Array, spreads: Array, axis: int
) -> None:
    # The mean square of errors divided by their psd is 1, with a standard error of sqrt(2 / N).
    standardised = (errors[:, axis] / spreads[:, axis]) ** 2

    assert standardised.mean() == pytest.approx(1.0, abs=3.3 * math.sqrt(2 / PEOPLE))


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("share", [0.80, 0.95])
def test_ranges_hold_the_truth_as_often_as_they_say(
    sittings: list[SimulatedSitting], dimension: Dimension, share: float
) -> None:
    axis = DIMENSIONS.index(dimension)
    held = 0
    for one in sittings:
        now = one.session.posterior()
        low = now.quantile(dimension, (1 - share) / 2)
        high = now.quantile(dimension, (1 + share) / 2)
        held += bool(low <= one.theta[axis] <= high)

    assert held / PEOPLE == pytest.approx(share, abs=3.3 * math.sqrt(share * (1 - share) / PEOPLE))


def test_the_ellipse_holds_the_truth_as_often_as_it_says(
    sittings: list[SimulatedSitting], errors: Array
) -> None:
    # A normal on the plane has 95 % of its mass where the squared distance is at most -2 ln(0.05).
    distances = np.array(
        [
            error @ np.linalg.solve(one.session.posterior().estimate().covariance, error)
            for one, error in zip(sittings, errors, strict=True)
        ]
    )

    assert (distances <= -2 * math.log(0.05)).mean() == pytest.approx(
        0.95, abs=3.3 * math.sqrt(0.95 * 0.05 / PEOPLE)
    )


def test_where_most_people_are_few_questions_do(sittings: list[SimulatedSitting]) -> None:
    reasons = [one.reason for one in sittings]

    assert set(reasons) <= {StopReason.PRECISE, StopReason.LENGTH}
    assert reasons.count(StopReason.PRECISE) > PEOPLE / 2
    for one in sittings:
        assert min(one.session.answered()) >= 4
        assert len(one.session.answers) <= 20


def test_a_simulated_sitting_is_one_that_a_person_could_have_had(
    sittings: list[SimulatedSitting],
) -> None:
    for one in sittings[:20]:
        session = resume(one.session.test, ())
        for answer in one.session.answers:
            assert session.next_item == answer.item_id
            session = resume(one.session.test, (*session.answers, answer))
        assert session.step() == Stop(reason=one.reason)


def test_the_same_seed_makes_the_same_people() -> None:
    model = model_of(small_bank())
    test = AdaptiveTest(model=model, rule=StopRule(least=2))
    made = [
        simulate_sitting(test, np.array([0.5, -0.5]), np.random.default_rng(7)).session.answers
        for _ in range(2)
    ]

    assert made[0] == made[1]


def frequencies(item_id: str, theta: Array, n: int) -> Array:
    """Shares of the three taps among n simulated answers; (3,)."""
    model = model_of(
        bank_of(
            [
                calibrated_item("plain", ANXIETY, slope=1.4, thresholds=(-0.5, 0.9)),
                calibrated_item("turned", ANXIETY, slope=1.4, thresholds=(-0.5, 0.9), keying=-1),
                *(item for item in small_bank().items if item.dimension != ANXIETY),
            ]
        )
    )
    rng = np.random.default_rng(42)
    drawn = [simulate_answer(model, item_id, theta, rng) for _ in range(n)]
    assert all(isinstance(answer, Answer) and answer.item_id == item_id for answer in drawn)
    return np.bincount([answer.category for answer in drawn], minlength=3) / n


@pytest.mark.parametrize("item_id", ["plain", "turned"])
def test_answers_come_as_often_as_the_model_says(item_id: str) -> None:
    # At theta 0.4: P(>=1) = logistic(1.4 * 0.9) = 0.77904, P(>=2) = logistic(1.4 * -0.5) = 0.33181.
    # So 0.22096, 0.44723, 0.33181, and from the other end for the reversed item. Avoidance, far
    # off at 3, has no say.
    expected = np.array([0.22096, 0.44723, 0.33181])
    if item_id == "turned":
        expected = expected[::-1]
    n = 4000

    shares = frequencies(item_id, np.array([0.4, 3.0]), n)

    assert np.all(np.abs(shares - expected) < 3.5 * np.sqrt(expected * (1 - expected) / n))


def test_the_population_is_the_one_of_the_prior() -> None:
    model = model_of(small_bank(correlation=-0.4))
    n = 20_000

    places = draw_population(model, n, np.random.default_rng(1))

    assert places.shape == (n, 2)
    assert np.all(np.abs(places.mean(axis=0)) < 3.3 / math.sqrt(n))
    assert np.all(np.abs(places.var(axis=0) - 1) < 3.3 * math.sqrt(2 / n))
    assert float(places[:, 0] @ places[:, 1]) / n == pytest.approx(
        -0.4, abs=3.3 * math.sqrt((1 + 0.4**2) / n)
    )
