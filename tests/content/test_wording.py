"""The questions as they are read: easy, natural in every form, open to men and women, no labels."""

from __future__ import annotations

import re

import pytest
from tests.content.conftest import Shown
from tests.reading_grade import grade, words

from undertow.bank.item import Instrument

ITEM_GRADE = 6.0
FRAME_GRADE = 8.0

# The wording was made so that a word of blame, of the clinic or of gender has no place in it.
FORBIDDEN = re.compile(
    r"\b(needy|needi\w+|cling\w*|toxic|disorder\w*|insane|crazy|psycho\w*|patholog\w*|diagnos\w*"
    r"|symptom\w*|patient\w*|trauma\w*|attachment|avoidant|anxious|dysfunction\w*|codependen\w*"
    r"|obsess\w*|desperat\w*|weak\w*|jealous\w*|normal|abnormal|problematic|victim\w*|abus\w*)\b",
    re.IGNORECASE,
)
GENDERED = re.compile(
    r"\b(he|she|him|her|his|hers|man|men|woman|women|boy\w*|girl\w*|guy\w*|male\w*|female\w*"
    r"|husband\w*|wife|wives|lady|ladies|mother\w*|father\w*|brother\w*|sister\w*)\b",
    re.IGNORECASE,
)
NEGATION = re.compile(r"\b(not|no|never|none|nobody|nothing|cannot|\w+n't)\b", re.IGNORECASE)
# Where the adapted item says no, ours may; everywhere else a plain yes is easier to answer.
MAY_SAY_NO = {"U01", "U09", "U17", "U22", "U23", "U24", "U31", "U32"}

BARE_VERB = "want|get|love|take|say|do|have|are|were|need|think|care|come|go|stay|seem|show|leave"
DISAGREEMENTS = {
    "a verb without its s": rf"(?<!let )(?<!and )\b(she|he|my partner) ({BARE_VERB})\b",
    "a verb with an s too many": r"\bthey (?!always\b|sometimes\b|perhaps\b)\w+s\b",
    "they with is, was, has or does": r"\bthey (is|was|has|does|isn't|wasn't|hasn't|doesn't)\b",
    "she or he with are": r"\b(she|he) (are|aren't|were|weren't|don't|haven't)\b",
    "an object at the front": r"^(her|him|them|me)\b",
    "a subject after a preposition": (
        r"\b(with|to|from|for|of|about|between|without|let|lose|tell|ask|than) (she|he)\b"
    ),
    "they after a preposition": r"\b(with|to|from|for|of|about|between|without|let|lose) they\b",
    "an object before a verb": rf"\b(that|if|when|wish|soon as) (him|them|her) ({BARE_VERB})s?\b",
    "two owners": r"\b(my|his|their|a|the) (my|her|his|their|a|the)\b",
    "a word twice": r"\b(\w+) \1\b",
    "a placeholder left": r"[{}]",
    "stray spaces": r"  |^ | $| [.,]",
}
ANOTHER_PERSON = re.compile(
    r"\b(a partner|partners|people|someone|anyone|person|friends?|they|them|their|she|he|her|him)\b",
    re.IGNORECASE,
)


def places(found: list[Shown]) -> list[tuple[str, str]]:
    return [(one.item_id, one.word_id) for one in found]


def test_every_question_is_easy_to_read_in_every_form(shown: list[Shown]) -> None:
    assert len(shown) == 42 * 4
    hard = {(s.item_id, s.word_id): grade(s.text) for s in shown if grade(s.text) > ITEM_GRADE}
    assert hard == {}


def test_every_frame_is_easy_to_read(instrument: Instrument) -> None:
    hard = {k: grade(text) for k, text in instrument.frames.items() if grade(text) > FRAME_GRADE}
    assert hard == {}


def test_every_question_is_one_short_sentence(shown: list[Shown]) -> None:
    odd = [
        one
        for one in shown
        if not re.fullmatch(r"[A-Z][A-Za-z',’ ]+\.", one.text) or len(words(one.text)) > 16
    ]
    assert places(odd) == []


@pytest.mark.parametrize("pattern", DISAGREEMENTS.values(), ids=DISAGREEMENTS.keys())
def test_every_form_is_grammatical(pattern: str, shown: list[Shown]) -> None:
    assert places([one for one in shown if re.search(pattern, one.text, re.IGNORECASE)]) == []


@pytest.mark.parametrize(
    "text",
    [
        "When they wants time alone, I trust that we are fine.",
        "I need to hear very often that she love me.",
        "I need to hear very often that my partner love me.",
        "If they does things without me, I mind.",
        "Him and I are close.",
        "I talk to she about most things.",
        "Often I wish that they is here.",
        "I want my my partner's attention.",
        "I need to hear that them love me.",
    ],
)
def test_the_grammar_patterns_notice_what_they_are_for(text: str) -> None:
    assert any(re.search(pattern, text, re.IGNORECASE) for pattern in DISAGREEMENTS.values())


def test_a_question_with_the_chosen_word_names_no_other_person(instrument: Instrument) -> None:
    """A stem stands alone on its screen, so a lone "she" or "them" must be the partner."""
    odd = [
        item.id
        for item in instrument.items
        if "{" in item.stem and ANOTHER_PERSON.search(re.sub(r"\{\w+\}", "", item.stem))
    ]
    assert odd == []


def test_the_partner_is_named_once_in_a_sentence(shown: list[Shown]) -> None:
    assert places([one for one in shown if one.text.lower().count("partner") > 1]) == []


def test_the_default_form_is_open_to_any_gender(shown: list[Shown], instrument: Instrument) -> None:
    odd = [one for one in shown if one.word_id in ("partner", "they") and GENDERED.search(one.text)]
    assert places(odd) == []
    assert [key for key, frame in instrument.frames.items() if GENDERED.search(frame)] == []


def test_she_never_turns_into_he(shown: list[Shown]) -> None:
    crossed = {"she": r"\b(he|him|his|they)\b", "he": r"\b(she|her|they)\b"}
    personal = [one for one in shown if one.word_id in crossed and " a partner" not in one.text]
    odd = [one for one in personal if re.search(crossed[one.word_id], one.text, re.IGNORECASE)]
    assert places(odd) == []


def test_no_question_blames_or_labels(shown: list[Shown], instrument: Instrument) -> None:
    """SAFETY P5: no labels on people, no diagnosis."""
    assert places([one for one in shown if FORBIDDEN.search(one.text)]) == []
    other = [instrument.title, *instrument.frames.values()]
    other += [word.label for word in instrument.partner_words]
    assert [text for text in other if FORBIDDEN.search(text)] == []


def test_a_question_says_no_only_where_the_adapted_one_does(shown: list[Shown]) -> None:
    assert {one.item_id for one in shown if NEGATION.search(one.text)} == MAY_SAY_NO


def test_a_question_joins_no_two_claims(shown: list[Shown]) -> None:
    """One idea each: "and" joins people or a condition's halves, and one "or" joins two words."""
    joined = {
        one.item_id
        for one in shown
        if re.search(r"\b(and|or|but)\b", re.sub(r"\band (I|me)\b", "", one.text))
    }
    # U24: two words for one state, and a wish with its failing; U32: a need with its failing.
    assert joined == {"U24", "U32"}
