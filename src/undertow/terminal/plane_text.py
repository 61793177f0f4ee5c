"""The plane drawn in characters; what it shows is left to `reading.plane`, what it means to its caption."""

from __future__ import annotations

from dataclasses import dataclass

from undertow.reading.plane import Ellipse, Plane, Sounding

_LABEL = 3
_MARGIN = _LABEL + 2
"""Left of the plot: a two-digit number, a space or two, and the edge."""
_GAP = "   "
_SMALLEST, _SMALL, _LARGE = 5, 8, 10
"""Half the plot's height in rows."""
_TALL_ENOUGH_ROWS = 32
"""A window of fewer rows gets the small plot, which it can show whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """The characters to draw with. `rings` runs from the inmost ring outwards."""

    place: str
    rings: tuple[str, str]
    upright: str
    level: str
    edge: str
    edge_mark: str
    corner: str
    floor: str
    floor_mark: str
    up: str
    right: str


FINE = Ink(
    place="+",
    rings=("▒", "░"),
    upright="┊",
    level="┈",
    edge="│",
    edge_mark="┤",
    corner="└",
    floor="─",
    floor_mark="┬",
    up="↑",
    right="→",
)
ASCII = Ink(
    place="+",
    rings=("o", "."),
    upright=":",
    level="-",
    edge="|",
    edge_mark="|",
    corner="|",
    floor="=",
    floor_mark="!",
    up="^",
    right=">",
)


def ink_for(encoding: str) -> Ink:
    """The finest characters that the encoding can carry."""
    drawn = "".join((FINE.place, *FINE.rings, FINE.upright, FINE.level, FINE.edge, FINE.edge_mark))
    drawn += FINE.corner + FINE.floor + FINE.floor_mark + FINE.up + FINE.right
    try:
        drawn.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return FINE


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotSize:
    """A plot of 4 half + 1 columns by 2 half + 1 rows.

    A character is about twice as tall as wide, so one column is half as much of the plane as one
    row and a circle looks like one.
    """

    half: int

    @property
    def columns(self) -> int:
        return 4 * self.half + 1

    @property
    def rows(self) -> int:
        return 2 * self.half + 1

    @property
    def width(self) -> int:
        """Columns of the whole drawing, the numbers on its left included."""
        return _MARGIN + self.columns


def plot_size(width: int, height: int | None = None) -> PlotSize:
    """The largest plot for a window; without a height (no window) only the width counts."""
    fits_across = (width - _MARGIN - 1) // 4
    fits_down = _LARGE if height is None or height >= _TALL_ENOUGH_ROWS else _SMALL
    return PlotSize(half=max(_SMALLEST, min(fits_across, fits_down)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneText:
    """The drawing as lines, top first. Row and column of the place count from the plot's top left."""

    head: str
    plot_lines: tuple[str, ...]
    foot: tuple[str, ...]
    ink: Ink
    size: PlotSize
    place_row: int
    place_column: int

    @property
    def lines(self) -> tuple[str, ...]:
        return (self.head, *self.plot_lines, *self.foot)

    def plot(self) -> tuple[str, ...]:
        """The rows of the plot alone, without its numbers and edges."""
        return tuple(row[_MARGIN:].ljust(self.size.columns) for row in self.plot_lines)


def draw_plane(
    plane: Plane, *, size: PlotSize, ink: Ink, up: str, right: str, width: int
) -> PlaneText:
    """The plane in characters: anxiety to the right, avoidance up.

    `up` and `right` name the axes. The place and its rings move together to the nearest
    character, so that the cross stays in the middle of its rings.
    """
    scale = _Scale(reach=plane.reach, size=size)
    cells = [[" "] * size.columns for _ in range(size.rows)]
    column, row = scale.column(plane.borders[0]), scale.row(plane.borders[1])
    for line in cells:
        line[column] = ink.upright
    cells[row] = [ink.level if cell == " " else cell for cell in cells[row]]
    here_row, here_column = scale.row(plane.avoidance), scale.column(plane.anxiety)
    # The inmost ring is drawn last, so that it lies on the others.
    rings = sorted(plane.ellipses, key=lambda ellipse: ellipse.mass)
    for ellipse, mark in reversed(list(zip(rings, ink.rings, strict=True))):
        _fill(cells, plane, ellipse, mark, scale)
    cells[here_row][here_column] = ink.place
    marks = {scale.row(s.place): s for s in plane.avoidance_soundings}
    plot = [_row(cells[number], marks.get(number), ink).rstrip() for number in range(size.rows)]
    return PlaneText(
        head=" " * (_MARGIN - 1) + f"{ink.up} {up}",
        plot_lines=tuple(plot),
        foot=_foot(plane.anxiety_soundings, scale, ink, f"{right} {ink.right}", width),
        ink=ink,
        size=size,
        place_row=here_row,
        place_column=here_column,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """From places of the plane to the nearest row and column; what lies outside stays on the edge."""

    reach: float
    size: PlotSize

    @property
    def column_step(self) -> float:
        return self.reach / (2 * self.size.half)

    @property
    def row_step(self) -> float:
        return self.reach / self.size.half

    def column(self, anxiety: float) -> int:
        nearest = round((anxiety + self.reach) / self.column_step)
        return min(max(nearest, 0), self.size.columns - 1)

    def row(self, avoidance: float) -> int:
        nearest = round((self.reach - avoidance) / self.row_step)
        return min(max(nearest, 0), self.size.rows - 1)


def _fill(cells: list[list[str]], plane: Plane, ellipse: Ellipse, mark: str, scale: _Scale) -> None:
    here_row, here_column = scale.row(plane.avoidance), scale.column(plane.anxiety)
    for row, line in enumerate(cells):
        for column in range(len(line)):
            anxiety = plane.anxiety + (column - here_column) * scale.column_step
            avoidance = plane.avoidance + (here_row - row) * scale.row_step
            if plane.holds(ellipse, anxiety, avoidance):
                line[column] = mark


def _row(cells: list[str], mark: Sounding | None, ink: Ink) -> str:
    number = _number(mark) if mark else ""
    edge = ink.edge_mark if mark else ink.edge
    return f"{number:>{_LABEL}} {edge}{''.join(cells)}"


def _foot(
    soundings: tuple[Sounding, ...], scale: _Scale, ink: Ink, right: str, width: int
) -> tuple[str, ...]:
    """The bottom edge, the numbers under it, and the axis's name behind them or on a line of its own."""
    columns = scale.size.columns
    edge = [ink.floor] * columns
    numbers = " " * (columns + 1)
    for sounding in sorted(soundings, key=lambda s: abs(s.share - 0.5)):
        column = scale.column(sounding.place)
        label = _number(sounding)
        # On a narrow plot the numbers nearest to the middle win; a mark goes with its number.
        if numbers[max(0, column - 1) : column + len(label) + 1].strip():
            continue
        edge[column] = ink.floor_mark
        numbers = numbers[:column] + label + numbers[column + len(label) :]
    floor = " " * (_MARGIN - 1) + ink.corner + "".join(edge)
    under = (" " * _MARGIN + numbers).rstrip()
    if len(under) + len(_GAP) + len(right) <= width:
        return (floor, f"{under}{_GAP}{right}")
    return (floor, under, " " * max(0, min(_MARGIN, width - len(right))) + right)


def _number(sounding: Sounding) -> str:
    return f"{sounding.share * 100:.0f}"
