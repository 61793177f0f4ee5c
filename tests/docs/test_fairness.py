"""The fairness report is there, reaches what was aimed for, and the command still writes such a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import typer
from tests.reading_grade import grade
from tests.unit.calibrate.fairness_report.conftest import faceted_bank
from tests.unit.calibrate.making_replay import MEN, WOMEN, answers_of, archive_of, recipe_of
from typer.testing import CliRunner

import undertow.calibrate
import undertow.wiring
from undertow.calibrate import fairness_report_taking
from undertow.terminal.fairness_command import fairness
from undertow.wiring import built_in_bank

Row = dict[str, str]
DIMENSIONS = ("anxiety", "avoidance")
FAIR = ("fair, stated", "fair, hidden")
RULES = 5


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs/fairness.md").read_text(encoding="utf-8")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def tables(page: str) -> Iterator[tuple[str, str, list[str], list[Row]]]:
    """Each table's head and rows, with the section and the heading that it stands under."""
    section, heading = "", ""
    lines = iter([*page.splitlines(), ""])
    for line in lines:
        if line.startswith("#"):
            heading = line.lstrip("# ")
            section = heading if line.startswith("## ") else section
        if line.startswith("|"):
            head, rows = cells(line), []
            next(lines)
            while (line := next(lines)).startswith("|"):
                rows.append(dict(zip(head, cells(line), strict=True)))
            yield section, heading, head, rows


def under(page: str, section: str, dimension: str, column: str) -> list[Row]:
    found = [
        rows
        for own, heading, head, rows in tables(page)
        if own.startswith(section) and heading.startswith(dimension) and column in head
    ]
    assert len(found) == 1, (section, dimension, column)
    return found[0]


def number(cell: str) -> float:
    """The figure of a cell, its standard error left out."""
    match = re.fullmatch(r"([+-]?\d+\.\d+) \(\d+\.\d+\)", cell)
    assert match, cell
    return float(match[1])


def error(cell: str) -> float:
    return float(cell.split("(")[1].rstrip(")"))


def lower_end(cell: str) -> float:
    match = re.fullmatch(r"[+-]?\d+\.\d+ \(([+-]?\d+\.\d+) to [+-]?\d+\.\d+\)", cell)
    assert match, cell
    return float(match[1])


def test_it_says_how_it_was_made(page: str) -> None:
    made = {row[0]: row[1] for row in map(cells, page.splitlines()) if len(row) == 2}
    assert date.fromisoformat(made["made on"]) >= date(2026, 11, 25)
    assert re.fullmatch(r"`undertow fairness \S+\.zip -o docs`", made["made by"])
    assert made["bank"].startswith(built_in_bank().id)
    assert re.match(r"8,\d{3} men, 18,\d{3} women", made["people"])
    # The parameters are of other people.
    assert "each fifth of the people is scored with figures of the other four" in page


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("test", FAIR)
def test_the_fair_test_of_20_reaches_what_was_aimed_for(
    page: str, dimension: str, test: str
) -> None:
    section = "The two levers, with 20 questions"
    found = {row["test"]: row for row in under(page, section, dimension, "bias, men")}[test]
    agrees = {row["test"]: row for row in under(page, section, dimension, "psd, men")}[test]
    for name in ("men", "women"):
        assert abs(number(found[f"bias, {name}"])) <= 0.02
        assert number(found[f"found %, {name}"]) >= 84.0
        assert number(agrees[f"correlation, {name}"]) >= 0.965
        assert 93.0 <= number(agrees[f"coverage %, {name}"]) <= 97.0
        assert 0 < error(found[f"bias, {name}"]) < 0.005


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("test", FAIR)
def test_the_short_one_does_too(page: str, dimension: str, test: str) -> None:
    rows = under(page, "All figures by number of questions", dimension, "bias, men")
    (own,) = (row for row in rows if (row["questions"], row["test"]) == ("12", test))
    for name in ("men", "women"):
        assert abs(number(own[f"bias, {name}"])) <= 0.03


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_plain_testing_shows_the_tilt(page: str, dimension: str) -> None:
    rows = under(page, "The two levers, with 20 questions", dimension, "bias, men")
    plain = {row["test"]: row for row in rows}["plain"]
    assert number(plain["bias, men"]) < -0.02
    assert number(plain["gap, points"]) > 2 * error(plain["gap, points"])


