"""The whole way from an archive to a bank's content; writing it down is left to `bank_writer`."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from undertow.bank.checksum import content_checksum
from undertow.bank.item import DIMENSIONS
from undertow.calibrate.accelerate import Progress
from undertow.calibrate.archive import read_archive
from undertow.calibrate.em import PARAMETER_TOLERANCE, Fit, settle
from undertow.calibrate.likelihood import evaluate, sides_of, working_grid
from undertow.calibrate.norming import KNOTS, EstimatedNorm, groups_of, norms_from
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.sample import Sample, sample_of
from undertow.calibrate.workers import workers

SCHEMA = "undertow-bank/1"
EVALUATED_ON = "-6.5..6.5 by 0.1, both dimensions"
_PARAMETER_DIGITS = 6
_SHARE_DIGITS = 5
_LIKELIHOOD_DIGITS = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """A fitted sample. `content` is what the bank file holds, checksum included.

    `seconds` is what it took, reading included; the file does not hold it.
    """

    recipe: Recipe
    rows_read: int
    rows_used: int
    fit: Fit
    norms: tuple[EstimatedNorm, ...]
    content: Mapping[str, object]
    seconds: float

    @property
    def items(self) -> int:
        return len(self.recipe.items)

    @property
    def log_likelihood(self) -> float:
        """On -6.5..6.5 by 0.1 in both dimensions, whatever grid the fit used."""
        return self.fit.log_likelihood

    @property
    def iterations(self) -> int:
        return self.fit.iterations

    @property
    def converged(self) -> bool:
        """Always: a fit that does not settle raises ConvergenceError instead."""
        return True

    @property
    def correlation(self) -> float:
        return self.fit.parameters.correlation


def calibrate_archive(
    archive: Path,
    *,
    recipe: Recipe,
    complete_cases: bool,
    made_on: str,
    progress: Progress | None = None,
) -> Calibration:
    """Reads an archive, chooses its rows, fits the graded model and estimates norms.

    `made_on` is a date (YYYY-MM-DD) that goes into the file as it is. `progress` hears of every
    cycle over all rows: its number and its log-likelihood. Raises ArchiveError for an archive that
    cannot be used and ConvergenceError for a fit that did not settle.
    Source: samejima1969, bockaitkin1981.
    """
    started = time.perf_counter()
    table = read_archive(archive, recipe)
    sample = sample_of(table, recipe, complete_cases=complete_cases)
    dimension_of = np.array([DIMENSIONS.index(item.dimension) for item in recipe.items])
    sides = sides_of(sample.keyed, dimension_of, recipe.categories)
    groups = groups_of(sample, recipe)
    members = np.stack([group.member for group in groups])
    with workers() as mapper:
        settled = settle(
            sides,
            names=[item.column for item in recipe.items],
            progress=progress,
            mapper=mapper,
        )
        evaluation = evaluate(sides, settled.parameters, members, mapper)
    fit = Fit(
        parameters=settled.parameters,
        log_likelihood=evaluation.log_likelihood,
        iterations=settled.iterations,
        trace=settled.trace,
    )
    norms = norms_from(groups, evaluation.mass)
    return Calibration(
        recipe=recipe,
        rows_read=table.rows,
        rows_used=sample.rows,
        fit=fit,
        norms=norms,
        content=_content(recipe, sample, fit, norms, rows_read=table.rows, made_on=made_on),
        seconds=time.perf_counter() - started,
    )


def _content(
    recipe: Recipe,
    sample: Sample,
    fit: Fit,
    norms: tuple[EstimatedNorm, ...],
    *,
    rows_read: int,
    made_on: str,
) -> dict[str, object]:
    """What the file holds, rounded well above the last digits, which differ between processors."""
    anxiety, avoidance = norms[0].place(0.5)
    content: dict[str, object] = {
        "schema": SCHEMA,
        "id": recipe.id,
        "title": recipe.title,
        "instrument": recipe.instrument,
        "licence": recipe.licence,
        "source": recipe.source,
        "recipe": {"id": recipe.id, "sha256": recipe.sha256},
        "model": _model(),
        "dimensions": [dimension.value for dimension in DIMENSIONS],
        "categories": recipe.categories,
        "correlation": _rounded(fit.parameters.correlation, _PARAMETER_DIGITS),
        "borders": {
            DIMENSIONS[0].value: _rounded(anxiety, _SHARE_DIGITS),
            DIMENSIONS[1].value: _rounded(avoidance, _SHARE_DIGITS),
        },
        "items": _items(recipe, sample, fit),
        "sample": {
            "name": recipe.sample_name(complete_cases=sample.complete_cases),
            "who": recipe.sample.who,
            "collected": recipe.sample.collected,
            "how": recipe.sample.how,
            "rows_read": rows_read,
            "rows_used": sample.rows,
            "steps": [{"step": step.step, "rows": step.rows} for step in sample.steps],
        },
        "fit": {
            "log_likelihood": _rounded(fit.log_likelihood, _LIKELIHOOD_DIGITS),
            "evaluated_on": EVALUATED_ON,
            "iterations": fit.iterations,
            "converged": True,
        },
        "norms": [_norm(norm, recipe) for norm in norms],
        "made_on": made_on,
    }
    content["checksum"] = content_checksum(content)
    return content


def _model() -> dict[str, object]:
    nodes = working_grid().nodes
    return {
        "name": "graded response, two dimensions, simple structure, free correlation",
        "formula": "P(X >= k) = logistic(slope * theta + intercept_k) after keying",
        "metric": "mean 0 and variance 1 in the rows used",
        "estimation": "marginal maximum likelihood by EM",
        "nodes": {"from": float(nodes[0]), "to": float(nodes[-1]), "step": 0.2},
        "largest_last_change": PARAMETER_TOLERANCE,
    }


def _items(recipe: Recipe, sample: Sample, fit: Fit) -> list[dict[str, object]]:
    """Items in the order of their columns' names; the recipe groups them by dimension."""
    order = sorted(range(len(recipe.items)), key=lambda j: _natural(recipe.items[j].column))
    return [
        {
            "id": recipe.items[j].column,
            "dimension": recipe.items[j].dimension.value,
            "keying": recipe.items[j].keying,
            "slope": _rounded(fit.parameters.slope[j], _PARAMETER_DIGITS),
            "intercepts": [_rounded(d, _PARAMETER_DIGITS) for d in fit.parameters.intercepts[j]],
            "answered": int((sample.keyed[:, j] >= 0).sum()),
        }
        for j in order
    ]


def _norm(norm: EstimatedNorm, recipe: Recipe) -> dict[str, object]:
    return {
        "name": norm.name,
        "who": recipe.sample.who,
        "n": norm.n,
        "gender": norm.gender,
        "age_band": norm.age_band,
        "theta": {"from": float(KNOTS[0]), "to": float(KNOTS[-1]), "step": 0.1},
        "cdf": {
            dimension.value: [_rounded(share, _SHARE_DIGITS) for share in row]
            for dimension, row in zip(DIMENSIONS, norm.cdf, strict=True)
        },
    }


def _rounded(value: float, digits: int) -> float:
    # Adding 0.0 turns -0.0 into 0.0, so that a sign without meaning can't change the checksum.
    return round(float(value), digits) + 0.0


def _natural(column: str) -> list[tuple[int, str]]:
    """Q2 before Q10: digits count as numbers."""
    parts = re.findall(r"\d+|\D+", column)
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
