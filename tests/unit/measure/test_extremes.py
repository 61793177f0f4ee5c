"""Answers that nobody means, on the shipped bank: neither a crash nor a sure place; flags are `belief`'s."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.bank.person import Gender
from undertow.bank.responses import Answer
from undertow.measure.batch import batch_sittings, batch_standings
from undertow.measure.fair import Length, fair_test, rule_of
from undertow.measure.posterior import posterior
from undertow.wiring import built_in_bank

BANK = built_in_bank()


def patterns() -> NDArray[np.int8]:
    """All at one end, as tapped and as meant, in turn, by halves, and a hundred tapped at random."""
    low = np.array([0 if item.keying == 1 else 4 for item in BANK.items])
    turns = np.arange(len(BANK.items)) % 2 * 4
    halves = np.repeat([0, 4], len(BANK.items) // 2)
    ends = np.random.default_rng(20261124).choice([0, 4], (100, len(BANK.items)))
    one = [np.zeros_like(low), low, turns, halves]
    return np.stack([*one, *(4 - row for row in one), *ends]).astype(np.int8)


@pytest.mark.parametrize("gender", list(Gender))
@pytest.mark.parametrize("drift", [True, False])
def test_no_pattern_is_cut_off_or_makes_anyone_surer_than_they_could_be(
    gender: Gender, drift: bool
) -> None:
    model = fair_test(BANK, gender=gender, drift=drift).model
    mean, psd = batch_standings(model, patterns())
    middling = np.full((1, len(BANK.items)), 2, dtype=np.int8)
    _, usual = batch_standings(model, middling)

    assert np.all(np.isfinite(mean))
    assert np.abs(mean).max() < 4
    # Ends say less than the middle, so nobody who contradicts themselves seems better known.
    assert np.all(psd > usual)
    assert np.all(psd < 1)


@pytest.mark.parametrize("length", list(Length))
def test_every_sitting_of_such_answers_ends(length: Length) -> None:
    test = fair_test(BANK, rule=rule_of(BANK, length))
    done = batch_sittings(test, patterns())

    assert np.all(done.reasons >= 0)
    assert np.all((done.items >= 8) & (done.items <= test.rule.most))
    assert np.all(np.isfinite(done.mean))


def test_one_whole_plane_of_such_answers_is_on_the_grid() -> None:
    model = fair_test(BANK).model
    for row in patterns()[:8]:
        answers = tuple(
            Answer(item_id=item.id, category=int(category))
            for item, category in zip(BANK.items, row, strict=True)
        )
        assert posterior(model, answers).weights.sum() == pytest.approx(1.0)
