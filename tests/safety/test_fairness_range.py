"""Nothing is said of men and women against each other without the range over what is the yardstick."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from undertow.wiring import CONTENT

RANGE = ("{worry_low}", "{worry_high}", "{distance_low}", "{distance_high}")
# What is said where groups were not compared: that there may be a tilt, and no figure.
WITHOUT_A_COMPARISON = "position.toml.texts.fairness"


def texts(value: object, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner, f"{key}.{name}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from texts(inner, f"{key}[{at}]")
    elif isinstance(value, str):
        yield key, value


def test_a_text_on_men_and_women_carries_the_range() -> None:
    found = {
        key: text
        for path in sorted((CONTENT / "phrases").rglob("*.toml"))
        for key, text in texts(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
        if re.search(r"\b(women|gap between|fair|fairness)\b", text, re.IGNORECASE)
    }
    assert len(found) >= 3
    assert "{" not in found.pop(WITHOUT_A_COMPARISON)
    for key, text in found.items():
        # Either the range itself, or the place where the whole sentence is put in.
        assert "{fairness}" in text or all(part in text for part in RANGE), key


def test_no_text_claims_that_nobody_is_missed() -> None:
    claims = re.compile(
        r"\b(no one|nobody|no man|every man) (is|gets) (missed|seen|overlooked)|\b(is|are) fair to\b",
        re.IGNORECASE,
    )
    assert claims.search("With this check no man is missed.")
    for path in sorted((CONTENT / "phrases").rglob("*.toml")):
        assert not claims.search(path.read_text(encoding="utf-8")), path.name
