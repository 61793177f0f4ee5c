"""A published archive's answers as arrays, read within limits; which rows are used is left to `sample`.

An archive may be damaged or hostile: nothing is unpacked to disk, sizes are bounded while reading,
and what is wrong is told once, with file and row or column.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.numbers_file import (
    MOST_ROW_BYTES,
    NO_NUMBER,
    Numbers,
    Wanted,
    read_numbers,
)
from undertow.calibrate.recipe import SEPARATORS, Recipe
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

    `age` is (N,) in years and `gender` (N,) of codes, both as they stand in the archive and
    NO_NUMBER for a text that means no answer; `country` is (N,) of short texts, "" where none is
    named. Each is None where the recipe names no such column. `order` (J,) are the items as the
    file's columns go, most often as people saw them; None where no file says. `data_sha256` is of
    the file's bytes: the same answers have the same one, however they are packed.
    """

    categories: NDArray[np.int8]
    age: NDArray[np.int32] | None
    gender: NDArray[np.int32] | None
    country: NDArray[np.str_] | None = None
    order: tuple[int, ...] | None = None
    data_sha256: str

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
    names, separator, start = _header(data, recipe)
    _check_columns(names, recipe)
    if not data[start : start + _CHUNK].strip() and not data[start:].strip():
        raise ArchiveError(f"{file}: has a header and no rows. Give an archive with answers.")
    at = {name: position for position, name in enumerate(names)}
    numbers = read_numbers(
        data,
        Wanted(
            positions=[at[column] for column in recipe.number_columns],
            names=recipe.number_columns,
            columns=len(names),
            text=None if recipe.country is None else at[recipe.country.column],
            missing_texts=recipe.missing_texts,
        ),
        start=start,
        separator=separator,
        file=file,
    )
    items = numbers.values[:, : len(recipe.items)]
    missing = items == NO_NUMBER if recipe.missing_texts else np.zeros(items.shape, dtype=bool)
    for code in recipe.missing:
        missing |= items == code
    _check_range(items, missing, numbers, recipe)
    facts = iter(numbers.values[:, len(recipe.items) :].T)
    age = next(facts) if recipe.age else None
    gender = next(facts) if recipe.gender else None
    if gender is not None:
        _check_gender(gender, numbers, recipe)
    country = numbers.texts
    if recipe.country is not None and country is not None:
        # Compared one by one: isin would sort all rows' texts.
        for unstated in {*recipe.country.unstated, *recipe.missing_texts} - {""}:
            country[country == unstated] = ""
    columns = [at[item.column] for item in recipe.items]
    return Table(
        categories=np.where(missing, MISSING, items - recipe.lowest).astype(np.int8),
        age=age,
        gender=gender,
        country=country,
        order=tuple(sorted(range(len(columns)), key=columns.__getitem__)),
        data_sha256=hashlib.sha256(data).hexdigest(),
    )


def _header(data: bytes, recipe: Recipe) -> tuple[list[str], str, int]:
    """The columns' names, what separates them, and where the rows start."""
    file = recipe.file_name
    end = data.find(b"\n")
    end = len(data) if end < 0 else end
    candidates = [recipe.separator] if recipe.separator else list(SEPARATORS.values())
    # Counted before anything is made of them: a name takes 60 bytes however short it is.
    columns = 1 + max(data.count(separator.encode(), 0, end) for separator in candidates)
    if columns > MOST_COLUMNS:
        raise ArchiveError(
            f"{file}, line 1: has {columns:,} columns where at most {MOST_COLUMNS:,} are read. "
            "Is the recipe's separator right, and does every row end its line?"
        )
    if end > MOST_ROW_BYTES:
        raise _long_header(file)
    try:
        line = data[:end].decode("utf-8-sig").strip("\r")
    except UnicodeDecodeError:
        raise ArchiveError(
            f"{file}, line 1: is not text in UTF-8. Save the file as UTF-8."
        ) from None
    splits = [
        ([cell.strip().strip('"') for cell in line.split(separator)], separator)
        for separator in candidates
    ]
    needed = set(recipe.needed_columns)
    names, separator = max(splits, key=lambda split: len(needed & set(split[0])))
    return names, separator, min(end + 1, len(data))


def _from_folder(path: Path, recipe: Recipe) -> bytes:
    wanted = recipe.file_name
    try:
        found = sorted(path.rglob(wanted))
        _check_one(len(found), path.name, wanted)
        if found[0].stat().st_size > MOST_BYTES:
            raise _too_large(path.name, wanted)
        with found[0].open("rb") as stream:
            return _whole(stream, path.name, wanted, allowed=MOST_BYTES)
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
    with archive.open(member) as stream:
        return _whole(stream, name, wanted, allowed=allowed)


def _whole(stream: IO[bytes], name: str, wanted: str, *, allowed: int) -> bytes:
    read = bytearray()
    has_header = False
    # The declared size may lie, so what really comes out is counted too.
    while chunk := stream.read(_CHUNK):
        read += chunk
        if len(read) > allowed:
            raise _too_large(name, wanted)
        has_header = has_header or b"\n" in chunk
        if not has_header and len(read) > MOST_ROW_BYTES:
            raise _long_header(wanted)
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


def _long_header(file: str) -> ArchiveError:
    return ArchiveError(
        f"{file}, line 1: is longer than {MOST_ROW_BYTES // 1024**2} MB, so it names more than the "
        f"{MOST_COLUMNS:,} columns that are read, or no line ends. Is it a file of answers?"
    )


def _check_columns(names: list[str], recipe: Recipe) -> None:
    file = recipe.file_name
    needed = recipe.needed_columns
    there = set(names)
    lacking = [column for column in needed if column not in there]
    if lacking:
        raise ArchiveError(
            f"{file}: column {lacking[0]} is missing. Recipe '{recipe.id}' needs it; use the "
            "recipe of this archive."
        )
    matters = there if recipe.other_columns is not None else set(needed)
    twice = next((n for n, times in Counter(names).items() if times > 1 and n in matters), None)
    if twice is not None:
        raise ArchiveError(f"{file}: column {_shown(twice)} is there twice. Remove one.")
    if recipe.other_columns is None:
        return
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
    codes = ", ".join(map(str, (*recipe.missing, *map(repr, recipe.missing_texts)))) or "none"
    raise ArchiveError(
        f"{recipe.file_name}, line {numbers.line(row)}, column {recipe.items[column].column}: is "
        f"outside {recipe.lowest}..{recipe.highest} (missing: {codes}). Is it the right recipe?"
    )


def _check_gender(gender: NDArray[np.int32], numbers: Numbers, recipe: Recipe) -> None:
    if recipe.gender is None:
        return
    # Where no answer was given, no word is needed.
    known = np.isin(gender, [*recipe.gender.words, *recipe.missing, NO_NUMBER])
    if not known.all():
        raise ArchiveError(
            f"{recipe.file_name}, line {numbers.line(int(np.argmin(known)))}, column "
            f"{recipe.gender.column}: is a code that the recipe does not name. Add it to "
            "gender.codes."
        )
