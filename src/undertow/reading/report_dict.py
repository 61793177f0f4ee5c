"""A report as plain values with stable names, for JSON; turning it into text is left to the edges."""

from __future__ import annotations

from undertow.reading.report import Report, Statement
from undertow.safety.help import HelpNote


def report_as_dict(report: Report) -> dict[str, object]:
    """The whole report, help first: mappings, lists, text and numbers only."""
    return {
        "help": help_as_dict(report.help),
        "first": [_statement(item) for item in report.first],
        "headline": _statement(report.headline),
        "estimate": {
            "order": ["anxiety", "avoidance"],
            "mean": [float(v) for v in report.estimate.mean],
            "covariance": [[float(v) for v in row] for row in report.estimate.covariance],
            "unit": "standard deviations of the named sample",
        },
        "caption": report.plane.caption,
        "region": _statement(report.region),
        "dimensions": [
            {
                "dimension": reading.dimension.value,
                "title": reading.title,
                "explanation": reading.explanation,
                "place": reading.place,
                "range_80": [reading.low, reading.high],
                "statement": _statement(reading.statement),
                "percentiles": [
                    {
                        "norm": p.norm,
                        "n": p.n,
                        "median": p.median,
                        "range_80": [p.low, p.high],
                        "say": p.text,
                    }
                    for p in reading.percentiles
                ],
            }
            for reading in report.dimensions
        ],
        "steps": [_statement(step) for step in report.steps],
        "adjustment": {
            "state": report.adjustment.state.value,
            "groups": list(report.adjustment.groups),
            "say": list(report.adjustment.said),
        },
        "sureness": list(report.sureness),
        "belief": {
            "verdict": report.belief.verdict.value,
            "doubt": report.belief.doubt,
            "mostly": report.belief.mostly,
            "person_fit": report.belief.fit.joint,
        },
        "most": report.most,
        "asked": report.asked,
        "answered": report.answered,
        "stop_reason": report.stop_reason,
        "norm": report.norm,
        "bank": report.bank,
    }


def help_as_dict(note: HelpNote) -> dict[str, object]:
    """The help note alone, for an answer that has no report to carry it."""
    return {
        "lead": note.lead,
        "not_a_diagnosis": note.not_a_diagnosis,
        "lines": [
            {
                "name": line.name,
                "say": line.say,
                "call": line.call,
                "text": line.text,
                "web": line.web,
                "status": line.status.value,
            }
            for line in note.lines
        ],
    }


def _statement(statement: Statement) -> dict[str, str]:
    return {
        "say": statement.text,
        "certainty": statement.certainty,
        "source": statement.source,
        "phrase": statement.phrase,
    }
