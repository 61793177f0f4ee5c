"""A calibration on disk: the bank file and its card, whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from undertow.calibrate.calibration import Calibration
from undertow.calibrate.card import card_of
from undertow.errors import InputError


def card_path(bank: Path) -> Path:
    """Where the card of a bank file lies: beside it, with .md for its ending."""
    return bank.with_suffix(".md")


def write_bank(calibration: Calibration, path: Path) -> None:
    """Writes the bank and its card. Raises InputError when the folder cannot be written."""
    text = json.dumps(calibration.content, indent=1, ensure_ascii=False) + "\n"
    if path.suffix == ".md":
        raise InputError(f"{path.name}: the card is written to .md; name the bank .json.")
    # The card first: whoever finds the bank finds its card.
    _write_whole(card_path(path), card_of(calibration.content))
    _write_whole(path, text)


def _write_whole(path: Path, text: str) -> None:
    """Into a file of its own in the same folder, then renamed over: never half a file."""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError:
        raise InputError(
            f"{path.parent}: cannot be written to. Name a folder that exists and is yours."
        ) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
