"""The card's part on groups: men and women under every anchor rule, ages, countries; fit is left to `card_fit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from undertow.calibrate.calibration import Calibration
from undertow.calibrate.card_fit import signed
from undertow.calibrate.dif import EffectClass
from undertow.calibrate.dif_plot import curves_svg, differences_svg
from undertow.calibrate.fairness import (
    DimensionFairness,
    Fairness,
    RuleFairness,
    ShortTest,
    fairness_range,
)
from undertow.calibrate.group_findings import BlockGroups, GroupFindings

_MOST_ITEMS = 8
_TITLES = {
    "gender": "Men and women",
    "age": "Ages",
    "country": "Countries",
    "age-ends": "The youngest and the oldest",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file beside the card: its name, its SVG and what it shows, in words."""

    name: str
    svg: str
    shows: str


def pictures_of(made: Calibration, stem: str) -> dict[str, list[Picture]]:
    """The card's pictures by grouping: differences of items, and curves by gender."""
    return {
        found.grouping.name: list(_pictures(found, stem))
        for found in (() if made.whole is None else made.whole.groups)
    }


def _pictures(found: GroupFindings, stem: str) -> Iterator[Picture]:
    name = found.grouping.name
    for number, own in enumerate(found.blocks):
        part = "" if len(found.blocks) == 1 else f"-{number + 1}"
        about = "" if len(found.blocks) == 1 else f" of {' and '.join(own.dimensions)}"
        yield Picture(
            name=f"{stem}-{name}{part}.svg",
            svg=differences_svg(own.comparison, own.difs, own.sides, own.dimensions),
            shows=f"How far each item{about} differs by {name}, with its interval and its range over "
            "the rules",
        )
        if own.by_group is not None and own.by_group.differing.size:
            yield Picture(
                name=f"{stem}-{name}-curves{part}.svg",
                svg=curves_svg(own.by_group, own.sides, own.dimensions),
                shows=f"Expected answer by place for each group, of the items{about} that differ",
            )


def group_lines(made: Calibration, pictures: Mapping[str, Sequence[Picture]]) -> Iterator[str]:
    """Every grouping that was compared, with its own pictures."""
    if made.whole is None or not made.whole.groups:
        return
    yield from ("", "## Groups, at the same place", "")
    yield (
        "An item works differently for two groups when people at the same place answer it "
        "differently. That is always relative: the items taken as fair, the anchors, decide how far "
        "the groups are apart, and nothing in these answers says which items are fair. So each "
        "figure stands beside its range over several rules: all items as anchors; those that stay "
        "alike by their own yardstick (purified); the steepest third; and, where there are two "
        "groups, the thirds that lean to one or the other."
    )
    for found in made.whole.groups:
        yield from _grouping(found, pictures.get(found.grouping.name, ()))


def _grouping(found: GroupFindings, pictures: Sequence[Picture]) -> Iterator[str]:
    own = found.grouping
    counts = ", ".join(
        f"{name} {int(member.sum()):,}" for name, member in zip(own.names, own.members, strict=True)
    )
    yield from ("", f"### {_TITLES[own.name]}", "", f"Rows: {counts}.")
    for block in found.blocks:
        if block.fairness is not None:
            yield from _rules(block.fairness)
    yield from _items(found)
    for picture in pictures:
        yield from ("", f"![{picture.shows}]({picture.name})")
    for block in found.blocks:
        if block.by_group is not None:
            yield from ("", *_by_group(block))
        if block.fairness is None:
            yield from ("", *_latents(block))


def _rules(fair: Fairness) -> Iterator[str]:
    first, second = fair.groups
    yield ""
    yield f"The rule that counts here is **{fair.chosen}**. {fair.reason}"
    yield ""
    yield (
        f"Latent difference is {first} less {second} in SD. Short tests are what a plain program "
        "would give: the items of a dimension that say most about the middle, one set of parameters. "
        "Bias is how far such a test puts a group from where all items, scored with that group's "
        "own parameters, put it; found is who of those above the 84th percentile is still above it; "
        f"gap is found among {second} less found among {first}, in points. These figures are "
        "in-sample."
    )
    for one in fair.dimensions:
        yield from _dimension(one, fair)
    yield ""
    for span in fairness_range(fair):
        plain = [
            test
            for test in span.tests
            if test.scored == fair.dimensions[0].rules[0].tests[0].scored
        ]
        tests = "; ".join(
            f"{test.asked} items: bias of {first} {signed(test.bias[0].low, 3)} to "
            f"{signed(test.bias[0].high, 3)}, gap {signed(test.gap.low, 1)} to {signed(test.gap.high, 1)}"
            for test in plain
        )
        yield (
            f"- Over all rules, on {span.dimension}: latent difference "
            f"{signed(span.latent_difference.low)} to {signed(span.latent_difference.high)}; {tests}."
        )


