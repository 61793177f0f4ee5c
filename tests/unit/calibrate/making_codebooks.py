"""Codebooks made up for the archive of `making`: pages and texts that say the same, and zips with them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from tests.unit.calibrate.making import csv_of, simulated_answers

STEMS: Mapping[str, str] = {
    "A1": "The weather keeps me busy.",
    "A2": "I think of rain a lot.",
    "A3": "Clouds make my day {long}.",
    "A4": "I forget the wind & the sun.",
    "B1": "Umbrellas stay at home.",
    "B2": "I like to stand in puddles.",
    "B3": "Boots are for other people.",
    "B4": "I'd rather look at fog from inside.",
}
CATEGORIES = ("Not me", "Half me", "Quite me")
RATED = 'rated on a three point scale (1-3; 0 if missed). 1 was labeled as "not me", 2 was labeled '
RATED += 'as "half me" and 3 was labeled as "quite me".'


def page(stems: Mapping[str, str] = STEMS, *, rated: str = RATED) -> str:
    """A table of fields as in published archives."""
    rows = "".join(
        f'<tr>\n<td>{column}</td>\n<td>INTEGER</td>\n<td>"{stem.replace("&", "&amp;")}" {rated}</td>\n</tr>\n'
        for column, stem in stems.items()
    )
    return (
        "These answers were made up.\n<br/><br/>\n"
        '<table border="1px"><tr><th>Field</th><th>Format</th><th>Description</th></tr>\n'
        f"{rows}<tr><td>age</td><td>INTEGER</td><td>Age in years</td></tr>\n"
        '<tr><td>gender</td><td>INTEGER</td><td>1 if "Male", 2 if "Female", 3 if "Other"</td></tr>\n'
        '<TR><td>country</td><td>STRING</td><td>The key is below:<br/>\nA1,"Nowhere at all"\n'
        '<br/>B1,"Somewhere else"</td></tr></table>\n'
    )


def text(stems: Mapping[str, str] = STEMS) -> str:
    """The same as plain text."""
    lines = [f"{column}. {stem}" for column, stem in stems.items()]
    return (
        "These answers were made up.\n\n"
        "A1-B4 were answered on a scale where 1 = not me, 2 = half me, 3 = quite me (0 = missed)\n\n"
        + "\n".join(lines)
        + "\n\nage\tin years\ngender\t1 = Male, 2 = Female, 3 = Other\n"
    )


def answers(rows: int = 900, *, seed: int = 5) -> bytes:
    return csv_of(simulated_answers(rows, seed=seed, missing=0.03))


def zip_with(files: Mapping[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def archive_zip(codebook: str | None = None, *, name: str = "codebook.html") -> bytes:
    """An archive of answers with a codebook."""
    return zip_with({"folder/data.csv": answers(), f"folder/{name}": codebook or page()})
