"""A report as parts to read one after the other; every sentence of it is said. Printing is left to `voice`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from undertow.reading.report import DimensionReading, Report, Statement
from undertow.safety.help import HelpNote, HelpStatus
from undertow.service.screens import Screens
from undertow.terminal.plane_text import Ink, PlaneText, PlotSize, draw_plane
from undertow.terminal.voice import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One paragraph."""

    text: str
    tone: Tone = Tone.BODY
    lead: str = ""


GAP = Words(text="")
"""An empty line."""

Block = Words | PlaneText
Part = tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How the plane is to be drawn, or not at all."""

    size: PlotSize
    ink: Ink
    width: int


def result_parts(report: Report, screens: Screens, *, drawing: Drawing | None) -> tuple[Part, ...]:
    """The report in reading order, cut where a reader may rest. SAFETY P6: nothing is left out."""
    say = screens.say
    # SAFETY P3: help stands at the top of the result as it does on each screen, and in full below.
    # Where something comes first, it may tell him to use a line now; then they stand there in full.
    ways = [line.say for line in report.help.lines]
    short = f"{help_in_short(report.help)}."
    top = (
        _heading(say("result_title")),
        Words(text=f"{say('help_link')}: {' '.join(ways) if report.first else short}"),
        *(block for statement in report.first for block in (GAP, _said(statement))),
        GAP,
        Words(text=report.headline.text, tone=Tone.STRONG),
        Words(text=report.headline.certainty),
    )
    chart = tuple(_chart(report, screens, drawing))
    in_words = (
        Words(text=report.plane.caption),
        _heading(say("result_surface")),
        _said(report.region),
    )
    return (
        top,
        # A drawing fills a window of its own; without one, the words follow their heading at once.
        *((chart, in_words) if drawing else ((*chart, *in_words),)),
        (_heading(say("result_steps")), *(_said(step, lead="- ") for step in report.steps)),
        (
            _heading(say("result_dimensions")),
            *(block for reading in report.dimensions for block in _dimension(reading, screens)),
            Words(text=say("table_unit")),
        ),
        *_adjusted(report, screens),
        (
            _heading(say("result_sure")),
            *(Words(text=text, lead="- ") for text in report.sureness),
        ),
        (
            _heading(say("result_sources")),
            *(Words(text=screens.sources[key], lead="- ") for key in report.sources()),
            GAP,
            Words(text=say("terminal_kept")),
            *help_blocks(report.help, screens),
        ),
    )


def help_blocks(note: HelpNote, screens: Screens) -> Part:
    """The help note as it stands on the notice, on the help screen and at the end of each result."""
    return (
        _heading(screens.say("help_title")),
        Words(text=note.lead),
        *(Words(text=line.say, lead="- ") for line in note.lines),
        Words(text=note.not_a_diagnosis),
    )


def help_in_short(note: HelpNote) -> str:
    """What to call or open, in a few words: the first line of each region that was checked."""
    ways: dict[str, str] = {}
    for line in note.lines:
        if line.status is HelpStatus.VERIFIED:
            way = line.call or line.text or line.web.removeprefix("https://")
            ways.setdefault(line.region, way if line.region == "*" else f"{line.region} {way}")
    return ", ".join(ways.values())


def _chart(report: Report, screens: Screens, drawing: Drawing | None) -> Iterator[Block]:
    yield _heading(screens.say("result_chart"))
    if drawing is None:
        return
    yield draw_plane(
        report.plane,
        size=drawing.size,
        ink=drawing.ink,
        up=screens.say("chart_up"),
        right=screens.say("chart_right"),
        width=drawing.width,
    )
    inner, outer = drawing.ink.rings
    yield Words(
        text=screens.say("terminal_legend", place=drawing.ink.place, inner=inner, outer=outer)
    )


def _dimension(reading: DimensionReading, screens: Screens) -> Iterator[Block]:
    yield Words(text=reading.title, tone=Tone.STRONG)
    yield _said(reading.statement)
    for percentile in reading.percentiles:
        yield Words(text=percentile.text, lead="- ")
    yield Words(
        text=screens.say(
            "terminal_numbers",
            title=screens.say("table_place"),
            place=f"{reading.place:+.2f}",
            ring_title=screens.say("table_ring"),
            ring=screens.say("ring_value", low=f"{reading.low:+.2f}", high=f"{reading.high:+.2f}"),
        ),
        lead="- ",
    )
    yield Words(text=reading.explanation)
    yield GAP


def _adjusted(report: Report, screens: Screens) -> tuple[Part, ...]:
    """What was adjusted, or nothing where there was nothing to say of it."""
    said = report.adjustment.said
    if not said:
        return ()
    return (
        (
            _heading(screens.say("result_adjusted")),
            *(Words(text=text, lead="- ") for text in said),
        ),
    )


def _heading(text: str) -> Words:
    return Words(text=text, tone=Tone.HEADING)


def _said(statement: Statement, *, lead: str = "") -> Words:
    # SAFETY P4: a sentence and its certainty stand in one paragraph.
    return Words(text=f"{statement.text} {statement.certainty}", lead=lead)
