"""A fairness report in pictures: bias by length, information, who is asked what; words are left to the text."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from undertow.bank.item import DIMENSIONS
from undertow.calibrate.dif_plot import differences_svg
from undertow.calibrate.fairness_report import PICTURES, FairnessReport
from undertow.calibrate.fairness_report_anchors import NAMES
from undertow.calibrate.fairness_report_drawing import STYLE, Box, key, mark, ticks
from undertow.calibrate.fairness_report_figures import told_of
from undertow.calibrate.fairness_report_taking import Cell, lengths_of
from undertow.calibrate.svg import WIDTH, sheet, text

AIM = 0.02
"""SD. The bias that no group may be beyond at the usual length."""
NORMAL_95 = 1.96
KINDS: Mapping[tuple[bool, bool], tuple[str, str]] = MappingProxyType(
    {
        (False, False): ("one", "plain"),
        (True, False): ("two", "balance only"),
        (False, True): ("three", "figures by group only"),
        (True, True): ("four", "both: the fair test"),
    }
)
"""Each pair of balance and figures by group: its line, and what it is called."""
_LEFT, _GAP = 44, 14
_ROW = 17


def pictures_of(report: FairnessReport) -> dict[str, str]:
    """Each picture by its place beside the page."""
    found = report.compared
    drawn = {
        "bias-stated": _bias(report, hidden=False),
        "bias-hidden": _bias(report, hidden=True),
        "items": differences_svg(
            found.comparison, report.items, found.sides, [one.value for one in DIMENSIONS]
        ),
        "information": _information(report),
        "exposure": _exposure(report),
    }
    return {f"{PICTURES}/fairness-{name}.svg": svg for name, svg in drawn.items()}


def _bias(report: FairnessReport, *, hidden: bool) -> str:
    lengths = lengths_of(report.bank)
    cells = {
        levers: [
            Cell(items=items, balance=levers[0], by_group=levers[1], hidden=hidden and levers[1])
            for items in lengths
        ]
        for levers in KINDS
    }
    sections = report.figures.cells
    drawn = [
        (sections[cell, at].own["bias"].value, sections[cell, at].own["bias"].se)
        for own in cells.values()
        for cell in own
        for at in range(len(DIMENSIONS))
    ]
    reach = max(float((np.abs(value) + NORMAL_95 * se).max()) for value, se in drawn)
    reach = max(reach, 2 * AIM) * 1.03
    how = "hidden" if hidden else "stated"
    body = [
        text(12, 22, f"Bias by number of questions, gender {how}", "head"),
        *key(list(KINDS.values()), top=42),
        '<rect class="band" x="12" y="76" width="30" height="12"/>',
        text(49, 86, f"within {AIM:g} SD; upright lines: 95 % intervals", "soft"),
    ]
    wide, high, top = (WIDTH - _LEFT - 12 - _GAP) / 2, 150.0, 134.0
    told = []
    for at, dimension in enumerate(DIMENSIONS):
        body.append(text(12, top - 24, f"{dimension.value}, SD", "head"))
        for group, name in enumerate(NAMES):
            box = Box(
                left=_LEFT + group * (wide + _GAP),
                top=top,
                wide=wide,
                high=high,
                across=(lengths[0] - 1.5, lengths[-1] + 1.5),
                up=(-reach, reach),
            )
            body.append(box.band(-AIM, AIM))
            body += box.axes(lengths, ticks(-reach, reach), words=name, numbered=not group)
            for levers, (kind, words) in KINDS.items():
                own = [sections[cell, at].own["bias"] for cell in cells[levers]]
                values = [float(one.value[group]) for one in own]
                body.append(box.line(lengths, values, kind))
                for items, value, one in zip(lengths, values, own, strict=True):
                    half = NORMAL_95 * float(one.se[group])
                    body.append(box.bar(items, value - half, value + half, kind))
                    body.append(mark(box.x(items), box.y(value), kind))
                if levers in {(False, False), (True, True)}:
                    told.append(
                        f"{dimension.value}, {name}, {words}: {values[0]:+.3f} with {lengths[0]} "
                        f"questions to {values[-1]:+.3f} with {lengths[-1]}"
                    )
        top += high + 64
    body.append(text(WIDTH / 2, top - 28, "questions on both dimensions together", "soft middle"))
    about = (
        "Mean of a short test less the standard from all answers, for men and for women, by number of "
        f"questions. {'; '.join(told)}."
    )
    return sheet(top - 14, f"Bias by number of questions, gender {how}", about, body, style=STYLE)


def _information(report: FairnessReport) -> str:
    found = report.information
    entries = [("one", NAMES[0]), ("three", NAMES[1])]
    body = [
        text(12, 22, "What the questions tell, by place", "head"),
        *key(entries, top=42, marked=False),
        text(12, 66, "up: information; across: place in SD of all", "soft"),
    ]
    wide, high, top = (WIDTH - _LEFT - 12 - _GAP - 14) / 2, 120.0, 118.0
    parts = (("all items", found.whole), (f"typical {report.usual}", found.typical))
    told = []
    for at, dimension in enumerate(DIMENSIONS):
        body.append(text(12, top - 26, dimension.value, "head"))
        most = float(found.whole[:, at].max()) * 1.05
        for column, (words, values) in enumerate(parts):
            box = Box(
                left=_LEFT + column * (wide + _GAP + 14),
                top=top,
                wide=wide,
                high=high,
                across=(float(found.places[0]), float(found.places[-1])),
                up=(0.0, most),
            )
            body += box.axes([-2, 0, 2], ticks(0.0, most), words=words, numbered=True)
            for group, (kind, name) in enumerate(entries):
                own = values[group, at]
                body.append(box.line(found.places.tolist(), own.tolist(), kind))
                told.append(
                    f"{dimension.value}, {words}, {name}: {own.max():.1f} at most, "
                    f"at {found.places[own.argmax()]:+.1f} SD"
                )
        top += high + 66
    about = (
        "Test information by place under men's and under women's figures, near-duplicates counted for "
        f"what they are worth. {'; '.join(told)}."
    )
    return sheet(top - 34, "What the questions tell, men and women", about, body, style=STYLE)


def _exposure(report: FairnessReport) -> str:
    plain, fair, _ = told_of(report.usual)
    shares = [report.figures.exposure[cell] for cell in (fair, plain)]
    names = [item.adapts or item.id for item in report.bank.items]
    body = [
        text(12, 22, f"Who is asked what, of {report.usual} questions", "head"),
        *key([("four", "fair test, gender stated"), ("one", "plain test")], top=42),
        text(12, 66, "share of people who are asked the item", "soft"),
    ]
    top, told = 92.0, []
    for dimension in DIMENSIONS:
        own = [at for at, item in enumerate(report.bank.items) if item.dimension == dimension]
        own.sort(key=lambda at: -float(shares[0][at]))
        body.append(text(12, top + 6, dimension.value, "head"))
        top += 30
        box = Box(
            left=64, top=top, wide=WIDTH - 64 - 20, high=_ROW * len(own), across=(0, 1), up=(0, 1)
        )
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            x = box.x(share)
            body += [
                f'<line class="grid" x1="{x:g}" x2="{x:g}" y1="{top:g}" y2="{top + box.high:g}"/>',
                text(x, top - 4, f"{share:.0%}", "soft middle"),
            ]
        for row, at in enumerate(own):
            y = top + _ROW * (row + 0.5)
            ends = [box.x(float(share[at])) for share in shares]
            body += [
                text(56, y + 4, names[at], "soft end"),
                f'<line class="zero" x1="{ends[0]:g}" x2="{ends[1]:g}" y1="{y:g}" y2="{y:g}"/>',
                mark(ends[1], y, "one"),
                mark(ends[0], y, "four"),
            ]
        first = own[0]
        told.append(
            f"{dimension.value}: most often {names[first]}, {shares[0][first]:.0%} in the fair test, "
            f"{shares[1][first]:.0%} in the plain one"
        )
        top += box.high + 22
    return sheet(
        top, "Share of people who are asked each item", f"{'; '.join(told)}.", body, style=STYLE
    )
