"""What is said where answers are doubted: plain, about the answers, never about the person's honesty."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from tests.reading_grade import grade

from undertow.measure.belief import Verdict

ACCUSING = (
    r"\b(careless\w*|lie[ds]?|lying|false\w*|fake\w*|honest\w*|random\w*|cheat\w*|wrong\w*|invalid|bad answers?"
    r"|suspicious|inconsistent|contradict\w*|sloppy|too fast|not read)\b|\byou (did|didn't|failed|should)\b"
)


@pytest.fixture(scope="module")
def texts(repository: Path) -> dict[str, str]:
    file = repository / "src/undertow/content/phrases/en/belief.toml"
    found = tomllib.loads(file.read_text(encoding="utf-8"))
    assert set(found) == {"texts"}
    return {str(key): str(text) for key, text in found["texts"].items()}


def test_every_verdict_that_changes_something_has_its_words(texts: dict[str, str]) -> None:
    for verdict in set(Verdict) - {Verdict.FINE}:
        assert texts[f"belief_{verdict.value}"]


def test_each_reads_at_grade_8_or_lower(texts: dict[str, str]) -> None:
    long = {key: text for key, text in texts.items() if len(text.split()) >= 8}
    assert len(long) > 5
    assert {key: grade(text) for key, text in long.items() if grade(text) > 8} == {}


def test_none_accuses(texts: dict[str, str]) -> None:
    assert {key for key, text in texts.items() if re.search(ACCUSING, text, re.IGNORECASE)} == set()


@pytest.mark.parametrize(
    "sentence", ["Your answers look careless.", "You didn't read this.", "These answers are false."]
)
def test_the_list_catches_what_it_is_for(sentence: str) -> None:
    assert re.search(ACCUSING, sentence, re.IGNORECASE)
