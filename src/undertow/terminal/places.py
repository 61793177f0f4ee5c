"""Whether a command may write where it was told, asked before the work is done rather than after."""

from __future__ import annotations

import os
from pathlib import Path

from undertow.errors import InputError


def check_place(file: Path | None, *, example: str, option: str = "-o") -> None:
    """Raises InputError for a folder, and for a file whose folder is not there or not the caller's."""
    if file is None:
        return
    if file.is_dir():
        raise InputError(f"{file} is a folder. Name a file in it with {option} {example}.")
    if not file.parent.is_dir():
        raise InputError(f"{file.parent} is not there. Name a folder that exists with {option}.")
    if not os.access(file.parent, os.W_OK | os.X_OK):
        raise InputError(
            f"{file.parent} cannot be written to. Name a folder that is yours with {option}."
        )
