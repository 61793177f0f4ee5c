"""Every source that code or text cites stands in docs/sources.bib, whole and once; licences are there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ENTRY = re.compile(r"^@(\w+)\{(\w+),\n(.*?)^\}$", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"^  (\w+)\s*= \{(.*)\},$", re.MULTILINE)
CITED = re.compile(r"\bSources?: ([a-z0-9, ]*[a-z]+\d{4}[a-z0-9, ]*)")
KEY = re.compile(r"\b[a-z]+\d{4}[a-z]?\b")

NEEDED = {
    "article": {"author", "title", "journal", "year"},
    "incollection": {"author", "title", "booktitle", "editor", "publisher", "year", "pages"},
    "techreport": {"author", "title", "institution", "year"},
    "misc": {"author", "title", "year", "howpublished"},
    "book": {"author", "title", "publisher", "year"},
}


@pytest.fixture(scope="module")
def bibliography(repository: Path) -> list[tuple[str, str, dict[str, str]]]:
    text = (repository / "docs" / "sources.bib").read_text(encoding="utf-8")
    entries = [(kind, key, dict(FIELD.findall(body))) for kind, key, body in ENTRY.findall(text)]
    # An entry that the pattern cannot read would silently be missing from every test here.
    assert len(entries) == len(re.findall(r"^@", text, re.MULTILINE))
    return entries


def test_each_source_stands_there_once(
    bibliography: list[tuple[str, str, dict[str, str]]],
) -> None:
    keys = [key for _, key, _ in bibliography]
    assert sorted(keys) == sorted(set(keys))


def test_each_source_is_whole(bibliography: list[tuple[str, str, dict[str, str]]]) -> None:
    lacking = {key: NEEDED[kind] - set(fields) for kind, key, fields in bibliography}
    assert {key: fields for key, fields in lacking.items() if fields} == {}


def test_a_key_carries_its_year(bibliography: list[tuple[str, str, dict[str, str]]]) -> None:
    assert [key for _, key, fields in bibliography if fields["year"] not in key] == []


def test_what_the_code_cites_is_there(
    repository: Path, bibliography: list[tuple[str, str, dict[str, str]]]
) -> None:
    known = {key for _, key, _ in bibliography}
    cited = {
        (path.name, key)
        for folder in ("src", "tests")
        for path in (repository / folder).rglob("*.py")
        for line in CITED.findall(path.read_text(encoding="utf-8"))
        for key in KEY.findall(line)
    }
    assert {key for _, key in cited} >= {"samejima1969", "bockaitkin1981"}
    assert {(file, key) for file, key in cited if key not in known} == set()


def test_what_the_texts_cite_is_there(
    repository: Path, bibliography: list[tuple[str, str, dict[str, str]]]
) -> None:
    content = repository / "src" / "undertow" / "content"
    known = {key for _, key, _ in bibliography}
    cited = set(tomllib.loads((content / "sources.toml").read_text(encoding="utf-8")))
    # The texts' own judgement is a source too, and says so in its name.
    assert cited - known == {"judgement"}


def test_the_licences_are_there_in_full(repository: Path) -> None:
    code = (repository / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in code
    assert "END OF TERMS AND CONDITIONS" in code
    content = (repository / "LICENSE-CONTENT").read_text(encoding="utf-8")
    assert "src/undertow/content" in content
    assert "https://creativecommons.org/licenses/by/4.0/legalcode" in content
    for section in range(1, 9):
        assert f"\nSection {section} -- " in content
