"""The shipped instrument as data: which items, how keyed, how answered, under what licence."""

from __future__ import annotations

import re
from collections import Counter

from undertow.bank.item import Dimension, Instrument
from undertow.bank.person import Relationship

# Written from the literature on the ECR, not from our file: odd items are avoidance, even ones
# anxiety; agreeing with these ten means less of the dimension.
AVOIDANCE = {f"Q{number}" for number in range(1, 37, 2)}
ANXIETY = {f"Q{number}" for number in range(2, 37, 2)}
REVERSED = {"Q3", "Q15", "Q19", "Q22", "Q25", "Q27", "Q29", "Q31", "Q33", "Q35"}

FACETS = {
    "worry": {2, 4, 6, 8, 14, 22},
    "unreciprocated": {10, 12, 16, 26},
    "frustration": {24, 30, 32, 36},
    "reassurance": {18, 20},
    "worth": {28, 34},
    "closeness-discomfort": {3, 5, 7, 11, 13, 17, 19, 23},
    "self-disclosure": {1, 9, 15, 25, 27},
    "turning-to": {31, 33, 35},
    "dependence": {21, 29},
}


def test_there_are_36_scored_items_each_adapting_one_ecr_item_in_order(
    instrument: Instrument,
) -> None:
    pairs = [(item.id, item.adapts) for item in instrument.scored_items]
    assert pairs == [(f"U{number:02d}", f"Q{number}") for number in range(1, 37)]


def test_each_item_keeps_the_dimension_of_the_item_it_adapts(instrument: Instrument) -> None:
    found: dict[Dimension, set[str]] = {dimension: set() for dimension in Dimension}
    for item in instrument.scored_items:
        found[item.dimension].add(str(item.adapts))
    assert found == {Dimension.AVOIDANCE: AVOIDANCE, Dimension.ANXIETY: ANXIETY}


def test_each_item_keeps_the_keying_of_the_item_it_adapts(instrument: Instrument) -> None:
    assert {item.adapts for item in instrument.scored_items if item.keying == -1} == REVERSED
    assert {item.keying for item in instrument.scored_items} == {1, -1}


def test_each_item_has_the_facet_of_the_item_it_adapts(instrument: Instrument) -> None:
    found: dict[str, set[int]] = {}
    for item in instrument.scored_items:
        found.setdefault(item.facet, set()).add(int(str(item.adapts)[1:]))
    assert found == FACETS


def test_a_facet_never_mixes_the_dimensions(instrument: Instrument) -> None:
    seen = {(item.facet, item.dimension) for item in instrument.items}
    assert max(Counter(facet for facet, _ in seen).values()) == 1


def test_six_seed_items_are_reversed_anxiety_and_not_scored(instrument: Instrument) -> None:
    seeds = [item for item in instrument.items if not item.scored]
    assert [item.id for item in seeds] == ["S1", "S2", "S3", "S4", "S5", "S6"]
    assert {(item.dimension, item.keying, item.adapts) for item in seeds} == {
        (Dimension.ANXIETY, -1, None)
    }
    assert {item.facet for item in seeds} == {
        "worry",
        "reassurance",
        "unreciprocated",
        "frustration",
        "worth",
    }


def test_no_two_items_ask_the_same(instrument: Instrument) -> None:
    assert max(Counter(item.stem.lower() for item in instrument.items).values()) == 1


def test_the_answers_are_the_five_that_the_thresholds_hold_for(instrument: Instrument) -> None:
    assert instrument.categories == (
        "Strongly disagree",
        "Disagree",
        "Neither agree nor disagree",
        "Agree",
        "Strongly agree",
    )


def test_licence_and_source_are_named(instrument: Instrument) -> None:
    """SAFETY P11: no instrument without licence and source."""
    assert instrument.licence == "CC-BY-4.0"
    for part in ("Own wording", "Experiences in Close Relationships", "Brennan", "1998"):
        assert part in instrument.source
    assert (instrument.id, instrument.language) == ("undertow", "en")


def test_every_relationship_status_has_a_frame(instrument: Instrument) -> None:
    assert set(instrument.frames) == {status.value for status in Relationship}


def test_who_had_no_partner_yet_is_asked_to_imagine(instrument: Instrument) -> None:
    assert "would be" in instrument.frames["never"]
    assert not any(
        "would be" in frame for status, frame in instrument.frames.items() if status != "never"
    )


def test_the_partner_is_my_partner_unless_another_word_is_chosen(instrument: Instrument) -> None:
    assert [word.id for word in instrument.partner_words] == ["partner", "she", "he", "they"]
    assert instrument.partner_word("unheard of").forms["partner"] == "my partner"


def test_every_word_has_the_same_forms_and_every_form_is_used(instrument: Instrument) -> None:
    keys = {frozenset(word.forms) for word in instrument.partner_words}
    assert len(keys) == 1
    stems = " ".join(item.stem for item in instrument.items)
    assert [form for form in next(iter(keys)) if f"{{{form}}}" not in stems] == []


def test_four_gentle_items_of_each_dimension_may_come_first(instrument: Instrument) -> None:
    gentle = [item for item in instrument.items if item.id in instrument.gentle_ids]
    assert Counter(item.dimension for item in gentle) == dict.fromkeys(Dimension, 4)
    hard = re.compile(r"\b(leave|lose|scare|alone|awful|insecure|angry|hate|nervous)\b")
    assert [item.id for item in gentle if hard.search(item.stem)] == []
    assert sum(bool(hard.search(item.stem)) for item in instrument.scored_items) > 5
