"""P5: no labels on people, no diagnosis, nothing certain without its number, in any text that is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from undertow.wiring import CONTENT, House, build_house

# What is never said of a person, with a reason for each group.
LABELS = r"\b(needy|clingy|toxic|crazy|obsessive|narcissis\w*|codependent|damaged|broken person)\b"
TYPES = (
    r"\b(anxious|avoidant|secure|insecure|fearful|preoccupied|dismissing)"
    r"(ly attached| type| style| person| man| woman)\b"
)
DIAGNOSES = r"\b(disorder|disease|syndrome|symptoms?|patients?|pathological|you have attachment)\b"
CERTAINTIES = r"\b(proves?|guarantee\w*|without doubt|certainly|always works|cures?)\b"
EXCUSES = r"\b(only fear|just fear|it's the fear talking|can't help it|made you do)\b"
# As advice, so at the start of a sentence. That many people do it may be said.
CHECKING_ON = (
    r"(?:^|[.!?:\"]\s*)(read|check|look through|go through) "
    r"(his|her|their|your partner's) (phone|messages|mail)\b"
)
FORBIDDEN = (LABELS, TYPES, DIAGNOSES, CERTAINTIES, EXCUSES, CHECKING_ON)


def shown_texts() -> Iterator[tuple[str, str]]:
    for path in sorted(CONTENT.rglob("*.toml")):
        if "recipes" not in path.parts:
            yield path.name, path.read_text(encoding="utf-8")
    templates = CONTENT.parent / "web" / "templates"
    for path in sorted(templates.glob("*.html")):
        yield path.name, path.read_text(encoding="utf-8")


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_it_is_never_said(pattern: str) -> None:
    for name, text in shown_texts():
        shown = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
        found = re.search(pattern, shown, re.IGNORECASE)
        assert found is None, f"{name}: {found.group() if found else ''}"


@pytest.mark.parametrize(
    "sentence",
    [
        "You are an anxious type.",
        "An avoidant man pulls back.",
        "You have a disorder.",
        "It is only fear.",
        "Check her phone.",
        "This proves it.",
        "You are clingy.",
    ],
)
def test_the_list_catches_what_it_is_for(sentence: str) -> None:
    assert any(re.search(pattern, sentence, re.IGNORECASE) for pattern in FORBIDDEN)


def test_there_are_texts_to_search() -> None:
    assert len(list(shown_texts())) > 12


def test_every_page_says_that_it_is_no_diagnosis() -> None:
    house: House = build_house()
    assert "not a diagnosis" in house.check.help_note.not_a_diagnosis


def test_no_step_is_towards_a_partner_or_a_former_one() -> None:
    """Nothing is drafted or suggested towards another person before a harm check exists."""
    house = build_house()
    for step in house.check.phrases.steps:
        assert not re.search(r"\b(partner|him|her|ex)\b", step.text), step.id


def test_only_lines_checked_at_their_source_are_called_verified() -> None:
    verified = {
        line.id: line for line in build_house().check.help_note.lines if line.status == "verified"
    }
    assert set(verified) == {"us-988", "us-741741", "everywhere"}
    assert verified["us-988"].call == verified["us-988"].text == "988"
    assert "HOME to 741741" in verified["us-741741"].say
    assert verified["everywhere"].web == "https://findahelpline.com"


def test_this_list_reads_files_and_not_only_names(tmp_path: Path) -> None:
    planted = tmp_path / "planted.toml"
    planted.write_text('text = "You are needy."')
    assert re.search(LABELS, planted.read_text())
