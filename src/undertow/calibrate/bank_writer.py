"""A calibration on disk: the bank file, its card and pictures, whole or not at all."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from undertow.calibrate.bank_content import bank_content
from undertow.calibrate.calibration import Calibration
from undertow.calibrate.card import card_of
from undertow.calibrate.card_groups import pictures_of
from undertow.errors import InputError


def card_path(bank: Path) -> Path:
    """Where the card of a bank file lies: beside it, with .md for its ending."""
    return bank.with_suffix(".md")


def write_bank(calibration: Calibration, path: Path) -> None:
    """Writes the bank, its card and the card's pictures, all or none.

    Raises InputError when the place is no good.
    """
    if path.suffix.lower() == ".md" or not path.name:
        raise InputError(f"{path.name}: the card takes .md; name the bank something.json.")
    content = bank_content(calibration)
    pictures = pictures_of(calibration, path.stem)
    drawn = [picture for own in pictures.values() for picture in own]
    # The bank last: whoever finds it finds the rest.
    texts = {
        **{path.with_name(picture.name): picture.svg for picture in drawn},
        card_path(path): card_of(calibration, content, pictures),
        path: bank_text(content),
    }
    write_texts(texts)


def write_texts(texts: Mapping[Path, str]) -> None:
    """Writes files, all or none, the last one last. Raises InputError when a place is no good."""
    for taken in texts:
        if taken.is_dir():
            raise InputError(f"{taken.name}: is a folder. Name a file.")
    try:
        with ExitStack() as undo:
            # All are whole on disk before the first of them is there.
            written = [(_written_beside(path, text, undo), path) for path, text in texts.items()]
            for temporary, path in written:
                temporary.replace(path)
    except OSError:
        folder = next(iter(texts)).parent
        raise InputError(
            f"{folder}: cannot be written to. Name a folder that exists, is yours and has room."
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
