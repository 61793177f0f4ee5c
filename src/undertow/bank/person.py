"""The few facts a person may state; what they change is left to `reading`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AgeBand(StrEnum):
    UNDER_18 = "under-18"
    FROM_18 = "18-24"
    FROM_25 = "25-34"
    FROM_35 = "35-44"
    FROM_45 = "45-54"
    FROM_55 = "55-80"
    OVER_80 = "over-80"
    UNSTATED = "unstated"


class Gender(StrEnum):
    MAN = "man"
    WOMAN = "woman"
    OTHER = "other"
    UNSTATED = "unstated"


class Relationship(StrEnum):
    NOW = "now"
    BEFORE = "before"
    NEVER = "never"
    RECENTLY_ENDED = "recently-ended"
    UNSTATED = "unstated"


OWN_WORDS_LIMIT = 40
"""Characters of a gender in one's own words; short so that a sitting fits its cookie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a person said about themselves. Everything may be left unstated."""

    age_band: AgeBand = AgeBand.UNSTATED
    gender: Gender = Gender.UNSTATED
    gender_own_words: str = ""
    relationship: Relationship = Relationship.UNSTATED
    partner_word: str = "partner"
