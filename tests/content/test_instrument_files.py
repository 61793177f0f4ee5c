"""Instrument files that are not right: each names the file, the key and the rule it breaks."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from undertow.bank.item import Dimension
from undertow.content.instrument_files import load_instrument, parse_instrument
from undertow.errors import InstrumentError

SMALL: dict[str, Any] = {
    "id": "small",
    "title": "A small one",
    "version": "1",
    "language": "en",
    "licence": "CC-BY-4.0",
    "source": "Made up for this test.",
    "categories": ["No", "Perhaps", "Yes"],
    "frames": {"unstated": "Think of it all."},
    "partner_words": [
        {"id": "partner", "label": "My partner", "forms": {"partner": "my partner", "s": "s"}},
        {"id": "they", "label": "They", "forms": {"partner": "they", "s": ""}},
    ],
    "items": [
        {
            "id": "A1",
            "adapts": "Q2",
            "dimension": "anxiety",
            "keying": 1,
            "facet": "worry",
            "stem": "{partner} seem{s} far away.",
        },
        {
            "id": "A2",
            "dimension": "avoidance",
            "keying": -1,
            "facet": "turning-to",
            "scored": False,
            "stem": "I ask.",
        },
    ],
}
GONE = object()


def broken(path: str, value: object) -> dict[str, Any]:
    """The small instrument with one value changed, or gone; a path is like 'items.0.stem'."""
    data = copy.deepcopy(SMALL)
    *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner: Any = data
    for step in parents:
        inner = inner[step]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return data


def test_a_right_file_becomes_an_instrument() -> None:
    instrument = parse_instrument(SMALL, file="small.toml")
    first, second = instrument.items
    assert (first.id, first.adapts, first.dimension) == ("A1", "Q2", Dimension.ANXIETY)
    assert (first.keying, first.facet, first.scored) == (1, "worry", True)
    assert (second.keying, second.adapts, second.scored) == (-1, None, False)
    assert [item.id for item in instrument.scored_items] == ["A1"]
    assert [first.text(word) for word in instrument.partner_words] == [
        "My partner seems far away.",
        "They seem far away.",
    ]
    assert instrument.frames == {"unstated": "Think of it all."}
    assert instrument.categories == ("No", "Perhaps", "Yes")


def test_which_items_may_come_first() -> None:
    assert parse_instrument(SMALL, file="small.toml").gentle_ids == frozenset()
    gentle = parse_instrument(broken("items.0.gentle", True), file="small.toml")
    assert gentle.gentle_ids == {"A1"}
    with pytest.raises(InstrumentError, match=r"items\[0\]\.gentle: must be true or false"):
        parse_instrument(broken("items.0.gentle", "yes"), file="small.toml")
    with pytest.raises(InstrumentError, match=r"items\[1\]\.gentle: is for scored items"):
        parse_instrument(broken("items.1.gentle", True), file="small.toml")


@pytest.mark.parametrize("key", sorted(SMALL))
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(InstrumentError) as caught:
        parse_instrument(broken(key, GONE), file="small.toml")
    assert (caught.value.file, caught.value.key) == ("small.toml", key)


@pytest.mark.parametrize("key", ["id", "dimension", "keying", "facet", "stem", "adapts"])
def test_a_missing_key_of_an_item_is_named(key: str) -> None:
    with pytest.raises(InstrumentError) as caught:
        parse_instrument(broken(f"items.0.{key}", GONE), file="small.toml")
    assert caught.value.key == f"items[0].{key}"


@pytest.mark.parametrize("key", ["id", "label", "forms"])
def test_a_missing_key_of_a_partner_word_is_named(key: str) -> None:
    with pytest.raises(InstrumentError) as caught:
        parse_instrument(broken(f"partner_words.1.{key}", GONE), file="small.toml")
    assert caught.value.key == f"partner_words[1].{key}"


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("licencse", "licencse"),
        ("items.1.revresed", "items[1].revresed"),
        ("partner_words.0.colour", "partner_words[0].colour"),
        ("frames.soon", "frames.soon"),
    ],
)
def test_a_key_that_nothing_reads_is_refused(path: str, key: str) -> None:
    with pytest.raises(InstrumentError, match="not a known key") as caught:
        parse_instrument(broken(path, "something"), file="small.toml")
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("path", "value", "key", "rule"),
    [
        ("licence", "", "licence", "must be text"),
        ("licence", "  ", "licence", "must be text"),
        ("source", "", "source", "must be text"),
        ("version", 1, "version", "must be text"),
        ("title", ["A", "B"], "title", "must be text"),
        ("categories", "Yes", "categories", "must be a list of texts"),
        ("categories", [1, 2, 3], "categories", "must be a list of texts"),
        ("categories", ["Yes"], "categories", "at least two"),
        ("categories", ["Yes", " "], "categories", "empty label"),
        ("frames", "Think.", "frames", "must be a table"),
        ("frames.unstated", 3, "frames.unstated", "must be text"),
        ("frames.unstated", "", "frames.unstated", "must be text"),
        ("partner_words", {"id": "she"}, "partner_words", "must be a list of tables"),
        ("partner_words", [], "partner_words", "at least one"),
        ("partner_words.1.id", "partner", "partner_words[1].id", "twice"),
        ("partner_words.0.label", "", "partner_words[0].label", "must be text"),
        ("partner_words.0.forms", "her", "partner_words[0].forms", "must be a table"),
        ("partner_words.0.forms.s", 1, "partner_words[0].forms.s", "must be text"),
        ("items", "A1", "items", "must be a list of tables"),
        ("items.0.id", "", "items[0].id", "must be text"),
        ("items.1.id", "A1", "A1", "twice"),
        ("items.0.stem", "", "items[0].stem", "must be text"),
        ("items.0.stem", "   ", "items[0].stem", "must be text"),
        ("items.0.stem", 7, "items[0].stem", "must be text"),
        ("items.0.stem", "I like {her}.", "A1", "does not fill"),
        ("items.0.stem", "I like {partner.", "items[0].stem", "brace"),
        ("items.0.stem", "I like partner}.", "items[0].stem", "brace"),
        ("items.0.stem", "I like {}.", "items[0].stem", "plain name"),
        ("items.0.stem", "I like {0}.", "items[0].stem", "plain name"),
        ("items.0.stem", "I like {partner.__class__}.", "items[0].stem", "plain name"),
        ("items.0.stem", "I like {partner!r}.", "items[0].stem", "plain name"),
        ("items.0.stem", "I like {partner:>9}.", "items[0].stem", "plain name"),
        ("items.0.facet", "", "items[0].facet", "must be text"),
        ("items.0.dimension", "security", "items[0].dimension", "not one of the known words"),
        ("items.0.dimension", 1, "items[0].dimension", "must be text"),
        ("items.0.keying", 0, "items[0].keying", "must be 1 or -1"),
        ("items.0.keying", 2, "items[0].keying", "must be 1 or -1"),
        ("items.0.keying", "-1", "items[0].keying", "must be a number"),
        ("items.0.keying", True, "items[0].keying", "must be a number"),
        ("items.0.adapts", "", "items[0].adapts", "must name the item"),
        ("items.0.adapts", 2, "items[0].adapts", "must be text"),
        ("items.1.scored", "no", "items[1].scored", "must be true or false"),
        ("items.1.scored", 0, "items[1].scored", "must be true or false"),
    ],
)
def test_a_wrong_value_names_file_key_and_rule(
    path: str, value: object, key: str, rule: str
) -> None:
    with pytest.raises(InstrumentError, match=re.escape(rule)) as caught:
        parse_instrument(broken(path, value), file="small.toml")
    assert (caught.value.file, caught.value.key) == ("small.toml", key)
    assert str(caught.value).startswith(f"small.toml: {key}: ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match=r"^gone\.toml: file: is not there$"):
        load_instrument(tmp_path / "gone.toml")


@pytest.mark.parametrize("content", [b"id = ", b"\xff\xfe\x00", b'id = "a"\nid = "b"\n'])
def test_a_file_that_is_not_toml_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    with pytest.raises(InstrumentError, match=r"^odd\.toml: file: is not TOML"):
        load_instrument(path)


def test_an_empty_file_misses_its_first_key(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("")
    with pytest.raises(InstrumentError, match=r"^empty\.toml: \w+: must be"):
        load_instrument(path)
