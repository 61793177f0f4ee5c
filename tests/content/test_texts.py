"""What is said to a person reads at grade 8 or lower, in the data files where it stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.reading_grade import grade

TEXT_GRADE = 8.0
LEAST_WORDS = 8
"""The measure means nothing for a title or a button."""

NAMES = [f"phrases/en/{name}" for name in ("position", "belief", "change", "screens")] + ["help/en"]


def texts(value: object, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner, f"{key}.{name}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from texts(inner, f"{key}[{at}]")
    elif isinstance(value, str):
        yield key, value


@pytest.mark.parametrize("name", NAMES)
def test_texts_read_at_grade_8_or_lower(repository: Path, name: str) -> None:
    file = repository / "src/undertow/content" / f"{name}.toml"
    found = dict(texts(tomllib.loads(file.read_text(encoding="utf-8")), name))
    # A placeholder is most often a short number.
    filled = {key: re.sub(r"\{\w+\}", "5", text) for key, text in found.items()}
    long = {key: text for key, text in filled.items() if len(text.split()) >= LEAST_WORDS}
    assert long
    hard = {key: round(grade(text), 1) for key, text in long.items() if grade(text) > TEXT_GRADE}
    assert hard == {}
