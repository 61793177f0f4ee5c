"""The whole replay of a made-up archive: whose answers, which test, which standards, which tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.calibrate.making_replay import recipe_of
from tests.unit.calibrate.replay.conftest import KIND, MadeUp

import undertow.calibrate.replay as replay_module
from undertow.bank.calibrated import Bank
from undertow.bank.responses import Answer
from undertow.calibrate.archive import read_archive
from undertow.calibrate.replay import Replay, replay_archive
from undertow.calibrate.replay_folds import Training, refitted
from undertow.calibrate.replay_table import (
    PEOPLE_COLUMNS,
    lines_of,
    people_csv,
    table_of,
    write_people,
)
from undertow.calibrate.workers import Mapper
from undertow.errors import InputError
from undertow.measure.fair import fair_test, plain_test
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior
from undertow.measure.session import Ask, Session, advance
from undertow.measure.stop import StopRule


def again(made_up: MadeUp, **changes: Any) -> Replay:
    chosen: dict[str, Any] = {
        "recipe": made_up.recipe,
        "folds": "0",
        "bank": made_up.bank,
    } | changes
    return replay_archive(made_up.archive, chosen.pop("bank"), chosen.pop("kind", KIND), **chosen)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# ---- who and how ----------------------------------------------------------------------------------


def test_adults_with_every_item_are_replayed(made_up: MadeUp, replayed: Replay) -> None:
    whole = (made_up.answers > 0).all(axis=1) & (made_up.ages >= 18)
    assert replayed.people.rows.tolist() == np.flatnonzero(whole).tolist()
    assert replayed.rows_read == 700


@pytest.mark.parametrize("gender", ["man", "woman", "other", "unstated"])
@pytest.mark.parametrize("plain", [False, True], ids=["fair", "plain"])
def test_a_sitting_is_one_that_is_answered_question_by_question(
    made_up: MadeUp, replayed: Replay, gender: str, plain: bool
) -> None:
    from undertow.bank.person import Gender  # noqa: PLC0415

    bank, people = made_up.bank, replayed.people
    rule = StopRule(psd=1e-6, most=KIND.items)
    test = (
        plain_test(bank, rule=rule, drift=False)
        if plain
        else fair_test(bank, gender=Gender(gender), rule=rule, drift=False)
    )
    taken = replayed.outcome.tests[1 if plain else 0]
    for at in np.flatnonzero(people.gender == gender)[:2]:
        session = Session(test=test)
        while isinstance(step := session.step(), Ask):
            category = int(people.shown[at][test.model.index(step.item_id)])
            session = advance(session, Answer(item_id=step.item_id, category=category))
        asked = {one.item_id for one in session.answers}
        assert asked == {
            item.id for item, was in zip(bank.items, taken.asked[at], strict=True) if was
        }
        estimate = session.posterior().estimate()
        assert taken.places.means[at] == pytest.approx(estimate.mean, abs=1e-9)
        assert taken.places.psd[at] == pytest.approx(estimate.psd, abs=1e-9)


@pytest.mark.parametrize(
    ("gender", "groups"),
    [("man", ("man",)), ("woman", ("woman",)), ("other", ("man", "woman"))],
)
def test_the_standard_is_from_all_answers_under_ones_own_groups_figures(
    made_up: MadeUp, replayed: Replay, gender: str, groups: tuple[str, ...]
) -> None:
    bank, people = made_up.bank, replayed.people
    at = int(np.flatnonzero(people.gender == gender)[0])
    answers = tuple(
        Answer(item_id=item.id, category=int(category))
        for item, category in zip(bank.items, people.shown[at], strict=True)
    )
    full = posterior(model_of(bank, groups=groups), answers).estimate()
    assert replayed.outcome.full.means[at] == pytest.approx(full.mean, abs=1e-9)
    blind = posterior(model_of(bank), answers).estimate()
    assert replayed.outcome.blind.means[at] == pytest.approx(blind.mean, abs=1e-9)
    asked = replayed.outcome.tests[0].asked[at]
    left = tuple(one for one, was in zip(answers, asked, strict=True) if not was)
    rest = posterior(model_of(bank, groups=groups), left).estimate()
    assert replayed.outcome.rests[0].means[at] == pytest.approx(rest.mean, abs=1e-9)
    assert replayed.outcome.rests[0].psd[at] == pytest.approx(rest.psd, abs=1e-9)


def test_hidden_takes_the_test_as_unstated_and_knows_the_standard_all_the_same(
    made_up: MadeUp, replayed: Replay
) -> None:
    hidden = again(made_up, hidden=True)
    assert np.array_equal(hidden.outcome.full.means, replayed.outcome.full.means)
    # Others sit beside them in a batch, so that sums may be made in another order.
    assert hidden.outcome.tests[1].places.means == pytest.approx(
        replayed.outcome.tests[1].places.means, abs=1e-9
    )
    stated = np.isin(replayed.people.gender, ["man", "woman"])
    own, others = (one.outcome.tests[0].places.means for one in (hidden, replayed))
    assert own[~stated] == pytest.approx(others[~stated], abs=1e-9)
    assert (np.abs(own - others)[stated].max(axis=1) > 1e-6).mean() > 0.9
    assert table_of(hidden)["gender"] == "hidden"
    # Nobody's gender is lost from the list by that.
    assert {row["gender"] for row in rows_of(people_csv(hidden))} == {
        *("man", "woman", "other", "unstated")
    }


def test_plain_is_compared_with_nothing(made_up: MadeUp, replayed: Replay) -> None:
    plain = again(made_up, kind=KIND.in_plain)
    assert len(plain.outcome.tests) == 1
    assert np.array_equal(
        plain.outcome.tests[0].places.means, replayed.outcome.tests[1].places.means
    )
    table: Mapping[str, Any] = table_of(plain)
    assert table["plain"] is True
    assert "against_plain" not in table["dimensions"]["anxiety"]
    # What the fair test was held against is what the plain one finds of itself.
    fair: Mapping[str, Any] = table_of(replayed)
    for dimension in ("anxiety", "avoidance"):
        against = fair["dimensions"][dimension]["against_plain"]
        own = plain.sections["group_aware"][dimension].own["bias"].value
        assert [against[g]["bias_plain"] for g in ("man", "woman")] == pytest.approx(own, abs=1e-6)


def test_stopping_early_is_told_by_reason(made_up: MadeUp, replayed: Replay) -> None:
    early = again(made_up, kind=replace(KIND, early_stop=True, items=18))
    table: Mapping[str, Any] = table_of(early)
    assert sum(table["stops"].values()) == pytest.approx(1.0, abs=1e-5)
    assert set(table["stops"]) <= {"precise", "settled", "length", "exhausted"}
    assert table_of(replayed)["stops"] == {}


# ---- whose parameters -----------------------------------------------------------------------------


def from_these(made_up: MadeUp) -> Bank:
    digest = read_archive(made_up.archive, made_up.recipe).data_sha256
    return replace(made_up.bank, provenance={"sample": {"data_sha256": digest}})


def test_the_banks_own_archive_is_replayed_in_folds(
    made_up: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody is replayed under figures that their answers made: the answers are all different."""
    trained: list[set[bytes]] = []
    served: list[Bank] = []

    def spied(bank: Bank, training: Training, *, mapper: Mapper) -> Bank:
        trained.append({row.tobytes() for row in training.keyed})
        served.append(refitted(bank, training, mapper=mapper))
        return served[-1]

    monkeypatch.setattr(replay_module, "refitted", spied)
    made = again(made_up, folds="auto", bank=from_these(made_up))
    assert (made.folds.count, len(trained)) == (5, 5)
    people = [row.tobytes() for row in made.people.keyed]
    assert len(set(people)) == len(people)
    # Those whom cleaning leaves out made no figures at all.
    without = np.array([sum(row not in others for others in trained) for row in people])
    assert set(without.tolist()) <= {1, 5}
    assert (without == 1).mean() > 0.9
    # And each is placed by just the bank that their answers had no part in.
    for at in np.flatnonzero(without == 1)[::37]:
        (own,) = (
            bank for bank, others in zip(served, trained, strict=True) if people[at] not in others
        )
        groups = tuple(g for g in own.groups if g == made.people.gender[at]) or own.groups
        answers = tuple(
            Answer(item_id=item.id, category=int(category))
            for item, category in zip(own.items, made.people.shown[at], strict=True)
        )
        full = posterior(model_of(own, groups=groups), answers).estimate()
        assert made.outcome.full.means[at] == pytest.approx(full.mean, abs=1e-9)
    table = table_of(made)
    assert table["parameters"] == "five folds"
    assert table["parameters_because"] == "the bank was made from these answers"


