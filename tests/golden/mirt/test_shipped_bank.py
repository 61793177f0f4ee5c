"""The shipped bank: what the committed recipe makes of the real sample, byte for byte."""

from __future__ import annotations

import re
import runpy
import zipfile
from pathlib import Path

import numpy as np
import pytest

from undertow.calibrate import BUILT_IN_RECIPE, calibrate_archive, load_recipe, write_bank
from undertow.content.bank_files import load_bank_file

BANKS = BUILT_IN_RECIPE.parent.parent / "banks"
SHIPPED, CARD = BANKS / "ecr-2018.json", BANKS / "ecr-2018.md"
REVERSED = {3, 15, 19, 22, 25, 27, 29, 31, 33, 35}
_WORDS = re.compile(r"[a-z']+")


def test_the_shipped_bank_is_whole_and_made_with_the_shipped_recipe() -> None:
    bank = load_bank_file(SHIPPED)
    recipe = bank.provenance["recipe"]
    assert recipe == {"id": "ecr-2018", "sha256": load_recipe(BUILT_IN_RECIPE).sha256}
    assert f"checksum of the bank's content: {bank.checksum}\n" in CARD.read_text("utf-8")
    assert [item.id for item in bank.items] == [f"Q{number}" for number in range(1, 37)]
    for number, item in enumerate(bank.items, start=1):
        assert item.dimension == ("avoidance" if number % 2 else "anxiety")
        assert item.keying == (-1 if number in REVERSED else 1)
        assert item.categories == 5


def test_its_groups_are_adults_by_gender_and_age() -> None:
    norms = load_bank_file(SHIPPED).norms
    ages = ["18-24", "25-34", "35-44", "45-54", "55-80"]
    places = [(norm.gender, norm.age_band) for norm in norms]
    assert places == [
        (None, None),
        ("man", None),
        ("woman", None),
        *((None, age) for age in ages),
        *((gender, age) for gender in ("man", "woman") for age in ages),
    ]
    by_place = dict(zip(places, norms, strict=True))
    assert all(norm.n >= 300 for norm in norms)
    # Every adult states an age, so the bands are all of them; some are neither man nor woman.
    assert sum(by_place[None, age].n for age in ages) == norms[0].n
    assert by_place["man", None].n + by_place["woman", None].n < norms[0].n
    for gender in ("man", "woman"):
        assert sum(by_place[gender, age].n for age in ages) == by_place[gender, None].n


def test_its_borders_are_the_medians_of_the_pooled_adults() -> None:
    bank = load_bank_file(SHIPPED)
    for border, row in zip(bank.borders, bank.norms[0].cdf, strict=True):
        assert np.interp(border, bank.norms[0].theta, row) == pytest.approx(0.5, abs=1e-4)


@pytest.mark.real_data
def test_making_it_again_gives_the_same_bytes(tmp_path: Path, ecr_sample: Path) -> None:
    made_on = runpy.run_path(str(BANKS.parents[3] / "scripts" / "make_bank"))["MADE_ON"]
    made = calibrate_archive(
        ecr_sample, recipe=load_recipe(BUILT_IN_RECIPE), complete_cases=False, made_on=made_on
    )
    write_bank(made, tmp_path / "ecr-2018.json")
    assert (tmp_path / "ecr-2018.json").read_bytes() == SHIPPED.read_bytes()
    assert (tmp_path / "ecr-2018.md").read_bytes() == CARD.read_bytes()


@pytest.mark.real_data
def test_no_wording_of_the_archive_is_in_what_is_shipped(ecr_sample: Path) -> None:
    with zipfile.ZipFile(ecr_sample) as archive:
        name = next(n for n in archive.namelist() if n.endswith("codebook.html"))
        codebook = archive.read(name).decode("utf-8", "replace")
    theirs = runs_of_words(re.sub(r"<[^>]*>", " ", codebook))
    assert len(theirs) > 300
    for path in (SHIPPED, CARD, BUILT_IN_RECIPE):
        assert not theirs & runs_of_words(path.read_text(encoding="utf-8")), path.name


def runs_of_words(text: str) -> set[tuple[str, ...]]:
    """Every five words in a row."""
    words = _WORDS.findall(text.lower())
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}
