"""Nothing of one machine, of anyone's answers or of another instrument's wording is in the repository."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.architecture.sources import REPOSITORY, own_texts

# Folders that many machines have; a text may speak of them without meaning this one.
COMMON = {"/", "/app", "/home", "/mnt", "/opt", "/root", "/src", "/srv", "/tmp", "/usr", "/var"}  # noqa: S108
MOST_ROWS = 500
RUN_OF_WORDS = 6


def said_by(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def registries() -> set[str]:
    """The hosts and folders that this machine's own pip and npm fetch from; none where none is set.

    They are asked for and not written down, since writing them down is what the test forbids.
    """
    configured = [said_by(sys.executable, "-m", "pip", "config", "list")]
    if npm := shutil.which("npm"):
        configured.append(said_by(npm, "config", "get", "registry"))
    text = "\n".join(configured)
    hosts = set(re.findall(r"https?://(?:[^/@'\s]*@)?([^/:'\s]+)", text))
    links = [line for line in text.splitlines() if re.search(r"(index-url|find-links)=", line)]
    folders = {found for line in links for found in re.findall(r"/\w[^\s':]*", line)}
    return hosts - {"localhost", "127.0.0.1"} | {f for f in folders if f.count("/") > 1}


def own_places() -> list[re.Pattern[str]]:
    """This checkout, the folder it lies in, and this person's hidden files."""
    folders = [each for each in (REPOSITORY, REPOSITORY.parent) if str(each) not in COMMON]
    places = [f"{Path.home()}/.", *(f"{folder}/" for folder in folders)]
    return [re.compile(rf"(?<![\w./-]){re.escape(place)}") for place in places]


def wording(archive: Path) -> list[tuple[str, ...]]:
    """The items of the archive's codebook, each as its words."""
    with zipfile.ZipFile(archive) as opened:
        book = next(name for name in opened.namelist() if name.endswith("codebook.html"))
        text = re.sub(r"<[^>]*>", " ", opened.read(book).decode("utf-8"))
    return [words_of(item) for item in re.findall(r'"([^"]{25,}?)" rated', text)]


def words_of(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z]+", re.sub(r"['’]", "", text.lower())))


def runs(words: tuple[str, ...], length: int) -> Iterator[tuple[str, ...]]:
    return (words[start : start + length] for start in range(len(words) - length + 1))


def test_there_are_texts_to_look_at() -> None:
    assert {"pyproject.toml", "README.md", ".ci/run"} <= set(own_texts())


def test_no_text_names_where_this_machine_fetches_packages() -> None:
    named = registries()
    assert [place for place, text in own_texts().items() if any(h in text for h in named)] == []


def test_no_text_names_a_place_on_this_machine() -> None:
    places = own_places()
    found = [
        place for place, text in own_texts().items() if any(each.search(text) for each in places)
    ]
    assert found == []


def test_a_planted_place_is_found() -> None:
    text = f"see {REPOSITORY}/README.md"
    assert any(each.search(text) for each in own_places())


def test_a_lock_file_that_names_registries_stays_out() -> None:
    assert "uv.lock" in (REPOSITORY / ".gitignore").read_text(encoding="utf-8").split()


def test_no_table_is_long_enough_to_hold_peoples_answers() -> None:
    tables = {p: t for p, t in own_texts().items() if p.endswith((".csv", ".tsv"))}
    long = [place for place, text in tables.items() if text.count("\n") > MOST_ROWS]
    assert long == []


@pytest.mark.real_data
def test_the_wording_of_the_ecr_is_nowhere(ecr_sample: Path) -> None:
    items = wording(ecr_sample)
    assert len(items) == 36
    # Whole short items, and six words in a row of any: more than chance brings together.
    theirs = {
        run: f"Q{number}"
        for number, item in enumerate(items, 1)
        for run in runs(item, min(len(item), RUN_OF_WORDS))
    }
    lengths = {len(run) for run in theirs}
    found = {
        (place, theirs[run])
        for place, text in own_texts().items()
        for length in lengths
        for run in runs(words_of(text), length)
        if run in theirs
    }
    # Only places and numbers are shown: the wording would end up in a log.
    assert sorted(found) == []


@pytest.mark.real_data
def test_no_row_of_the_archive_is_anywhere(ecr_sample: Path) -> None:
    with zipfile.ZipFile(ecr_sample) as opened:
        data = next(name for name in opened.namelist() if name.endswith("data.csv"))
        rows = opened.read(data).decode("utf-8").splitlines()[1:]
    # Everyone who answered all of one kind looks alike and is no one's row.
    answers = {tuple(re.findall(r"\d+", row)[:36]) for row in rows}
    telling = {row for row in answers if len(set(row)) > 2}
    found = [
        place
        for place, text in own_texts().items()
        if any(tuple(re.findall(r"\d+", line)[:36]) in telling for line in text.splitlines())
    ]
    assert len(telling) > 1000
    assert found == []


def test_json_files_hold_no_rows_of_single_answers() -> None:
    """Figures are floats, counts and names; 36 small whole numbers in a row would be someone."""

    def rows(value: object) -> Iterator[list[object]]:
        if isinstance(value, dict):
            for inner in value.values():
                yield from rows(inner)
        elif isinstance(value, list):
            if len(value) >= 18 and all(isinstance(one, int) and 0 <= one <= 5 for one in value):
                yield value
            for inner in value:
                yield from rows(inner)

    found = [
        place
        for place, text in own_texts().items()
        if place.endswith(".json") and any(rows(json.loads(text)))
    ]
    assert found == []
