"""What the fair test should reach, and whether it does; where the figures come from is left to the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from undertow.bank.item import DIMENSIONS
from undertow.calibrate.card_fit import signed
from undertow.calibrate.fairness_report import FairnessReport
from undertow.calibrate.fairness_report_anchors import NAMES
from undertow.calibrate.fairness_report_figures import told_of
from undertow.calibrate.fairness_report_pictures import AIM
from undertow.calibrate.fairness_report_taking import SHORT, Cell
from undertow.calibrate.replay_figures import Drawn

LEAST_FOUND, LEAST_CORRELATION = 0.84, 0.965
COVERAGE = (0.93, 0.97)
SHORT_AIM = 0.03
"""SD. The bias that no group may be beyond with 12 questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What is asked of a test, the figure that comes closest to missing it, and whether it is reached.

    `reached` is None where the figure is told and nothing was aimed for.
    """

    words: str
    worst: str
    reached: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A figure with its error and what it is of."""

    value: float
    error: float
    of: str

    def said(self, digits: int, *, sign: bool = False) -> str:
        own = signed(self.value, digits) if sign else f"{self.value:.{digits}f}"
        return f"{own} ({self.error:.{digits}f}; {self.of})"


def aims(report: FairnessReport, fair: Cell) -> Iterator[Aim]:
    """The aims of the fair test of the usual length, gender stated or hidden, on both dimensions."""
    usual, short = report.usual, SHORT
    worst = _furthest(_all(report, fair, "bias"))
    yield Aim(
        words=f"{usual} questions: bias within {AIM:g} SD",
        worst=worst.said(3, sign=True),
        reached=abs(worst.value) <= AIM,
    )
    found = _least(_all(report, fair, "found"))
    yield Aim(
        words=f"{usual} questions: found at least {LEAST_FOUND:g}",
        worst=found.said(3),
        reached=found.value >= LEAST_FOUND,
    )
    together = _least(_all(report, fair, "correlation"))
    yield Aim(
        words=f"{usual} questions: correlation at least {LEAST_CORRELATION:g}",
        worst=together.said(3),
        reached=together.value >= LEAST_CORRELATION,
    )
    low, high = COVERAGE
    covered = list(_all(report, fair, "coverage"))
    middle = (low + high) / 2
    off = max(covered, key=lambda one: abs(one.value - middle))
    yield Aim(
        words=f"{usual} questions: coverage {low:g} to {high:g}",
        worst=off.said(3),
        reached=low <= off.value <= high,
    )
    at_short = Cell(items=short, balance=True, by_group=True, hidden=fair.hidden)
    if (at_short, 0) in report.figures.cells and short < usual:
        bias = _furthest(_all(report, at_short, "bias"))
        yield Aim(
            words=f"{short} questions: bias within {SHORT_AIM:g} SD",
            worst=bias.said(3, sign=True),
            reached=abs(bias.value) <= SHORT_AIM,
        )
    yield from _better_than_plain(report, fair)


def _better_than_plain(report: FairnessReport, fair: Cell) -> Iterator[Aim]:
    for at, dimension in enumerate(DIMENSIONS):
        section = report.figures.cells[fair, at]
        bias = section.against_plain("bias")
        if bias is not None:
            yield _surely(
                f"bias of {NAMES[0]} on {dimension.value} nearer to 0 than plain",
                bias.improvement,
                digits=3,
            )
        gap = section.gap_against_plain
        if gap is not None and not at:
            told = _surely(
                f"gap on {dimension.value} nearer to 0 than plain", gap.improvement, digits=1
            )
            yield replace(told, reached=None) if fair.hidden else told


def _surely(words: str, improvement: Drawn, *, digits: int) -> Aim:
    low, high = (float(end) for end in improvement.interval[0])
    return Aim(
        words=words,
        worst=f"{signed(float(improvement.value[0]), digits)} "
        f"({signed(low, digits)} to {signed(high, digits)})",
        reached=low > 0,
    )


def _all(report: FairnessReport, cell: Cell, figure: str) -> Iterator[_Found]:
    for at, dimension in enumerate(DIMENSIONS):
        drawn = report.figures.cells[cell, at].own[figure]
        for group, name in enumerate(NAMES):
            yield _Found(
                value=float(drawn.value[group]),
                error=float(drawn.se[group]),
                of=f"{name}, {dimension.value}",
            )


def _furthest(found: Iterator[_Found]) -> _Found:
    return max(found, key=lambda one: abs(one.value))


def _least(found: Iterator[_Found]) -> _Found:
    return min(found, key=lambda one: one.value)


def both_ways(report: FairnessReport) -> list[tuple[Aim, Aim]]:
    """Each aim with gender stated and hidden."""
    _, stated, hidden = told_of(report.usual)
    return list(zip(aims(report, stated), aims(report, hidden), strict=True))
