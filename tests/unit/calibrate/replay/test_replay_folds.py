"""Which archive is the bank's own, and what fitting a bank anew changes and leaves."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.calibrate.making import csv_of, made_up_recipe, simulated_answers, zip_of
from tests.unit.calibrate.making_replay import MEN, WOMEN, answers_of, planted_bank

from undertow.bank.calibrated import DependentPair
from undertow.calibrate.archive import read_archive
from undertow.calibrate.replay_folds import Training, folds_asked, refitted
from undertow.errors import ArchiveError, InputError

DATA = csv_of(simulated_answers(20, seed=3))


def test_the_digest_is_that_of_the_answers_however_they_are_packed(tmp_path: Path) -> None:
    own = made_up_recipe()
    (tmp_path / "packed.zip").write_bytes(zip_of(DATA))
    (tmp_path / "stored.zip").write_bytes(zip_of(DATA, name="elsewhere/data.csv", packing=0))
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "data.csv").write_bytes(DATA)
    found = {
        read_archive(tmp_path / one, own).data_sha256
        for one in ("packed.zip", "stored.zip", "folder")
    }
    assert found == {hashlib.sha256(DATA).hexdigest()}
    more = csv_of(simulated_answers(21, seed=3))
    (tmp_path / "folder" / "deep" / "data.csv").write_bytes(more)
    digest = read_archive(tmp_path / "folder", own).data_sha256
    assert digest == hashlib.sha256(more).hexdigest() not in found


@pytest.mark.parametrize(
    ("asked", "made_of", "folds", "why"),
    [
        ("auto", "abc", 5, "made from these answers"),
        ("auto", "sha256:abc", 5, "made from these answers"),
        ("auto", "other", 0, "made from other answers"),
        ("auto", None, 5, "does not say"),
        ("auto", 7, 5, "does not say"),
        ("0", "abc", 0, "asked for"),
        ("5", "other", 5, "asked for"),
    ],
)
def test_when_there_are_folds(asked: str, made_of: object, folds: int, why: str) -> None:
    count, said = folds_asked(asked, made_of=made_of, sha256="abc")
    assert count == folds
    assert why in said


@pytest.mark.parametrize("asked", ["1", "ten", "", "-5"])
def test_other_folds_are_refused(asked: str) -> None:
    with pytest.raises(InputError, match="auto, 0 or 5"):
        folds_asked(asked, made_of=None, sha256="abc")


# ---- fitting anew ---------------------------------------------------------------------------------


def training(rows: int, *, seed: int) -> Training:
    bank = planted_bank()
    genders = np.where(np.arange(rows) % 2, MEN, WOMEN)
    answers = answers_of(bank, genders, np.random.default_rng(seed))
    keying = np.array([item.keying for item in bank.items])
    keyed = np.where(keying == 1, answers - 1, 4 - answers).astype(np.int8)
    return Training(keyed=keyed, gender=np.where(genders == MEN, "man", "woman"))


def test_a_bank_fitted_anew_finds_the_figures_that_made_the_answers() -> None:
    """6,000 people: a slope of 1.2 is known to .03, one of 2.4 to .06, a threshold to .03."""
    bank = planted_bank()
    made = refitted(bank, training(6000, seed=3))
    for before, after in zip(bank.items, made.items, strict=True):
        assert (after.id, after.keying, after.dimension) == (
            before.id,
            before.keying,
            before.dimension,
        )
        for own, true in zip(after.by_group, before.by_group, strict=True):
            assert own.group == true.group
            assert own.slope == pytest.approx(true.slope, rel=0.15)
            places = [-d / own.slope for d in own.intercepts]
            assert places == pytest.approx([-d / true.slope for d in true.intercepts], abs=0.15)
    # Men look lower on both where groups are not known; within groups nothing goes together.
    assert made.group_correlation == pytest.approx(0.0, abs=0.06)
    assert made.correlation > 0.03
    assert made.borders == pytest.approx((0.0, 0.0), abs=0.06)


def test_items_that_do_not_differ_stay_equal_and_the_others_free() -> None:
    bank = planted_bank()
    made = refitted(bank, training(1500, seed=4))
    for before, after in zip(bank.items, made.items, strict=True):
        men, women = ((one.slope, one.intercepts) for one in before.by_group)
        own_men, own_women = ((one.slope, one.intercepts) for one in after.by_group)
        assert (own_men == own_women) is (men == women)


def test_other_people_give_other_figures() -> None:
    one, other = (refitted(planted_bank(), training(1500, seed=seed)) for seed in (5, 6))
    assert one.items[0].slope != other.items[0].slope
    assert one.borders != other.borders
    assert not np.array_equal(one.norms[0].cdf, other.norms[0].cdf)


def test_pairs_come_anew_and_only_where_there_were_some() -> None:
    bank = planted_bank()
    rows = training(1500, seed=7)
    # Two items answered as one by everyone go together; the pair of before does not.
    keyed = rows.keyed.copy()
    keyed[:, 6] = keyed[:, 5]
    keyed[::5, 6] = rows.keyed[::5, 6]
    paired = replace(bank, pairs=(DependentPair(first="a7", second="a8", dependence=0.4),))
    found = refitted(paired, Training(keyed=keyed, gender=rows.gender)).pairs
    assert [{one.first, one.second} for one in found] == [{"a5", "a6"}]
    assert refitted(bank, Training(keyed=keyed, gender=rows.gender)).pairs == ()


def test_a_bank_without_groups_gets_none() -> None:
    bank = planted_bank()
    pooled = replace(
        bank, items=tuple(replace(item, by_group=()) for item in bank.items), group_correlation=None
    )
    made = refitted(pooled, training(1500, seed=8))
    assert made.groups == ()
    assert made.group_correlation is None


def test_too_few_to_fit_anew() -> None:
    rows = training(40, seed=9)
    few = Training(keyed=np.minimum(rows.keyed, 2).astype(np.int8), gender=rows.gender)
    with pytest.raises(ArchiveError, match=r"too few answers of everyone.*--folds 0"):
        refitted(planted_bank(), few)


def test_too_few_of_a_group() -> None:
    rows = training(400, seed=10)
    keyed = rows.keyed.copy()
    keyed[rows.gender == "man"] = np.minimum(keyed[rows.gender == "man"], 2)
    with pytest.raises(ArchiveError, match="too few answers of group 'man'"):
        refitted(planted_bank(), Training(keyed=keyed, gender=rows.gender))
