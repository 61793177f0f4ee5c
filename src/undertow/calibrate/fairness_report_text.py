"""A fairness report as a page of plain words, tables and pictures; the figures are found elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from undertow.bank.item import DIMENSIONS
from undertow.calibrate.anchors import PURIFIED
from undertow.calibrate.card_fit import signed
from undertow.calibrate.dif import EffectClass
from undertow.calibrate.fairness import Span
from undertow.calibrate.fairness_report import FILE, PICTURES, FairnessReport
from undertow.calibrate.fairness_report_aims import both_ways
from undertow.calibrate.fairness_report_anchors import NAMES
from undertow.calibrate.fairness_report_figures import told_of
from undertow.calibrate.fairness_report_pictures import AIM, pictures_of
from undertow.calibrate.fairness_report_tables import (
    against_plain_lines,
    asked_lines,
    cost_lines,
    form_lines,
    group_lines,
    latent_lines,
    length_lines,
    over_rules,
    rule_lines,
    standard_lines,
    table,
    usual_lines,
)
from undertow.calibrate.fairness_report_taking import SHORT, Cell, lengths_of
from undertow.calibrate.replay_figures import DRAWS, SEED


def texts_of(report: FairnessReport, *, made_on: str, command: str) -> dict[str, str]:
    """The pictures and, last, the page, by their places beside each other.

    `made_on` is a date, `command` what was typed to make it.
    """
    page = "\n".join(_page(report, made_on, command)) + "\n"
    return {**pictures_of(report), FILE: page}


def _page(report: FairnessReport, made_on: str, command: str) -> Iterator[str]:
    yield "# Fairness: what a short test does to men and to women"
    yield from _opening(report)
    yield from _made(report, made_on, command)
    yield from _limits(report)
    yield from _words(report)
    yield from _aims(report)
    yield from _usual(report)
    yield from _by_length()
    yield from _cost(report)
    yield from _rules(report)
    yield from _standards(report)
    yield from _items(report)
    yield from _information(report)
    yield from _exposure(report)
    yield from _forms(report)
    yield from _others(report)
    yield from _every_length(report)


def _opening(report: FairnessReport) -> Iterator[str]:
    inside = int(report.groups.members.any(axis=0).sum())
    yield ""
    yield (
        f"A short test must not lose the people whom all {len(report.bank.items)} questions see. This page "
        f"asks if that holds for men and for women. {inside:,} of them answered every question. Each test "
        "below picks its questions one by one, and is given the answers on record. Its result is then "
        "held beside the result from all answers. "
        + (
            "No one's own answers had a part in the figures they are scored with: each fifth of the "
            "people is scored with figures of the other four."
            if report.folds.count
            else "All are scored with the bank's own figures, which come from other people's answers."
            if "other answers" in report.folds.why
            else "All are scored with the bank's own figures, as asked for; their own answers may be in "
            "them."
        )
    )


def _made(report: FairnessReport, made_on: str, command: str) -> Iterator[str]:
    counts = ", ".join(
        f"{int(own.sum()):,} {name}" for name, own in zip(NAMES, report.groups.members, strict=True)
    )
    checksum = report.bank.checksum.removeprefix("sha256:")
    rows = (
        ("made on", made_on),
        ("made by", f"`{command}`"),
        ("answers", f"{report.archive}, {report.rows.table.rows:,} rows"),
        ("people", f"{counts}; of age, with every item answered"),
        ("bank", f"{report.bank.id}, {checksum[:12]}"),
        ("drawn anew", f"{DRAWS} draws of people, seed {SEED}"),
    )
    yield from table(("", ""), rows, words=2)


def _limits(report: FairnessReport) -> Iterator[str]:
    yield from ("", "## What this can and cannot show", "")
    yield (
        f"- **Only beside these questions.** The standard is all {len(report.bank.items)} of them. What they "
        "miss as a whole, a short test misses too, and nothing here would show it."
    )
    yield (
        "- **No outside yardstick.** No one got to know these people in some other way. So nothing says "
        "who is truly high. Which questions count as alike for men and women decides how far the two are "
        "apart. There are five ways to choose them, and the range over all five stands beside the figures."
    )
    yield (
        "- **People who chose to take part.** They took a test on the web. They do not stand for all men "
        "and women."
    )
    if any(item.adapts for item in report.bank.items):
        yield (
            "- **Shown for the original words.** These are answers to the original questions. Our own "
            "questions say it in other words and borrow the figures. That all this holds for them too is "
            "assumed. Answers to them will have to show it."
        )
    yield (
        "- **Partly a circle.** The standard holds the short test's answers too, and is scored with "
        "figures of the same kind. So other standards follow further down."
    )


def _words(report: FairnessReport) -> Iterator[str]:
    usual = report.usual
    yield from ("", "## The words used here", "")
    yield (
        "- **Plain test**: the sharpest question comes next, and one set of figures serves all. "
        "**Balance**: each part of what is asked about gets its share of the questions, and two "
        "questions that say nearly the same count for less. **Figures by group**: answers of men count "
        "by men's figures, those of women by women's. With gender hidden both sets count the same for "
        "all. **Fair test**: balance and figures by group."
    )
    yield (
        "- **Standard**: the place by all answers, under the figures of one's own group. **Bias**: the "
        "test's place less the standard's, on average, in SD of the people the bank was made from. "
        "**Found**: of those in the standard's top 16 %, how many are in the test's own top 16 %. "
        "**Gap**: found among women less found among men, in points."
    )
    yield (
        "- **Coverage**: how often test and standard are as near as the test's own sureness says. It "
        "should be about 95 %. **psd**: how unsure a place is, in SD; smaller is surer."
    )
    yield (
        "- In brackets: standard errors, from drawing the people anew. After *to*: the middle 95 % of "
        f"these draws. All tests go on to their full length. Here {usual} questions are both dimensions "
        "together."
    )


def _aims(report: FairnessReport) -> Iterator[str]:
    yield from ("", "## What was aimed for, and what came of it", "")
    yield (
        "Each row has the figure that is worst of men and women on both dimensions. All are of the fair "
        "test, beside the standard of the rule that counts. The range over the other rules follows below."
    )
    yield from table(
        ("aim", "gender stated", "reached", "gender hidden", "reached"),
        (
            (
                stated.words,
                stated.worst,
                _reached(stated.reached),
                hidden.worst,
                _reached(hidden.reached),
            )
            for stated, hidden in both_ways(report)
        ),
        words=5,
    )


def _reached(reached: bool | None) -> str:
    if reached is None:
        return "no aim"
    return "yes" if reached else "**no**"


def _usual(report: FairnessReport) -> Iterator[str]:
    yield from ("", f"## The two levers, with {report.usual} questions", "")
    yield (
        "Balance alone needs to know nothing about anyone. Figures by group need a stated gender, or use "
        "both sets. Together they are the test that people get."
    )
    for at, dimension in enumerate(DIMENSIONS):
        yield from ("", f"### {dimension.value}")
        yield from usual_lines(report, at)
        yield from _range(report, at)
    yield from ("", "### Nearer to none than the plain test", "")
    yield (
        "By how much bias and gap are nearer to 0 than those of the plain test on the same people, with "
        "the middle 95 % of draws. Above 0 the fair test does better."
    )
    yield from against_plain_lines(report)


def _range(report: FairnessReport, at: int) -> Iterator[str]:
    """What every figure on men and women carries: its range over the anchor rules."""
    plain, fair, hidden = told_of(report.usual)
    yield from ("", "Over the five ways to choose what counts as alike:", "")
    for cell, words in ((plain, "plain"), (fair, "fair, stated"), (hidden, "fair, hidden")):
        (men, women), gap = over_rules(report, cell, at)
        yield (
            f"- {words}: bias of {NAMES[0]} {_ends(men, 3)}, of {NAMES[1]} {_ends(women, 3)}; gap "
            f"{_ends(gap, 1)} points."
        )


def _moves(report: FairnessReport, at: int) -> str:
    """How far the rules move any test's bias: a rule moves the standard, and the test stays."""
    plain = told_of(report.usual)[0]
    counts = report.figures.cells[plain, at].own["bias"].value
    spans, _ = over_rules(report, plain, at)
    men, women = (
        Span(low=span.low - float(own), high=span.high - float(own))
        for span, own in zip(spans, counts, strict=True)
    )
    return (
        "The five rules move the standard by group. So they move the bias of each test beside it: of "
        f"{NAMES[0]} by {_ends(men, 3)}, of {NAMES[1]} by {_ends(women, 3)} SD."
    )


