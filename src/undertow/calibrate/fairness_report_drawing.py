"""Small pictures side by side as hand-written SVG without script, light and dark; what they show is left open.

A picture is as wide as a phone, says in its title and description what it shows, and tells lines
apart by dashes and marks as well as by colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.svg import text

Array = NDArray[np.float64]

STYLE = """
:root { color-scheme: light dark; }
svg { --ink: #14232b; --soft: #43545c; --rule: #d8d4c8; --sheet: #fffdf8; --band: #e9e2d2;
  --one: #14232b; --two: #8a5a00; --three: #0f6a80; --four: #a33618; }
@media (prefers-color-scheme: dark) { svg { --ink: #eef1ec; --soft: #b3c0c2; --rule: #2b4048;
  --sheet: #12252d; --band: #29444d; --one: #eef1ec; --two: #e3b45a; --three: #7cc4d4; --four: #f0a07f; } }
@media print { svg { --ink: #000; --soft: #333; --rule: #bbb; --sheet: #fff; --band: #ddd;
  --one: #000; --two: #8a5a00; --three: #0f6a80; --four: #a33618; } }
text { font: 13px "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, sans-serif; fill: var(--ink); }
.soft { fill: var(--soft); font-size: 12px; } .head { font-weight: 600; font-size: 14px; }
.sheet { fill: var(--sheet); } .grid { stroke: var(--rule); fill: none; } .zero { stroke: var(--soft); }
.band { fill: var(--band); } .end { text-anchor: end; } .middle { text-anchor: middle; }
.line { fill: none; stroke-width: 2; } .bar { stroke-width: 1.25; } .mark { stroke-width: 1.5; }
.one { stroke: var(--one); } .two { stroke: var(--two); stroke-dasharray: 2 3; }
.three { stroke: var(--three); stroke-dasharray: 7 3; } .four { stroke: var(--four); }
.mark, .bar { stroke-dasharray: none; } .hollow { fill: var(--sheet); }
.full.one { fill: var(--one); } .full.two { fill: var(--two); }
.full.three { fill: var(--three); } .full.four { fill: var(--four); }
"""
_MARKS = {
    "one": ("circle", False),
    "two": ("square", False),
    "three": ("square", True),
    "four": ("circle", True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A small picture's place: left, top, width and height, with the numbers at its edges."""

    left: float
    top: float
    wide: float
    high: float
    across: tuple[float, float]
    up: tuple[float, float]

    def x(self, value: float) -> float:
        low, high = self.across
        return round(self.left + (value - low) / (high - low) * self.wide, 1)

    def y(self, value: float) -> float:
        low, high = self.up
        return round(self.top + (high - value) / (high - low) * self.high, 1)

    def axes(
        self, across: Sequence[float], up: Sequence[float], *, words: str, numbered: bool
    ) -> list[str]:
        """Frame, ticks and a head; `numbered` writes the numbers of the upright axis."""
        right, bottom = self.left + self.wide, self.top + self.high
        body = [
            text(self.left, self.top - 7, words, "soft"),
            f'<rect class="grid" x="{self.left:g}" y="{self.top:g}" width="{self.wide:g}" '
            f'height="{self.high:g}"/>',
        ]
        for value in across:
            body.append(text(self.x(value), bottom + 15, f"{value:g}", "soft middle"))
        for value in up:
            kind = "grid" if value else "zero"
            body.append(
                f'<line class="{kind}" x1="{self.left:g}" x2="{right:g}" y1="{self.y(value):g}" '
                f'y2="{self.y(value):g}"/>'
            )
            if numbered:
                body.append(text(self.left - 5, self.y(value) + 4, number(value), "soft end"))
        return body

    def band(self, low: float, high: float) -> str:
        """A shaded strip from one number to another."""
        return (
            f'<rect class="band" x="{self.left:g}" y="{self.y(high):g}" width="{self.wide:g}" '
            f'height="{self.y(low) - self.y(high):.1f}"/>'
        )

    def line(self, across: Sequence[float], up: Sequence[float], kind: str) -> str:
        points = " ".join(f"{self.x(a):g},{self.y(b):g}" for a, b in zip(across, up, strict=True))
        return f'<polyline class="line {kind}" points="{points}"/>'

    def bar(self, at: float, low: float, high: float, kind: str) -> str:
        """An upright line from one number to another."""
        x = self.x(at)
        return (
            f'<line class="bar {kind}" x1="{x:g}" x2="{x:g}" y1="{self.y(low):g}" '
            f'y2="{self.y(high):g}"/>'
        )


def mark(x: float, y: float, kind: str) -> str:
    """The mark that belongs to a kind of line."""
    shape, full = _MARKS[kind]
    filled = "full" if full else "hollow"
    if shape == "circle":
        return f'<circle class="mark {filled} {kind}" cx="{x:g}" cy="{y:g}" r="3.5"/>'
    return f'<rect class="mark {filled} {kind}" x="{x - 3:g}" y="{y - 3:g}" width="6" height="6"/>'


def key(entries: Sequence[tuple[str, str]], *, top: float, marked: bool = True) -> list[str]:
    """What each kind of line stands for, two in a row: (kind, words)."""
    body = []
    for at, (kind, words) in enumerate(entries):
        x, y = 12 + (at % 2) * 188, top + (at // 2) * 19
        body.append(f'<line class="line {kind}" x1="{x}" x2="{x + 30}" y1="{y}" y2="{y}"/>')
        if marked:
            body.append(mark(x + 15, y, kind))
        body.append(text(x + 37, y + 4, words, "soft"))
    return body


def ticks(low: float, high: float, *, most: int = 6) -> list[float]:
    """At most so many round numbers from low to high, 0 among them where it is inside."""
    step = next(
        size
        for power in range(-4, 7)
        for size in (10.0**power, 2 * 10.0**power, 5 * 10.0**power)
        if (high - low) / size <= most - 1
    )
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    return [round(step * at, 6) for at in range(first, last + 1)]


def number(value: float) -> str:
    """A tick's number with a true minus sign."""
    return f"{value:g}".replace("-", "−")
