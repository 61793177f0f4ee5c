"""Item differences between two groups as pictures: hand-written SVG without script, light and dark.

What is drawn is found in `dif` and `by_group`, the frame in `svg`.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.by_group import ByGroup
from undertow.calibrate.comparison import Comparison
from undertow.calibrate.dif import EffectClass, ItemDif
from undertow.calibrate.likelihood import Sides, category_tables
from undertow.calibrate.svg import WIDTH, sheet, text
from undertow.errors import ShapeError

Array = NDArray[np.float64]

Box = tuple[float, float, float, float]
"""Left, top, width and height."""

_LEFT, _RIGHT = 64, 14
_ROW, _HEAD = 22, 34
_TOP = 132
_TICK = 0.1
_NORMAL_95 = 1.96

_STYLE = """
:root { color-scheme: light dark; }
svg { --ink: #14232b; --soft: #43545c; --rule: #d8d4c8; --sheet: #fffdf8; --one: #0f4c5c;
  --two: #9a3b1f; --range: #e9e2d2; }
@media (prefers-color-scheme: dark) { svg { --ink: #eef1ec; --soft: #b3c0c2; --rule: #2b4048;
  --sheet: #12252d; --one: #7cc4d4; --two: #f0a07f; --range: #29444d; } }
@media print { svg { --ink: #000; --soft: #333; --rule: #bbb; --sheet: #fff; --one: #0f4c5c;
  --two: #9a3b1f; --range: #ddd; } }
text { font: 13px "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, sans-serif; fill: var(--ink); }
.soft { fill: var(--soft); font-size: 12px; } .head { font-weight: 600; font-size: 14px; }
.sheet { fill: var(--sheet); } .grid { stroke: var(--rule); } .zero { stroke: var(--soft); }
.range { fill: var(--range); } .bar { stroke: var(--ink); stroke-width: 2; }
.small { fill: var(--sheet); stroke: var(--ink); stroke-width: 1.5; } .notable { fill: var(--ink); }
.one { stroke: var(--one); } .two { stroke: var(--two); stroke-dasharray: 6 4; }
.curve { fill: none; stroke-width: 2.25; } .end { text-anchor: end; } .middle { text-anchor: middle; }
"""


def differences_svg(
    comparison: Comparison,
    difs: Sequence[ItemDif],
    sides: Sequence[Sides],
    dimensions: Sequence[str],
) -> str:
    """Each item's difference with its 95 % interval and its range over anchor rules, sorted.

    `dimensions` names the sides that have items; they stand apart. A filled dot has an effect class
    that is not negligible. Raises ShapeError when names and sides do not go together.
    """
    used = [side for side in sides[0] if side.items.size]
    if len(dimensions) != len(used):
        raise ShapeError(f"dimensions must name {len(used)}")
    reach = _reach(difs)
    first, second = comparison.names[0], comparison.names[-1]
    two = len(comparison.names) == 2
    less = f"{first} less {second}" if two else "the two groups that differ most"
    body, y = _difference_axes(reach, first if two else None, second), _TOP
    told = []
    for name, side in zip(dimensions, used, strict=True):
        own = sorted(
            (one for one in difs if one.item in side.items), key=lambda one: one.difference
        )
        body.append(text(12, y + 20, name, "head"))
        y += _HEAD
        top = y
        rows = [
            _difference_row(one, comparison.items[one.item], y + _ROW * at, reach)
            for at, one in enumerate(own)
        ]
        y += _ROW * len(own)
        body += [*_gridlines(reach, top, y), *(part for row in rows for part in row)]
        y += 8
        told.append(
            f"{name}: from {comparison.items[own[0].item]} ({own[0].difference:+.2f}) to "
            f"{comparison.items[own[-1].item]} ({own[-1].difference:+.2f})"
        )
    title = f"How far items differ, {less}"
    about = (
        f"Expected-score difference at the same place, in categories of the answer scale, with its "
        f"95 % interval and its range over the anchor rules. {'; '.join(told)}."
    )
    return sheet(y + 6, title, about, [*_difference_key(), *body], style=_STYLE)


def curves_svg(by_group: ByGroup, sides: Sequence[Sides], dimensions: Sequence[str]) -> str:
    """Expected score by theta in every group, a small picture for each item that differs.

    Raises ShapeError for more than two groups, whose lines could not be told apart, and when names
    and sides do not go together.
    """
    used = [side for side in sides[0] if side.items.size]
    if len(by_group.names) != 2 or len(dimensions) != len(used):
        raise ShapeError(f"curves need two groups, and dimensions must name {len(used)}")
    theta = np.linspace(-3, 3, 31)
    top = by_group.parameters.intercepts.shape[2]
    scores = [
        np.tensordot(
            np.arange(top + 1),
            category_tables(by_group.parameters.slope[g], by_group.parameters.intercepts[g], theta),
            axes=(0, 1),
        )
        for g in (0, 1)
    ]
    body, y = _curve_key(by_group.names), 92
    wide, high, gap = 112, 92, 11
    for name, side in zip(dimensions, used, strict=True):
        own = [int(item) for item in by_group.differing if item in side.items]
        if not own:
            continue
        body.append(text(12, y + 18, name, "head"))
        y += _HEAD - 6
        for at, item in enumerate(own):
            x = 14 + (at % 3) * (wide + gap)
            own_y = y + (at // 3) * (high + 40)
            body.append(text(x, own_y + 16, by_group.items[item], ""))
            box = x, own_y + 22.0, float(wide), float(high)
            body += _small_axes(box)
            for group, kind in ((0, "one"), (1, "two")):
                line = _line(scores[group][item] / top, box)
                body.append(f'<polyline class="curve {kind}" points="{line}"/>')
        y += -(-len(own) // 3) * (high + 40) + 4
    count = by_group.differing.size
    title = f"Expected score by place, {by_group.names[0]} and {by_group.names[1]}"
    about = (
        f"{count} items whose parameters differ between the groups. Each shows the expected answer, from "
        "the lowest to the highest category, for places from -3 to 3 SD of all."
    )
    return sheet(y + 4, title, about, body, style=_STYLE)


def _reach(difs: Sequence[ItemDif]) -> float:
    """Half the axis: the largest number drawn, to the next tick."""
    far = max(
        max(abs(one.low), abs(one.high), abs(one.difference) + _NORMAL_95 * one.standard_error)
        for one in difs
    )
    return float(np.ceil(far / _TICK) * _TICK)


def _across(value: float, reach: float) -> float:
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    return round(middle + value / reach * (WIDTH - _LEFT - _RIGHT) / 2, 1)


def _difference_key() -> list[str]:
    return [
        text(12, 22, "Item differences at the same place", "head"),
        '<rect class="range" x="12" y="34" width="26" height="12" rx="2"/>',
        text(44, 45, "range over the anchor rules", "soft"),
        '<line class="bar" x1="12" x2="38" y1="60" y2="60"/><circle class="small" cx="25" cy="60" r="4"/>',
        text(44, 64, "difference, 95 % interval", "soft"),
        '<circle class="notable" cx="236" cy="60" r="4.5"/>',
        text(246, 64, "class not negligible", "soft"),
        text(12, 84, "expected score, in answer categories", "soft"),
    ]


def _difference_axes(reach: float, first: str | None, second: str) -> list[str]:
    body = [
        text(_across(tick, reach), _TOP - 4, f"{tick:+.1f}" if tick else "0", "soft middle")
        for tick in _ticks(reach)
    ]
    if first is None:
        body.append(text(12, _TOP - 24, "between the two groups that differ most", "soft"))
    else:
        body += [
            text(_LEFT, _TOP - 22, f"← {second} higher", "soft"),
            text(WIDTH - _RIGHT, _TOP - 22, f"{first} higher →", "soft end"),
        ]
    return body


def _ticks(reach: float) -> list[float]:
    """About five, 0 among them."""
    step = next(s for s in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, np.inf) if reach / s <= 2.9)
    most = 0 if step == np.inf else int(reach / step + 1e-9)
    return [step * at if at else 0.0 for at in range(-most, most + 1)]


def _gridlines(reach: float, top: float, bottom: float) -> list[str]:
    return [
        f'<line class="{"grid" if tick else "zero"}" x1="{_across(tick, reach)}" '
        f'x2="{_across(tick, reach)}" y1="{top}" y2="{bottom}"/>'
        for tick in _ticks(reach)
    ]


def _difference_row(one: ItemDif, name: str, y: float, reach: float) -> list[str]:
    middle = y + _ROW / 2
    low, high = _across(one.low, reach), _across(one.high, reach)
    half = _NORMAL_95 * one.standard_error
    ends = _across(one.difference - half, reach), _across(one.difference + half, reach)
    notable = one.effect_class is not EffectClass.NEGLIGIBLE
    kind, radius = ("notable", 4.5) if notable else ("small", 4)
    return [
        text(_LEFT - 8, middle + 4, name, "end"),
        f'<rect class="range" x="{low}" y="{middle - 6}" width="{round(high - low, 1)}" height="12" rx="2"/>',
        f'<line class="bar" x1="{ends[0]}" x2="{ends[1]}" y1="{middle}" y2="{middle}"/>',
        f'<circle class="{kind}" cx="{_across(one.difference, reach)}" cy="{middle}" r="{radius}">'
        f"<title>{escape(name)}: {one.difference:+.2f} ({escape(one.between[0])} less "
        f"{escape(one.between[1])}), {one.effect_class}</title></circle>",
    ]


def _curve_key(names: Sequence[str]) -> list[str]:
    return [
        text(12, 22, "Expected score by place", "head"),
        '<line class="curve one" x1="12" x2="46" y1="42" y2="42"/>',
        text(52, 46, names[0], ""),
        '<line class="curve two" x1="200" x2="234" y1="42" y2="42"/>',
        text(240, 46, names[1], ""),
        text(12, 66, "up: lowest to highest answer; across: -3 to 3 SD of all", "soft"),
        text(12, 82, "items with parameters by group only", "soft"),
    ]


def _small_axes(box: Box) -> list[str]:
    x, y, wide, high = box
    middle = x + wide / 2
    return [
        f'<rect class="grid" fill="none" x="{x}" y="{y}" width="{wide}" height="{high}"/>',
        f'<line class="grid" x1="{middle}" x2="{middle}" y1="{y}" y2="{y + high}"/>',
        f'<line class="grid" x1="{x}" x2="{x + wide}" y1="{y + high / 2}" y2="{y + high / 2}"/>',
    ]


def _line(share: Array, box: Box) -> str:
    x, y, wide, high = box
    across = np.linspace(x, x + wide, share.size)
    down = y + (1 - share) * high
    return " ".join(f"{a:.1f},{d:.1f}" for a, d in zip(across, down, strict=True))
