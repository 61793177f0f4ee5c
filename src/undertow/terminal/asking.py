"""What a typed line means among the answers shown; asking again is left to `check`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_OLDEST = 120
_NUMBER = re.compile(r"^([0-9]{1,3})[.)]?$")
_TWO_WORDS = re.compile(r"^[^\W\d]+ [^\W\d]+")
_BAND = re.compile(r"^(\d+)-(\d+)$")
_UNDER = re.compile(r"^under-(\d+)$")
_OVER = re.compile(r"^over-(\d+)$")


class Command(Enum):
    """What can be typed on every screen besides its answers."""

    BACK = ("b", "back")
    LEAVE = ("q", "quit", "leave")
    HELP = ("h", "help")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of the numbered answers: the value that is kept, the words shown, other words for it."""

    value: str
    label: str
    also: tuple[str, ...] = ()


def command_of(typed: str) -> Command | None:
    words = _plain(typed)
    for command in Command:
        if words in command.value:
            return command
    return None


def option_of(typed: str, options: tuple[Option, ...]) -> Option | None:
    """The answer that is meant by its number, its words, or at least two of its first or last words."""
    number = _number(typed)
    if number is not None:
        return options[number - 1] if 1 <= number <= len(options) else None
    words = _plain(typed)
    for option in options:
        if words and words in (_plain(option.label), *(_plain(other) for other in option.also)):
            return option
    if not _TWO_WORDS.match(words):
        return None
    near = [
        option
        for option in options
        if f"{_plain(option.label)} ".startswith(f"{words} ")
        or f" {_plain(option.label)}".endswith(f" {words}")
    ]
    return near[0] if len(near) == 1 else None


def band_of(typed: str, options: tuple[Option, ...]) -> Option | None:
    """The age band that holds an age in years; None when the line is one of the answers' numbers."""
    years = _number(typed)
    if years is None or not len(options) < years <= _OLDEST:
        return None
    return next((option for option in options if _holds(option.value, years)), None)


def _holds(band: str, years: int) -> bool:
    if match := _BAND.match(band):
        return int(match[1]) <= years <= int(match[2])
    if match := _UNDER.match(band):
        return years < int(match[1])
    if match := _OVER.match(band):
        return years > int(match[1])
    return False


def _number(typed: str) -> int | None:
    """A whole number as people type it in front of a list ("3", "3.", "3)"); None for all else."""
    match = _NUMBER.match(typed.strip())
    return int(match[1]) if match else None


def _plain(words: str) -> str:
    """Lower case, letters and digits only, single spaces: how something is typed doesn't matter.

    An apostrophe joins ("doesn't" and "doesnt" are the same), anything else parts.
    """
    joined = re.sub(r"['’‘`]", "", words.casefold())
    return " ".join(re.sub(r"[\W_]+", " ", joined).split())
