"""Our words are our own: no run of words is shared with the items of the real archive.

The archive's wording has no open licence that we know of, so it is read from the archive where that
is at hand and is never part of this repository, nor of what a failing test prints.
"""

from __future__ import annotations

import html
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.content.conftest import Shown
from tests.reading_grade import words

from undertow.bank.item import Instrument

LONGEST_RUN = 3
LARGEST_SHARE = 0.6
# A run of three is let pass only when it is made of words that no sentence on this can do without.
UNAVOIDABLE = (
    "a about all am an and as at be do for get i if in is it me my need not of on or partner"
    " that the them they to want when with worry"
)
SMALL_WORDS = frozenset(UNAVOIDABLE.split())
ENTRY = re.compile(r"<td>\s*Q(\d+)\s*</td>.*?<td>\s*\"(.*?)\"\s*rated", re.DOTALL | re.IGNORECASE)


def shared_run(one: list[str], other: list[str]) -> list[str]:
    """The longest run of words that both hold."""
    best: list[str] = []
    for start in range(len(one)):
        for end in range(start + len(best) + 1, len(one) + 1):
            run = one[start:end]
            if not any(other[at : at + len(run)] == run for at in range(len(other))):
                break
            best = run
    return best


@dataclass(frozen=True, repr=False)
class Originals:
    """The archive's items by number. It has no repr, since pytest prints what a test was given."""

    items: dict[str, list[str]]

    def run(self, text: str, number: str) -> list[str]:
        return shared_run(words(text), self.items[number])

    def longest_run(self, text: str) -> int:
        return max(len(self.run(text, number)) for number in self.items)

    def share(self, text: str, number: str) -> float:
        """How many of a text's telling words the item has, as a share."""
        telling = set(words(text)) - SMALL_WORDS
        return len(telling & set(self.items[number])) / len(telling)


@pytest.fixture(scope="module")
def originals(ecr_sample: Path) -> Originals:
    with zipfile.ZipFile(ecr_sample) as archive:
        name = next(name for name in archive.namelist() if name.endswith("codebook.html"))
        page = html.unescape(archive.read(name).decode("utf-8", errors="replace"))
    found = {f"Q{number}": words(text) for number, text in ENTRY.findall(page)}
    if len(found) != 36:
        pytest.fail("The codebook's layout is not the one this test can read: expected 36 items.")
    return Originals(found)


@pytest.fixture(scope="module")
def adapting(shown: list[Shown], instrument: Instrument) -> list[tuple[Shown, str]]:
    """Every stem that adapts an item, with the number of that item."""
    adapted = {item.id: item.adapts for item in instrument.scored_items}
    return [(one, number) for one in shown if (number := adapted.get(one.item_id))]


@pytest.mark.real_data
def test_a_question_shares_no_run_with_the_item_it_adapts(
    adapting: list[tuple[Shown, str]], originals: Originals
) -> None:
    lengths = {}
    for one, number in adapting:
        run = originals.run(one.text, number)
        if len(run) > LONGEST_RUN or (len(run) == LONGEST_RUN and not SMALL_WORDS.issuperset(run)):
            lengths[one.item_id, one.word_id] = len(run)
    assert lengths == {}


@pytest.mark.real_data
def test_a_question_shares_no_run_with_any_other_item_either(
    shown: list[Shown], originals: Originals
) -> None:
    lengths = {(one.item_id, one.word_id): originals.longest_run(one.text) for one in shown}
    assert {place: length for place, length in lengths.items() if length > LONGEST_RUN} == {}


@pytest.mark.real_data
def test_most_telling_words_are_not_those_of_the_item_it_adapts(
    adapting: list[tuple[Shown, str]], originals: Originals
) -> None:
    """A run is broken by one word put between, so the words are counted without their order too."""
    shares = {
        (one.item_id, one.word_id): originals.share(one.text, number) for one, number in adapting
    }
    assert {place: share for place, share in shares.items() if share > LARGEST_SHARE} == {}


@pytest.mark.parametrize(
    ("one", "other", "run"),
    [
        ("the cat sat down", "a cat sat up", ["cat", "sat"]),
        ("one two three", "four five", []),
        ("a b c d", "a b x a b c y", ["a", "b", "c"]),
        ("same words here", "same words here", ["same", "words", "here"]),
    ],
)
def test_a_shared_run_is_found(one: str, other: str, run: list[str]) -> None:
    assert shared_run(one.split(), other.split()) == run
