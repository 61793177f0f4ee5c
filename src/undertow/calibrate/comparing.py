"""From an archive to how its groups answer each item at the same place; the fits are left to `comparison`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from undertow.calibrate.anchors import PURIFIED
from undertow.calibrate.archive import read_archive
from undertow.calibrate.bank_writer import write_texts
from undertow.calibrate.blocks import blocks_of
from undertow.calibrate.chances import check_chances
from undertow.calibrate.dif import P_METHOD
from undertow.calibrate.dif_plot import differences_svg
from undertow.calibrate.dif_table import Row
from undertow.calibrate.fairness import PLAIN, Fairness
from undertow.calibrate.group_findings import GroupFindings, findings_by
from undertow.calibrate.groupings import grouping_of
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.sample import sample_of
from undertow.calibrate.watch import Silent, Watch, stages
from undertow.calibrate.workers import workers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedGroups:
    """A grouping's items: as rows for programs, as lines for a terminal, as a picture a block (SVG)."""

    findings: GroupFindings

    @property
    def rows(self) -> list[Row]:
        return self.findings.rows

    @property
    def lines(self) -> list[str]:
        return list(_lines(self.findings))

    @property
    def plots(self) -> tuple[str, ...]:
        return tuple(
            differences_svg(own.comparison, own.difs, own.sides, own.dimensions)
            for own in self.findings.blocks
        )


def compare_groups(
    archive: Path,
    group: str,
    *,
    recipe: Recipe,
    anchors: str = PURIFIED,
    complete_cases: bool = False,
    with_fairness: bool = False,
    progress: Watch | None = None,
) -> ComparedGroups:
    """Reads an archive and compares its groups by "gender", "age" or "country", item by item.

    The rows are those that `calibrate` would use. `anchors` is a rule's name or items with commas
    between. `with_fairness` also asks, of two groups, what plain short tests do under every rule.
    Raises ArchiveError, InputError and ConvergenceError as reading, comparing and fitting do.
    """
    check_chances("Comparing groups")
    following = stages(progress or Silent(), ("reading", f"comparing by {group}"))
    following()
    table = read_archive(archive, recipe)
    sample = sample_of(table, recipe, complete_cases=complete_cases)
    grouping = grouping_of(sample, recipe, group)
    blocks = blocks_of(sample.keyed, recipe.dimension_of, recipe.categories)
    following()
    with workers() as mapper:
        findings = findings_by(
            grouping,
            blocks,
            names=[item.column for item in recipe.items],
            dimensions=recipe.dimensions,
            anchors=anchors,
            with_fairness=with_fairness and len(grouping.words) == 2,
            mapper=mapper,
        )
    return ComparedGroups(findings=findings)


def write_plots(compared: ComparedGroups, path: Path) -> tuple[Path, ...]:
    """Writes the pictures; of several blocks each gets its number. Raises InputError."""
    plots = compared.plots
    paths = (
        (path,)
        if len(plots) == 1
        else tuple(path.with_stem(f"{path.stem}-{n}") for n in range(1, len(plots) + 1))
    )
    write_texts(dict(zip(paths, plots, strict=True)))
    return paths


def _lines(findings: GroupFindings) -> Iterator[str]:
    own = findings.grouping
    names = findings.blocks[0].comparison.names
    two = len(names) == 2
    counts = ", ".join(
        f"{word} {int(member.sum()):,}" for word, member in zip(names, own.members, strict=True)
    )
    rows = findings.rows
    width = max(len(str(row["item"])) for row in rows)
    yield f"{own.name}: {counts}"
    yield (
        f"Differences are {names[0]} less {names[1]} at the same place, in categories."
        if two
        else "Differences are between the two groups furthest apart, in categories."
    )
    compared = findings.blocks[0].comparison
    yield (
        f"anchors: {compared.chosen.rule.name}; low and high are over all {len(compared.rules)} rules"
    )
    yield ""
    yield f"{'item':{width}}  {'difference':>10}  {'s.e.':>5}  {'low':>6}  {'high':>6}  {'adj. p':>8}  class"
    for row in rows:
        difference, error, low, high, p = (
            float(str(row[key]))
            for key in ("expected_score_difference", "standard_error", "low", "high", "p_adjusted")
        )
        between = row["between"]
        furthest = "" if two or not isinstance(between, list) else f"  {' less '.join(between)}"
        told = "< .0001" if p < 1e-4 else f"{p:.4f}"
        anchor = ", an anchor" if row["is_anchor"] else ""
        yield (
            f"{row['item']!s:{width}}  {difference:>+10.2f}  {error:>5.2f}  {low:>+6.2f}  {high:>+6.2f}  "
            f"{told:>8}  {row['effect_class']}{anchor}{furthest}"
        )
    yield ""
    yield f"p: {P_METHOD}."
    for block in findings.blocks:
        if block.fairness is not None:
            yield from _fairness_lines(block.fairness)
    yield from findings.unsaid


def _fairness_lines(fair: Fairness) -> Iterator[str]:
    """Latent difference, bias and gap of plain short tests under every anchor rule."""
    first, second = fair.groups
    for one in fair.dimensions:
        yield ""
        yield f"{one.dimension}, {first} less {second}, under every rule; bias and gap are of plain tests:"
        for rule in one.rules:
            plain = [
                test
                for test in rule.tests
                if test.scored == PLAIN and len(test.asked) < len(rule.tests[-1].asked)
            ]
            tests = "; ".join(
                f"{len(test.asked)} items: bias {test.agreement.bias[0]:+.3f} / "
                f"{test.agreement.bias[1]:+.3f} SD, gap {test.agreement.gap:+.1f} "
                f"({test.agreement.gap_error:.1f}) points"
                for test in plain
            )
            chosen = " (chosen)" if rule.rule == fair.chosen else ""
            yield (
                f"  {rule.rule}{chosen}: latent difference {rule.latent_difference:+.2f} "
                f"({rule.standard_error:.3f}) SD; {tests}"
            )
    yield ""
    yield fair.reason
