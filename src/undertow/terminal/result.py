"""The report as plain lines, in the same order as on the page."""

from __future__ import annotations

from undertow.reading.report import Report, Statement
from undertow.service.screens import Screens
from undertow.terminal.plane_text import draw_plane, marks_for
from undertow.terminal.talk import Talk

_CHART_COLUMNS = 47


def show_report(report: Report, screens: Screens, talk: Talk) -> None:
    """Every sentence of the report, help first and last."""
    talk.heading(screens.say("result_title"))
    _help(report, talk)
    for statement in report.first:
        talk.say()
        _statement(statement, talk)
    talk.say()
    talk.say(report.headline.text, style="bold")
    talk.say(report.headline.certainty)

    talk.heading(screens.say("result_chart"))
    marks = marks_for(talk.encoding)
    talk.say(screens.say("terminal_chart"))
    up = "↑" if marks.cross == "╋" else "^"
    right = "→" if marks.cross == "╋" else ">"
    talk.say(f"{up} {screens.say('chart_up')}")
    talk.drawing(draw_plane(report.plane, columns=min(_CHART_COLUMNS, talk.width), marks=marks))
    talk.say(f"{screens.say('chart_right')} {right}")
    talk.say(
        screens.say("terminal_legend", cross=marks.cross, inner=marks.inner, outer=marks.outer)
    )
    talk.say(report.plane.caption)

    talk.heading(screens.say("result_surface"))
    _statement(report.region, talk)

    talk.heading(screens.say("result_steps"))
    for step in report.steps:
        _statement(step, talk, lead="- ")

    talk.heading(screens.say("result_dimensions"))
    for reading in report.dimensions:
        talk.say(reading.title, style="bold")
        _statement(reading.statement, talk)
        for percentile in reading.percentiles:
            talk.say(f"- {percentile.text}")
        low_high = screens.say("ring_value", low=f"{reading.low:+.2f}", high=f"{reading.high:+.2f}")
        talk.say(
            f"{screens.say('table_place')}: {reading.place:+.2f}, "
            f"{screens.say('table_ring')}: {low_high}"
        )
        talk.say(reading.explanation)
        talk.say()
    talk.say(screens.say("table_unit"))

    talk.heading(screens.say("result_sure"))
    for text in report.sureness:
        talk.say(f"- {text}")

    talk.heading(screens.say("result_sources"))
    for key in report.sources():
        talk.say(f"- {screens.sources[key]}")
    talk.say()
    _help(report, talk)


def _help(report: Report, talk: Talk) -> None:
    talk.say(report.help.lead)
    for line in report.help.lines:
        talk.say(f"  {line.say}")
    talk.say(report.help.not_a_diagnosis)


def _statement(statement: Statement, talk: Talk, *, lead: str = "") -> None:
    talk.say(f"{lead}{statement.text}")
    talk.say(f"  {statement.certainty}")
