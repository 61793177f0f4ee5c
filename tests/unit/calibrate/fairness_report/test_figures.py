"""The report's figures are a replay's of the same test, and what a replay does not tell is worked out anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.calibrate.fairness_report.conftest import Told

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.calibrate.fairness_report import fairness_report
from undertow.calibrate.fairness_report_figures import told_of
from undertow.calibrate.fairness_report_information import information_by_group
from undertow.calibrate.fairness_report_taking import Cell
from undertow.calibrate.replay import Replay, replay_archive
from undertow.calibrate.replay_folds import Training, refitted
from undertow.calibrate.replay_sections import GROUP_AWARE, Section
from undertow.calibrate.replay_taking import Kind
from undertow.calibrate.workers import Mapper
from undertow.errors import InputError
from undertow.measure.grm import category_probabilities

GENTLE = frozenset({"a5"})


def replayed(told: Told, cell: Cell, *, by: str | None = None, folds: str = "0") -> Replay:
    plain = not cell.balance
    kind = Kind(items=cell.items, early_stop=False, plain=plain, gentle=GENTLE)
    return replay_archive(
        told.archive, told.bank, kind, recipe=told.recipe, hidden=cell.hidden, by=by, folds=folds
    )


def check_same(own: Section, other: Section) -> None:
    assert set(own.own) == set(other.own)
    for name, drawn in own.own.items():
        assert drawn.rows == pytest.approx(other.own[name].rows, abs=1e-9, nan_ok=True)
    assert (own.plain is None) == (other.plain is None)
    assert own.gap is not None
    assert other.gap is not None
    assert own.gap.rows == pytest.approx(other.gap.rows, abs=1e-7, nan_ok=True)


@pytest.mark.parametrize("cell", told_of(16), ids=["plain", "stated", "hidden"])
def test_figures_are_those_of_a_replay(told: Told, cell: Cell) -> None:
    found = replayed(told, cell)
    for at, dimension in enumerate(DIMENSIONS):
        for standard, sections in found.sections.items():
            own = (
                told.report.figures.cells[cell, at]
                if standard == GROUP_AWARE
                else told.report.figures.standards[standard, cell, at]
            )
            check_same(own, sections[dimension.value])


def test_figures_of_other_lengths_are_too(told: Told) -> None:
    cell = Cell(items=8, balance=True, by_group=True, hidden=True)
    found = replayed(told, cell)
    for at, dimension in enumerate(DIMENSIONS):
        check_same(
            told.report.figures.cells[cell, at], found.sections[GROUP_AWARE][dimension.value]
        )


def test_ages_are_those_of_a_replay_by_age(told: Told) -> None:
    (grouped,) = told.report.figures.others  # everyone is from one country
    cell = told_of(16)[1]
    found = replayed(told, cell, by="age")
    assert grouped.groups.words == found.groups.words
    for at, dimension in enumerate(DIMENSIONS):
        own, other = grouped.sections[cell, at], found.sections[GROUP_AWARE][dimension.value]
        for name in ("bias", "found"):
            assert own.own[name].rows == pytest.approx(other.own[name].rows, abs=1e-9, nan_ok=True)


def test_with_folds_each_is_fitted_once_and_figures_are_a_replays_again(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    from undertow.calibrate import fairness_report_taking as taking  # noqa: PLC0415
    from undertow.calibrate import replay  # noqa: PLC0415

    fitted = []

    def counted(bank: Bank, training: Training, *, mapper: Mapper) -> Bank:
        fitted.append(training)
        return refitted(bank, training, mapper=mapper)

    monkeypatch.setattr(replay, "refitted", counted)
    monkeypatch.setattr(taking, "LENGTHS", (16,))
    report = fairness_report(told.archive, told.bank, recipe=told.recipe, gentle=GENTLE, folds="5")
    assert len(fitted) == 5
    assert report.folds.count == 5
    monkeypatch.setattr(replay, "refitted", refitted)
    cell = told_of(16)[1]
    found = replayed(told, cell, folds="5")
    for at, dimension in enumerate(DIMENSIONS):
        check_same(report.figures.cells[cell, at], found.sections[GROUP_AWARE][dimension.value])


def test_psd_is_the_mean_over_a_groups_people(told: Told) -> None:
    people, cell = told.report.rows.people, told_of(16)[1]
    psd = told.report.outcomes.tests[cell].places.psd
    for at in range(len(DIMENSIONS)):
        mean = told.report.figures.psd[cell, at]
        for group, word in enumerate(("man", "woman")):
            own = psd[people.gender == word, at]
            assert mean.value[group] == pytest.approx(own.mean())
            assert mean.se[group] == pytest.approx(own.std() / np.sqrt(own.size), rel=1e-6)


def test_exposure_counts_men_and_women(told: Told) -> None:
    people = told.report.rows.people
    inside = np.isin(people.gender, ["man", "woman"])
    assert not inside.all()
    for cell, shares in told.report.figures.exposure.items():
        asked = told.report.outcomes.tests[cell].asked[inside]
        assert shares.tolist() == pytest.approx((asked.sum(axis=0) / inside.sum()).tolist())
        assert shares.sum() == pytest.approx(16)


def test_information_is_the_slope_of_the_chances_squared(told: Told) -> None:
    """Fisher's own formula with the derivative taken by differences; no pair counts."""
    bank = replace(told.bank, pairs=())
    asked = np.zeros((2, len(bank.items)), dtype=bool)
    asked[0, [0, 3, 12]], asked[1, [0, 4, 10]] = True, True
    members = np.array([[True, True], [False, True]])
    found = information_by_group(bank, ("man", "woman"), asked, members)
    step = 1e-5
    for at in (10, 30, 44):
        place = found.places[at]
        for group in (0, 1):
            own = np.empty(len(bank.items))
            for number, item in enumerate(bank.items):
                figures = item.by_group[group]
                low, middle, high = (
                    category_probabilities(
                        np.array([place + move]),
                        slope=figures.slope,
                        intercepts=np.array(figures.intercepts),
                    )[:, 0]
                    for move in (-step, 0.0, step)
                )
                own[number] = (((high - low) / (2 * step)) ** 2 / middle).sum()
            weights = asked[members[group]].mean(axis=0)
            for side, dimension in enumerate(DIMENSIONS):
                mine = np.array([item.dimension == dimension for item in bank.items])
                assert found.whole[group, side, at] == pytest.approx(own[mine].sum(), rel=1e-6)
                assert found.typical[group, side, at] == pytest.approx(
                    (weights * own)[mine].sum(), rel=1e-6, abs=1e-12
                )


def test_near_duplicates_tell_less_together(told: Told) -> None:
    alone = replace(told.bank, pairs=())
    asked, members = np.ones((1, len(alone.items)), dtype=bool), np.ones((1, 1), dtype=bool)
    with_pairs, without = (
        information_by_group(bank, ("man",), asked, members) for bank in (told.bank, alone)
    )
    assert (with_pairs.whole[0, 0] < without.whole[0, 0]).all()
    assert with_pairs.whole[0, 1] == pytest.approx(without.whole[0, 1])


def test_a_bank_without_figures_by_group_is_refused(told: Told) -> None:
    bare = replace(
        told.bank,
        items=tuple(replace(item, by_group=()) for item in told.bank.items),
        group_correlation=None,
    )
    with pytest.raises(InputError, match="no figures by group for man and woman"):
        fairness_report(told.archive, bare, recipe=told.recipe, folds="0")
