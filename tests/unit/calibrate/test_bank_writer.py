"""Bank files on disk: whole or not at all, read back as they were, with a card that says its limits."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from undertow.calibrate import Calibration, Recipe, calibrate_archive, write_bank
from undertow.calibrate.bank_writer import bank_text
from undertow.calibrate.watch import Silent
from undertow.content.bank_files import load_bank_file
from undertow.errors import InputError


def test_what_is_written_is_read_back(
    tmp_path: Path, calibration: Calibration, content: Mapping[str, object]
) -> None:
    write_bank(calibration, tmp_path / "bank.json")
    bank = load_bank_file(tmp_path / "bank.json")
    parameters = calibration.fit
    order = [item.column for item in calibration.recipe.items]
    for item in bank.items:
        at = order.index(item.id)
        assert item.slope == pytest.approx(parameters.slope[at], abs=1e-6)
        assert item.intercepts == pytest.approx(tuple(parameters.intercepts[at]), abs=1e-6)
        assert item.dimension == calibration.recipe.items[at].dimension
        assert item.keying == calibration.recipe.items[at].keying
    assert bank.correlation == pytest.approx(calibration.correlation, abs=1e-6)
    assert bank.borders == pytest.approx(calibration.norms[0].place(0.5), abs=1e-5)
    assert [norm.name for norm in bank.norms] == [norm.name for norm in calibration.norms]
    for read, made in zip(bank.norms, calibration.norms, strict=True):
        assert np.allclose(read.cdf, made.cdf, atol=1e-5)
        assert (read.n, read.gender, read.age_band) == (made.n, made.gender, made.age_band)
    assert bank.checksum == content["checksum"]
    assert bank.provenance["made_on"] == "2026-11-24"


def test_items_stand_in_the_order_of_their_names(content: Mapping[str, object]) -> None:
    items = json.loads(bank_text(content))["items"]
    assert [item["id"] for item in items] == ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"]


def test_the_figures_beside_the_bank(calibration: Calibration) -> None:
    assert (calibration.rows_read, calibration.rows_used, calibration.items) == (900, 900, 8)
    assert calibration.converged
    assert calibration.iterations == calibration.fit.iterations > 1
    assert calibration.log_likelihood == calibration.fit.log_likelihood < 0
    assert calibration.seconds > 0


def test_the_text_is_the_content_with_numbers_on_one_line(content: Mapping[str, object]) -> None:
    text = bank_text(content)
    assert json.loads(text) == content
    lines = text.splitlines()
    own = text[text.index('"items"') : text.index('"sample"')].splitlines()
    assert sum('"intercepts": [' in line and "]" in line for line in own) == 2 * 8
    assert max(line.count("[") for line in lines) == 1


def test_two_runs_write_the_same_bytes(
    tmp_path: Path, archive: Path, recipe: Recipe, calibration: Calibration
) -> None:
    again = calibrate_archive(archive, recipe=recipe, complete_cases=False, made_on="2026-11-24")
    for name, made in (("one", calibration), ("two", again)):
        (tmp_path / name).mkdir()
        write_bank(made, tmp_path / name / "bank.json")
    written = files(tmp_path / "one")
    assert written == files(tmp_path / "two")
    assert {"bank.json", "bank.md", "bank-gender.svg"} <= written.keys()


def test_the_card_says_whose_answers_and_what_it_cannot_say(
    tmp_path: Path, calibration: Calibration, content: Mapping[str, object]
) -> None:
    write_bank(calibration, tmp_path / "bank.json")
    card = (tmp_path / "bank.md").read_text(encoding="utf-8")
    for part in (
        "# Made-up answers",
        "- licence: none needed",
        "- source: nowhere",
        f"- checksum of the bank's content: {content['checksum']}",
        "| rows in the archive | 900 | 0 |",
        f"- log-likelihood {calibration.log_likelihood:,.2f} of all answers together, evaluated on "
        "-6.5..6.5 by 0.1",
        "Only 1 of the 4 anxiety items is reversed, so that score is open to yes-saying",
        "shown for the original items and assumed for an adaptation",
        "change in size and can change in direction",
    ):
        assert part in card
    for item in calibration.recipe.items:
        assert f"\n| {item.column} | {item.dimension} | " in card


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_interrupt_while_fitting_leaves_no_file(
    tmp_path: Path, archive: Path, recipe: Recipe
) -> None:
    class Impatient(Silent):
        def cycle(self, number: int, log_likelihood: float, /) -> None:
            del log_likelihood
            if number == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_bank(
            calibrate_archive(
                archive,
                recipe=recipe,
                complete_cases=True,
                made_on="2026-11-24",
                progress=Impatient(),
            ),
            tmp_path / "bank.json",
        )
    assert files(tmp_path) == {}


@pytest.mark.parametrize("interrupted_at", [1, 2])
@pytest.mark.parametrize("there_before", [False, True])
def test_an_interrupt_while_writing_keeps_what_was_there(
    tmp_path: Path,
    calibration: Calibration,
    monkeypatch: pytest.MonkeyPatch,
    interrupted_at: int,
    there_before: bool,
) -> None:
    if there_before:
        (tmp_path / "bank.json").write_text("the bank before")
        (tmp_path / "bank.md").write_text("the card before")
    before = files(tmp_path)
    calls = 0

    def sync(_: int) -> None:
        nonlocal calls
        calls += 1
        if calls == interrupted_at:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(KeyboardInterrupt):
        write_bank(calibration, tmp_path / "bank.json")
    assert files(tmp_path) == before


def test_a_full_disk_is_one_error_and_keeps_what_was_there(
    tmp_path: Path, calibration: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot be written to"):
        write_bank(calibration, tmp_path / "bank.json")
    assert files(tmp_path) == {}


def test_a_place_that_is_no_good_is_refused(tmp_path: Path, calibration: Calibration) -> None:
    with pytest.raises(InputError, match="cannot be written to"):
        write_bank(calibration, tmp_path / "nowhere" / "bank.json")
    with pytest.raises(InputError, match="the card takes"):
        write_bank(calibration, tmp_path / "bank.md")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        write_bank(calibration, tmp_path / "folder.json")
    (tmp_path / "bank.md").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        write_bank(calibration, tmp_path / "bank.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bank.md", "folder.json"]


def test_others_may_read_what_was_written(tmp_path: Path, calibration: Calibration) -> None:
    write_bank(calibration, tmp_path / "bank.json")
    assert (tmp_path / "bank.json").stat().st_mode & 0o777 == 0o644
