"""Help lines and the note that goes with every page and report; where they are shown is left to the edges."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from undertow.errors import InstrumentError


class HelpStatus(StrEnum):
    VERIFIED = "verified"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpLine:
    """One way to reach a person. Raises InstrumentError when nothing could be called or opened."""

    id: str
    region: str
    name: str
    say: str
    """The line in words, as it is shown everywhere: what to do, for whom, where."""
    call: str = ""
    text: str = ""
    web: str = ""
    source: str
    source_date: str
    status: HelpStatus

    def __post_init__(self) -> None:
        if not (self.call or self.text or self.web):
            raise InstrumentError(
                file="help", key=self.id, rule="needs a number to call or text, or a web address"
            )
        for key in ("say", "source", "source_date"):
            if not getattr(self, key).strip():
                raise InstrumentError(file="help", key=f"{self.id}.{key}", rule="is empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpNote:
    """What stands in the same place on every page, screen and report (SAFETY P3)."""

    lead: str
    lines: tuple[HelpLine, ...]
    not_a_diagnosis: str

    def __post_init__(self) -> None:
        if not any(line.status is HelpStatus.VERIFIED for line in self.lines):
            raise InstrumentError(
                file="help", key="lines", rule="needs at least one verified help line"
            )
        if not self.not_a_diagnosis.strip():
            raise InstrumentError(file="help", key="not_a_diagnosis", rule="is empty")
