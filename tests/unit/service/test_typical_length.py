"""How long sittings are: made-up people answer as the model says, and the counts add up."""

from __future__ import annotations

import numpy as np
import pytest
from tests.adapted_bank import drifting
from tests.made_up_bank import large_bank, small_bank
from tests.unit.reading.test_sureness import by_group

from undertow.measure.fair import fair_test
from undertow.measure.session import AdaptiveTest
from undertow.service.offered import OfferedTests
from undertow.service.typical_length import made_up_answers, simulated_length, typical_lengths


@pytest.fixture(scope="module")
def test_of_groups() -> AdaptiveTest:
    return fair_test(by_group(small_bank()))


def test_made_up_people_answer_as_often_as_the_model_says(test_of_groups: AdaptiveTest) -> None:
    """Each category's share against its mean over the prior, within four standard errors."""
    model, n = test_of_groups.model, 20_000
    shown = made_up_answers(model, n, np.random.default_rng(5))
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
    shown = made_up_answers(test_of_groups.model, 5_000, np.random.default_rng(6)).astype(float)
    keyed = np.array([item.keying for item in items]) * shown
    related = np.corrcoef(keyed.T)
    for first, one in enumerate(items):
        for second, other in enumerate(items):
            if first != second and one.dimension == other.dimension:
                assert related[first, second] > 0.15


def test_figures_add_up() -> None:
    found = simulated_length(fair_test(large_bank()), sittings=40, seed=1)
    stops = found["stops"]
    assert isinstance(stops, dict)
    assert sum(stops.values()) == 40
    assert all(count > 0 for count in stops.values())
    assert 8 <= found["items_p10"] <= found["items_median"] <= found["items_p90"] <= 20  # type: ignore[operator]


def test_the_same_seed_the_same_figures() -> None:
    tests = OfferedTests(bank=large_bank())
    assert typical_lengths(tests, sittings=10, seed=1) == typical_lengths(
        tests, sittings=10, seed=1
    )


def test_every_length_that_is_offered_with_and_without_drift() -> None:
    found = typical_lengths(OfferedTests(bank=drifting(large_bank())), sittings=10, seed=1)
    assert list(found) == ["usual", "short", "full"]
    assert [form["rule"]["most"] for form in found.values()] == [20, 12, 36]  # type: ignore[index]
    assert all("without_drift" in form for form in found.values())
    assert found["full"]["items_p10"] == 36


def test_without_drift_there_is_nothing_to_set_beside() -> None:
    found = typical_lengths(OfferedTests(bank=small_bank()), sittings=10, seed=1)
    assert list(found) == ["usual"]
    assert "without_drift" not in found["usual"]
