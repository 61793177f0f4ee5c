"""Nothing is said of men and women against each other without the range over what is the yardstick."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest

from undertow.wiring import CONTENT

RANGE = ("{worry_low}", "{worry_high}", "{distance_low}", "{distance_high}")
# What is said where groups were not compared: that there may be a tilt, and no figure.
WITHOUT_A_COMPARISON = "position.toml.texts.fairness"
# What only says how answers are scored. It must not set one group beside the other in any other way.
HOW_IT_IS_SCORED = {
    "position.toml.texts.adjusted_woman",
    "position.toml.texts.adjusted_both",
    "position.toml.texts.adjusting",
}
COMPARING = re.compile(r"\b(\w+er|more|less|most|least|differ\w*|than)\b|\d|\{", re.IGNORECASE)


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
    assert len(found) >= 6
    assert "{" not in found.pop(WITHOUT_A_COMPARISON)
    for key in HOW_IT_IS_SCORED:
        assert not COMPARING.search(found.pop(key)), key
    for key, text in found.items():
        # Either the range itself, or the place where the whole sentence is put in.
        assert "{fairness}" in text or all(part in text for part in RANGE), key


@pytest.mark.parametrize(
    "planted", ["Women worry more.", "Fewer women do.", "40 of 100 women.", "Women differ."]
)
def test_a_comparison_among_what_is_done_would_be_found(planted: str) -> None:
    assert COMPARING.search(planted)


CLAIMS = re.compile(
    r"\b(no one|nobody|no man|no woman|every man|everyone|every person) "
    r"(is|gets) (missed|seen|overlooked|found|caught)\b"
    r"|\b(miss|misses|lose|loses|overlook|overlooks|leaves out) (no one|nobody|no man|no woman|none)\b"
    r"|\b(finds|sees|catches) (everyone|every man|all men)\b"
    r"|\b(is|are) fair to\b|\b(un)?biased\b|\bbias-free\b|\bfree of bias\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "planted",
    [
        "With this check no man is missed.",
        "This check misses no one.",
        "It loses nobody.",
        "It sees every man.",
        "This check is fair to men.",
        "The result is unbiased.",
    ],
)
def test_the_claims_are_noticed(planted: str) -> None:
    assert CLAIMS.search(planted)


def test_no_text_claims_that_nobody_is_missed() -> None:
    paths = [
        *sorted((CONTENT / "phrases").rglob("*.toml")),
        *(CONTENT.parent / "web").rglob("*.html"),
    ]
    assert len(paths) > 10
    for path in paths:
        assert not CLAIMS.search(path.read_text(encoding="utf-8")), path.name


def test_not_to_lose_is_only_said_of_this_set_of_questions() -> None:
    """ "Lose" is said relative to the whole set, with its limit right behind it."""
    texts_ = tomllib.loads((CONTENT / "phrases/en/position.toml").read_text(encoding="utf-8"))[
        "texts"
    ]
    assert "what the whole set of questions sees" in texts_["fairness_weighed"]
    assert "does not see either" in texts_["fairness_relative"]
