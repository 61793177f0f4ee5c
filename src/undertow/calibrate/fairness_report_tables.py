"""The tables of a fairness report in Markdown, figures with their errors; what they mean is left to the text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from undertow.bank.item import DIMENSIONS
from undertow.calibrate.anchors import rule_names
from undertow.calibrate.card_fit import signed
from undertow.calibrate.fairness import Span
from undertow.calibrate.fairness_report import FairnessReport
from undertow.calibrate.fairness_report_anchors import NAMES
from undertow.calibrate.fairness_report_figures import Grouped, Mean, told_of
from undertow.calibrate.fairness_report_pictures import KINDS
from undertow.calibrate.fairness_report_taking import SHORT, Cell, cells_at, lengths_of
from undertow.calibrate.replay_figures import Drawn
from undertow.calibrate.replay_sections import GROUP_BLIND, NOT_ASKED, RAW_SUM, Section

STANDARDS = {
    RAW_SUM: "sum of all answers",
    GROUP_BLIND: "all answers, one set of figures",
    NOT_ASKED: "answers not asked for",
}
_NOBODY = "–"
_FOUND = (
    *(f"bias, {name}" for name in NAMES),
    *(f"found %, {name}" for name in NAMES),
    "gap, points",
)
_AGREES = (
    *(f"correlation, {name}" for name in NAMES),
    *(f"coverage %, {name}" for name in NAMES),
)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> list[str]:
    """A table; the first `words` columns hold words, the others figures."""
    return [
        "",
        f"| {' | '.join(columns)} |",
        f"|{'---|' * words}{'---:|' * (len(columns) - words)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def called(cell: Cell) -> str:
    """What a test is called: its levers, and whether gender is stated where it is asked."""
    if not cell.by_group:
        return KINDS[cell.balance, False][1]
    words = "fair" if cell.balance else "by group only"
    return f"{words}, {'hidden' if cell.hidden else 'stated'}"


def usual_lines(report: FairnessReport, at: int) -> list[str]:
    """The six tests of the usual length on one dimension: who is found, and how well both agree."""
    cells = cells_at(report.usual)
    sections = report.figures.cells
    return [
        *table(("test", *_FOUND), ((called(cell), *_found(sections[cell, at])) for cell in cells)),
        *table(
            ("test", *_AGREES, *(f"psd, {name}" for name in NAMES)),
            (
                (
                    called(cell),
                    *_agrees(sections[cell, at]),
                    *_means(report.figures.psd[cell, at], 3),
                )
                for cell in cells
            ),
        ),
    ]


def against_plain_lines(report: FairnessReport) -> list[str]:
    """How much nearer to none at all the fair test's bias and gap are than the plain one's."""
    rows = []
    for cell in told_of(report.usual)[1:]:
        for at, dimension in enumerate(DIMENSIONS):
            section = report.figures.cells[cell, at]
            bias, gap = section.against_plain("bias"), section.gap_against_plain
            if bias is None or gap is None:
                continue
            rows.append(
                (
                    called(cell),
                    dimension.value,
                    *(_interval(bias.improvement, group, 3) for group in range(len(NAMES))),
                    _interval(gap.improvement, 0, 1),
                )
            )
    columns = ("test", "dimension", *(f"bias, {name}" for name in NAMES), "gap, points")
    return table(columns, rows, words=2)


def length_lines(report: FairnessReport, at: int) -> list[str]:
    """Every test at every length on one dimension."""
    cells = [cell for items in lengths_of(report.bank) for cell in cells_at(items)]
    rows = (
        (
            str(cell.items),
            called(cell),
            *_found(report.figures.cells[cell, at]),
            *_agrees(report.figures.cells[cell, at]),
        )
        for cell in cells
    )
    return table(("questions", "test", *_FOUND, *_AGREES), rows, words=2)


def cost_lines(report: FairnessReport) -> list[str]:
    """Correlation of the fair test less that of the plain one, by length."""
    rows = []
    for items in lengths_of(report.bank):
        fair = told_of(items)[1]
        told = [
            report.figures.cells[fair, at].against_plain("correlation")
            for at in range(len(DIMENSIONS))
        ]
        rows.append(
            (
                str(items),
                *(
                    _one(own.difference, group, 4)
                    for own in told
                    if own is not None
                    for group in range(len(NAMES))
                ),
            )
        )
    columns = (
        "questions",
        *(f"{dimension.value}, {name}" for dimension in DIMENSIONS for name in NAMES),
    )
    return table(columns, rows)


def standard_lines(report: FairnessReport, at: int) -> list[str]:
    """The tests of the usual length beside the other standards."""
    told = report.figures.standards
    rows = (
        (words, called(cell), *_found(told[standard, cell, at]), *_agrees(told[standard, cell, at]))
        for standard, words in STANDARDS.items()
        for cell in told_of(report.usual)
    )
    return table(("standard", "test", *_FOUND, *_AGREES), rows, words=2)


def rule_names_used(report: FairnessReport) -> tuple[str, ...]:
    return tuple(name for name in rule_names(NAMES) if name in report.outcomes.rules)


def latent_lines(report: FairnessReport) -> list[str]:
    """How far men and women are apart under each anchor rule."""
    latents = {one.rule: one for one in report.latents}
    anchors = {one.rule.name: one.rule.items for one in report.compared.comparison.rules}
    sides = report.compared.sides[0]
    rows = []
    for rule in rule_names_used(report):
        own = latents[rule]
        rows.append(
            (
                rule,
                " and ".join(str(int(anchors[rule][side.items].sum())) for side in sides),
                *(
                    f"{signed(value, 3)} ({error:.3f})"
                    for value, error in zip(own.difference, own.standard_error, strict=True)
                ),
            )
        )
    return table(("rule", "items taken as alike", *(one.value for one in DIMENSIONS)), rows)


def rule_lines(report: FairnessReport, at: int) -> list[str]:
    """The tests of the usual length beside the standard under each anchor rule."""
    told = report.figures.rules
    rows = (
        (called(cell), rule, *_found(told[rule, cell, at]))
        for cell in told_of(report.usual)
        for rule in rule_names_used(report)
    )
    return table(("test", "rule", *_FOUND), rows, words=2)


def over_rules(report: FairnessReport, cell: Cell, at: int) -> tuple[tuple[Span, Span], Span]:
    """The range over anchor rules of a test's bias in both groups, and of its gap."""
    own = [report.figures.rules[rule, cell, at] for rule in rule_names_used(report)]
    first, second = (
        Span.of(float(one.own["bias"].value[group]) for one in own) for group in (0, 1)
    )
    return (first, second), Span.of(float(_gap(one).value[0]) for one in own)


