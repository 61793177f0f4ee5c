"""The whole way from an archive to a bank's content; writing it down is left to `bank_writer`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from undertow.bank.checksum import content_checksum
from undertow.bank.item import DIMENSIONS
from undertow.calibrate.archive import read_archive
from undertow.calibrate.em import Fit, Progress, fit_graded
from undertow.calibrate.likelihood import answers_of
from undertow.calibrate.norming import KNOTS, EstimatedNorm, estimate_norms
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.sample import Sample, sample_of

SCHEMA = "undertow-bank/1"
EVALUATED_ON = "-6.5..6.5 by 0.1, both dimensions"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """A fitted sample. `content` is what the bank file holds, checksum included."""

    recipe: Recipe
    rows_read: int
    rows_used: int
    fit: Fit
    norms: tuple[EstimatedNorm, ...]
    content: dict[str, object]

    @property
    def items(self) -> int:
        return len(self.recipe.items)


def calibrate_archive(
    archive: Path,
    *,
    recipe: Recipe,
    complete_cases: bool,
    made_on: str,
    progress: Progress | None = None,
) -> Calibration:
    """Reads an archive, chooses its rows, fits the graded model and estimates norms.

    Raises ArchiveError for an archive that cannot be used and ConvergenceError for a fit that
    did not settle. Source: samejima1969, bockaitkin1981.
    """
    table = read_archive(archive, recipe)
    sample = sample_of(table, recipe, complete_cases=complete_cases)
    dimension_of = np.array([DIMENSIONS.index(item.dimension) for item in recipe.items])
    fit = fit_graded(sample.keyed, dimension_of, recipe.categories, progress=progress)
    sides = [
        answers_of(sample.keyed, np.flatnonzero(dimension_of == d), recipe.categories)
        for d in (0, 1)
    ]
    norms = estimate_norms(
        sides[0], sides[1], fit.parameters, sample, recipe, pooled_only=complete_cases
    )
    content = _content(recipe, sample, fit, norms, rows_read=table.rows, made_on=made_on)
    return Calibration(
        recipe=recipe,
        rows_read=table.rows,
        rows_used=sample.rows,
        fit=fit,
        norms=norms,
        content=content,
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
    """What the file holds, rounded so that it comes out the same on every machine."""
    parameters = fit.parameters
    # The file keeps the archive's order of items; the recipe groups them by dimension.
    order = sorted(range(len(recipe.items)), key=lambda j: _natural(recipe.items[j].column))
    borders = [float(np.interp(0.5, row, KNOTS)) for row in norms[0].cdf]
    content: dict[str, object] = {
        "schema": SCHEMA,
        "id": recipe.id,
        "title": recipe.title,
        "instrument": recipe.instrument,
        "licence": recipe.licence,
        "source": recipe.source,
        "recipe": {"id": recipe.id, "sha256": recipe.sha256},
        "model": {
            "name": "graded response, two dimensions, simple structure, free correlation",
            "formula": "P(X >= k) = logistic(slope * theta + intercept_k) after keying",
            "estimation": "marginal maximum likelihood by EM",
            "metric": "mean 0 and variance 1 in the rows used",
        },
        "dimensions": [dimension.value for dimension in DIMENSIONS],
        "categories": recipe.categories,
        "correlation": _rounded(parameters.correlation, 4),
        "borders": {
            dimension.value: _rounded(border, 4)
            for dimension, border in zip(DIMENSIONS, borders, strict=True)
        },
        "items": [
            {
                "id": recipe.items[j].column,
                "dimension": recipe.items[j].dimension.value,
                "keying": recipe.items[j].keying,
                "slope": _rounded(parameters.slope[j], 4),
                "intercepts": [_rounded(d, 4) for d in parameters.intercepts[j]],
                "answered": int((sample.keyed[:, j] >= 0).sum()),
            }
            for j in order
        ],
        "sample": {
            **recipe.sample,
            "rows_read": rows_read,
            "rows_used": sample.rows,
            "steps": [{"step": step.step, "rows": step.rows} for step in sample.steps],
        },
        "fit": {
            "log_likelihood": _rounded(fit.log_likelihood, 1),
            "evaluated_on": EVALUATED_ON,
            "converged": True,
        },
        "norms": [
            {
                "name": norm.name,
                "who": recipe.sample["who"],
                "n": norm.n,
                "gender": norm.gender,
                "age_band": norm.age_band,
                "theta": {"from": -4.0, "to": 4.0, "step": 0.1},
                "cdf": {
                    dimension.value: [_rounded(share, 4) for share in row]
                    for dimension, row in zip(DIMENSIONS, norm.cdf, strict=True)
                },
            }
            for norm in norms
        ],
        "made_on": made_on,
    }
    content["checksum"] = content_checksum(content)
    return content


def _rounded(value: float, digits: int) -> float:
    return round(float(value), digits) + 0.0


def _natural(column: str) -> tuple[str, int]:
    letters = column.rstrip("0123456789")
    return letters, int(column[len(letters) :] or 0)
