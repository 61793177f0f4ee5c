"""An archive's own questionnaire, calibrated, as a folder that an instance can ask; asking it is left to `wiring`.

The folder appears whole or not at all, and only its owner can read it: the words are not ours to
pass on.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from undertow.bank.item import DIMENSIONS, Instrument
from undertow.calibrate.bank_writer import write_bank
from undertow.calibrate.calibration import calibrate_archive
from undertow.calibrate.codebook import Codebook, read_codebook
from undertow.calibrate.dif_table import natural
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.watch import Watch
from undertow.errors import InputError, InstrumentError
from undertow.measure.stop import StopRule

INSTRUMENT_FILE, BANK_FILE, LENGTH_FILE = "instrument.toml", "bank.json", "length.json"
WORDING_LICENCE = (
    "None known. We know of no open licence for the wording. It was taken from an archive that "
    "whoever runs this instance chose, to be asked on this instance only. Do not pass it on."
)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LEAST_ITEMS = StopRule().least
"""A sitting needs that many answers a dimension before it says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What was installed, without a word of it."""

    id: str
    title: str
    items: int
    codebook: str
    rows_read: int
    rows_used: int


def install_instrument(
    archive: Path,
    *,
    recipe: Recipe,
    instrument_id: str,
    into: Path,
    beside: Instrument,
    length_of: Callable[[Path], Mapping[str, object]],
    made_on: str,
    replace: bool = False,
    progress: Watch | None = None,
) -> Installed:
    """Calibrates an archive and installs its questionnaire, in its own words, as `into`/`instrument_id`.

    `beside` is the built-in instrument: its frames and its neutral word for the partner are taken
    over, its id is not to be had. `length_of` opens the finished folder as the app will and gives
    what its length file holds; what it raises stops the installing. `made_on` is a date (YYYY-MM-DD).

    Raises InputError for an id that cannot be had or a place that cannot be written to,
    InstrumentError for a recipe of other dimensions, ArchiveError for an archive or codebook that
    cannot be used and ConvergenceError for a fit that did not settle. Nothing is left then, and what
    was installed before stays.
    """
    # All that can be known is asked before the work is done rather than after.
    _check_id(instrument_id, taken=beside.id)
    _check_dimensions(recipe)
    codebook = read_codebook(archive, recipe)
    try:
        # One by one, since a mode goes to the last folder alone.
        for folder in (into.parent, into):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _put_back(into, instrument_id)
        _check_free(into, instrument_id, replace=replace)
        with _staged(into):
            pass
    except OSError:
        raise _cannot_write() from None
    calibration = calibrate_archive(
        archive, recipe=recipe, complete_cases=False, made_on=made_on, progress=progress
    )
    try:
        with _staged(into) as staged:
            write_bank(calibration, staged / BANK_FILE)
            text = _instrument_text(
                codebook,
                recipe,
                figures=_checksum(staged / BANK_FILE),
                instrument_id=instrument_id,
                beside=beside,
                source=f"Wording: {codebook.file} of {archive.name}, installed on {made_on}. "
                f"Figures: {recipe.source}.",
            )
            _write(staged / INSTRUMENT_FILE, text)
            _write(staged / LENGTH_FILE, json.dumps(length_of(staged), indent=1) + "\n")
            for file in staged.iterdir():
                file.chmod(0o600)
            # Whoever installed meanwhile is not overwritten either.
            _check_free(into, instrument_id, replace=replace)
            _move(staged, into / instrument_id)
    except OSError:
        raise _cannot_write() from None
    return Installed(
        id=instrument_id,
        title=recipe.instrument,
        items=len(recipe.items),
        codebook=codebook.file,
        rows_read=calibration.rows_read,
        rows_used=calibration.rows_used,
    )


# ---- what is asked first --------------------------------------------------------------------------


def _check_id(instrument_id: str, *, taken: str) -> None:
    if _ID.fullmatch(instrument_id) is None:
        raise InputError(
            "An instrument's id has up to 40 of a-z, 0-9 and -, as in ecr-2018. Give one with --as."
        )
    if instrument_id == taken:
        raise InputError(f"{taken} is the built-in instrument. Choose another id with --as.")


def _check_dimensions(recipe: Recipe) -> None:
    """Every sentence of a result speaks of anxiety and avoidance in close relationships."""
    wanted = [str(dimension) for dimension in DIMENSIONS]
    given = [str(item.dimension) for item in recipe.items]
    if set(given) != set(wanted):
        raise InstrumentError(
            file=recipe.id,
            key="items",
            rule=f"must have the dimensions {' and '.join(wanted)}, since results speak of nothing "
            "else. Other instruments can be calibrated, not installed",
        )
    for dimension in wanted:
        if given.count(dimension) < _LEAST_ITEMS:
            raise InstrumentError(
                file=recipe.id,
                key=f"items.{dimension}",
                rule=f"needs at least {_LEAST_ITEMS} items to be asked; with fewer there is never "
                "a result",
            )


def _check_free(into: Path, instrument_id: str, *, replace: bool) -> None:
    if (into / instrument_id).exists() and not replace:
        raise InputError(
            f"{instrument_id} is installed already. Replace it with --replace, or choose another id "
            "with --as."
        )


# ---- the instrument's file ------------------------------------------------------------------------


def _instrument_text(
    codebook: Codebook,
    recipe: Recipe,
    *,
    figures: str,
    instrument_id: str,
    beside: Instrument,
    source: str,
) -> str:
    """The instrument as TOML. Its version changes with the words and the figures, so that a sitting
    that began under others is noticed. `figures` is the bank's checksum."""
    edition = json.dumps([codebook.stems, codebook.categories, figures])
    neutral = beside.partner_words[0]
    lines = [
        "# Made by `undertow instrument add`. The wording is not Undertow's: see licence.",
        *_keys(
            id=instrument_id,
            title=recipe.instrument,
            version=sha256(edition.encode()).hexdigest()[:16],
            language=beside.language,
            licence=WORDING_LICENCE,
            source=source,
        ),
        "# The words are those that the figures were made with, so no item borrows another one's.",
        "original = true",
        f"categories = [{', '.join(_text(label) for label in codebook.categories)}]",
        "",
        "[frames]",
        *(f"{_text(key)} = {_text(frame)}" for key, frame in beside.frames.items()),
        "",
        "[[partner_words]]",
        *_keys(id=neutral.id, label=neutral.label),
        # The words are fixed, so they have no place for another one.
        "forms = {}",
    ]
    stems = {item.column: stem for item, stem in zip(recipe.items, codebook.stems, strict=True)}
    items = {item.column: item for item in recipe.items}
    for column in sorted(stems, key=natural):
        dimension = str(items[column].dimension)
        lines += ["", "[[items]]"]
        lines += _keys(id=column, dimension=dimension)
        lines += [f"keying = {items[column].keying}"]
        # A brace of the codebook's is a brace and no place for the partner's word.
        stem = stems[column].replace("{", "{{").replace("}", "}}")
        lines += _keys(facet=dimension, stem=stem)
    return "\n".join(lines) + "\n"


