"""Phrases and help lines from their TOML files; which of them are said is left to `reading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from undertow.content.toml_files import Table, read_toml
from undertow.reading.phrase import (
    CertaintyWord,
    Phrases,
    PlacePhrase,
    RegionPhrase,
    Side,
    StepPhrase,
)
from undertow.reading.texts import Texts
from undertow.safety.help import HelpLine, HelpNote, HelpStatus


def parse_phrases(data: Mapping[str, object], *, file: str) -> Phrases:
    """Phrases from parsed TOML. Raises InstrumentError naming file, key and rule."""
    table = Table(data, file=file, key="")
    return Phrases(
        language=table.text("language"),
        places=tuple(
            PlacePhrase(
                id=row.text("id"),
                dimension=row.text("dimension"),
                side=row.choice("side", Side),
                shares=tuple(row.numbers("shares")),
                at_least=row.number("at_least"),
                text=row.text("text"),
                source=row.text("source"),
            )
            for row in table.rows("places")
        ),
        regions=tuple(
            RegionPhrase(
                id=row.text("id"),
                anxiety=row.choice("anxiety", Side),
                avoidance=row.choice("avoidance", Side),
                at_least=row.number("at_least"),
                headline=row.text("headline"),
                headline_near=row.text("headline_near"),
                text=row.text("text"),
                text_certainty=row.text("text_certainty"),
                source=row.text("source"),
            )
            for row in table.rows("regions")
        ),
        steps=tuple(
            StepPhrase(
                id=row.text("id"),
                anxiety=tuple(Side(side) for side in row.texts("anxiety")),
                avoidance=tuple(Side(side) for side in row.texts("avoidance")),
                relationship=tuple(row.texts("relationship")),
                text=row.text("text"),
                certainty=row.text("certainty"),
                source=row.text("source"),
            )
            for row in table.rows("steps")
        ),
        certainties=tuple(
            CertaintyWord(at_least=row.number("at_least"), words=row.text("words"))
            for row in table.rows("certainties")
        ),
        texts=Texts(sentences=table.table("texts").strings(), file=file),
    )


def parse_help(data: Mapping[str, object], *, file: str) -> HelpNote:
    """The help note from parsed TOML. Raises InstrumentError naming file, key and rule."""
    table = Table(data, file=file, key="")
    return HelpNote(
        lead=table.text("lead"),
        not_a_diagnosis=table.text("not_a_diagnosis"),
        lines=tuple(
            HelpLine(
                id=row.text("id"),
                region=row.text("region"),
                name=row.text("name"),
                say=row.text("say"),
                call=row.text("call", default=""),
                text=row.text("text", default=""),
                web=row.text("web", default=""),
                source=row.text("source"),
                source_date=row.text("source_date"),
                status=row.choice("status", HelpStatus),
            )
            for row in table.rows("lines")
        ),
    )


def load_phrases(path: Path, *others: Path) -> Phrases:
    """A language's phrases; `others` hold further fixed sentences. Raises InstrumentError as the parts do,
    and for a sentence that is there twice."""
    phrases = parse_phrases(read_toml(path), file=path.name)
    sentences = dict(phrases.texts.sentences)
    for other in others:
        table = Table(read_toml(other), file=other.name, key="")
        table.check_keys(frozenset({"texts"}))
        for text_id, sentence in table.table("texts").strings().items():
            if text_id in sentences:
                raise table.error(f"texts.{text_id}", "is there in another file too")
            sentences[text_id] = sentence
    return replace(phrases, texts=replace(phrases.texts, sentences=sentences))


def load_help(path: Path) -> HelpNote:
    return parse_help(read_toml(path), file=path.name)
