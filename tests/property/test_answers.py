"""Laws of what answers do to a place; laws of the plane itself are left to `test_plane`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.made_up_bank import ANXIETY, AVOIDANCE, bank_of, calibrated_item, swapped
from tests.property.drawing import CORRELATIONS, answers_to, banks, banks_and_answers

from undertow.bank.calibrated import Bank, CalibratedItem
from undertow.bank.item import DIMENSIONS
from undertow.bank.responses import MISSING, Answer, keyed_category
from undertow.measure.model import model_of
from undertow.measure.posterior import Estimate, posterior

Drawn = tuple[Bank, tuple[Answer, ...]]

ROUNDING = 1e-11


def place(bank: Bank, answers: tuple[Answer, ...]) -> Estimate:
    return posterior(model_of(bank), answers).estimate()


def same(one: Estimate, other: Estimate) -> bool:
    return bool(
        np.allclose(one.mean, other.mean, rtol=0, atol=ROUNDING)
        and np.allclose(one.covariance, other.covariance, rtol=0, atol=ROUNDING)
    )


def mirrored(answer: Answer, item: CalibratedItem) -> Answer:
    """The answer as far from the last category as this one is from the first."""
    if answer.category == MISSING:
        return answer
    return replace(answer, category=item.categories - 1 - answer.category)


@given(banks_and_answers(), st.data())
def test_the_order_of_answers_does_not_matter(drawn: Drawn, data: st.DataObject) -> None:
    bank, answers = drawn
    shuffled = tuple(data.draw(st.permutations(answers)))

    assert same(place(bank, answers), place(bank, shuffled))


@given(banks_and_answers())
def test_a_missing_answer_is_no_answer(drawn: Drawn) -> None:
    bank, answers = drawn
    spoken = tuple(answer for answer in answers if answer.category != MISSING)

    assert same(place(bank, answers), place(bank, spoken))


@given(banks_and_answers())
def test_a_missing_answer_is_an_absent_item(drawn: Drawn) -> None:
    bank, answers = drawn
    missing = {answer.item_id for answer in answers if answer.category == MISSING}
    # A bank keeps at least one item a dimension, so the first of each stays whatever was said.
    kept, dimensions = [], set()
    for item in bank.items:
        if item.id not in missing or item.dimension not in dimensions:
            kept.append(item)
            dimensions.add(item.dimension)
    smaller = replace(bank, items=tuple(kept))
    spoken = tuple(answer for answer in answers if answer.category != MISSING)

    assert same(place(bank, answers), place(smaller, spoken))


@st.composite
def one_anxiety_answer_raised(
    draw: st.DrawFn, *, avoidance_answered: bool = True
) -> tuple[Bank, tuple[Answer, ...], tuple[Answer, ...]]:
    """A bank, answers, and the same answers with one anxiety item's keyed category one up."""
    bank = draw(banks())
    item = draw(st.sampled_from([item for item in bank.items if item.dimension == ANXIETY]))
    keyed = draw(st.integers(0, item.categories - 2))
    others = tuple(
        answer
        for answer in draw(answers_to(bank))
        if answer.item_id != item.id
        and (avoidance_answered or answer.item_id.startswith(ANXIETY.value[:2]))
    )
    # Keying is its own inverse, so the keyed category's tap is the tap's keyed category.
    low, high = (
        Answer(
            item_id=item.id,
            category=keyed_category(k, keying=item.keying, categories=item.categories),
        )
        for k in (keyed, keyed + 1)
    )
    return bank, (*others, low), (*others, high)


@settings(max_examples=150)
@given(one_anxiety_answer_raised())
def test_raising_an_anxiety_answer_raises_anxiety_and_moves_avoidance_no_further_than_they_correlate(
    drawn: tuple[Bank, tuple[Answer, ...], tuple[Answer, ...]],
) -> None:
    # Why: the graded model's likelihood ratio of a category to the one below rises with theta, so
    # anxiety's posterior moves up. Avoidance hears of it only through E[avoidance | anxiety], whose
    # slope is rho * Var(avoidance | anxiety, answers) / (1 - rho^2). Log-concave answers leave that
    # variance at or below the prior's 1 - rho^2, so the slope lies between 0 and rho.
    bank, before, after = drawn
    rho = bank.correlation
    moved = place(bank, after).mean - place(bank, before).mean

    assert moved[0] >= -ROUNDING
    carried = moved[1] * np.sign(rho) if rho else abs(moved[1])
    assert -1e-9 <= carried <= abs(rho) * moved[0] + 1e-9


