"""People made up from the model are found again where they were put, as surely as is said."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.adapted_bank import drifting
from tests.fair_bank import fair_bank, with_groups
from tests.made_up_bank import ANXIETY, bank_of, calibrated_item, large_bank, small_bank
from tests.unit.reading.test_sureness import by_group

from undertow.bank.calibrated import GroupFigures
from undertow.bank.item import DIMENSIONS, Dimension
from undertow.bank.responses import Answer
from undertow.measure.fair import fair_test
from undertow.measure.model import Model, model_of
from undertow.measure.session import AdaptiveTest, Stop, resume
from undertow.measure.simulate import (
    SimulatedSitting,
    draw_population,
    simulate_answer,
    simulate_categories,
    simulate_sitting,
    simulate_sittings,
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


# ---- many people at once ----------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["man", "woman"])
def test_answers_of_many_come_as_often_as_their_group_s_model_says(group: str) -> None:
    bank = with_groups(small_bank(), shift=0.4, times=1.2)
    n, theta = 6000, np.array([0.4, -0.7])

    rows = simulate_categories(
        model_of(bank, groups=(group,)), np.tile(theta, (n, 1)), np.random.default_rng(3)
    )

    for number, item in enumerate(bank.items):
        figures = next(one for one in item.by_group if one.group == group)
        place = theta[DIMENSIONS.index(item.dimension)]
        at_least = [1 / (1 + math.exp(-(figures.slope * place + d))) for d in figures.intercepts]
        expected = -np.diff([1.0, *at_least, 0.0])
        shares = np.bincount(rows[:, number], minlength=3) / n
        if item.keying == -1:
            expected = expected[::-1]
        assert np.all(np.abs(shares - expected) < 4 * np.sqrt(expected * (1 - expected) / n))


def test_people_of_whom_no_group_is_known_keep_to_one_group_each() -> None:
    # Two items that men all but always and women all but never endorse: nobody answers them apart.
    sure = {"man": (20.0, 19.0), "woman": (-19.0, -20.0)}
    items = tuple(
        replace(
            item,
            keying=1,
            by_group=tuple(
                GroupFigures(group=group, slope=0.5, intercepts=figures)
                for group, figures in sure.items()
            ),
        )
        for item in small_bank().items
    )
    bank = replace(small_bank(), items=items, group_correlation=0.0)

    rows = simulate_categories(
        model_of(bank, groups=("man", "woman")), np.zeros((2000, 2)), np.random.default_rng(4)
    )

    assert set(map(tuple, rows.tolist())) == {(0,) * 6, (2,) * 6}
    assert (rows[:, 0] == 2).mean() == pytest.approx(0.5, abs=3.5 * 0.5 / math.sqrt(2000))


def test_adapted_items_drift_for_many_as_they_do_for_one() -> None:
    # The shares of answers are those of the widened model that scores them.
    bank, n, theta = drifting(small_bank(), log_slope=0.4, threshold=0.8), 6000, 1.8
    model = model_of(bank)

    rows = simulate_categories(model, np.full((n, 2), theta), np.random.default_rng(5))
    widened = []

    for number, item in enumerate(bank.items):
        expected = model.chances(number, theta)[:: item.keying]
        sure = model_of(bank, drift=False).chances(number, theta)[:: item.keying]
        shares = np.bincount(rows[:, number], minlength=3) / n
        widened.append(np.abs(expected - sure).max())
        assert np.all(np.abs(shares - expected) < 4 * np.sqrt(expected * (1 - expected) / n))
    # So that drift is what is seen.
    assert max(widened) > 0.05


def test_whole_sittings_of_many_find_them_where_they_were_put() -> None:
    n = 2000
    test = fair_test(fair_bank(), rule=StopRule())
    made = simulate_sittings(test, n, np.random.default_rng(20261125))
    errors = made.taken.mean - made.places

    assert made.categories.shape == (n, 36)
    assert np.all(np.abs(errors.mean(axis=0)) < 3.5 * errors.std(axis=0) / math.sqrt(n))
    # Discounts allow for a dependence that these people's answers do not have: rings a little wide.
    held = (np.abs(errors) <= 1.96 * made.taken.psd).mean(axis=0)
    assert np.all((held > 0.935) & (held < 0.985))


def test_many_may_answer_by_another_truth() -> None:
    test = fair_test(fair_bank(), rule=StopRule())
    shifted = model_of(
        replace(
            fair_bank(),
            items=tuple(
                replace(item, intercepts=tuple(d + 0.5 * item.slope for d in item.intercepts))
                for item in fair_bank().items
            ),
        )
    )

    made = simulate_sittings(test, 400, np.random.default_rng(6), truth=shifted, early_stop=False)

    # Everything is half a unit easier than the test believes.
    assert np.all((made.taken.mean - made.places).mean(axis=0) > 0.3)
    assert made.taken.items.tolist() == [20] * 400


def test_the_population_has_the_correlation_of_the_figures_in_use() -> None:
    bank = replace(with_groups(small_bank(correlation=0.0)), group_correlation=0.7)
    n = 20_000

    together, apart = (
        draw_population(model_of(bank, groups=groups), n, np.random.default_rng(1))
        for groups in (("man",), ())
    )

    assert np.cov(together.T).ravel()[1] == pytest.approx(0.7, abs=0.03)
    assert np.cov(apart.T).ravel()[1] == pytest.approx(0.0, abs=0.03)


# ---- many people's answers to every item ----------------------------------------------------------


def everyones_answers(model: Model, n: int, *, seed: int) -> NDArray[np.int8]:
    rng = np.random.default_rng(seed)
    return simulate_categories(model, draw_population(model, n, rng), rng)


@pytest.fixture(scope="module")
def test_of_groups() -> AdaptiveTest:
    return fair_test(by_group(small_bank()))


def test_made_up_people_answer_as_often_as_the_model_says(test_of_groups: AdaptiveTest) -> None:
    """Each category's share against its mean over the prior, within four standard errors."""
    model, n = test_of_groups.model, 20_000
    shown = everyones_answers(model, n, seed=5)
    prior = np.exp(model.log_prior)
    prior /= prior.sum()
    for number, item in enumerate(model.bank.items):
        margin = prior.sum(axis=1 - int(model.dimension_of[number]))
        keyed = np.einsum("g,gkq,q->k", model.shares, model.tables[:, number], margin)
        expected = keyed[: item.categories] if item.keying == 1 else keyed[: item.categories][::-1]
        found = np.bincount(shown[:, number], minlength=item.categories) / n
        assert found == pytest.approx(expected, abs=4 * np.sqrt(0.25 / n))


def test_answers_of_one_dimension_go_together(test_of_groups: AdaptiveTest) -> None:
    """One place for all of a person's answers, or every item would be answered by someone else."""
    items = test_of_groups.model.bank.items
    shown = everyones_answers(test_of_groups.model, 5_000, seed=6).astype(float)
    keyed = np.array([item.keying for item in items]) * shown
    related = np.corrcoef(keyed.T)
    for first, one in enumerate(items):
        for second, other in enumerate(items):
            if first != second and one.dimension == other.dimension:
                assert related[first, second] > 0.15
