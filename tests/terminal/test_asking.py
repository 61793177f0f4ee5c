"""What a typed line means: numbers, words, ages, commands, and what is left to ask again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.terminal.asking import Command, Option, band_of, command_of, option_of

AGES = tuple(
    Option(value=value, label=label, also=(value,))
    for value, label in (
        ("under-18", "Under 18"),
        ("18-24", "18 to 24"),
        ("25-80", "25 to 80"),
        ("over-80", "Over 80"),
        ("unstated", "I'm an adult and prefer not to say"),
    )
)
SCALE = (
    Option(value="0", label="Disagree"),
    Option(value="1", label="Neither agree nor disagree"),
    Option(value="2", label="Agree"),
    Option(value="-1", label="Doesn't apply to me", also=("s", "skip")),
)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1", "0"),
        (" 3 ", "2"),
        ("4.", "-1"),
        ("2)", "1"),
        ("agree", "2"),
        ("AGREE!", "2"),
        ("disagree", "0"),
        ("doesnt apply", "-1"),
        ("Doesn’t apply to me", "-1"),
        ("neither agree", "1"),
        ("s", "-1"),
        ("Skip", "-1"),
    ],
)
def test_numbers_and_words_are_understood(typed: str, value: str) -> None:
    option = option_of(typed, SCALE)
    assert option is not None
    assert option.value == value


@pytest.mark.parametrize(
    "typed",
    ["", " ", "0", "5", "-1", "1.5", "+1", "1 2", "1,", "²", "neither", "me", "ag", "or no"],
)
def test_what_is_not_clear_is_not_guessed(typed: str) -> None:
    assert option_of(typed, SCALE) is None


def test_words_that_fit_two_answers_are_not_guessed() -> None:
    options = (Option(value="a", label="not now"), Option(value="b", label="not now, not then"))
    assert option_of("not now not", options) == options[1]
    twice = (Option(value="a", label="a b c"), Option(value="b", label="a b d"))
    assert option_of("a b", twice) is None


@given(st.text(max_size=30))
def test_any_line_is_an_answer_or_asked_again(typed: str) -> None:
    assert option_of(typed, SCALE) in (*SCALE, None)
    assert band_of(typed, AGES) in (*AGES, None)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("6", "under-18"),
        ("17", "under-18"),
        ("18", "18-24"),
        ("24", "18-24"),
        ("25", "25-80"),
        ("80", "25-80"),
        ("81", "over-80"),
        ("120", "over-80"),
    ],
)
def test_an_age_finds_its_band(typed: str, value: str) -> None:
    band = band_of(typed, AGES)
    assert band is not None
    assert band.value == value


@pytest.mark.parametrize("typed", ["1", "5", "121", "-30", "thirty", "", "1e2"])
def test_a_number_of_the_list_is_no_age(typed: str) -> None:
    assert band_of(typed, AGES) is None


@pytest.mark.parametrize("command", Command)
def test_commands_by_letter_and_word(command: Command) -> None:
    for word in command.value:
        assert command_of(f" {word.upper()} ") is command


@pytest.mark.parametrize("typed", ["", "bq", "helping", "1", "quit it"])
def test_other_lines_are_no_command(typed: str) -> None:
    assert command_of(typed) is None
