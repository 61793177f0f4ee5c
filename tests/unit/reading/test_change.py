"""What is said of two sittings: the direction, its certainty, the reason where it can't be told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.reading_grade import grade

from undertow.bank.item import DIMENSIONS, Dimension
from undertow.content.change_files import load_change_texts, parse_change_texts
from undertow.errors import InstrumentError, ShapeError
from undertow.measure.change import Change, ChangeRule, DimensionChange, Doubt, Verdict
from undertow.reading.change import ChangeReading, read_change
from undertow.reading.texts import Texts
from undertow.wiring import CONTENT

FILE = CONTENT / "phrases" / "en" / "change.toml"


@pytest.fixture(scope="module")
def texts() -> Texts:
    return load_change_texts(FILE)


def found(
    verdict: Verdict, doubt: Doubt | None = None, *, more: tuple[float, float], days: int = 40
) -> Change:
    anxiety, avoidance = (
        DimensionChange(
            dimension=dimension,
            difference=0.5,
            more=more,
            smallest=1.4,
            verdict=verdict,
            doubt=doubt,
        )
        for dimension in DIMENSIONS
    )
    return Change(days=days, dimensions=(anxiety, avoidance))


EVERY = [
    found(Verdict.MORE, more=(0.93, 0.984)),
    found(Verdict.LESS, more=(0.016, 0.07)),
    found(Verdict.CANT_TELL, Doubt.NOISE, more=(0.41, 0.77)),
    found(Verdict.CANT_TELL, Doubt.TOO_FEW, more=(0.41, 0.77)),
    found(Verdict.CANT_TELL, Doubt.TOO_SOON, more=(0.41, 0.77), days=1),
]


@pytest.mark.parametrize("change", EVERY)
def test_everything_that_can_be_found_can_be_said(change: Change, texts: Texts) -> None:
    reading = read_change(change, texts=texts)

    assert [one.dimension for one in reading.dimensions] == list(DIMENSIONS)
    assert len({one.statement.text for one in reading.dimensions}) == 2
    assert "{" not in " ".join(reading.sentences())
    # Two statements with a text and a certainty each, then three notes.
    assert len(reading.sentences()) == 2 * 2 + 3


def test_more_and_less_are_said_with_the_chance_of_their_own_direction(texts: Texts) -> None:
    more, less = (read_change(change, texts=texts).dimensions for change in EVERY[:2])

    assert "worry about losing closeness more" in more[0].statement.text
    assert "more distance" in more[1].statement.text
    assert "worry about losing closeness less" in less[0].statement.text
    assert "closer" in less[1].statement.text
    for one in (*more, *less):
        assert "93 to 98 in 100" in one.statement.certainty
        assert one.statement.source == "sibley2004"


def test_where_it_cant_be_told_no_direction_is_hinted_at(texts: Texts) -> None:
    for change in EVERY[2:]:
        for one in read_change(change, texts=texts).dimensions:
            assert one.statement.certainty.startswith("We can't tell")
            assert "than you did last time" not in one.statement.text


def test_noise_is_told_with_both_chances(texts: Texts) -> None:
    said = read_change(EVERY[2], texts=texts).dimensions[0].statement.certainty

    assert "41 to 77 in 100 for more" in said


def test_too_soon_says_how_long_to_wait(texts: Texts) -> None:
    said, longer = (
        read_change(EVERY[4], texts=texts, rule=rule).dimensions[0].statement.text
        for rule in (None, ChangeRule(least_days=36))
    )

    assert "Days between your two checks: 1." in said
    assert "at least 4 weeks" in said
    # 36 days are more than five weeks.
    assert "at least 6 weeks" in longer


def test_what_two_checks_cant_show_is_always_said(texts: Texts) -> None:
    reading = read_change(EVERY[0], texts=texts)

    assert any("whatever they do" in note for note in reading.notes)
    assert any("large change" in note for note in reading.notes)
    with pytest.raises(ShapeError, match="notes"):
        replace(reading, notes=())
    with pytest.raises(TypeError):
        ChangeReading(dimensions=reading.dimensions)  # type: ignore[call-arg]


def test_every_text_reads_at_grade_8_or_lower(texts: Texts) -> None:
    filled = {
        key: text.format(days=5, weeks=4, low=5, high=5) for key, text in texts.sentences.items()
    }
    long = {key: text for key, text in filled.items() if len(text.split()) >= 8}

    assert len(long) > 10
    assert {key: grade(text) for key, text in long.items() if grade(text) > 8} == {}


def test_a_text_that_is_missing_is_named(texts: Texts) -> None:
    sentences = {k: v for k, v in texts.sentences.items() if k != f"{Dimension.ANXIETY.value}_more"}

    with pytest.raises(InstrumentError, match="anxiety_more"):
        read_change(EVERY[0], texts=replace(texts, sentences=sentences))


def test_a_file_with_another_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match="phrases: is not a known key"):
        parse_change_texts({"texts": {}, "phrases": {}}, file="change.toml")
    with pytest.raises(InstrumentError, match="is not there"):
        load_change_texts(tmp_path / "change.toml")
