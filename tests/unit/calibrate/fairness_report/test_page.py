"""The page and its pictures: every figure has its error, every picture is well-formed, nothing is half written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.reading_grade import grade

from undertow.calibrate.fairness_report import FILE, FairnessReport, write_report
from undertow.calibrate.fairness_report_aims import aims
from undertow.calibrate.fairness_report_drawing import Box, ticks
from undertow.calibrate.fairness_report_figures import told_of
from undertow.calibrate.fairness_report_tables import called, over_rules
from undertow.calibrate.fairness_report_taking import cells_at
from undertow.calibrate.fairness_report_text import texts_of
from undertow.calibrate.replay_figures import Drawn
from undertow.errors import InputError

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = {"bias-stated", "bias-hidden", "items", "information", "exposure"}
WITH_ERROR = re.compile(r"[+-]?\d+\.\d+ \(\d+\.\d+\)|–")
WITH_INTERVAL = re.compile(r"[+-]?\d+\.\d+ \([+-]?\d+\.\d+ to [+-]?\d+\.\d+\)")


@pytest.fixture(scope="module")
def texts(report: FairnessReport) -> dict[str, str]:
    return texts_of(report, made_on="2026-11-25", command="undertow fairness a.zip -o docs")


@pytest.fixture(scope="module")
def page(texts: dict[str, str]) -> str:
    return texts[FILE]


def tables(page: str) -> Iterator[tuple[str, list[list[str]]]]:
    """Each table's rows, its head first, with the heading that it stands under."""
    heading, rows = "", list[list[str]]()
    for line in [*page.splitlines(), ""]:
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            yield heading, [rows[0], *rows[2:]]
            rows = []


def test_the_page_comes_last_and_says_how_it_was_made(texts: dict[str, str], page: str) -> None:
    assert list(texts)[-1] == FILE
    assert "2026-11-25" in page
    assert "`undertow fairness a.zip -o docs`" in page


def test_every_picture_is_shown_and_there(texts: dict[str, str], page: str) -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", page)
    assert sorted(shown) == sorted(name for name in texts if name != FILE)
    assert set(shown) == {f"pictures/fairness-{name}.svg" for name in PICTURES}


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_is_well_formed_and_says_what_it_shows(texts: dict[str, str], name: str) -> None:
    root = ElementTree.fromstring(texts[f"pictures/fairness-{name}.svg"])  # noqa: S314 - our own
    assert root.tag == f"{SVG}svg"
    title, about = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text
    assert about is not None
    assert about.text
    assert root.get("role") == "img"
    assert root.get("width") == "390"
    height = float(root.get("height", "0"))
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "line", "circle", "polyline", "text"}
    for element in root.iter():
        for key in ("x", "x1", "x2", "cx"):
            assert 0 <= float(element.get(key, "0")) <= 390
        for key in ("y", "y1", "y2", "cy"):
            assert 0 <= float(element.get(key, "0")) <= height
    assert "nan" not in texts[f"pictures/fairness-{name}.svg"]


@pytest.mark.parametrize("how", ["stated", "hidden"])
def test_four_lines_for_men_and_four_for_women_on_both_dimensions(
    texts: dict[str, str], how: str
) -> None:
    root = ElementTree.fromstring(texts[f"pictures/fairness-bias-{how}.svg"])  # noqa: S314 - our own
    lines = list(root.iter(f"{SVG}polyline"))
    assert len(lines) == 4 * 2 * 2
    # One point for each of the three lengths of this bank.
    assert {len(line.get("points", "").split()) for line in lines} == {3}
    assert len({line.get("class") for line in lines}) == 4


def test_a_line_is_where_its_figures_are() -> None:
    box = Box(left=10, top=20, wide=100, high=50, across=(0, 10), up=(-1, 1))
    assert box.line([0, 5, 10], [-1, 0, 1], "one") == (
        '<polyline class="line one" points="10,70 60,45 110,20"/>'
    )


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.06, 0.06, [-0.05, 0.0, 0.05]),
        (0.0, 12.0, [0.0, 5.0, 10.0]),
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-0.25, 0.25, [-0.2, -0.1, 0.0, 0.1, 0.2]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def test_every_table_is_whole_and_every_figure_has_its_error(page: str) -> None:
    checked = 0
    for heading, (head, *rows) in tables(page):
        assert rows, heading
        for row in rows:
            assert len(row) == len(head), (heading, row)
            for column, cell in zip(head, row, strict=True):
                if re.match(r"bias|found|gap|correlation|coverage|psd", column):
                    near = heading.startswith("Nearer")
                    pattern = WITH_INTERVAL if near else WITH_ERROR
                    assert pattern.fullmatch(cell), (heading, column, cell)
                    checked += 1
    assert checked > 500