def _dimension(one: DimensionFairness, fair: Fairness) -> Iterator[str]:
    first, second = fair.groups
    yield from (
        "",
        f"**{one.dimension}** ({first} {one.rows[0]:,}, {second} {one.rows[1]:,} with every item)",
        "",
        f"| rule | anchors | latent difference | test | bias {first} | bias {second} | "
        f"found {first} | found {second} | gap |",
        "|---|---:|---:|---|---:|---:|---:|---:|---:|",
    )
    for rule in one.rules:
        for at, test in enumerate(rule.tests):
            yield _rule_row(rule, test, first=at == 0)


def _rule_row(rule: RuleFairness, test: ShortTest, *, first: bool) -> str:
    lead = (
        f"| {rule.rule} | {len(rule.anchors)} | {signed(rule.latent_difference)} "
        f"({rule.standard_error:.3f}) "
        if first
        else "| | | "
    )
    told = test.agreement
    bias = " | ".join(
        f"{signed(value, 3)} ({error:.3f})"
        for value, error in zip(told.bias, told.bias_error, strict=True)
    )
    found = " | ".join(
        f"{value:.1f} % ({error:.1f})"
        for value, error in zip(told.found, told.found_error, strict=True)
    )
    return (
        f"{lead}| {len(test.asked)} items, {test.scored} | {bias} | {found} | "
        f"{signed(told.gap, 1)} ({told.gap_error:.1f}) |"
    )


def _items(found: GroupFindings) -> Iterator[str]:
    rows = found.rows
    by_class = {
        kind.value: sum(row["effect_class"] == kind.value for row in rows) for kind in EffectClass
    }
    counted = ", ".join(f"{count} {kind}" for kind, count in by_class.items())
    yield from (
        "",
        f"Items by the size of their difference: {counted}. Classes go by its size in SD of the "
        "item's score: up to .17 negligible, up to .25 moderate, above large; they hold under the rule that "
        "counts here, and another rule may class an item otherwise.",
    )
    gap = {str(row["item"]): float(str(row["expected_score_difference"])) for row in rows}
    largest = sorted(rows, key=lambda row: -abs(gap[str(row["item"])]))
    names = found.blocks[0].comparison.names
    two = len(names) == 2
    # By gender, which people are scored by, every item is told; else all that are not negligible, and
    # the largest in any case.
    notable = [row for row in largest if row["effect_class"] != EffectClass.NEGLIGIBLE.value]
    shown = (
        largest if found.grouping.name == "gender" else largest[: max(_MOST_ITEMS, len(notable))]
    )
    rules = len(found.blocks[0].comparison.rules)
    title = " less ".join(names) if two else "between the two furthest apart"
    yield from (
        "",
        f"| item | dimension | {title}, in categories (s.e.) | range over {rules} rules | SD of the score | "
        "class | adjusted p |",
        "|---|---|---:|---:|---:|---|---:|",
    )
    for row in shown:
        between = "" if two else " (" + " less ".join(map(str, _list(row["between"]))) + ")"
        anchor = ", an anchor" if row["is_anchor"] else ""
        yield (
            f"| {row['item']} | {row['dimension']} | {signed(gap[str(row['item'])])} "
            f"({float(str(row['standard_error'])):.2f}){between} | {signed(float(str(row['low'])))} to "
            f"{signed(float(str(row['high'])))} | {signed(float(str(row['standardised'])))} | "
            f"{row['effect_class']}{anchor} | {_p(float(str(row['p_adjusted'])))} |"
        )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _p(value: float) -> str:
    return "< .0001" if value < 1e-4 else f"{value:.4f}"


def _latents(block: BlockGroups) -> Iterator[str]:
    """Groups' means under the first rule and the chosen one, where there are more than two."""
    rules = (block.comparison.rules[0], block.comparison.chosen)
    yield "| mean theta, in SD of all | " + " | ".join(block.comparison.names) + " |"
    yield "|---|" + "---:|" * len(block.comparison.names)
    for number, name in enumerate(block.dimensions):
        side = [at for at in (0, 1) if block.sides[0][at].items.size][number]
        for linked in rules:
            means = " | ".join(signed(float(latent.means[side])) for latent in linked.latents)
            yield f"| {name}, anchors: {linked.rule.name} | {means} |"


def _by_group(block: BlockGroups) -> Iterator[str]:
    own = block.by_group
    if own is None:
        return
    differing = ", ".join(own.items[item] for item in own.differing)
    yield (
        f"The bank carries parameters by group as well: {len(own.differing)} items of "
        f"{len(own.items)} have figures of their own for each group ({differing}), all others the "
        "same ones, in one fit and on one metric. They get their own where the class is not "
        "negligible, and where the difference is beyond chance and above .05 SD of the score: one "
        "such item is a trifle, but a short test picks several that lean the same way. One prior "
        "serves everyone: a group's mean never pulls a person towards it."
    )