def _ends(span: Span, digits: int) -> str:
    return f"{signed(span.low, digits)} to {signed(span.high, digits)}"


def _by_length() -> Iterator[str]:
    yield from ("", "## By number of questions", "")
    yield (
        f"The shaded strip is bias within {AIM:g} SD. The plain test asks its sharpest questions first. "
        "Where those lean to one group, its bias shows most when it is short. The figures are at the end of "
        "the page. They hold under the rule that counts; how far the others move them is told above."
    )
    for how in ("stated", "hidden"):
        yield from (
            "",
            f"![Bias of four tests by number of questions, for men and women on both dimensions, "
            f"gender {how}]({PICTURES}/fairness-bias-{how}.svg)",
        )


def _cost(report: FairnessReport) -> Iterator[str]:
    usual = report.usual
    plain, fair, _ = told_of(usual)
    balance = Cell(items=usual, balance=True, by_group=False)
    figures = report.figures
    yield from ("", "## What balance costs", "")
    yield (
        "A question that is asked for the sake of balance is often less sharp than the one whose place it "
        "takes. And answers to questions that nearly repeat each other count for less. So the fair test "
        "is less sure of a place. How far a psd can be trusted shows in its coverage."
    )
    yield ""
    for at, dimension in enumerate(DIMENSIONS):
        unsure = [figures.psd[cell, at].value for cell in (plain, balance, fair)]
        covered = [100 * figures.cells[cell, at].own["coverage"].value for cell in (plain, fair)]
        yield (
            f"- **{dimension.value}**, {usual} questions: psd of men {unsure[0][0]:.3f} in the plain test, "
            f"{unsure[1][0]:.3f} with balance alone, {unsure[2][0]:.3f} in the fair one; of women "
            f"{unsure[0][1]:.3f}, {unsure[1][1]:.3f} and {unsure[2][1]:.3f}. Coverage is "
            f"{covered[0][0]:.1f} % for men and {covered[0][1]:.1f} % for women in the plain test, "
            f"{covered[1][0]:.1f} % and {covered[1][1]:.1f} % in the fair one."
        )
    yield from (
        "",
        "How well each agrees with the standard: the fair test's correlation (gender stated) less the plain "
        "one's, on the same people. Above 0 the fair test is ahead. Below 0 is what balance costs:",
    )
    yield from cost_lines(report)


