"""How long the check is said to be: the shipped file, and files that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from undertow.content.length_files import load_typical_length
from undertow.errors import InstrumentError
from undertow.measure.stop import StopRule
from undertow.wiring import TYPICAL_LENGTH, built_in_bank

WHOLE = {
    "bank_checksum": "sha256:made-up",
    "sittings": 10,
    "items_p10": 12,
    "items_median": 16,
    "items_p90": 20,
    "stops": {"length": 3, "precise": 7},
}


def file_with(folder: Path, data: object) -> Path:
    path = folder / "length.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_the_shipped_one_was_made_on_the_shipped_bank() -> None:
    length = load_typical_length(TYPICAL_LENGTH)

    assert length.bank_checksum == built_in_bank().checksum
    assert 8 <= length.items_low <= length.items_median <= length.items_high <= StopRule().most
    assert sum(length.stops.values()) == length.sittings


def test_minutes_by_hand(tmp_path: Path) -> None:
    # (16 items * 8 s + 40 s) / 60 = 2.8
    assert load_typical_length(file_with(tmp_path, WHOLE)).minutes == 3


def test_what_sittings_would_be_with_sure_figures_is_not_what_people_are_told(
    tmp_path: Path,
) -> None:
    sure = {"items_p10": 8, "items_median": 9, "items_p90": 10, "stops": {"precise": 10}}

    length = load_typical_length(file_with(tmp_path, {**WHOLE, "without_drift": sure}))

    assert (length.items_low, length.items_median, length.items_high) == (12, 16, 20)


@pytest.mark.parametrize("lacking", sorted(WHOLE))
def test_a_file_that_lacks_something(tmp_path: Path, lacking: str) -> None:
    path = file_with(tmp_path, {key: value for key, value in WHOLE.items() if key != lacking})

    with pytest.raises(InstrumentError, match=r"length\.json.*make bank"):
        load_typical_length(path)