def form_lines(report: FairnessReport, at: int) -> list[str]:
    """The fixed forms, and the adaptive tests of about their length."""
    told = report.figures.forms
    rows = [
        (f"{form}, {scored}", *_found(section), *_agrees(section))
        for (form, scored, own), section in told.items()
        if own == at
    ]
    short = max(length for length in lengths_of(report.bank) if length <= SHORT)
    rows += [
        (
            f"{short} questions, {called(cell)}",
            *_found(report.figures.cells[cell, at]),
            *_agrees(report.figures.cells[cell, at]),
        )
        for cell in told_of(short)
    ]
    return table(("test", *_FOUND, *_AGREES), rows)


def group_lines(grouped: Grouped, at: int, usual: int) -> list[str]:
    """Bias and who is found by another grouping, plain and fair."""
    cells = told_of(usual)
    rows = []
    for number, word in enumerate(grouped.groups.words):
        sections = [grouped.sections[cell, at] for cell in cells]
        rows.append(
            (
                word,
                f"{int(grouped.groups.members[number].sum()):,}",
                *(_one(section.own["bias"], number, 3) for section in sections),
                *(_percent(section.own["found"], number) for section in sections),
            )
        )
    columns = (
        grouped.groups.by,
        "people",
        *(f"bias, {called(cell)}" for cell in cells),
        *(f"found %, {called(cell)}" for cell in cells),
    )
    return table(columns, rows)


