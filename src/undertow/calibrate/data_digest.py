"""A digest by which an archive's answers are told from others; reading them is left to `archive`."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from undertow.calibrate.recipe import Recipe
from undertow.errors import ArchiveError

_CHUNK = 1024**2


def data_sha256(path: Path, recipe: Recipe) -> str:
    """SHA-256 of the bytes of the recipe's file in an archive (a zip or a folder), in hex.

    The same answers have the same digest, however they are packed. Ask it of an archive that
    `read_archive` has read, which refuses what is not to be unpacked; here nothing is held in memory.
    Raises ArchiveError when the file is not there any more.
    """
    try:
        if path.is_dir():
            return _digest(next(iter(sorted(path.rglob(recipe.file_name)))).open("rb"))
        with zipfile.ZipFile(path) as archive:
            member = next(
                one
                for one in archive.infolist()
                if PurePosixPath(one.filename).name == recipe.file_name
            )
            return _digest(archive.open(member))
    except (OSError, StopIteration, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        raise ArchiveError(
            f"{path.name}: {recipe.file_name} cannot be read. Give an archive that has it."
        ) from None


def _digest(opened: AbstractContextManager[IO[bytes]]) -> str:
    found = hashlib.sha256()
    with opened as stream:
        read: Callable[[], bytes] = partial(stream.read, _CHUNK)
        for chunk in iter(read, b""):
            found.update(chunk)
    return found.hexdigest()