def _rules(report: FairnessReport) -> Iterator[str]:
    yield from ("", "## The range over what counts as alike", "")
    yield (
        "To compare men and women some items must be taken as alike for both. Five rules choose them: all "
        f"items; those that stay alike by their own yardstick ({PURIFIED}, the rule that counts); the "
        "steepest third; and the thirds that lean to men or to women. Each lays men and women elsewhere, so "
        "each gives another standard. The test stays what it is. No rule is known to be the right one."
    )
    yield ""
    yield "How far men are from women (men less women, in SD) by each rule:"
    yield from latent_lines(report)
    for at, dimension in enumerate(DIMENSIONS):
        yield from ("", f"### {dimension.value}, {report.usual} questions")
        yield from rule_lines(report, at)


def _standards(report: FairnessReport) -> Iterator[str]:
    yield from ("", f"## Other standards, with {report.usual} questions", "")
    yield (
        "The sum of all answers is put on the standard's mean and SD. The answers that a test did not ask "
        "for have nothing in common with it, but they are few and tell of the place less well. That draws "
        "all figures down, for every test alike. The sum and the place by one set of figures know no groups: "
        "they take the items as alike as they come, so no rule moves them. The answers not asked for are "
        "scored by group, so the rules move them too."
    )
    for at, dimension in enumerate(DIMENSIONS):
        yield from ("", f"### {dimension.value}")
        yield from standard_lines(report, at)
        yield from ("", _moves(report, at))


