"""Items and instruments: each rule of an instrument file, and the partner's word in a stem."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.made_up_bank import ANXIETY, AVOIDANCE, made_up_instrument, small_bank

from undertow.bank.item import DIMENSIONS, Instrument, Item, PartnerWord
from undertow.errors import InstrumentError, ResponseError

SHE = PartnerWord(id="she", label="she", forms={"partner": "her", "partners": "hers"})


@pytest.fixture
def instrument() -> Instrument:
    return made_up_instrument(small_bank(), categories=3)


def stem(text: str) -> Item:
    return Item(id="x", dimension=ANXIETY, keying=1, stem=text, facet="made up")


def refusal(instrument: Instrument, **changes: object) -> InstrumentError:
    with pytest.raises(InstrumentError) as caught:
        replace(instrument, **changes)  # type: ignore[arg-type]
    return caught.value


def test_anxiety_comes_first() -> None:
    assert DIMENSIONS == (ANXIETY, AVOIDANCE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("I think of {partner}.", "I think of her."),
        ("{partner} comes first.", "Her comes first."),
        ("{partner} and {partners}", "Her and hers"),
        ("nothing to fill in", "Nothing to fill in"),
        ("éclairs are capital too", "Éclairs are capital too"),
        ("", ""),
    ],
)
def test_the_partners_word_is_filled_in_and_the_first_letter_raised(text: str, shown: str) -> None:
    assert stem(text).text(SHE) == shown


@pytest.mark.parametrize("key", ["id", "title", "version", "language", "licence", "source"])
@pytest.mark.parametrize("empty", ["", "  \n"])
def test_what_every_instrument_must_say(instrument: Instrument, key: str, empty: str) -> None:
    error = refusal(instrument, **{key: empty})

    assert (error.file, error.key, error.rule) == ("made-up.toml", key, "is required and empty")
    assert str(error) == f"made-up.toml: {key}: is required and empty"


@pytest.mark.parametrize("categories", [(), ("only one",)])
def test_at_least_two_answer_categories(
    instrument: Instrument, categories: tuple[str, ...]
) -> None:
    error = refusal(instrument, categories=categories)

    assert (error.file, error.key) == ("made-up.toml", "categories")
    assert "at least two" in error.rule


def test_an_item_twice(instrument: Instrument) -> None:
    error = refusal(instrument, items=(*instrument.items, instrument.items[2]))

    assert (error.file, error.key) == ("made-up.toml", instrument.items[2].id)
    assert error.rule == "is there twice"


def test_no_partner_word(instrument: Instrument) -> None:
    assert refusal(instrument, partner_words=()).key == "partner_words"


@pytest.mark.parametrize(
    "text",
    ["about {nobody}", "about {}", "about {0}", "about {partner", "about {partner.age}", "a }"],
)
def test_a_placeholder_that_a_partner_word_does_not_fill(instrument: Instrument, text: str) -> None:
    error = refusal(instrument, items=(*instrument.items, stem(text)))

    assert (error.file, error.key) == ("made-up.toml", "x")
    assert "'partner'" in error.rule


def test_every_partner_word_is_tried_not_only_the_first(instrument: Instrument) -> None:
    without = PartnerWord(id="without", label="without", forms={})
    error = refusal(instrument, partner_words=(*instrument.partner_words, without))

    assert "'without'" in error.rule


def test_items_are_found_by_their_id(instrument: Instrument) -> None:
    item = instrument.items[1]

    assert instrument.item(item.id) is item


def test_an_item_that_is_not_there(instrument: Instrument) -> None:
    with pytest.raises(ResponseError, match="not part of this self-check"):
        instrument.item("not there")


def test_seed_items_are_not_scored(instrument: Instrument) -> None:
    assert [item.id for item in instrument.items if item not in instrument.scored_items] == [
        "u-seed"
    ]


def test_the_partner_word_chosen_and_the_neutral_one_for_any_other_choice(
    instrument: Instrument,
) -> None:
    assert instrument.partner_word("they").id == "they"
    assert instrument.partner_word("not there").id == instrument.partner_words[0].id
