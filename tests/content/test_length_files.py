"""How long the check is said to be: the shipped file, and files that cannot be used."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from undertow.content.length_files import load_typical_lengths
from undertow.errors import InstrumentError
from undertow.measure.fair import Length
from undertow.wiring import TYPICAL_LENGTH, built_in_bank, built_in_instrument, offered_tests

USUAL: dict[str, Any] = {
    "items_p10": 12,
    "items_median": 16,
    "items_p90": 20,
    "stops": {"length": 3, "precise": 7},
}
WHOLE: dict[str, Any] = {
    "bank_checksum": "sha256:made-up",
    "sittings": 10,
    "lengths": {
        "usual": USUAL,
        "short": {"items_p10": 9, "items_median": 10, "items_p90": 12, "stops": {"length": 10}},
    },
}


def file_with(folder: Path, data: object) -> Path:
    path = folder / "length.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_the_shipped_one_was_made_on_the_shipped_bank() -> None:
    tests = offered_tests(built_in_instrument(), built_in_bank())
    lengths = load_typical_lengths(TYPICAL_LENGTH)

    assert lengths.bank_checksum == tests.bank.checksum
    # Every length that is offered, each within what it may ask.
    assert tuple(lengths.by_length) == tests.lengths == tuple(Length)
    for length, form in lengths.by_length.items():
        assert 8 <= form.items_low <= form.items_median <= form.items_high <= tests.most(length)
        assert sum(form.stops.values()) == lengths.sittings
    assert lengths.usual is lengths.by_length[Length.USUAL]
    assert lengths.by_length[Length.FULL].items_low == 36


def test_the_shipped_one_tells_both_with_and_without_drift() -> None:
    data = json.loads(TYPICAL_LENGTH.read_text(encoding="utf-8"))
    assert data["carried_drift"]
    for form in data["lengths"].values():
        for figures in (form, form["without_drift"]):
            assert figures["items_p10"] <= figures["items_mean"] <= figures["items_p90"]
            assert sum(figures["stops"].values()) == data["sittings"]


def test_minutes_by_hand(tmp_path: Path) -> None:
    lengths = load_typical_lengths(file_with(tmp_path, WHOLE))
    # (16 items * 8 s + 40 s) / 60 = 2.8; (10 * 8 + 40) / 60 = 2
    assert lengths.usual.minutes == 3
    assert lengths.by_length[Length.SHORT].minutes == 2


def test_what_sittings_would_be_with_sure_figures_is_not_what_people_are_told(
    tmp_path: Path,
) -> None:
    data = copy.deepcopy(WHOLE)
    data["lengths"]["usual"]["without_drift"] = {
        "items_p10": 8,
        "items_median": 9,
        "items_p90": 10,
        "stops": {"precise": 10},
    }

    usual = load_typical_lengths(file_with(tmp_path, data)).usual

    assert (usual.items_low, usual.items_median, usual.items_high) == (12, 16, 20)


@pytest.mark.parametrize("lacking", sorted(WHOLE))
def test_a_file_that_lacks_something(tmp_path: Path, lacking: str) -> None:
    path = file_with(tmp_path, {key: value for key, value in WHOLE.items() if key != lacking})

    with pytest.raises(InstrumentError, match=r"length\.json.*make bank"):
        load_typical_lengths(path)


@pytest.mark.parametrize("lacking", sorted(USUAL))
def test_a_length_that_lacks_something(tmp_path: Path, lacking: str) -> None:
    data = copy.deepcopy(WHOLE)
    del data["lengths"]["usual"][lacking]

    with pytest.raises(InstrumentError, match=r"length\.json.*incomplete"):
        load_typical_lengths(file_with(tmp_path, data))


@pytest.mark.parametrize("lengths", [{"short": USUAL}, {"usual": USUAL, "endless": USUAL}, []])
def test_lengths_that_are_none(tmp_path: Path, lengths: object) -> None:
    path = file_with(tmp_path, {**WHOLE, "lengths": lengths})

    with pytest.raises(InstrumentError, match=r"length\.json.*install the questionnaire again"):
        load_typical_lengths(path)
