"""A published archive's answers as arrays, read within limits; which rows are used is left to `sample`.

An archive may be damaged or hostile: nothing is unpacked to disk, sizes are bounded while reading,
and what is wrong is told once, with file and row or column.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.recipe import Recipe
from undertow.errors import ArchiveError

MOST_BYTES = 4 * 1024**3
MOST_RATIO = 200
"""Answers shrink by 5 to 10; a member that grows more than this when unpacked is a bomb."""
MOST_COLUMNS = 10_000
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """An archive's rows. `categories` is (N, J) of 0..K-1 as shown (before keying) or MISSING.

    `age` is (N,) in years or None; `gender` is (N,) of the archive's codes or None.
    """

    categories: NDArray[np.int8]
    age: NDArray[np.int64] | None
    gender: NDArray[np.int64] | None

    @property
    def rows(self) -> int:
        return int(self.categories.shape[0])


def read_archive(path: Path, recipe: Recipe) -> Table:
    """The answers of an archive (a zip or a folder) as the recipe lays it out.

    Raises ArchiveError naming file, line (the header is line 1) or column.
    """
    name, data = _data_file(path, recipe.file_name)
    return parse_table(data, recipe, file=name)


def parse_table(data: bytes, recipe: Recipe, *, file: str) -> Table:
    """The answers of a delimited file's bytes. Raises ArchiveError as `read_archive` does."""
    header, _, body = data.partition(b"\n")
    try:
        names = [
            cell.strip().strip('"')
            for cell in header.decode("utf-8-sig").strip().split(recipe.separator)
        ]
    except UnicodeDecodeError:
        raise ArchiveError(f"{file}, line 1: is not text in UTF-8.") from None
    _check_columns(names, recipe, file)
    wanted = [item.column for item in recipe.items]
    if recipe.age:
        wanted.append(recipe.age[0])
    if recipe.gender:
        wanted.append(recipe.gender[0])
    positions = [names.index(column) for column in wanted]
    if not body.strip():
        raise ArchiveError(f"{file}: has a header and no rows. Give an archive with answers.")
    numbers = _numbers(body, positions, wanted, columns=len(names), recipe=recipe, file=file)
    items = numbers[:, : len(recipe.items)]
    _check_range(items, recipe, file)
    missing = np.isin(items, recipe.missing)
    categories = np.where(missing, MISSING, items - recipe.lowest).astype(np.int8)
    rest = numbers[:, len(recipe.items) :]
    age = rest[:, 0] if recipe.age else None
    gender = rest[:, -1] if recipe.gender else None
    if recipe.gender and gender is not None:
        _check_gender(gender, recipe, file)
    return Table(categories=categories, age=age, gender=gender)


def _data_file(path: Path, wanted: str) -> tuple[str, bytes]:
    if path.is_dir():
        found = sorted(path.rglob(wanted))
        if not found:
            raise ArchiveError(f"{path.name}: there is no {wanted} in this folder.")
        if found[0].stat().st_size > MOST_BYTES:
            raise ArchiveError(f"{wanted}: is larger than {MOST_BYTES // 1024**3} GiB.")
        return wanted, found[0].read_bytes()
    if not path.is_file():
        raise ArchiveError(f"{path.name}: there is no such file. Give the archive's path.")
    try:
        with zipfile.ZipFile(path) as archive:
            return wanted, _member(archive, path.name, wanted)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        # RuntimeError: an encrypted member; NotImplementedError: a packing zipfile does not know.
        raise ArchiveError(
            f"{path.name}: is not a whole zip archive. It may be cut off; download it again."
        ) from None


def _member(archive: zipfile.ZipFile, name: str, wanted: str) -> bytes:
    members = [m for m in archive.infolist() if PurePosixPath(m.filename).name == wanted]
    if not members:
        raise ArchiveError(f"{name}: there is no {wanted} in this archive.")
    member = min(members, key=lambda m: (m.filename.count("/"), m.filename))
    too_large = ArchiveError(
        f"{name}: {wanted} unpacks to far more than it should. Nothing was read; check the archive."
    )
    allowed = min(MOST_BYTES, max(_CHUNK, MOST_RATIO * member.compress_size))
    if member.file_size > allowed:
        raise too_large
    read = bytearray()
    with archive.open(member) as stream:
        # The declared size may lie, so what really comes out is counted too.
        while chunk := stream.read(_CHUNK):
            read += chunk
            if len(read) > allowed:
                raise too_large
    return bytes(read)


