"""The adaptive test on recorded answers, beside what all answers say, by group; `replay_table` tells of it.

Whoever is replayed had no part in the figures that serve them: the bank was made from other answers,
or each fifth of the people is replayed under figures of the other four.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.person import Gender
from undertow.calibrate.archive import Table, read_archive
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.reliability import Standings
from undertow.calibrate.replay_folds import Training, folds_asked, folds_of, refitted
from undertow.calibrate.replay_people import (
    GENDER,
    People,
    PeopleGroups,
    columns_of,
    genders_of,
    groups_by,
    people_of,
)
from undertow.calibrate.replay_sections import Section, sections_of
from undertow.calibrate.replay_taking import (
    Kind,
    Outcome,
    Taken,
    check_length,
    standings_by,
    take,
)
from undertow.calibrate.sample import sample_of
from undertow.calibrate.watch import Silent, Watch, stages
from undertow.calibrate.workers import Mapper, workers
from undertow.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldsUsed:
    """How many folds there were, 0 where the bank's own figures serve, and why, in words."""

    count: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replay:
    """What a replay found: everyone's places, and figures by standard and dimension.

    `hidden` says that the test was taken as if nobody stated a gender. `seconds` is what it took,
    reading included.
    """

    bank: Bank
    kind: Kind
    hidden: bool
    folds: FoldsUsed
    rows_read: int
    people: People
    groups: PeopleGroups
    outcome: Outcome
    sections: Mapping[str, Mapping[str, Section]]
    seconds: float


def replay_archive(
    archive: Path,
    bank: Bank,
    kind: Kind,
    *,
    recipe: Recipe,
    hidden: bool = False,
    by: str | None = None,
    folds: str = "auto",
    progress: Watch | None = None,
) -> Replay:
    """Takes a test on an archive's recorded answers and compares its places with the standards'.

    `hidden` takes it as if nobody stated a gender; the standard knows it all the same. `by` is one
    of `GROUPED_BY`, None for gender where there is one. `folds` is "auto", "0" or "5". Raises
    ArchiveError and InputError for what cannot be replayed, ConvergenceError where a fold's fit
    does not settle.
    """
    started = time.perf_counter()
    check_length(bank, kind.items)
    rows = rows_of(archive, bank, recipe, folds=folds)
    people = rows.people
    groups = rows.groups(bank, by)
    used = rows.folds_used(folds, bank)
    following = stages(progress or Silent(), (*stage_names(used), "comparing"))
    with workers() as mapper:
        parts = []
        following()
        for own in served(bank, rows, used, mapper):
            parts.append((own.rows, _outcome(own, people, kind, hidden, mapper)))
            following()
        outcome = Outcome.joined(parts)
        sections = sections_of(outcome, people.keyed, bank, groups.members, mapper=mapper)
    return Replay(
        bank=bank,
        kind=kind,
        hidden=hidden,
        folds=used,
        rows_read=rows.table.rows,
        people=people,
        groups=groups,
        outcome=outcome,
        sections=sections,
        seconds=time.perf_counter() - started,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Served:
    """Some of the people, by their places among all, and the bank that serves them.

    `training` are the rows that its figures were fitted to, None where they are the bank's own.
    """

    bank: Bank
    rows: NDArray[np.intp]
    training: Training | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """An archive's rows, and those of them who are replayed."""

    table: Table
    recipe: Recipe
    columns: NDArray[np.intp]
    people: People

    def groups(self, bank: Bank, by: str | None) -> PeopleGroups:
        """The groups of the tables. Raises InputError where the standard could not know them."""
        found = groups_by(self.people, self.recipe, by)
        if found.by == GENDER and not set(bank.groups) >= set(found.words):
            raise InputError(
                f"Bank '{bank.id}' has no figures by group for {' and '.join(found.words)}, which "
                "the standard needs. Make a bank without --complete-cases from an archive with "
                "gender, or use --by everyone."
            )
        return found

    def folds_used(self, asked: str, bank: Bank) -> FoldsUsed:
        count, why = folds_asked(asked, made_of=_made_of(bank), sha256=self.table.data_sha256)
        return FoldsUsed(count=count, why=why)

    def sampled(self) -> tuple[NDArray[np.intp], Training]:
        """The rows that a bank would be made from, some of which left items out: places, and answers."""
        sample = sample_of(self.table, self.recipe, complete_cases=False)
        kept = np.arange(self.table.rows) if sample.keep is None else np.flatnonzero(sample.keep)
        return kept, Training(
            keyed=sample.keyed[:, self.columns],
            gender=genders_of(self.table, self.recipe)[kept],
        )


def rows_of(archive: Path, bank: Bank, recipe: Recipe, *, folds: str) -> Rows:
    """Reads an archive for a bank's replay. Raises ArchiveError and InputError."""
    # What is wrong without the archive is told before it is read.
    folds_asked(folds, made_of=None, sha256="")
    columns = columns_of(bank, recipe)
    table = read_archive(archive, recipe)
    return Rows(
        table=table,
        recipe=recipe,
        columns=columns,
        people=people_of(table, recipe, columns),
    )


def served(bank: Bank, among: Rows, folds: FoldsUsed, mapper: Mapper) -> Iterator[Served]:
    """Everyone, under the bank's own figures; or each fold under figures of the others."""
    people = among.people
    if not folds.count:
        yield Served(bank=bank, rows=np.arange(people.count), training=None)
        return
    kept, training = among.sampled()
    for fold in folds_of(among.table.rows, kept, people.rows, folds.count):
        own = training.part(fold.training)
        yield Served(bank=refitted(bank, own, mapper=mapper), rows=fold.replayed, training=own)


def stage_names(folds: FoldsUsed) -> Sequence[str]:
    """What is told of each part that `served` gives."""
    return [f"fold {number} of {folds.count}" for number in range(1, folds.count + 1)] or [
        "taking the test"
    ]


def _outcome(served: Served, people: People, kind: Kind, hidden: bool, mapper: Mapper) -> Outcome:
    bank, shown = served.bank, people.shown[served.rows]
    genders = people.gender[served.rows]
    stated = np.full(genders.shape, Gender.UNSTATED.value) if hidden else genders
    kinds = (kind,) if kind.plain else (kind, kind.in_plain)
    tests = tuple(take(one, bank, shown, stated, mapper=mapper) for one in kinds)

    def rest_of(test: Taken) -> Standings:
        return standings_by(bank, shown, genders, leaving_out=test.asked, mapper=mapper)

    return Outcome(
        tests=tests,
        full=standings_by(bank, shown, genders, mapper=mapper),
        blind=standings_by(bank, shown, None, mapper=mapper),
        rests=tuple(rest_of(test) for test in tests),
    )


def _made_of(bank: Bank) -> object:
    """The digest of the answers that the bank was made from, None where it does not say."""
    sample = bank.provenance.get("sample")
    return sample.get("data_sha256") if isinstance(sample, Mapping) else None