def test_prose_is_plain(page: str) -> None:
    prose = [line for line in page.splitlines() if line and line[0] not in "|#!"]
    assert len(prose) > 20
    for line in prose:
        assert grade(re.sub(r"`[^`]*`|\*", "", line)) <= 8, line


def test_the_limits_are_said(page: str) -> None:
    limits = page.split("## What this can and cannot show")[1].split("\n## ", maxsplit=1)[0]
    for said in (
        "Only beside these questions",
        "No outside yardstick",
        "chose to take part",
        "circle",
    ):
        assert said in limits
    # These items adapt no others, so nothing is said of other words.
    assert "original words" not in limits


def test_each_dimension_carries_its_range_over_the_rules(report: FairnessReport, page: str) -> None:
    assert page.count("Over the five ways to choose what counts as alike:") == 2
    for cell in told_of(report.usual):
        (men, _), _ = over_rules(report, cell, 0)
        told = [
            float(report.figures.rules[rule, cell, 0].own["bias"].value[0])
            for rule in report.outcomes.rules
        ]
        assert (men.low, men.high) == (min(told), max(told))
        assert f"{men.low:+.3f} to {men.high:+.3f}" in page


def test_the_usual_table_holds_the_figures(report: FairnessReport, page: str) -> None:
    (head, *rows), *_ = (own for heading, own in tables(page) if heading == "anxiety")
    assert [row[0] for row in rows] == [called(cell) for cell in cells_at(report.usual)]
    for cell, row in zip(cells_at(report.usual), rows, strict=True):
        bias = report.figures.cells[cell, 0].own["bias"]
        assert row[head.index("bias, women")].startswith(f"{bias.value[1] + 0:+.3f}"[:6])
        assert row[head.index("bias, women")].endswith(f"({bias.se[1]:.3f})")


def test_a_missed_aim_is_said_to_be_missed(report: FairnessReport) -> None:
    """Planted: with gender hidden a test of this bank cannot but lean, and with it stated it does not."""
    _, stated, hidden = told_of(report.usual)
    reached = {
        cell: {aim.words: aim.reached for aim in aims(report, cell)} for cell in (stated, hidden)
    }
    words = "16 questions: bias within 0.02 SD"
    assert reached[stated][words] is True
    assert reached[hidden][words] is False
    gap = "gap on anxiety nearer to 0 than plain"
    assert reached[stated][gap] is True
    assert reached[hidden][gap] is None


def test_a_figure_about_nobody_is_a_dash(report: FairnessReport) -> None:
    cell = cells_at(report.usual)[0]
    section = report.figures.cells[cell, 0]
    nobody = Drawn(rows=section.own["found"].rows * float("nan"))
    empty = replace(section, own={**section.own, "found": nobody})
    figures = replace(report.figures, cells={**report.figures.cells, (cell, 0): empty})
    page = texts_of(replace(report, figures=figures), made_on="2026-11-25", command="x")[FILE]
    assert "nan" not in page
    assert "| – | – | – |" in page


# ---- writing --------------------------------------------------------------------------------------


def test_everything_is_written_beside_the_page(texts: dict[str, str], tmp_path: Path) -> None:
    assert write_report(texts, tmp_path) == tmp_path / FILE
    assert {
        path.relative_to(tmp_path).as_posix(): path.read_text(encoding="utf-8")
        for path in tmp_path.rglob("*")
        if path.is_file()
    } == texts


def test_where_the_page_cannot_go_no_picture_goes_either(
    texts: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(InputError, match="cannot be written to"):
        write_report(texts, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_what_was_there_stays_where_a_picture_cannot_go(
    texts: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / FILE).write_text("before", encoding="utf-8")
    (tmp_path / "pictures").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written to"):
        write_report(texts, tmp_path)
    assert (tmp_path / FILE).read_text(encoding="utf-8") == "before"
