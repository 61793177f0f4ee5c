"""A calibration on disk: the bank file and its card, whole or not at all."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from undertow.calibrate.calibration import Calibration
from undertow.calibrate.card import card_of
from undertow.errors import InputError


def card_path(bank: Path) -> Path:
    """Where the card of a bank file lies: beside it, with .md for its ending."""
    return bank.with_suffix(".md")


def write_bank(calibration: Calibration, path: Path) -> None:
    """Writes the bank and its card, both or neither. Raises InputError when the place is no good."""
    if path.suffix.lower() == ".md" or not path.name:
        raise InputError(f"{path.name}: the card takes .md; name the bank something.json.")
    for taken in (path, card_path(path)):
        if taken.is_dir():
            raise InputError(f"{taken.name}: is a folder. Name a file for the bank.")
    try:
        with ExitStack() as undo:
            bank = _written_beside(path, bank_text(calibration.content), undo)
            card = _written_beside(card_path(path), card_of(calibration), undo)
            # Both are whole on disk by now; the card first, so whoever finds the bank finds it.
            card.replace(card_path(path))
            bank.replace(path)
    except OSError:
        raise InputError(
            f"{path.parent}: cannot be written to. Name a folder that exists, is yours and has room."
        ) from None


def bank_text(content: Mapping[str, object]) -> str:
    """JSON with a line for each value, but lists of numbers on one line."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    # Line breaks inside texts are escaped, so a bracket at a line's end always opens a list.
    return re.sub(r"\[\n[-+.,e\d\s]+\]", lambda found: _on_one_line(found[0]), text) + "\n"


def _on_one_line(numbers: str) -> str:
    return "[" + ", ".join(numbers.strip("[]").replace(",", " ").split()) + "]"


def _written_beside(path: Path, text: str, undo: ExitStack) -> Path:
    """A whole temporary file in the folder of `path`, removed unless it was renamed."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    undo.callback(temporary.unlink, missing_ok=True)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    # mkstemp makes files that only their owner reads; a bank is meant to be passed on.
    temporary.chmod(0o644)
    return temporary
