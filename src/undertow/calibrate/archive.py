"""A published archive's answers as arrays, read within limits; which rows are used is left to `sample`.

An archive may be damaged or hostile: nothing is unpacked to disk, sizes are bounded while reading,
and what is wrong is told once, with file and row or column.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.numbers_file import Numbers, read_numbers
from undertow.calibrate.recipe import Recipe
from undertow.errors import ArchiveError

MOST_BYTES = 1024**3
"""Ten million rows of 36 answers; far more than any published archive holds."""
MOST_RATIO = 200
"""Answers shrink by 5 to 10; a member that grows more than this when unpacked is a bomb."""
MOST_COLUMNS = 10_000
_RATIO_APPLIES_FROM = 1024**2
_CHUNK = 1024**2
_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """An archive's rows. `categories` is (N, J) of 0..K-1 as shown (before keying) or MISSING.

    `age` is (N,) in years or None; `gender` is (N,) of the archive's codes or None.
    """

    categories: NDArray[np.int8]
    age: NDArray[np.int32] | None
    gender: NDArray[np.int32] | None

    @property
    def rows(self) -> int:
        return int(self.categories.shape[0])


def read_archive(path: Path, recipe: Recipe) -> Table:
    """The answers of an archive (a zip or a folder) as the recipe lays it out.

    Raises ArchiveError naming file, line (the header is line 1) or column.
    """
    data = _from_folder(path, recipe) if path.is_dir() else _from_zip(path, recipe)
    return parse_table(data, recipe)


def parse_table(data: bytes, recipe: Recipe) -> Table:
    """The answers of a delimited file's bytes. Raises ArchiveError as `read_archive` does."""
    file = recipe.file_name
    header, _, body = data.partition(b"\n")
    try:
        line = header.decode("utf-8-sig").strip("\r")
    except UnicodeDecodeError:
        raise ArchiveError(
            f"{file}, line 1: is not text in UTF-8. Save the file as UTF-8."
        ) from None
    names = [cell.strip().strip('"') for cell in line.split(recipe.separator)]
    _check_columns(names, recipe)
    if not body.strip():
        raise ArchiveError(f"{file}: has a header and no rows. Give an archive with answers.")
    wanted = recipe.needed_columns
    numbers = read_numbers(
        body,
        positions=[names.index(column) for column in wanted],
        names=wanted,
        columns=len(names),
        separator=recipe.separator,
        file=file,
    )
    items = numbers.values[:, : len(recipe.items)]
    missing = np.zeros(items.shape, dtype=bool)
    for code in recipe.missing:
        missing |= items == code
    _check_range(items, missing, numbers, recipe)
    facts = iter(numbers.values[:, len(recipe.items) :].T)
    age = next(facts) if recipe.age else None
    gender = next(facts) if recipe.gender else None
    if gender is not None:
        _check_gender(gender, numbers, recipe)
    return Table(
        categories=np.where(missing, MISSING, items - recipe.lowest).astype(np.int8),
        age=age,
        gender=gender,
    )


def _from_folder(path: Path, recipe: Recipe) -> bytes:
    wanted = recipe.file_name
    try:
        found = sorted(path.rglob(wanted))
        _check_one(len(found), path.name, wanted)
        if found[0].stat().st_size > MOST_BYTES:
            raise _too_large(path.name, wanted)
        return found[0].read_bytes()
    except OSError:
        raise ArchiveError(
            f"{path.name}: {wanted} cannot be read. Is it a file that you may read?"
        ) from None


def _from_zip(path: Path, recipe: Recipe) -> bytes:
    if not path.is_file():
        raise ArchiveError(f"{path.name}: there is no such file. Give the archive's path.")
    try:
        with zipfile.ZipFile(path) as archive:
            return _member(archive, path.name, recipe.file_name)
    except PermissionError:
        raise ArchiveError(f"{path.name}: you may not read this file.") from None
    except (
        # What zipfile and zlib raise on bytes that are not what they say.
        *(zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error),
        *(NotImplementedError, RuntimeError, ValueError, OverflowError),
    ):
        raise ArchiveError(
            f"{path.name}: is not a whole zip archive. It may be cut off; download it again."
        ) from None


