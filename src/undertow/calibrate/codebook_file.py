"""Finds an archive's codebook and reads it within limits; what it says is left to `codebook`."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import TypeVar

from undertow.errors import ArchiveError

Place = TypeVar("Place")

NAMES = frozenset({"codebook.html", "codebook.htm", "codebook.txt"})
MOST_BYTES = 1024**2
"""A codebook of a hundred items has some 50 kB; a page much larger would also be slow to take apart."""
_NOT_THE_ARCHIVES = "__MACOSX"


def read_codebook_file(path: Path) -> tuple[str, str]:
    """The codebook's name and text in an archive (a zip or a folder).

    Raises ArchiveError when there is none, more than one, or one that cannot be read.
    """
    try:
        name, data = _from_folder(path) if path.is_dir() else _from_zip(path)
    except PermissionError:
        raise ArchiveError(f"{path.name}: you may not read its codebook.") from None
    except (
        # What zipfile and zlib raise on bytes that are not what they say.
        *(zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error),
        *(NotImplementedError, RuntimeError, ValueError, OverflowError),
    ):
        raise ArchiveError(
            f"{path.name}: its codebook cannot be read. The archive may be cut off; download it again."
        ) from None
    return name, _text(data, name)


def _from_folder(path: Path) -> tuple[str, bytes]:
    found = _chosen(
        path.name,
        (file for file in sorted(path.rglob("*")) if file.is_file()),
        lambda file: file.relative_to(path).as_posix(),
    )
    with found.open("rb") as stream:
        return found.name, _bounded(stream.read(MOST_BYTES + 1), path.name)


def _from_zip(path: Path) -> tuple[str, bytes]:
    if not path.is_file():
        raise ArchiveError(f"{path.name}: there is no such file. Give the archive's path.")
    with zipfile.ZipFile(path) as archive:
        member = _chosen(path.name, archive.infolist(), lambda member: member.filename)
        if member.flag_bits & 0x1:
            raise ArchiveError(
                f"{path.name}: its codebook is locked with a password. Give an open archive."
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveError(
                f"{path.name}: its codebook is packed in an unusual way. Pack it as plain zip."
            )
        with archive.open(member) as stream:
            # What comes out is counted, whatever size the archive declares.
            data = _bounded(stream.read(MOST_BYTES + 1), path.name)
        return PurePosixPath(member.filename).name, data


def _chosen(archive: str, places: Iterable[Place], path_of: Callable[[Place], str]) -> Place:
    """The one place whose name is a codebook's, whatever its case."""
    found = [
        place
        for place in places
        if (parts := PurePosixPath(path_of(place)).parts)
        and parts[-1].lower() in NAMES
        and _NOT_THE_ARCHIVES not in parts
    ]
    if not found:
        raise ArchiveError(
            f"{archive}: there is no codebook in it, so the words of its items are not known. Give "
            "an archive with a codebook.html or codebook.txt."
        )
    if len(found) > 1:
        raise ArchiveError(f"{archive}: there are {len(found)} codebooks in it. Leave one.")
    return found[0]


def _bounded(data: bytes, archive: str) -> bytes:
    if len(data) > MOST_BYTES:
        raise ArchiveError(
            f"{archive}: its codebook has more than {MOST_BYTES // 1024**2} MB, which no codebook "
            "needs. Nothing was kept; check the archive."
        )
    return data


def _text(data: bytes, name: str) -> str:
    """UTF-8, or else what old programs of Windows write; whatever that has no letter for shows as \ufffd."""
    if b"\0" in data:
        raise ArchiveError(f"{name}: is not plain text. Save it as UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
