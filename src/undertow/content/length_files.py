"""How long the check is for typical people, from its simulation's file; simulating is left to `measure`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from undertow.errors import InstrumentError

SECONDS_PER_ITEM = 8
"""Reading one short sentence and tapping an answer: our assumption, not yet measured with people."""
SECONDS_BEFORE_ITEMS = 40
"""The notice and three fact screens: our assumption as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalLength:
    """Items asked over simulated sittings of the reference population, and the bank they ran on.

    The sittings are those that people get, scored with the wording drift that the bank carries.
    """

    bank_checksum: str
    sittings: int
    items_low: int
    items_median: int
    items_high: int
    stops: Mapping[str, int]

    @property
    def minutes(self) -> int:
        """Minutes of a typical sitting, to the nearest whole one."""
        return round((self.items_median * SECONDS_PER_ITEM + SECONDS_BEFORE_ITEMS) / 60)


def load_typical_length(path: Path) -> TypicalLength:
    """Raises InstrumentError naming the file when it is missing or incomplete."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return TypicalLength(
            bank_checksum=str(data["bank_checksum"]),
            sittings=int(data["sittings"]),
            items_low=int(data["items_p10"]),
            items_median=int(data["items_median"]),
            items_high=int(data["items_p90"]),
            stops={str(reason): int(count) for reason, count in data["stops"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InstrumentError(
            file=path.name, key="file", rule="is missing or incomplete; make it with `make bank`"
        ) from None
