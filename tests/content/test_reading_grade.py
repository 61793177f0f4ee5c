"""The reading grade against counts made by hand."""

from __future__ import annotations

import pytest
from tests.reading_grade import grade, syllables, words

BY_HAND = {
    1: "the be she they love loves loved scared don't can't won't times things need see",
    2: "partner easy being going about people single troubles needed places closes lonely closeness"
    " sometimes someone something very every worry doesn't isn't annoyed awful rely quiet create",
    3: "insecure uneasy frustrated worrying attention idea everything area reliance serious video",
    4: "comfortable usually relationship relationships anxiety situation",
}


@pytest.mark.parametrize(
    ("word", "count"),
    [(word, count) for count, line in BY_HAND.items() for word in line.split()],
)
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize(
    ("text", "by_hand"),
    [
        # 6 words, 1 sentence, 6 syllables: 2.34 + 11.8 - 15.59
        ("The cat sat on the mat.", -1.45),
        # 3 words, 1 sentence, 5 syllables: 1.17 + 19.667 - 15.59
        ("Reading is easy.", 5.247),
        # 6 words, 2 sentences, 6 syllables: 1.17 + 11.8 - 15.59
        ("I love her. She loves me!", -2.62),
        # 8 words, 1 sentence, 12 syllables: 3.12 + 17.7 - 15.59
        ("My relationships are a big worry to me.", 5.23),
        # 5 words, 1 sentence, 15 syllables: 1.95 + 35.4 - 15.59
        ("Usually, relationships feel very comfortable", 21.76),
    ],
)
def test_grade(text: str, by_hand: float) -> None:
    assert grade(text) == pytest.approx(by_hand, abs=0.005)


def test_a_longer_sentence_is_harder() -> None:
    assert grade("I go. You go. We go.") < grade("I go you go we go.")


def test_quotes_apostrophes_and_hyphens() -> None:
    assert words("“I don’t,” she said – the so-called 3 words.") == [
        "i", "don't", "she", "said", "the", "so", "called", "words",
    ]  # fmt: skip


def test_nothing_to_read_is_refused() -> None:
    with pytest.raises(ValueError, match="no word"):
        grade("12 ... 34")