@given(one_anxiety_answer_raised(avoidance_answered=False))
def test_with_no_avoidance_answer_avoidance_follows_anxiety_by_exactly_their_correlation(
    drawn: tuple[Bank, tuple[Answer, ...], tuple[Answer, ...]],
) -> None:
    bank, _, after = drawn
    mean = place(bank, after).mean

    assert mean[1] == pytest.approx(bank.correlation * mean[0], abs=1e-5)


@given(one_anxiety_answer_raised())
def test_without_correlation_avoidance_does_not_move_at_all(
    drawn: tuple[Bank, tuple[Answer, ...], tuple[Answer, ...]],
) -> None:
    drawn_bank, before, after = drawn
    model = model_of(replace(drawn_bank, correlation=0.0))
    one, other = (posterior(model, answers).marginal(AVOIDANCE) for answers in (before, after))

    assert np.allclose(one, other, rtol=0, atol=1e-14)


@given(banks_and_answers())
def test_swapping_the_dimensions_swaps_the_estimate(drawn: Drawn) -> None:
    bank, answers = drawn
    here, there = place(bank, answers), place(swapped(bank), answers)

    assert here.mean.tolist() == pytest.approx(there.mean[::-1].tolist(), abs=ROUNDING)
    assert np.allclose(here.covariance, there.covariance[::-1, ::-1], rtol=0, atol=ROUNDING)


@given(banks_and_answers())
def test_a_reversed_item_answered_from_the_other_end_says_the_same(drawn: Drawn) -> None:
    bank, answers = drawn
    by_id = {item.id: item for item in bank.items}
    turned = replace(
        bank,
        items=tuple(replace(item, keying=-1 if item.keying == 1 else 1) for item in bank.items),
    )
    turned_answers = tuple(mirrored(answer, by_id[answer.item_id]) for answer in answers)

    assert np.array_equal(
        posterior(model_of(bank), answers).weights,
        posterior(model_of(turned), turned_answers).weights,
    )


@given(banks_and_answers())
def test_the_mirror_image_of_a_dimension_gives_the_mirror_image_of_the_place(drawn: Drawn) -> None:
    # Turning anxiety round: its items' intercepts change sign and order, its answers change ends,
    # and its correlation with avoidance changes sign.
    bank, answers = drawn
    by_id = {item.id: item for item in bank.items}
    turned = replace(
        bank,
        items=tuple(
            replace(item, intercepts=tuple(-d for d in reversed(item.intercepts)))
            if item.dimension == ANXIETY
            else item
            for item in bank.items
        ),
        correlation=-bank.correlation,
    )
    turned_answers = tuple(
        mirrored(answer, by_id[answer.item_id])
        if by_id[answer.item_id].dimension == ANXIETY
        else answer
        for answer in answers
    )
    here, there = place(bank, answers), place(turned, turned_answers)

    signs = np.array([-1.0, 1.0])
    assert np.allclose(here.mean, signs * there.mean, rtol=0, atol=ROUNDING)
    assert np.allclose(
        here.covariance, np.outer(signs, signs) * there.covariance, rtol=0, atol=ROUNDING
    )


@given(st.integers(2, 9).flatmap(lambda k: st.tuples(st.just(k), st.integers(0, k - 1))))
def test_reversal_is_its_own_inverse_and_turns_the_scale_round(drawn: tuple[int, int]) -> None:
    categories, category = drawn
    once = keyed_category(category, keying=-1, categories=categories)

    assert once + category == categories - 1
    assert keyed_category(once, keying=-1, categories=categories) == category
    assert keyed_category(category, keying=1, categories=categories) == category


@given(CORRELATIONS)
def test_before_any_answer_a_place_is_the_population(correlation: float) -> None:
    bank = bank_of(
        [
            calibrated_item(dimension, dimension, slope=1.0, thresholds=[0.0])
            for dimension in DIMENSIONS
        ],
        correlation=correlation,
    )
    estimate = place(bank, ())

    assert estimate.mean.tolist() == pytest.approx([0.0, 0.0], abs=1e-9)
    assert estimate.covariance.ravel().tolist() == pytest.approx(
        [1.0, correlation, correlation, 1.0], abs=1e-6
    )