def _items(report: FairnessReport) -> Iterator[str]:
    notable = sum(one.effect_class is not EffectClass.NEGLIGIBLE for one in report.items)
    yield from ("", "## Item by item", "")
    yield (
        f"{notable} of {len(report.items)} items differ by more than .17 SD of their answers, which is where "
        "a difference starts to matter. The bars are the range over the five rules. Parameters here are from "
        "all rows a bank would be made from."
    )
    yield from (
        "",
        f"![How far each item differs for men and women at the same place, with its interval and its "
        f"range over the rules]({PICTURES}/fairness-items.svg)",
    )


def _information(report: FairnessReport) -> Iterator[str]:
    yield from ("", "## What the questions tell about men and about women", "")
    yield (
        "Where a line is high, answers tell much about a place. *Typical* is what a fair test of "
        f"{report.usual} asks on average. Items that nearly repeat each other count for what they are worth "
        "together. The bank's figures are taken as known, so there are no errors here; the anchor rule "
        "shifts the two lines against each other, by as much as it shifts men and women."
    )
    yield from (
        "",
        f"![Information by place for men and women, of all items and of a typical test]"
        f"({PICTURES}/fairness-information.svg)",
    )


def _exposure(report: FairnessReport) -> Iterator[str]:
    plain, fair, hidden = told_of(report.usual)
    shares = {cell: report.figures.exposure[cell] for cell in (plain, fair, hidden)}
    inside = int(report.groups.members.any(axis=0).sum())

    def often(cell: Cell, least: float) -> int:
        return int((shares[cell] >= least).sum())

    yield from ("", "## Who is asked what", "")
    yield (
        f"With {report.usual} of {len(report.bank.items)} items each is asked of "
        f"{100 * report.usual / len(report.bank.items):.0f} % of people on average. The plain test asks "
        f"{often(plain, 0.95)} items of at least 95 % of people and {_never(shares[plain])} of fewer than "
        f"5 %. The fair test asks {often(fair, 0.95)} of at least 95 %, with gender hidden "
        f"{often(hidden, 0.95)}, and {_never(shares[fair])} of fewer than 5 %. An item that nearly all are asked "
        "is steep, is one of few in its part of the questions, or is the only one that is turned round. "
        f"Standard errors of all shares are at most {100 * np.sqrt(0.25 / inside):.1f} points."
    )
    yield from (
        "",
        f"![Share of people who are asked each item, in the fair and in the plain test]"
        f"({PICTURES}/fairness-exposure.svg)",
        "",
        "The items that either test asks most; *slope* is an item's place among its dimension's, the "
        "steepest first:",
    )
    yield from asked_lines(report)


def _never(shares: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> int:
    return int((shares < 0.05).sum())


def _forms(report: FairnessReport) -> Iterator[str]:
    yield from ("", "## Published short forms", "")
    if not report.forms:
        yield "No published short form is known for this bank's items."
        return
    short = max(length for length in lengths_of(report.bank) if length <= SHORT)
    named = " and ".join(f"{form.name} ({form.source})" for form in report.forms)
    yield (
        f"A fixed form asks all people the same items: {named}. Its *sum* is put on the standard's mean and "
        "SD; *one set* and *by group* score its answers with the bank's figures. Below them are the "
        f"tests of {short} questions. The ECR-S (wei2007) is left out: our sources do not "
        "list its item numbers."
    )
    for at, dimension in enumerate(DIMENSIONS):
        yield from ("", f"### {dimension.value}")
        yield from form_lines(report, at)
        yield from ("", _moves(report, at))


def _others(report: FairnessReport) -> Iterator[str]:
    for grouped in report.figures.others:
        by = grouped.groups.by
        yield from ("", f"## By {by}, with {report.usual} questions", "")
        yield (
            f"Figures by {by} are not used by any test: only gender is. The cut for *found* is that of all "
            "these people together. A group of few people has large errors."
        )
        for at, dimension in enumerate(DIMENSIONS):
            yield from ("", f"### {dimension.value}")
            yield from group_lines(grouped, at, report.usual)


def _every_length(report: FairnessReport) -> Iterator[str]:
    yield from ("", "## All figures by number of questions", "")
    yield (
        "Beside the standard of the rule that counts. How far the others move bias stands below each table."
    )
    for at, dimension in enumerate(DIMENSIONS):
        yield from ("", f"### {dimension.value}")
        yield from length_lines(report, at)
        yield from ("", _moves(report, at))
