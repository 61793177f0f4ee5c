"""The plane in characters: where the cross stands, what the rings hold, and what an old terminal gets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.made_up_bank import normal_norm

from undertow.measure.posterior import Estimate
from undertow.reading.plane import Plane, plane_of
from undertow.terminal.plane_text import (
    ASCII,
    FINE,
    Ink,
    PlaneText,
    PlotSize,
    draw_plane,
    ink_for,
    plot_size,
)

UP, RIGHT = "more distance", "more worry about losing closeness"
LARGE = PlotSize(half=10)


def plane(
    anxiety: float,
    avoidance: float,
    *,
    psd: tuple[float, float] = (0.6, 0.6),
    correlation: float = 0.0,
    borders: tuple[float, float] = (0.0, 0.0),
) -> Plane:
    cross = correlation * psd[0] * psd[1]
    made = plane_of(
        Estimate(
            mean=np.array([anxiety, avoidance]),
            covariance=np.array([[psd[0] ** 2, cross], [cross, psd[1] ** 2]]),
        ),
        borders=borders,
        norm=normal_norm(),
        caption="words",
    )
    # Fixed here, so that rows and columns can be worked out by hand.
    return replace(made, reach=3.5)


def drawn(of: Plane, *, size: PlotSize = LARGE, ink: Ink = FINE, width: int = 80) -> PlaneText:
    return draw_plane(of, size=size, ink=ink, up=UP, right=RIGHT, width=width)


def cells(text: PlaneText, *marks: str) -> set[tuple[int, int]]:
    """Where a character stands, as (row, column) from the cross: down and right are positive."""
    return {
        (row - text.place_row, column - text.place_column)
        for row, line in enumerate(text.plot())
        for column, cell in enumerate(line)
        if cell in marks
    }


@pytest.mark.parametrize(
    ("anxiety", "avoidance", "row", "column"),
    [
        # Half the plot is 3.5 SD: 20 columns across, 10 rows down.
        (0.0, 0.0, 10, 20),
        (3.5, 3.5, 0, 40),
        (-3.5, -3.5, 20, 0),
        (1.75, 0.0, 10, 30),
        (0.0, 1.75, 5, 20),
        (-0.875, -0.7, 12, 15),
        # What lies outside the chart is shown on its edge.
        (5.0, -9.0, 20, 40),
    ],
)
def test_the_cross_stands_at_the_place(
    anxiety: float, avoidance: float, row: int, column: int
) -> None:
    text = drawn(plane(anxiety, avoidance))
    assert text.plot()[row][column] == "+"
    assert sum(line.count("+") for line in text.plot()) == 1


@pytest.mark.parametrize("place", [(0.0, 0.0), (0.31, -0.77), (-1.13, 0.95)])
@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_the_rings_are_symmetrical_about_the_cross(
    place: tuple[float, float], correlation: float
) -> None:
    text = drawn(plane(*place, correlation=correlation))
    for mark in FINE.rings:
        here = cells(text, mark)
        assert here
        assert here == {(-row, -column) for row, column in here}


def test_an_untilted_ring_mirrors_left_to_right_and_top_to_bottom() -> None:
    inner = cells(drawn(plane(0.4, -0.4)), *FINE.rings)
    assert inner == {(row, -column) for row, column in inner}
    assert inner == {(-row, column) for row, column in inner}


def test_a_tilted_ring_leans_the_way_of_its_correlation() -> None:
    leaning = cells(drawn(plane(0.0, 0.0, correlation=0.8)), *FINE.rings)
    up_right = sum(1 for row, column in leaning if row * column < 0)
    down_right = sum(1 for row, column in leaning if row * column > 0)
    assert up_right > down_right


def test_equal_spreads_look_round() -> None:
    """A character is about twice as tall as wide, so a round ring spans twice as many columns."""
    ring = cells(drawn(plane(0.0, 0.0, psd=(0.9, 0.9))), *FINE.rings)
    down = max(row for row, _ in ring)
    right = max(column for _, column in ring)
    # 0.9 SD * sqrt(-2 ln 0.05) = 2.203 SD; a row is 0.35 SD and a column 0.175 SD.
    assert (down, right) == (6, 12)


def test_the_inner_ring_holds_80_percent_and_the_outer_one_95() -> None:
    text = drawn(plane(0.0, 0.0, psd=(1.0, 0.5)))
    across = text.plot()[10]
    # Along the anxiety axis: 1 SD * sqrt(-2 ln 0.20) = 1.794 SD, sqrt(-2 ln 0.05) = 2.448 SD.
    assert max(c for c, cell in enumerate(across) if cell == FINE.rings[0]) == 20 + 10
    assert max(c for c, cell in enumerate(across) if cell == FINE.rings[1]) == 20 + 13


def test_the_broken_lines_stand_at_the_borders() -> None:
    text = drawn(plane(2.0, 2.0, psd=(0.2, 0.2), borders=(-0.875, 0.7)))
    plot = text.plot()
    assert all(line[15] == FINE.upright for line in plot)
    assert plot[8].count(FINE.level) == 40


def test_numbers_at_the_edges_stand_where_that_share_lies_below() -> None:
    text = drawn(plane(0.0, 0.0))
    labels = {line[:3].strip(): row for row, line in enumerate(text.plot_lines) if line[:3].strip()}
    # Of a normal, 90 in 100 lie below 1.28 and 75 in 100 below 0.67; a row is 0.35 SD.
    assert labels == {"90": 6, "75": 8, "50": 10, "25": 12, "10": 14}
    numbers = text.foot[1]
    assert [numbers.index(label) - 5 for label in ("10", "25", "50", "75", "90")] == [
        13, 16, 20, 24, 27,
    ]  # fmt: skip


def test_both_axes_are_named() -> None:
    text = drawn(plane(0.0, 0.0))
    assert text.head.strip() == f"↑ {UP}"
    assert text.foot[-1].endswith(f"{RIGHT} →")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_line_is_wider_than_the_window(width: int) -> None:
    text = drawn(plane(1.0, 1.0), size=plot_size(width, 24), width=width)
    assert max(len(line) for line in text.lines) <= width


@pytest.mark.parametrize(
    ("width", "height", "half"),
    [(80, 50, 10), (80, 24, 8), (74, None, 10), (39, 24, 8), (30, 50, 6), (10, 24, 5)],
)
def test_the_plot_fits_its_window(width: int, height: int | None, half: int) -> None:
    assert plot_size(width, height).half == half


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "no such encoding"])
def test_an_encoding_without_the_characters_gets_ascii(encoding: str) -> None:
    assert ink_for(encoding) is ASCII
    text = drawn(plane(0.4, 0.4), ink=ASCII)
    assert all(line.isascii() for line in text.lines)
    assert sum(line.count("+") for line in text.lines) == 1


def test_both_inks_draw_the_same_picture() -> None:
    fine, plain = drawn(plane(0.4, -1.1), ink=FINE), drawn(plane(0.4, -1.1), ink=ASCII)
    assert ink_for("utf-8") is FINE
    for mark, twin in zip(FINE.rings, ASCII.rings, strict=True):
        assert cells(fine, mark) == cells(plain, twin)
