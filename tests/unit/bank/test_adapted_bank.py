"""A bank's figures standing for an instrument's items; the bank's own rules are left to
`test_calibrated`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.made_up_bank import ANXIETY, AVOIDANCE, made_up_instrument, small_bank

from undertow.bank.calibrated import Bank, adapted_bank
from undertow.bank.item import Instrument, Item
from undertow.errors import InstrumentError

BANK = small_bank(correlation=0.25)
INSTRUMENT = made_up_instrument(BANK, categories=3)


def with_first_item(**changes: object) -> Instrument:
    first = replace(INSTRUMENT.items[0], **changes)  # type: ignore[arg-type]
    return replace(INSTRUMENT, items=(first, *INSTRUMENT.items[1:]))


def refusal(instrument: Instrument, bank: Bank = BANK) -> InstrumentError:
    with pytest.raises(InstrumentError) as caught:
        adapted_bank(bank, instrument)
    assert caught.value.file == "made-up.toml"
    return caught.value


def test_figures_go_to_the_item_that_adapts_theirs() -> None:
    adapted = adapted_bank(BANK, INSTRUMENT)
    by_id = {item.id: item for item in BANK.items}

    for item in adapted.items:
        origin = by_id[item.id.removeprefix("u-")]
        assert item == replace(origin, id=item.id, adapts=origin.id)


def test_items_come_in_the_instruments_order_and_seed_items_stay_out() -> None:
    adapted = adapted_bank(BANK, INSTRUMENT)

    assert [item.id for item in adapted.items] == ["u-v3", "u-a3", "u-v2", "u-a2", "u-v1", "u-a1"]


def test_all_else_stays() -> None:
    adapted = adapted_bank(BANK, INSTRUMENT)

    assert adapted.correlation == BANK.correlation
    assert adapted.borders == BANK.borders
    assert adapted.norms is BANK.norms
    assert (adapted.id, adapted.checksum) == (BANK.id, BANK.checksum)


def test_an_item_that_adapts_nothing_stands_for_its_own_id() -> None:
    instrument = with_first_item(id="v3", adapts=None)

    assert adapted_bank(BANK, instrument).items[0] == BANK.items[-1]


@pytest.mark.parametrize("changes", [{"adapts": "Q99"}, {"id": "Q99", "adapts": None}])
def test_an_origin_that_the_bank_does_not_have(changes: dict[str, object]) -> None:
    error = refusal(with_first_item(**changes))

    assert error.key == changes.get("id", "u-v3")
    assert "'Q99'" in error.rule
    assert "'made-up'" in error.rule


@pytest.mark.parametrize("changes", [{"dimension": ANXIETY}, {"keying": 1}])
def test_another_dimension_or_keying(changes: dict[str, object]) -> None:
    error = refusal(with_first_item(**changes))

    assert error.key == "u-v3"
    assert "dimension or keying" in error.rule
    assert "'v3'" in error.rule


@pytest.mark.parametrize("categories", [2, 5])
def test_another_number_of_categories(categories: int) -> None:
    error = refusal(made_up_instrument(BANK, categories=categories))

    assert error.key == "categories"
    assert "has 3" in error.rule


def test_a_seed_item_needs_no_figures() -> None:
    seed = Item(
        id="new", dimension=AVOIDANCE, keying=1, stem="made up", facet="made up", scored=False
    )
    instrument = replace(INSTRUMENT, items=(seed, *INSTRUMENT.items))

    assert len(adapted_bank(BANK, instrument).items) == 6