def test_another_archive_is_replayed_under_the_bank_as_it_is(made_up: MadeUp) -> None:
    other = replace(made_up.bank, provenance={"sample": {"data_sha256": "0" * 64}})
    table = table_of(again(made_up, folds="auto", bank=other))
    assert table["parameters"] == "bank"
    assert table["parameters_because"] == "the bank was made from other answers"


# ---- tables ---------------------------------------------------------------------------------------


def test_json_is_made_again_from_the_list_of_people(replayed: Replay) -> None:
    """Every figure of the standard that counts follows from people.csv, by other means."""
    table: Mapping[str, Any] = json.loads(json.dumps(table_of(replayed), allow_nan=False))
    rows = [row for row in rows_of(people_csv(replayed)) if row["gender"] in ("man", "woman")]
    for dimension in ("anxiety", "avoidance"):
        short, psd, full, full_psd = (
            np.array([float(row[f"{dimension}{which}"]) for row in rows])
            for which in ("", "_psd", "_full", "_full_psd")
        )
        high, called = full > np.quantile(full, 0.84), short > np.quantile(short, 0.84)
        near = np.abs(short - full) <= 1.96 * np.sqrt(np.maximum(psd**2 - full_psd**2, 0.0))
        found = {}
        for word in ("man", "woman"):
            own = np.array([row["gender"] == word for row in rows])
            told = table["dimensions"][dimension][word]
            found[word] = called[own & high].mean()
            assert told["n"] == own.sum()
            assert told["bias"] == pytest.approx((short - full)[own].mean(), abs=2e-6)
            assert told["found"] == pytest.approx(found[word], abs=2e-6)
            assert told["specificity"] == pytest.approx((~called)[own & ~high].mean(), abs=2e-6)
            assert told["correlation"] == pytest.approx(
                np.corrcoef(short[own], full[own])[0, 1], abs=2e-6
            )
            assert told["nested_coverage_95"] == pytest.approx(near[own].mean(), abs=2e-6)
            assert told["psd_mean"] == pytest.approx(psd[own].mean(), abs=2e-6)
            assert told["items_mean"] == KIND.items
        gap = table["dimensions"][dimension]["gap"]
        assert gap == pytest.approx(100 * (found["woman"] - found["man"]), abs=1e-3)
    own_items = [table["dimensions"][d]["man"]["own_items_mean"] for d in ("anxiety", "avoidance")]
    assert sum(own_items) == pytest.approx(KIND.items, abs=1e-5)


