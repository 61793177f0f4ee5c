"""The whole recipe through to the files, for instruments of one dimension and of three."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.calibrate.making import zip_of
from tests.unit.calibrate.making_dimensions import (
    CORRELATION,
    DIMENSIONS,
    EACH,
    archive_csv,
    recipe_of,
)

from undertow.calibrate import Calibration, calibrate_archive, write_bank
from undertow.calibrate.card_fit import fit_lines
from undertow.calibrate.findings import findings_of

ROWS = 1300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Written:
    """A calibration with what was written of it."""

    made: Calibration
    bank: dict[str, Any]
    card: str
    folder: Path
    dimensions: tuple[str, ...]


@pytest.fixture(scope="module", params=[1, 3], ids=["one dimension", "three dimensions"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    dimensions = int(request.param)
    folder = tmp_path_factory.mktemp("whole")
    archive = folder / "made-up.zip"
    archive.write_bytes(zip_of(archive_csv(dimensions, ROWS, seed=7)))
    made = calibrate_archive(
        archive, recipe=recipe_of(dimensions), complete_cases=False, made_on="2026-11-24"
    )
    write_bank(made, folder / "my-age.json")
    return Written(
        made=made,
        bank=json.loads((folder / "my-age.json").read_text(encoding="utf-8")),
        card=(folder / "my-age.md").read_text(encoding="utf-8"),
        folder=folder,
        dimensions=DIMENSIONS[:dimensions],
    )


def test_a_tendency_to_agree_is_told_of_every_dimension(written: Written) -> None:
    tables = written.bank["agreeing"]
    assert len(tables) == len(written.dimensions)
    for name, table in zip(written.dimensions, tables, strict=True):
        for model in table["models"]:
            assert list(model["difference"]) == list(model["difference_errors"]) == [name]
            assert model["difference"][name] is not None
            assert model["difference_errors"][name] > 0
        assert {half["dimension"] for half in table["halves"]} == {name}
        assert {item["dimension"] for item in table["items"]} == {name}
        assert f"{name}, men less women (SD)" in written.card
        assert f"On {name} the gap (men less women) goes" in written.card


def test_correlations_between_blocks_have_their_errors(written: Written) -> None:
    if len(written.dimensions) == 1:
        assert "correlation_errors" not in written.bank
        return
    errors = np.array(written.bank["correlation_errors"])
    assert errors.shape == (3, 3)
    off = ~np.eye(3, dtype=bool)
    # Three items' worth of information a person: about (1 - r^2) / sqrt(N) and some more.
    assert np.all((errors[off] > 0.015) & (errors[off] < 0.06))
    found = np.array(written.bank["correlations"])
    assert np.abs(found - CORRELATION)[off].max() < 4 * errors[off].max()
    line = next(line for line in written.card.splitlines() if line.startswith("- correlations:"))
    assert line.count("(s.e. 0.0") == 3


def test_drift_is_pooled_over_the_families_of_all_blocks(written: Written) -> None:
    drift = written.bank["drift"]
    families = [["W1", "W2"], ["D1", "D2"]][: min(2, len(written.dimensions))]
    assert drift["families"] == families
    assert drift["gender_difference"] is not None
    # By hand from the file: log slopes of two pairs, and what is taken off is no more than that.
    slopes = {item["id"]: item["slope"] for item in written.bank["items"]}
    squares = [math.log(slopes[one] / slopes[two]) ** 2 / 2 for one, two in families]
    assert 0 < drift["log_slope"]["sd"] <= math.sqrt(sum(squares) / len(squares)) + 1e-4


def test_tests_of_items_are_adjusted_once_over_all_dimensions(written: Written) -> None:
    assert written.made.whole is not None
    gender = written.made.whole.grouping("gender")
    assert gender is not None
    tests = [one for block in gender.blocks for one in block.difs]
    assert len(tests) == EACH * len(written.dimensions)
    ranked = sorted(tests, key=lambda one: one.p)
    for place, one in enumerate(ranked):
        later = [own.p * len(tests) / (1 + at) for at, own in enumerate(ranked) if at >= place]
        assert one.p_adjusted == pytest.approx(min(1.0, *later), rel=1e-12)


def test_short_tests_are_told_with_pairs_or_without(written: Written) -> None:
    whole = written.made.whole
    assert whole is not None
    alone = replace(whole, findings=tuple(replace(own, pairs=()) for own in whole.findings))
    wanted = sum(len(own.short) for own in whole.findings)
    assert wanted > 0
    for found, pairs in ((whole, True), (alone, False)):
        lines = list(fit_lines(replace(written.made, whole=found)))
        assert sum(line.startswith("- A test of the ") for line in lines) == wanted
        assert any(line.startswith("No pair of items goes together") for line in lines) is not pairs
        # A list needs a blank line before it.
        first = next(at for at, line in enumerate(lines) if line.startswith("- A test of the "))
        assert lines[first - 1] == ""


def test_each_picture_stands_under_its_own_grouping(written: Written) -> None:
    sections = written.card.split("\n### ")[1:]
    names = {"Men and women": "gender", "Ages": "age"}
    shown = []
    for section in sections:
        title = section.splitlines()[0]
        own = re.findall(r"\]\((\S+\.svg)\)", section)
        shown += own
        # The bank's own name holds "-age", too.
        assert own
        assert all(name.startswith(f"my-age-{names[title]}") for name in own)
    assert sorted(shown) == sorted(path.name for path in written.folder.glob("*.svg"))
    assert len(shown) == len(set(shown))


def test_files_have_words_and_texts_have_names(written: Written) -> None:
    bank = written.bank
    assert bank["dif"]["gender"]["groups"] == ["man", "woman"]
    assert {tuple(item["between"]) for item in bank["dif"]["gender"]["items"]} == {("man", "woman")}
    assert all(list(table["groups"]) == ["man", "woman"] for table in bank["by_group"]["gender"])
    assert all(table["groups"] == ["man", "woman"] for table in bank["agreeing"])
    for table in bank["fairness"]["gender"]:
        assert table["groups"] == ["man", "woman"]
        for dimension in table["dimensions"].values():
            rules = [rule["rule"] for rule in dimension["rules"]]
            assert rules[-2:] == ["leaning to man", "leaning to woman"]
            assert set(dimension["rules"][0]["tests"][0]["bias"]) == {"man", "woman"}
    assert "leaning to men" in written.card
    assert not re.search(r"\b(man|woman)\b", written.card)
    for path in written.folder.glob("*.svg"):
        assert not re.search(r"\b(man|woman)\b", path.read_text(encoding="utf-8"))


def test_what_is_not_told_names_its_dimension(written: Written) -> None:
    assert written.made.whole is not None
    several = len(written.dimensions) > 1
    block = written.made.whole.findings[0].block
    few = replace(
        block,
        sides=(
            replace(block.sides[0], indicators=block.sides[0].indicators[:20]),
            replace(block.sides[1], indicators=block.sides[1].indicators[:20]),
        ),
    )
    about = f"On {written.dimensions[0]}: " if several else ""
    found = findings_of(
        few,
        written.made.whole.findings[0].parameters,
        names=[f"W{n}" for n in range(6)],
        about=about,
    )
    assert found.unsaid
    assert all(words.startswith(about) for words in found.unsaid)
    assert any(words.startswith(f"{about}Model fit needs") for words in found.unsaid)
    assert len(set(written.made.whole.all_unsaid)) == len(written.made.whole.all_unsaid)


def test_a_sentence_on_what_is_not_told_says_it_once(calibration: Calibration) -> None:
    # One reversed item a dimension is too few to tell agreeing from the place.
    assert calibration.whole is not None
    told = [words for words in calibration.whole.all_unsaid if "tendency" in words]
    assert len(told) == 1
    assert told[0].startswith("A tendency to agree can't be told from the place itself here")
    assert told[0].count("tendency to agree") == 1
