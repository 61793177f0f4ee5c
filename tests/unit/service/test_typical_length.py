"""How long sittings are: the counts add up, for every length that is offered."""

from __future__ import annotations

from tests.adapted_bank import drifting
from tests.made_up_bank import large_bank, small_bank

from undertow.measure.fair import fair_test
from undertow.service.offered import OfferedTests
from undertow.service.typical_length import simulated_length, typical_lengths


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
