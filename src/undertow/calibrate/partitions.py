"""A sample as partitioned Parquet, a file a block, its counts beside it; adding up is left to `cluster`.

Answers are int8 columns named as in the recipe: 0..K-1 counted towards the dimension, -1 missing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.likelihood import Answers, Sides, indicators_of, parts_of
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.sample import Sample
from undertow.calibrate.source import BLOCK_ROWS
from undertow.errors import ArchiveError, InputError

SCHEMA = "undertow-partitions/1"
MANIFEST = "partitions.json"

_MOST_DIMENSIONS = 2
"""Sums travel as those of two sides; with one dimension the second side has no items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file of the folder with its number of rows and the SHA-256 of its bytes."""

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Partitions:
    """Where a sample's parts lie and how they are laid out: columns, each one's dimension, K."""

    folder: Path
    columns: tuple[str, ...]
    dimension_of: tuple[int, ...]
    categories: int
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


def write_partitions(sample: Sample, recipe: Recipe, folder: Path) -> Partitions:
    """Writes a sample's answers to `folder`, which must be new or empty: all of it or nothing.

    Age, gender and whatever else the archive holds stay out of it. Raises InputError when the
    folder is no good, pyarrow is missing or there are more than two dimensions.
    """
    parquet, arrow = _pyarrow()
    if len(recipe.dimensions) > _MOST_DIMENSIONS:
        raise InputError(
            f"Recipe '{recipe.id}' has {len(recipe.dimensions)} dimensions, and a cluster fits at "
            f"most {_MOST_DIMENSIONS}. Calibrate on this machine, or one dimension at a time."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: is taken. Name a folder that is new or empty.")
    columns = tuple(item.column for item in recipe.items)
    try:
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            parts = []
            for number, rows in enumerate(parts_of(sample.rows, BLOCK_ROWS)):
                path = made / f"part-{number:05}.parquet"
                own = sample.keyed[rows]
                arrays = [arrow.array(np.ascontiguousarray(own[:, j])) for j in range(len(columns))]
                parquet.write_table(arrow.table(dict(zip(columns, arrays, strict=True))), path)
                parts.append(Part(file=path.name, rows=own.shape[0], sha256=_sha256(path)))
            manifest = _manifest(sample, recipe, parts)
            (made / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
            if folder.exists():
                # mkdtemp lets in its owner alone; a folder that was there keeps its own rules.
                made.chmod(folder.stat().st_mode)
                folder.rmdir()
            made.rename(folder)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError:
        raise InputError(
            f"{folder}: cannot be written. Name a folder that is yours, on a disk with room."
        ) from None
    return _partitions(folder, recipe, parts)


def read_part(partitions: Partitions, number: int) -> Sides:
    """One part's answers as both sides; a category that nobody in this part chose is no error.

    Raises ArchiveError when the file is not there or is not the one that was written.
    """
    parquet, _ = _pyarrow()
    part = partitions.parts[number]
    path = partitions.folder / part.file
    try:
        if _sha256(path) != part.sha256:
            raise ArchiveError(f"{path}: is not the file that was written. Write it again.")
        table = parquet.read_table(path, columns=list(partitions.columns))
    except OSError:
        raise ArchiveError(
            f"{path}: cannot be read here. Every worker must see the folder under this very name."
        ) from None
    keyed = np.column_stack([table.column(name).to_numpy() for name in partitions.columns])
    return _sides(keyed.astype(np.int8, copy=False), partitions)


def empty_sides(partitions: Partitions) -> Sides:
    """Both sides without a row: their items and categories."""
    return _sides(np.zeros((0, len(partitions.columns)), dtype=np.int8), partitions)


def _sides(keyed: NDArray[np.int8], partitions: Partitions) -> Sides:
    dimension_of = np.array(partitions.dimension_of)
    first, second = (
        Answers(
            indicators=indicators_of(keyed[:, items], partitions.categories),
            items=items,
            categories=partitions.categories,
        )
        for items in (np.flatnonzero(dimension_of == side) for side in range(_MOST_DIMENSIONS))
    )
    return first, second


def _partitions(folder: Path, recipe: Recipe, parts: list[Part]) -> Partitions:
    return Partitions(
        folder=folder.absolute(),
        columns=tuple(item.column for item in recipe.items),
        dimension_of=tuple(int(at) for at in recipe.dimension_of),
        categories=recipe.categories,
        parts=tuple(parts),
    )


def _manifest(sample: Sample, recipe: Recipe, parts: list[Part]) -> Mapping[str, object]:
    return {
        "schema": SCHEMA,
        "recipe": {"id": recipe.id, "sha256": recipe.sha256},
        "complete_cases": sample.complete_cases,
        "steps": [{"step": step.step, "rows": step.rows} for step in sample.steps],
        "rows": sample.rows,
        "missing": MISSING,
        "block_rows": BLOCK_ROWS,
        "parts": [{"file": part.file, "rows": part.rows, "sha256": part.sha256} for part in parts],
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow  # noqa: PLC0415
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        raise InputError(
            "Parquet needs a package that is not installed here: pip install 'undertow[cluster]'."
        ) from None
    return pyarrow.parquet, pyarrow
