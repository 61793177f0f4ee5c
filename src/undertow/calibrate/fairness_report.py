"""A report on fairness from an archive of answers: which tests tilt against whom, written as a page with pictures.

Its words are left to `fairness_report_text`, its pictures to `fairness_report_pictures`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from undertow.bank.calibrated import Bank
from undertow.calibrate.bank_writer import write_texts
from undertow.calibrate.chances import check_chances
from undertow.calibrate.dif import ItemDif, LatentDifference, item_difs, latent_differences
from undertow.calibrate.fairness_report_anchors import Compared, compared
from undertow.calibrate.fairness_report_figures import Figures, figures_for_report, told_of
from undertow.calibrate.fairness_report_forms import FixedForm, forms_for, load_forms
from undertow.calibrate.fairness_report_information import Information, information_by_group
from undertow.calibrate.fairness_report_taking import Outcomes, outcomes_of, usual_length
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.replay import FoldsUsed, Rows, rows_of, served, stage_names
from undertow.calibrate.replay_people import GENDER, PeopleGroups
from undertow.calibrate.watch import Silent, Watch, stages
from undertow.calibrate.workers import workers
from undertow.errors import InputError

FILE = "fairness.md"
PICTURES = "pictures"
_LEAST_ITEMS = 10
"""Two more than the least that a sitting asks, so that some are left unasked."""
_OTHERS = ("age", "country")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FairnessReport:
    """All that the page tells. `groups` are men and women among the people of `rows`.

    `items` and `latents` are of all the rows that a bank would be made from; `gentle` are the ids of
    items that may come first.
    """

    archive: str
    bank: Bank
    gentle: frozenset[str]
    rows: Rows
    folds: FoldsUsed
    groups: PeopleGroups
    forms: tuple[FixedForm, ...]
    outcomes: Outcomes
    figures: Figures
    compared: Compared
    items: tuple[ItemDif, ...]
    latents: tuple[LatentDifference, ...]
    information: Information
    seconds: float

    @property
    def usual(self) -> int:
        """How many questions the usual test asks."""
        return usual_length(self.bank)


def fairness_report(
    archive: Path,
    bank: Bank,
    *,
    recipe: Recipe,
    gentle: frozenset[str] = frozenset(),
    folds: str = "auto",
    progress: Watch | None = None,
) -> FairnessReport:
    """Takes every test on an archive's recorded answers and compares men and women in each.

    `folds` is "auto", "0" or "5"; each fold is fitted once for all tests. Raises ArchiveError and
    InputError for what cannot be compared, NotReady for too few answers, ConvergenceError where a
    fit does not settle.
    """
    started = time.perf_counter()
    check_chances("The fairness report")
    if len(bank.items) < _LEAST_ITEMS:
        raise InputError(
            f"Bank '{bank.id}' has {len(bank.items)} items; short tests of it cannot be compared with "
            f"fewer than {_LEAST_ITEMS}. Name a larger bank with --bank."
        )
    rows = rows_of(archive, bank, recipe, folds=folds)
    groups = rows.groups(bank, GENDER)
    others = _others(rows, bank)
    used = rows.folds_used(folds, bank)
    forms = forms_for(bank, load_forms())
    following = stages(
        progress or Silent(), (*stage_names(used), "comparing items", "drawing people")
    )
    with workers() as mapper:
        parts = []
        following()
        for own in served(bank, rows, used, mapper):
            found = outcomes_of(own, rows, forms, gentle=gentle, mapper=mapper)
            parts.append((own.rows, found))
            following()
        outcomes = Outcomes.joined(parts)
        together = compared(bank, rows.sampled()[1], mapper=mapper)
        items = item_difs(together.comparison, together.sides, mapper=mapper)
        latents = latent_differences(together.comparison, together.sides, mapper=mapper)
        following()
        figures = figures_for_report(
            outcomes, rows.people, bank, groups, others=others, forms=forms, mapper=mapper
        )
    fair = told_of(usual_length(bank))[1]
    return FairnessReport(
        archive=archive.name,
        bank=bank,
        gentle=gentle,
        rows=rows,
        folds=used,
        groups=groups,
        forms=forms,
        outcomes=outcomes,
        figures=figures,
        compared=together,
        items=items,
        latents=latents,
        information=information_by_group(
            bank, groups.words, outcomes.tests[fair].asked, groups.members
        ),
        seconds=time.perf_counter() - started,
    )


def _others(rows: Rows, bank: Bank) -> tuple[PeopleGroups, ...]:
    """Further groupings, of which the archive has the column and each group has somebody."""
    found = []
    for by in _OTHERS:
        try:
            found.append(rows.groups(bank, by))
        except InputError:
            # The page does without: it says which groupings it has.
            continue
    return tuple(found)


def write_report(texts: dict[str, str], folder: Path) -> Path:
    """Writes a page and its pictures, named by their places in `folder`, whole or not at all.

    The page comes last. Raises InputError when the place is no good.
    """
    pictures = folder / PICTURES
    made = not pictures.exists()
    try:
        pictures.mkdir(exist_ok=True)
        write_texts({folder / name: text for name, text in texts.items()})
    except (OSError, InputError):
        if made and pictures.is_dir():
            pictures.rmdir()
        raise InputError(
            f"{folder}: cannot be written to. Name a folder that exists, is yours and has room."
        ) from None
    return folder / FILE
