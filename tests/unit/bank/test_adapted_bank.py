"""A bank's figures standing for an instrument's items; the bank's own rules are left to
`test_calibrated`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.made_up_bank import ANXIETY, AVOIDANCE, made_up_instrument, small_bank

from undertow.bank.calibrated import Bank, DependentPair, adapted_bank
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
        assert item == replace(origin, id=item.id, adapts=origin.id, facet="made up")


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

    assert adapted_bank(BANK, instrument).items[0] == replace(BANK.items[-1], facet="made up")


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


# ---- facets and pairs ---------------------------------------------------------------------------


def test_an_item_asks_about_what_the_instrument_says_it_does() -> None:
    asking = replace(BANK, items=tuple(replace(item, facet="worry") for item in BANK.items))
    silent = replace(INSTRUMENT, items=tuple(replace(item, facet="") for item in INSTRUMENT.items))

    assert {item.facet for item in adapted_bank(asking, INSTRUMENT).items} == {"made up"}
    # What the words they adapt were about stands where the instrument does not say.
    assert {item.facet for item in adapted_bank(asking, silent).items} == {"worry"}


def test_pairs_go_to_the_items_that_adapt_theirs() -> None:
    paired = replace(
        BANK,
        pairs=(
            DependentPair(first="a1", second="a3", dependence=0.4),
            DependentPair(first="v1", second="v2", dependence=0.2),
        ),
    )

    assert adapted_bank(paired, INSTRUMENT).pairs == (
        DependentPair(first="u-a1", second="u-a3", dependence=0.4),
        DependentPair(first="u-v1", second="u-v2", dependence=0.2),
    )


def test_a_pair_of_which_one_item_is_not_asked_is_none() -> None:
    paired = replace(BANK, pairs=(DependentPair(first="a1", second="a3", dependence=0.4),))
    shorter = replace(
        INSTRUMENT, items=tuple(item for item in INSTRUMENT.items if item.id != "u-a3")
    )

    assert adapted_bank(paired, shorter).pairs == ()