def _check_columns(names: list[str], recipe: Recipe, file: str) -> None:
    if len(names) > MOST_COLUMNS:
        raise ArchiveError(f"{file}, line 1: has {len(names):,} columns; is the separator right?")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ArchiveError(f"{file}, column {_shown(twice[0])}: is there twice.")
    lacking = [column for column in recipe.columns if column not in names]
    needed = [c for c in lacking if c not in recipe.other_columns]
    if needed:
        raise ArchiveError(
            f"{file}: column {needed[0]} is missing. Recipe '{recipe.id}' needs it; "
            "use the recipe of this archive."
        )
    unknown = [name for name in names if name not in recipe.columns]
    if unknown:
        raise ArchiveError(
            f"{file}: column {_shown(unknown[0])} is not in recipe '{recipe.id}'. Add it to the "
            "recipe's items or other_columns, or remove it."
        )


def _shown(name: str) -> str:
    return f"'{name[:40]}'"


def _numbers(
    body: bytes,
    positions: list[int],
    wanted: list[str],
    *,
    columns: int,
    recipe: Recipe,
    file: str,
) -> NDArray[np.int64]:
    """The wanted columns as whole numbers; (N, C). The fast way first, the one that names after it."""
    separator = recipe.separator
    if b'"' not in body and _every_row_has(body, columns, separator):
        try:
            fast: NDArray[np.int64] = np.loadtxt(
                io.BytesIO(body),
                delimiter=separator,
                usecols=positions,
                dtype=np.int64,
                comments=None,
                ndmin=2,
                encoding="utf-8",
            )
        except (ValueError, UnicodeDecodeError, OverflowError):
            pass
        else:
            return fast
    return _named_numbers(body, positions, wanted, columns=columns, separator=separator, file=file)


def _every_row_has(body: bytes, columns: int, separator: str) -> bool:
    """Whether every line has the header's number of cells, and none is empty."""
    signs = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    if ends.size == 0 or ends[-1] != signs.size - 1:
        ends = np.append(ends, signs.size - 1)
    cuts = np.cumsum(signs == ord(separator))[ends]
    return bool(np.all(np.diff(cuts, prepend=0) == columns - 1))


def _named_numbers(
    body: bytes,
    positions: list[int],
    wanted: list[str],
    *,
    columns: int,
    separator: str,
    file: str,
) -> NDArray[np.int64]:
    """As `_numbers`, a cell at a time, so that the first wrong one can be named."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 2 + body[: error.start].count(b"\n")
        raise ArchiveError(f"{file}, line {line}: is not text in UTF-8.") from None
    rows: list[list[int]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            line = reader.line_num + 1
            if not cells:
                continue
            if len(cells) != columns:
                raise ArchiveError(
                    f"{file}, line {line}: has {len(cells)} cells where the header has {columns}."
                )
            try:
                rows.append([int(cells[at]) for at in positions])
            except ValueError:
                at = next(i for i, p in enumerate(positions) if not _is_whole(cells[p]))
                raise ArchiveError(
                    f"{file}, line {line}, column {wanted[at]}: is not a whole number."
                ) from None
    except csv.Error:
        raise ArchiveError(
            f"{file}, line {reader.line_num + 1}: a quotation mark is not closed."
        ) from None
    try:
        return np.array(rows, dtype=np.int64).reshape(-1, len(wanted))
    except OverflowError:
        raise ArchiveError(f"{file}: holds a number too large to be an answer.") from None


def _is_whole(cell: str) -> bool:
    try:
        int(cell)
    except ValueError:
        return False
    return True


def _check_range(items: NDArray[np.int64], recipe: Recipe, file: str) -> None:
    inside = (items >= recipe.lowest) & (items <= recipe.highest)
    for code in recipe.missing:
        inside |= items == code
    if inside.all():
        return
    row, column = (int(v[0]) for v in np.nonzero(~inside))
    codes = ", ".join(str(code) for code in recipe.missing) or "none"
    raise ArchiveError(
        f"{file}, line {row + 2}, column {recipe.items[column].column}: is outside "
        f"{recipe.lowest}..{recipe.highest} (missing: {codes}). Is it the right recipe?"
    )


def _check_gender(gender: NDArray[np.int64], recipe: Recipe, file: str) -> None:
    if recipe.gender is None:
        return
    column, words = recipe.gender
    known = np.isin(gender, list(words))
    if not known.all():
        row = int(np.flatnonzero(~known)[0])
        raise ArchiveError(
            f"{file}, line {row + 2}, column {column}: is a code that the recipe does not name."
        )
