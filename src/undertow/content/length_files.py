"""How long the check is for typical people, from its simulation's file; simulating is left to `measure`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from undertow.errors import InstrumentError
from undertow.measure.fair import Length

SECONDS_PER_ITEM = 8
"""Reading one short sentence and tapping an answer: our assumption, not yet measured with people."""
SECONDS_BEFORE_ITEMS = 40
"""The notice and three fact screens: our assumption as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalLength:
    """Items asked over simulated sittings of one length, of the reference population.

    The sittings are those that people get, scored with the wording drift that the bank carries.
    """

    items_low: int
    items_median: int
    items_high: int
    stops: Mapping[str, int]

    @property
    def minutes(self) -> int:
        """Minutes of a typical sitting, to the nearest whole one."""
        return round((self.items_median * SECONDS_PER_ITEM + SECONDS_BEFORE_ITEMS) / 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalLengths:
    """The lengths that a check offers, the usual one first, and the bank they were simulated on."""

    bank_checksum: str
    sittings: int
    by_length: Mapping[Length, TypicalLength]

    @property
    def usual(self) -> TypicalLength:
        return self.by_length[Length.USUAL]


def load_typical_lengths(path: Path) -> TypicalLengths:
    """Raises InstrumentError naming the file when it is missing or incomplete."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        lengths = TypicalLengths(
            bank_checksum=str(data["bank_checksum"]),
            sittings=int(data["sittings"]),
            by_length={
                Length(name): TypicalLength(
                    items_low=int(form["items_p10"]),
                    items_median=int(form["items_median"]),
                    items_high=int(form["items_p90"]),
                    stops={str(reason): int(count) for reason, count in form["stops"].items()},
                )
                for name, form in data["lengths"].items()
            },
        )
        # Without the usual one there is nothing to tell on the start page.
        lengths.usual  # noqa: B018
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InstrumentError(
            file=path.name,
            key="file",
            rule="is missing or incomplete; make it with `make bank`, or install the questionnaire again",
        ) from None
    return lengths