def _checksum(bank: Path) -> str:
    return str(json.loads(bank.read_text(encoding="utf-8"))["checksum"])


def _keys(**texts: str) -> Iterator[str]:
    return (f"{key} = {_text(text)}" for key, text in texts.items())


def _text(text: str) -> str:
    """A TOML string. JSON's escapes are TOML's, but for DEL, which no codebook's text has."""
    return json.dumps(text.replace("\x7f", ""), ensure_ascii=False)


# ---- whole or not at all --------------------------------------------------------------------------


@contextmanager
def _staged(into: Path) -> Iterator[Path]:
    """A folder that only its owner may open, gone at the end unless it was moved."""
    staged = Path(tempfile.mkdtemp(prefix=".adding-", dir=into))
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _move(staged: Path, target: Path) -> None:
    """Puts the staged folder in the target's place; what was there comes back if that fails."""
    former = _former(target.parent, target.name)
    if target.exists():
        target.rename(former)
    try:
        staged.rename(target)
    except BaseException:
        if former.exists():
            former.rename(target)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _former(into: Path, instrument_id: str) -> Path:
    return into / f".former-{instrument_id}"


def _put_back(into: Path, instrument_id: str) -> None:
    """Tidies up after a power cut in the middle of `_move`: what was installed is installed again."""
    former, target = _former(into, instrument_id), into / instrument_id
    if former.exists():
        if target.exists():
            shutil.rmtree(former)
        else:
            former.rename(target)


def _cannot_write() -> InputError:
    return InputError(
        "The folder of UNDERTOW_STATE_DIR cannot be written to. Name one that is yours and has room."
    )