def test_mens_bias_is_surely_nearer_to_none_than_in_the_plain_test(page: str) -> None:
    (rows,) = (rows for _, heading, _, rows in tables(page) if heading.startswith("Nearer to none"))
    assert {(row["test"], row["dimension"]) for row in rows} == {
        (test, dimension) for test in FAIR for dimension in DIMENSIONS
    }
    for row in rows:
        assert lower_end(row["bias, men"]) > 0, row
        if (row["test"], row["dimension"]) == ("fair, stated", "anxiety"):
            assert lower_end(row["gap, points"]) > 0, row


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_rule_is_told_for_plain_and_fair(page: str, dimension: str) -> None:
    rows = under(page, "The range over what counts as alike", f"{dimension}, 20", "bias, men")
    for test in ("plain", *FAIR):
        own = [row for row in rows if row["test"] == test]
        assert len({row["rule"] for row in own}) == RULES
        biases = [number(row["bias, men"]) for row in own]
        # The very words of the range that stands with the figures.
        said = f"- {test}: bias of men {min(biases):+.3f} to {max(biases):+.3f}"
        assert said in page


def test_everything_that_was_promised_is_told(page: str) -> None:
    sections = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    for name in (
        *("What this can and cannot show", "By number of questions", "What balance costs"),
        *("Other standards", "Item by item", "Who is asked what", "Published short forms"),
        *("By age", "By country", "All figures by number of questions"),
    ):
        assert any(section.startswith(name) for section in sections), name
    lengths = {
        row["questions"]
        for row in under(page, "All figures by number of questions", "anxiety", "bias, men")
    }
    assert lengths == {"8", "12", "16", "20", "28"}
    assert "ECR-12, sum" in page
    # These are not our words that were answered.
    assert "Shown for the original words" in page


def test_prose_is_plain_and_claims_no_more_than_is_shown(page: str) -> None:
    prose = [line for line in page.splitlines() if line and line[0] not in "|#!"]
    for line in prose:
        assert grade(re.sub(r"`[^`]*`|\*", "", line)) <= 8, line
    for claim in (r"\bunbiased\b", r"\bbias-free\b", r"\bproves?\b", r"\bno (man|one) is missed\b"):
        assert not re.search(claim, page, re.IGNORECASE), claim


def test_pictures_are_well_formed_with_titles(page: str, repository: Path) -> None:
    shown = re.findall(r"!\[[^]]+\]\((pictures/fairness-[a-z-]+\.svg)\)", page)
    there = sorted((repository / "docs/pictures").glob("fairness-*.svg"))
    assert sorted(f"pictures/{path.name}" for path in there) == sorted(shown)
    assert len(shown) == 5
    for path in there:
        root = ElementTree.parse(path).getroot()  # noqa: S314 - our own
        title = root.find("{http://www.w3.org/2000/svg}title")
        assert title is not None
        assert title.text
        assert root.get("width") == "390"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page that the command writes of a made-up archive, with two lengths."""
    bank, recipe = faceted_bank(), recipe_of(faceted_bank())
    genders = np.where(np.arange(700) % 2, MEN, WOMEN)
    answers = answers_of(bank, genders, np.random.default_rng(5))
    ages = np.array([20, 30, 40, 50, 60])[np.arange(700) % 5]
    archive = archive_of(tmp_path / "archive", bank, answers, genders, ages=ages)
    monkeypatch.setattr(undertow.wiring, "built_in_bank", lambda: bank)
    monkeypatch.setattr(undertow.calibrate, "load_recipe", lambda _: recipe)
    monkeypatch.setattr(fairness_report_taking, "LENGTHS", (8, 12))
    folder = tmp_path / "docs"
    folder.mkdir()
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(fairness)
    arguments = [str(archive), "-o", str(folder), "--folds", "0"]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert (done.exit_code, done.stderr) == (0, "")
    assert len(list((folder / "pictures").glob("fairness-*.svg"))) == 5
    return (folder / "fairness.md").read_text(encoding="utf-8")


def test_the_command_writes_the_same_layout(page: str, small: str) -> None:
    """Its own number of questions apart; a made-up bank has no published forms and one country."""

    def layout(text: str, *, without: tuple[str, ...]) -> list[tuple[str, str, list[str]]]:
        usual = re.search(r"The two levers, with (\d+) questions", text)
        assert usual
        return [
            (section.replace(usual[1], "N"), heading.replace(usual[1], "N"), head)
            for section, heading, head, _ in tables(text)
            if not section.startswith(without)
        ]

    apart = ("Published short forms", "By country")
    assert layout(small, without=apart) == layout(page, without=apart)
