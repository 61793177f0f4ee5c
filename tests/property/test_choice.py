"""Laws of the next question; the sitting that asks it is left to `test_sessions`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.made_up_bank import swapped
from tests.property.drawing import banks_and_answers, hundredths

from undertow.bank.calibrated import Bank
from undertow.bank.responses import Answer, keyed_category
from undertow.measure.model import Model, model_of
from undertow.measure.posterior import posterior
from undertow.measure.select import criterion, expected_variances, select

Drawn = tuple[Bank, tuple[Answer, ...]]

WANTED = st.sampled_from([(True, True), (True, False), (False, True)])


def left_over(bank: Bank, answers: tuple[Answer, ...]) -> tuple[int, ...]:
    asked = {answer.item_id for answer in answers}
    left = tuple(number for number, item in enumerate(bank.items) if item.id not in asked)
    assume(left)
    return left


def with_each_category(model: Model, number: int) -> list[Answer]:
    """The item's answers as tapped, in the order of the keyed categories."""
    item = model.bank.items[number]
    return [
        Answer(
            item_id=item.id,
            category=keyed_category(k, keying=item.keying, categories=item.categories),
        )
        for k in range(item.categories)
    ]


@given(banks_and_answers())
def test_expected_variance_never_grows(drawn: Drawn) -> None:
    bank, answers = drawn
    model = model_of(bank)
    now = posterior(model, answers)

    expected = expected_variances(model, now, left_over(bank, answers))

    assert np.all(expected > 0)
    assert np.all(expected <= np.diag(now.estimate().covariance) + 1e-12)


@given(banks_and_answers())
def test_expected_variance_is_the_average_over_the_answers_that_may_come(drawn: Drawn) -> None:
    bank, answers = drawn
    model = model_of(bank)
    now = posterior(model, answers)
    number = left_over(bank, answers)[0]
    own_mass = now.marginal(bank.items[number].dimension)
    chances = model.probabilities[number] @ own_mass
    then = [
        posterior(model, (*answers, answer)).estimate()
        for answer in with_each_category(model, number)
    ]

    average = sum(
        chance * np.diag(estimate.covariance)
        for chance, estimate in zip(chances, then, strict=True)
    )

    assert chances.sum() == pytest.approx(1.0, abs=1e-12)
    assert expected_variances(model, now, (number,))[0].tolist() == pytest.approx(
        np.asarray(average).tolist(), abs=1e-11
    )


@given(banks_and_answers())
def test_no_answer_can_be_foreseen_to_move_the_place(drawn: Drawn) -> None:
    # The means after each answer, weighted by its chance, give the mean now.
    bank, answers = drawn
    model = model_of(bank)
    now = posterior(model, answers)
    number = left_over(bank, answers)[0]
    chances = model.probabilities[number] @ now.marginal(bank.items[number].dimension)
    then = [
        posterior(model, (*answers, answer)).estimate().mean
        for answer in with_each_category(model, number)
    ]

    average = sum(chance * mean for chance, mean in zip(chances, then, strict=True))

    assert np.asarray(average).tolist() == pytest.approx(now.estimate().mean.tolist(), abs=1e-11)


@given(banks_and_answers(correlation=0.0))
def test_without_correlation_an_item_tells_nothing_of_the_other_dimension(drawn: Drawn) -> None:
    bank, answers = drawn
    model = model_of(bank)
    now = posterior(model, answers)
    left = left_over(bank, answers)
    variance = np.diag(now.estimate().covariance)

    expected = expected_variances(model, now, left)

    for row, number in enumerate(left):
        other = 1 - int(model.dimension_of[number])
        assert expected[row, other] == pytest.approx(variance[other], abs=1e-12)


@given(banks_and_answers(), WANTED)
def test_the_choice_is_a_candidate_that_no_other_beats(
    drawn: Drawn, wanted: tuple[bool, bool]
) -> None:
    bank, answers = drawn
    model = model_of(bank)
    now = posterior(model, answers)
    left = left_over(bank, answers)

    values = criterion(model, now, left, wanted=wanted)
    chosen = select(model, now, left, wanted=wanted)

    assert np.all(values >= -1e-12)
    row = left.index(chosen)
    assert values[row] == pytest.approx(values.max(), abs=1e-12)
    # Nothing before it in the bank does as well.
    assert np.all(values[:row] < values[row])


@given(banks_and_answers(), WANTED)
def test_swapping_the_dimensions_swaps_what_is_expected(
    drawn: Drawn, wanted: tuple[bool, bool]
) -> None:
    bank, answers = drawn
    left = left_over(bank, answers)
    here, there = model_of(bank), model_of(swapped(bank))
    now, then = posterior(here, answers), posterior(there, answers)

    assert np.allclose(
        expected_variances(here, now, left),
        expected_variances(there, then, left)[:, ::-1],
        rtol=0,
        atol=1e-11,
    )
    assert np.allclose(
        criterion(here, now, left, wanted=wanted),
        criterion(there, then, left, wanted=(wanted[1], wanted[0])),
        rtol=0,
        atol=1e-11,
    )


@given(banks_and_answers(), WANTED, st.tuples(hundredths(0.05, 1), hundredths(0.05, 1)))
def test_an_item_that_is_seldom_answered_counts_that_much_less(
    drawn: Drawn, wanted: tuple[bool, bool], chance: tuple[float, float]
) -> None:
    bank, answers = drawn
    model = model_of(bank)
    now = posterior(model, answers)
    left = left_over(bank, answers)

    sure = criterion(model, now, left, wanted=wanted)
    unsure = criterion(model, now, left, wanted=wanted, answer_chance=chance)

    for row, number in enumerate(left):
        factor = chance[int(model.dimension_of[number])]
        assert unsure[row] == pytest.approx(factor * sure[row], abs=1e-14)
