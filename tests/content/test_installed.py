"""Instruments in their original words, and what the screens say otherwise for them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.content.test_instrument_files import SMALL
from tests.content.test_texts import TEXT_GRADE
from tests.reading_grade import grade

from undertow.content.changed_screens import change_screens, unweighed_screens
from undertow.content.instrument_files import load_instrument, parse_instrument
from undertow.content.screen_files import load_screens
from undertow.errors import InstrumentError
from undertow.service.screens import Screens
from undertow.wiring import BUILT_IN_INSTRUMENT, CONTENT

CHANGES = CONTENT / "phrases" / "en" / "installed.toml"


def original(**changes: Any) -> dict[str, Any]:
    """The small instrument of the other tests in words of its own."""
    bare = [{key: row[key] for key in row if key != "adapts"} for row in SMALL["items"]]
    return {**SMALL, "items": bare, "original": True, **changes}


# ---- original instruments -------------------------------------------------------------------------


def test_an_original_item_stands_for_itself() -> None:
    instrument = parse_instrument(original(), file="small.toml")
    assert [item.id for item in instrument.scored_items] == ["A1"]
    assert all(item.adapts is None for item in instrument.items)


def test_an_original_item_borrows_nothing() -> None:
    with pytest.raises(InstrumentError, match=r"small\.toml: items\[0\]\.adapts: an original"):
        parse_instrument(original(items=SMALL["items"]), file="small.toml")


@pytest.mark.parametrize("changes", [{"original": False}, {}])
def test_without_the_word_a_scored_item_names_what_it_adapts(changes: dict[str, bool]) -> None:
    data = {**{key: value for key, value in original().items() if key != "original"}, **changes}
    with pytest.raises(InstrumentError, match="must name the item whose figures it borrows"):
        parse_instrument(data, file="small.toml")


def test_original_is_yes_or_no() -> None:
    with pytest.raises(InstrumentError, match="original: must be true or false"):
        parse_instrument(original(original="yes"), file="small.toml")


def test_the_built_in_one_is_no_original() -> None:
    assert "original" not in tomllib.loads(BUILT_IN_INSTRUMENT.read_text(encoding="utf-8"))
    assert all(item.adapts for item in load_instrument(BUILT_IN_INSTRUMENT).scored_items)


# ---- what the screens say -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def screens() -> Screens:
    return load_screens(CONTENT / "phrases" / "en" / "screens.toml", CONTENT / "sources.toml")


def test_only_what_is_changed_changes(screens: Screens, tmp_path: Path) -> None:
    file = tmp_path / "changes.toml"
    file.write_text('[texts]\nlicence = "Another."\n')
    changed = change_screens(screens, file)
    assert changed.say("licence") == "Another."
    others = {key: text for key, text in screens.texts.sentences.items() if key != "licence"}
    assert {k: t for k, t in changed.texts.sentences.items() if k != "licence"} == others
    assert (changed.facts, changed.lists) == (screens.facts, screens.lists)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[texts]\nlicense = "x"\n', "changes.toml: texts.license"),
        ('[texts]\nlicence = ""\n', "changes.toml: texts.licence"),
        ('[lists]\nyoung = ["x"]\n', "changes.toml: lists"),
        ("", "changes.toml: texts"),
    ],
)
def test_a_change_of_what_is_not_there_is_named(
    screens: Screens, tmp_path: Path, text: str, named: str
) -> None:
    file = tmp_path / "changes.toml"
    file.write_text(text)
    with pytest.raises(InstrumentError, match=re.escape(named)):
        change_screens(screens, file)


def test_what_is_shipped_says_that_the_questions_have_no_open_licence(screens: Screens) -> None:
    built_in, changed = screens.say("licence"), change_screens(screens, CHANGES).say("licence")
    assert "Questions and texts: CC BY 4.0" in built_in
    assert "no open licence" in changed
    assert not re.search(r"Questions[^.]*: CC BY", changed)
    for kept in ("Texts: CC BY 4.0.", "Code: Apache 2.0."):
        assert kept in changed
    assert grade(changed) <= TEXT_GRADE


def test_where_everyone_is_scored_alike_stating_a_gender_changes_nothing(screens: Screens) -> None:
    unweighed = unweighed_screens(screens)
    assert "does not move your place" in unweighed.facts["gender"].why
    assert "weigh" not in unweighed.facts["gender"].why
    assert "weigh" in screens.facts["gender"].why
    assert unweighed.facts["age"] == screens.facts["age"]
    assert unweighed.facts["gender"].choices == screens.facts["gender"].choices