def _member(archive: zipfile.ZipFile, name: str, wanted: str) -> bytes:
    members = [m for m in archive.infolist() if PurePosixPath(m.filename).name == wanted]
    _check_one(len(members), name, wanted)
    member = members[0]
    if member.flag_bits & 0x1:
        raise ArchiveError(f"{name}: {wanted} is locked with a password. Give an open archive.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError(f"{name}: {wanted} is packed in an unusual way. Pack it as plain zip.")
    allowed = min(MOST_BYTES, max(_RATIO_APPLIES_FROM, MOST_RATIO * member.compress_size))
    if member.file_size > allowed:
        raise _too_large(name, wanted)
    read = bytearray()
    with archive.open(member) as stream:
        # The declared size may lie, so what really comes out is counted too.
        while chunk := stream.read(_CHUNK):
            read += chunk
            if len(read) > allowed:
                raise _too_large(name, wanted)
    return bytes(read)


def _check_one(found: int, name: str, wanted: str) -> None:
    if found == 0:
        raise ArchiveError(
            f"{name}: there is no {wanted} in it. Give an archive that has one, or a recipe that "
            "names its file."
        )
    if found > 1:
        raise ArchiveError(f"{name}: there are {found} files named {wanted} in it. Leave one.")


def _too_large(name: str, wanted: str) -> ArchiveError:
    return ArchiveError(
        f"{name}: {wanted} unpacks to more than {MOST_BYTES // 1024**2} MB or {MOST_RATIO} times "
        "its packed size, which no file of answers does. Nothing was kept; check the archive."
    )


def _check_columns(names: list[str], recipe: Recipe) -> None:
    file = recipe.file_name
    if len(names) > MOST_COLUMNS:
        raise ArchiveError(
            f"{file}, line 1: has {len(names):,} columns where at most {MOST_COLUMNS:,} are read. "
            "Is the recipe's separator right?"
        )
    needed = recipe.needed_columns
    lacking = [column for column in needed if column not in names]
    if lacking:
        raise ArchiveError(
            f"{file}: column {lacking[0]} is missing. Recipe '{recipe.id}' needs it; use the "
            "recipe of this archive."
        )
    twice = next((name for name, times in Counter(names).items() if times > 1), None)
    if twice is not None:
        raise ArchiveError(f"{file}: column {_shown(twice)} is there twice. Remove one.")
    known = {*needed, *recipe.other_columns}
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise ArchiveError(
            f"{file}: column {_shown(unknown)} is not in recipe '{recipe.id}'. Add it to the "
            "recipe's items or other_columns, or remove it."
        )


def _shown(name: str) -> str:
    """A name out of a foreign file, safe to print: short, and control characters spelled out."""
    return ascii(name[:_SHOWN])


def _check_range(
    items: NDArray[np.int32], missing: NDArray[np.bool_], numbers: Numbers, recipe: Recipe
) -> None:
    wrong = ~missing & ((items < recipe.lowest) | (items > recipe.highest))
    if not wrong.any():
        return
    row, column = divmod(int(np.argmax(wrong)), items.shape[1])
    codes = ", ".join(str(code) for code in recipe.missing) or "none"
    raise ArchiveError(
        f"{recipe.file_name}, line {numbers.line(row)}, column {recipe.items[column].column}: is "
        f"outside {recipe.lowest}..{recipe.highest} (missing: {codes}). Is it the right recipe?"
    )


def _check_gender(gender: NDArray[np.int32], numbers: Numbers, recipe: Recipe) -> None:
    if recipe.gender is None:
        return
    known = np.isin(gender, list(recipe.gender.words))
    if not known.all():
        raise ArchiveError(
            f"{recipe.file_name}, line {numbers.line(int(np.argmin(known)))}, column "
            f"{recipe.gender.column}: is a code that the recipe does not name. Add it to "
            "gender.codes."
        )