def test_every_figure_has_its_error(replayed: Replay) -> None:
    table: Mapping[str, Any] = table_of(replayed)
    every = [table["dimensions"], *table["standards"].values()]
    for dimension in (one[d] for one in every for d in ("anxiety", "avoidance")):
        assert dimension["gap_se"] > 0
        for word in ("man", "woman"):
            for name in ("bias", "found", "specificity", "correlation"):
                assert dimension[word][f"{name}_se"] > 0
            against = dimension["against_plain"][word]
            low, high = against["interval_95"]
            assert low < against["bias_difference"] < high
            low, high = against["improvement_interval_95"]
            assert low < high
        assert len(dimension["against_plain"]["gap_improvement_interval_95"]) == 2


def test_the_other_standards_and_what_their_coverage_is_called(replayed: Replay) -> None:
    table: Mapping[str, Any] = table_of(replayed)
    assert set(table["standards"]) == {"raw_sum", "group_blind", "items_not_asked"}
    man = {name: one["anxiety"]["man"] for name, one in table["standards"].items()}
    assert man["raw_sum"]["nested_coverage_95"] is None
    assert man["group_blind"]["nested_coverage_95"] > 0.5
    assert man["items_not_asked"]["difference_coverage_95"] > 0.5
    assert "nested_coverage_95" not in man["items_not_asked"]


