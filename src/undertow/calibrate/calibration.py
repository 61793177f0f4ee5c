"""The whole way from an archive to a calibration as a value; what files hold is left to `bank_content`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.archive import read_archive
from undertow.calibrate.blocks import BlocksFit, blocks_of, fit_blocks
from undertow.calibrate.chances import check_chances
from undertow.calibrate.norming import EstimatedNorm, groups_of, norms_from
from undertow.calibrate.placing import Scheduler, placed
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.sample import Sample, sample_of
from undertow.calibrate.watch import Silent, Watch, stages
from undertow.calibrate.whole_recipe import STAGES, WholeRecipe, whole_recipe

EVALUATED_ON = "-6.5..6.5 by 0.1, every dimension"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """A fitted sample. `whole` is what the whole recipe found; None for complete cases alone.

    `data_sha256` is of the file of answers, so that a bank knows whose it was made from. `seconds` is
    what it took, reading included; no file holds it.
    """

    recipe: Recipe
    made_on: str
    rows_read: int
    data_sha256: str
    sample: Sample
    fit: BlocksFit
    norms: tuple[EstimatedNorm, ...]
    whole: WholeRecipe | None
    seconds: float

    @property
    def rows_used(self) -> int:
        return self.sample.rows

    @property
    def items(self) -> int:
        return len(self.recipe.items)

    @property
    def log_likelihood(self) -> float:
        """On -6.5..6.5 by 0.1 in every dimension, whatever grid the fit used."""
        return self.fit.log_likelihood

    @property
    def iterations(self) -> int:
        return self.fit.iterations

    @property
    def converged(self) -> bool:
        """Always: a fit that does not settle raises ConvergenceError instead."""
        return True

    @property
    def correlation(self) -> float | None:
        """Of the two dimensions; None where there are not two."""
        matrix = self.fit.correlations
        return float(matrix[0, 1]) if matrix.shape == (2, 2) else None

    @property
    def figures(self) -> dict[str, object]:
        """What a program asks for first.

        With three dimensions or more `correlation` is a table, and `log_likelihood_of` says that the
        log-likelihood is a sum over dimensions.
        """
        several = len(self.recipe.dimensions) > 2
        return {
            "rows_read": self.rows_read,
            "rows_used": self.rows_used,
            "items": self.items,
            "log_likelihood": round(self.log_likelihood, 4),
            "iterations": self.iterations,
            "seconds": round(self.seconds, 3),
            "converged": self.converged,
            "correlation": _correlations(self.fit.correlations),
            **({"log_likelihood_of": self.fit.likelihood_of} if several else {}),
        }


def calibrate_archive(
    archive: Path,
    *,
    recipe: Recipe,
    complete_cases: bool,
    made_on: str,
    progress: Watch | None = None,
    scheduler: Scheduler | None = None,
) -> Calibration:
    """Reads an archive, chooses its rows, fits the graded model and estimates norms.

    With `complete_cases` that is all. Otherwise the whole recipe follows: standard errors, fit,
    groups under every anchor rule, a tendency to agree, drift of wording, the effect of cleaning.
    `made_on` is a date (YYYY-MM-DD) that goes into files as it is. `progress` hears of the stages
    and of the cycles of the fit. With a `scheduler` the fit's sums are made on a cluster; what
    follows is made here. Raises ArchiveError for an archive that cannot be used, InputError where the
    whole recipe lacks a package, and ConvergenceError for a fit that did not settle.
    Source: samejima1969, bockaitkin1981.
    """
    if not complete_cases:
        check_chances("The whole recipe")
    watch = progress or Silent()
    following = stages(watch, ("reading", "fitting", *(() if complete_cases else STAGES)))
    started = time.perf_counter()
    following()
    table = read_archive(archive, recipe)
    sample = sample_of(table, recipe, complete_cases=complete_cases)
    names = [item.column for item in recipe.items]
    blocks = blocks_of(sample.keyed, recipe.dimension_of, recipe.categories)
    groups = groups_of(sample, recipe)
    members = np.stack([group.member for group in groups])
    following()
    with placed(sample, blocks, recipe, scheduler) as (sources, mapper):
        fit = fit_blocks(
            blocks,
            names=names,
            # The norms of the whole recipe have a stage of their own.
            members=members if complete_cases else None,
            sources=sources,
            progress=watch.cycle,
            mapper=mapper,
        )
        whole = None
        if not complete_cases:
            whole = whole_recipe(
                recipe,
                sample,
                sample_of(table, recipe, complete_cases=False, cleaning=False),
                blocks=blocks,
                fit=fit,
                members=members,
                following=following,
                mapper=mapper,
            )
    return Calibration(
        recipe=recipe,
        made_on=made_on,
        rows_read=table.rows,
        data_sha256=table.data_sha256,
        sample=sample,
        fit=fit,
        norms=norms_from(groups, fit.mass)
        if whole is None
        else norms_from(groups, whole.norms.mass, whole.norms.squares),
        whole=whole,
        seconds=time.perf_counter() - started,
    )


def _correlations(matrix: NDArray[np.float64]) -> float | list[list[float]] | None:
    if matrix.shape[0] == 1:
        return None
    if matrix.shape[0] == 2:
        return round(float(matrix[0, 1]), 6)
    return [[round(float(value), 6) for value in row] for row in matrix]
