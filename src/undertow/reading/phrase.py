"""Sentences as data with the condition under which each may be said; choosing one is left to `position`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from undertow.errors import InstrumentError
from undertow.reading.texts import Texts


class Side(StrEnum):
    """Where a place lies against a share of the named norm."""

    ABOVE = "above"
    BELOW = "below"
    BETWEEN = "between"
    UNCLEAR = "unclear"
    TOO_FEW = "too-few"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePhrase:
    """What may be said of one dimension when P(place on that side of the shares) is large enough.

    `shares` holds one border (above, below), two (between) or none.
    """

    id: str
    dimension: str
    side: Side
    shares: tuple[float, ...]
    at_least: float
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionPhrase:
    """What may be said of a part of the plane when it holds at least `at_least` of the mass.

    `headline_near` is for a place in the middle half of the sample: on one side, but not by much.
    `text` says what such a place can look like; `text_certainty` how well that is known, which is
    something else than how sure we are of the place.
    """

    id: str
    anxiety: Side
    avoidance: Side
    at_least: float
    headline: str
    headline_near: str
    text: str
    text_certainty: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPhrase:
    """Something to do next: for whom (empty tuples mean anyone), and how well it is supported."""

    id: str
    anxiety: tuple[Side, ...]
    avoidance: tuple[Side, ...]
    relationship: tuple[str, ...]
    text: str
    certainty: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertaintyWord:
    """The words for a probability of at least this much."""

    at_least: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """Everything that a report may say, in one language.

    `texts` are the fixed sentences by id, with named placeholders.
    Raises InstrumentError when a list that every reading needs is empty.
    """

    language: str
    places: tuple[PlacePhrase, ...]
    regions: tuple[RegionPhrase, ...]
    steps: tuple[StepPhrase, ...]
    certainties: tuple[CertaintyWord, ...]
    texts: Texts

    def __post_init__(self) -> None:
        for key in ("places", "regions", "steps", "certainties"):
            if not getattr(self, key):
                raise InstrumentError(file="phrases", key=key, rule="needs at least one entry")

    def say(self, text_id: str, **values: object) -> str:
        """A fixed sentence with its values filled in. Raises InstrumentError when it is not there."""
        return self.texts.say(text_id, **values)

    def certainty_words(self, probability: float) -> str:
        """The words for a probability; the list runs from the surest down and ends at 0."""
        for word in self.certainties:
            if probability >= word.at_least:
                return word.words
        raise InstrumentError(
            file="phrases", key="certainties", rule="needs a last entry with at_least = 0"
        )