def asked_lines(report: FairnessReport) -> list[str]:
    """The items that either test asks most, and why they come."""
    items = report.bank.items
    plain, fair, _ = told_of(report.usual)
    shares = [report.figures.exposure[cell] for cell in (fair, plain)]
    rows = []
    for dimension in DIMENSIONS:
        own = [at for at, item in enumerate(items) if item.dimension == dimension]
        steep = sorted(own, key=lambda at: -items[at].slope)
        most = {at for share in shares for at in sorted(own, key=lambda at: -float(share[at]))[:4]}
        for at in sorted(most, key=lambda at: -float(shares[0][at])):
            rows.append(
                (
                    items[at].adapts or items[at].id,
                    dimension.value,
                    items[at].facet or _NOBODY,
                    "mostly in the plain test"
                    if float(shares[0][at]) < 0.5
                    else ", ".join(_reasons(report, at)) or "its facet's share",
                    *(f"{100 * float(share[at]):.1f}" for share in shares),
                    f"{steep.index(at) + 1} of {len(own)}",
                )
            )
    columns = ("item", "dimension", "facet", "why", "fair: asked %", "plain: asked %", "slope")
    return table(columns, rows, words=4)


def _reasons(report: FairnessReport, at: int) -> Iterator[str]:
    items = report.bank.items
    item = items[at]
    own = [one for one in items if one.dimension == item.dimension]
    if item.id in report.gentle:
        yield "may come first"
    if item.facet is not None and sum(one.facet == item.facet for one in own) <= 2:
        yield "small facet"
    if sum(one.keying == item.keying for one in own) == 1:
        yield "alone with its keying"
    if 3 * sum(one.slope > item.slope for one in own) < len(own):
        yield "steep"


def _found(section: Section) -> tuple[str, ...]:
    groups = range(len(NAMES))
    return (
        *(_one(section.own["bias"], group, 3) for group in groups),
        *(_percent(section.own["found"], group) for group in groups),
        _one(_gap(section), 0, 1),
    )


def _agrees(section: Section) -> tuple[str, ...]:
    groups = range(len(NAMES))
    covered = section.own.get("coverage")
    return (
        *(_one(section.own["correlation"], group, 3, sign=False, more=1) for group in groups),
        *(_NOBODY if covered is None else _percent(covered, group) for group in groups),
    )


def _gap(section: Section) -> Drawn:
    gap = section.gap
    if gap is None:
        raise ValueError("a gap is of two groups")
    return gap


def _one(drawn: Drawn, group: int, digits: int, *, sign: bool = True, more: int = 0) -> str:
    value, error = float(drawn.value[group]), float(drawn.se[group])
    return _figure(value, error, digits, sign=sign, more=more)


def _percent(drawn: Drawn, group: int) -> str:
    return _figure(100 * float(drawn.value[group]), 100 * float(drawn.se[group]), 1, sign=False)


def _means(mean: Mean, digits: int) -> tuple[str, ...]:
    return tuple(
        _figure(float(value), float(se), digits, sign=False, more=1)
        for value, se in zip(mean.value, mean.se, strict=True)
    )


def _figure(value: float, error: float, digits: int, *, sign: bool, more: int = 0) -> str:
    """A figure with its error, which has so many `more` digits."""
    if not math.isfinite(value):
        return _NOBODY
    told = signed(value, digits) if sign else f"{value:.{digits}f}"
    return f"{told} ({error:.{digits + more}f})"


def _interval(drawn: Drawn, group: int, digits: int) -> str:
    low, high = drawn.interval[group]
    return (
        f"{signed(float(drawn.value[group]), digits)} "
        f"({signed(float(low), digits)} to {signed(float(high), digits)})"
    )