def test_a_test_that_asks_everything_leaves_no_items(made_up: MadeUp) -> None:
    whole = again(made_up, kind=replace(KIND, items=18))
    table: Mapping[str, Any] = table_of(whole)
    assert "items_not_asked" not in table["standards"]
    # Without pairs of near-duplicates the whole test is the standard.
    assert table["dimensions"]["avoidance"]["woman"]["bias"] == pytest.approx(0.0, abs=1e-6)
    assert table["dimensions"]["avoidance"]["woman"]["nested_coverage_95"] == 1.0


def test_by_everyone_there_is_no_gap(made_up: MadeUp) -> None:
    table: Mapping[str, Any] = table_of(again(made_up, by="everyone"))
    assert table["groups"] == ["everyone"]
    assert "gap" not in table["dimensions"]["anxiety"]
    assert table["dimensions"]["anxiety"]["everyone"]["n"] == table["rows_replayed"]


def test_lines_are_short_plain_and_have_every_group(replayed: Replay, made_up: MadeUp) -> None:
    early = again(made_up, kind=replace(KIND, early_stop=True), by="everyone")
    for made in (replayed, early):
        lines = list(lines_of(made))
        assert max(map(len, lines)) <= 80
        assert all(line.isascii() for line in lines)
    text = "\n".join(lines_of(replayed))
    for word in ("man", "woman", "anxiety", "avoidance", "raw sum", "gap", "plain"):
        assert word in text
    assert "ended: " in "\n".join(lines_of(early))


# ---- people.csv -----------------------------------------------------------------------------------


def test_people_come_back_from_the_file(made_up: MadeUp, replayed: Replay, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    write_people(replayed, path)
    rows = rows_of(path.read_text(encoding="utf-8"))
    assert tuple(rows[0]) == PEOPLE_COLUMNS
    assert ",".join(PEOPLE_COLUMNS) == (
        "row,gender,items,anxiety,anxiety_psd,avoidance,avoidance_psd,"
        "anxiety_full,anxiety_full_psd,avoidance_full,avoidance_full_psd"
    )
    words = {0: "unstated", 1: "man", 2: "woman", 3: "other"}
    for row, at in zip(rows, replayed.people.rows, strict=True):
        # Counted from 1 among the archive's rows: line at + 2 of its file.
        assert int(row["row"]) == at + 1
        assert row["gender"] == words[int(made_up.genders[at])]
        assert row["items"] == str(KIND.items)
    means = np.array([[float(row["anxiety"]), float(row["avoidance"])] for row in rows])
    assert means == pytest.approx(replayed.outcome.tests[0].places.means, abs=1e-6)
    psd = np.array(
        [[float(row[f"{d}_full_psd"]) for d in ("anxiety", "avoidance")] for row in rows]
    )
    assert psd == pytest.approx(replayed.outcome.full.psd, abs=1e-6)


def test_people_are_written_whole_or_not_at_all(replayed: Replay, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_people(replayed, tmp_path / "nowhere" / "people.csv")
    with pytest.raises(InputError):
        write_people(replayed, tmp_path)
    assert list(tmp_path.iterdir()) == []


# ---- what cannot be replayed ----------------------------------------------------------------------


@pytest.mark.parametrize("items", [7, 19, 0, -1])
def test_a_length_that_no_sitting_has(made_up: MadeUp, items: int) -> None:
    with pytest.raises(InputError, match=r"--items must be from 8.*to 18"):
        again(made_up, kind=replace(KIND, items=items))


def without_groups(bank: Bank) -> Bank:
    return replace(
        bank, items=tuple(replace(item, by_group=()) for item in bank.items), group_correlation=None
    )


def test_no_figures_by_group(made_up: MadeUp) -> None:
    with pytest.raises(InputError, match=r"no figures by group for man and woman.*--by everyone"):
        again(made_up, bank=without_groups(made_up.bank))
    table = table_of(again(made_up, bank=without_groups(made_up.bank), by="everyone"))
    assert table["groups"] == ["everyone"]


def test_no_gender_column(made_up: MadeUp) -> None:
    own = recipe_of(made_up.bank, with_gender=False)
    with pytest.raises(InputError, match="names no gender column"):
        again(made_up, recipe=own, by="gender")
    made = again(made_up, recipe=own)
    assert made.groups.words == ("everyone",)
    assert set(made.people.gender) == {"unstated"}
