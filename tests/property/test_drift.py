"""Laws that scoring keeps when figures may have drifted, for whatever bank and however far."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapted_bank import drifting
from tests.made_up_bank import ANXIETY, swapped
from tests.property.drawing import answers_to, banks, hundredths

from undertow.bank.calibrated import Bank
from undertow.bank.responses import Answer, keyed_category
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior
from undertow.measure.select import expected_variances

ROUNDING = 1e-11


@st.composite
def drifting_banks(draw: st.DrawFn) -> Bank:
    """SDs of log-slope and of thresholds up to twice what the built-in items carry."""
    return drifting(
        draw(banks()), log_slope=draw(hundredths(0, 0.4)), threshold=draw(hundredths(0, 0.56))
    )


@st.composite
def one_anxiety_answer_raised(
    draw: st.DrawFn,
) -> tuple[Bank, tuple[Answer, ...], tuple[Answer, ...]]:
    bank = draw(drifting_banks())
    item = draw(st.sampled_from([item for item in bank.items if item.dimension == ANXIETY]))
    keyed = draw(st.integers(0, item.categories - 2))
    others = tuple(answer for answer in draw(answers_to(bank)) if answer.item_id != item.id)
    low, high = (
        Answer(
            item_id=item.id,
            category=keyed_category(k, keying=item.keying, categories=item.categories),
        )
        for k in (keyed, keyed + 1)
    )
    return bank, (*others, low), (*others, high)


@given(drifting_banks())
def test_categories_are_probabilities_and_every_ratio_rises(bank: Bank) -> None:
    for table in model_of(bank).probabilities:
        assert np.all(table > 0)
        assert np.allclose(table.sum(axis=0), 1, rtol=0, atol=1e-12)
        assert np.all(
            np.diff(np.log(table), axis=0)[:, 1:] >= np.diff(np.log(table), axis=0)[:, :-1] - 1e-9
        )


@settings(max_examples=150)
@given(one_anxiety_answer_raised())
def test_raising_an_anxiety_answer_never_lowers_anxiety(
    drawn: tuple[Bank, tuple[Answer, ...], tuple[Answer, ...]],
) -> None:
    # Avoidance follows in the direction that the two correlate. How far is no longer bound by the
    # correlation alone: an answer averaged over slopes is not log-concave everywhere.
    bank, before, after = drawn
    model = model_of(bank)
    low, high = (posterior(model, answers) for answers in (before, after))

    # Not only its mean: the whole distribution moves up.
    below_low, below_high = (np.cumsum(one.marginal(ANXIETY)) for one in (low, high))
    assert np.all(below_high <= below_low + 1e-9)
    moved = high.estimate().mean - low.estimate().mean
    assert moved[0] >= -ROUNDING
    assert moved[1] * np.sign(bank.correlation) >= -1e-9


@given(st.data())
def test_swapping_the_dimensions_swaps_the_estimate(data: st.DataObject) -> None:
    bank = data.draw(drifting_banks())
    answers = data.draw(answers_to(bank))
    here, there = (posterior(model_of(one), answers).estimate() for one in (bank, swapped(bank)))

    assert np.allclose(here.mean, there.mean[::-1], rtol=0, atol=ROUNDING)
    assert np.allclose(here.covariance, there.covariance[::-1, ::-1], rtol=0, atol=ROUNDING)


@given(st.data())
def test_expected_variance_never_grows(data: st.DataObject) -> None:
    bank = data.draw(drifting_banks())
    model = model_of(bank)
    now = posterior(model, data.draw(answers_to(bank)))
    expected = expected_variances(model, now, tuple(range(len(bank.items))))

    assert np.all(expected > 0)
    assert np.all(expected <= np.diag(now.estimate().covariance) + 1e-12)
