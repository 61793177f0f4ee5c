"""Screens with some of their texts changed by a file; which house needs that is left to `wiring`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from undertow.content.toml_files import Table, read_toml
from undertow.service.screens import Screens


def change_screens(screens: Screens, path: Path) -> Screens:
    """The screens with the file's texts in place of their own.

    Raises InstrumentError where there is none of that id, so that a text that was renamed cannot
    come back unseen.
    """
    table = Table(read_toml(path), file=path.name, key="")
    table.check_keys(frozenset({"texts"}))
    changed = table.table("texts")
    changed.check_keys(frozenset(screens.texts.sentences))
    sentences = {**screens.texts.sentences, **changed.strings()}
    return replace(screens, texts=replace(screens.texts, sentences=sentences))


def unweighed_screens(screens: Screens) -> Screens:
    """The screens of a check that scores everyone alike: stating a gender changes nothing there."""
    gender = replace(screens.facts["gender"], why=screens.say("gender_unweighed"))
    return replace(screens, facts={**screens.facts, "gender": gender})
