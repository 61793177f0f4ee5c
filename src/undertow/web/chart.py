"""The plane in the units of an SVG drawing; what it shows is left to `reading.plane`."""

from __future__ import annotations

from dataclasses import dataclass

from undertow.reading.plane import Plane

SIZE = 360.0
"""The drawn square's side; the picture scales, so only proportions matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnEllipse:
    mass: float
    cx: float
    cy: float
    rx: float
    ry: float
    turn: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTick:
    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Everything the template draws, in SVG units: x to the right, y down."""

    size: float
    x: float
    y: float
    border_x: float
    border_y: float
    ellipses: tuple[DrawnEllipse, ...]
    x_ticks: tuple[DrawnTick, ...]
    y_ticks: tuple[DrawnTick, ...]
    lines: tuple[float, ...]


def chart_of(plane: Plane, *, size: float = SIZE) -> Chart:
    """The plane's drawing on a square of `size`."""
    scale = size / (2 * plane.reach)

    def across(place: float) -> float:
        return round((place + plane.reach) * scale, 2)

    def down(place: float) -> float:
        return round((plane.reach - place) * scale, 2)

    # The outer ring is drawn first, so that the inner one lies on it.
    ellipses = tuple(
        DrawnEllipse(
            mass=ellipse.mass,
            cx=across(plane.anxiety),
            cy=down(plane.avoidance),
            rx=round(ellipse.radius_one * scale, 2),
            ry=round(ellipse.radius_two * scale, 2),
            # SVG turns clockwise, since its y runs down.
            turn=round(-ellipse.tilt_degrees, 2),
        )
        for ellipse in sorted(plane.ellipses, key=lambda e: -e.mass)
    )
    whole = int(plane.reach)
    return Chart(
        size=size,
        x=across(plane.anxiety),
        y=down(plane.avoidance),
        border_x=across(plane.borders[0]),
        border_y=down(plane.borders[1]),
        ellipses=ellipses,
        x_ticks=tuple(
            DrawnTick(at=across(s.place), label=f"{s.share * 100:.0f}")
            for s in plane.anxiety_soundings
        ),
        y_ticks=tuple(
            DrawnTick(at=down(s.place), label=f"{s.share * 100:.0f}")
            for s in plane.avoidance_soundings
        ),
        lines=tuple(across(float(place)) for place in range(-whole, whole + 1)),
    )
