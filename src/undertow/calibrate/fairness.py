"""What a short test does to two groups under each anchor rule, with the range over the rules.

All figures are in-sample: of the people whose answers made the parameters. Tests that adapt, on
people who had no part in them, are left to a replay. One set of parameters is called plain; who
belongs to which group is then not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.anchors import PURIFIED, rule_in_words
from undertow.calibrate.comparison import Comparison, Linked
from undertow.calibrate.dif import LatentDifference, latent_differences
from undertow.calibrate.em import settle
from undertow.calibrate.groups import GroupParameters, pooled_correlation, shares_of, stacked
from undertow.calibrate.likelihood import Parameters, Sides, dimensions_of
from undertow.calibrate.scores import CrossProducts
from undertow.calibrate.short_tests import (
    Agreement,
    agreement,
    answered_all,
    lengths,
    most_informative,
    standings_by,
    standings_on,
)
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import InputError, ShapeError

Array = NDArray[np.float64]

NOTE = (
    "In-sample: of the people whose answers made the parameters, those with every item of the dimension. "
    "standard = posterior mean by all items under parameters by group, each group's own fit laid where the "
    "rule's anchors put it, one prior for all. "
    "bias = mean of test less standard in SD; found = percent of those above the standard's pooled 84th "
    "percentile who are above the test's own; gap = found in the second group less the first, in points. "
    "Standard errors are over people; parameters count as known."
)
PLAIN, BY_GROUP = "one set of parameters", "parameters by group"
_PURIFIED_REASON = (
    "These items differ by less than .05 SD of their score when they themselves are the yardstick."
)
_CIRCLES_REASON = (
    "The search for items that stay alike by their own yardstick went round in circles, so those stand "
    "that differ by less than .05 SD of their score with all items as the yardstick."
)
_ASKED_REASON = "This rule was asked for."
_NO_CRITERION = "No outside criterion says which rule is right, so the range over all is told."


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortTest:
    """A test of the `asked` items (positions among all), how it was scored, and what came of it."""

    asked: tuple[int, ...]
    scored: str
    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFairness:
    """One dimension under one anchor rule; `latent_difference` is first less second in SD of all."""

    rule: str
    anchors: tuple[int, ...]
    latent_difference: float
    standard_error: float
    tests: tuple[ShortTest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionFairness:
    """One dimension under every rule; `rows` counts the people of each group that the tests use."""

    dimension: str
    rows: tuple[int, int]
    rules: tuple[RuleFairness, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """Two groups' fairness figures, the rule that counts and why, as said to whoever reads a card."""

    groups: tuple[str, str]
    items: tuple[str, ...]
    chosen: str
    reason: str
    dimensions: tuple[DimensionFairness, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The smallest and the largest of a figure over all anchor rules."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Span:
        found = tuple(values)
        return cls(low=min(found), high=max(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortTestSpan:
    """A short test's bias in each group and its gap, over all anchor rules."""

    asked: int
    scored: str
    bias: tuple[Span, Span]
    gap: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionRange:
    """What a sentence on fairness must carry: how far each figure moves over all anchor rules."""

    dimension: str
    latent_difference: Span
    tests: tuple[ShortTestSpan, ...]


def fairness(
    comparison: Comparison,
    sides: Sequence[Sides],
    dimensions: Sequence[str],
    *,
    sums: Sequence[CrossProducts] | None = None,
    mapper: Mapper = one_by_one,
) -> Fairness:
    """Latent difference, bias and gap of two groups under every anchor rule.

    The short tests are what a plain program would give: one set of parameters, fitted to both groups
    together, and the items of a dimension that say most about the average person. `dimensions` names
    those that have items, `sums` are the chosen fit's `score_sums`, where they are at hand. Raises
    InputError for more groups than two, NotReady where one has too few people, ConvergenceError when
    the plain fit does not settle.
    """
    if len(sides) != 2:
        raise InputError("Bias and gap are told of two groups. Name two, or put groups together.")
    used = [at for at in (0, 1) if sides[0][at].items.size]
    if len(dimensions) != len(used):
        raise ShapeError(f"dimensions must name {len(used)}")
    plain = settle(stacked(sides), names=comparison.items, mapper=mapper).parameters
    plain_all = [
        standings_by(own, plain.slope, plain.intercepts, plain.correlation, mapper=mapper)
        for own in sides
    ]
    latent = latent_differences(comparison, sides, sums=sums, mapper=mapper)
    laid = [
        _Laid.of(linked, difference, comparison, sides, mapper)
        for linked, difference in zip(comparison.rules, latent, strict=True)
    ]
    found = []
    for at, name in zip(used, dimensions, strict=True):
        tests = _Tests.of(sides, comparison.names, at, plain, plain_all)
        found.append(
            DimensionFairness(
                dimension=name,
                rows=(int(tests.whole[0].sum()), int(tests.whole[1].sum())),
                rules=tuple(tests.under(one, used.index(at)) for one in laid),
            )
        )
    return Fairness(
        groups=(comparison.names[0], comparison.names[1]),
        items=comparison.items,
        chosen=comparison.chosen.rule.name,
        reason=reason_of(comparison),
        dimensions=tuple(found),
    )


def reason_of(comparison: Comparison) -> str:
    """Why the chosen rule was taken, in two sentences of plain words."""
    if comparison.chosen.rule.name != PURIFIED:
        why = _ASKED_REASON
    else:
        why = _PURIFIED_REASON if comparison.settled else _CIRCLES_REASON
    return f"{why} {_NO_CRITERION}"


def fairness_range(table: Fairness) -> tuple[DimensionRange, ...]:
    """Each dimension's figures from their smallest to their largest over all anchor rules."""
    return tuple(
        DimensionRange(
            dimension=one.dimension,
            latent_difference=Span.of(rule.latent_difference for rule in one.rules),
            tests=tuple(
                ShortTestSpan(
                    asked=len(same[0].asked),
                    scored=same[0].scored,
                    bias=(
                        Span.of(test.agreement.bias[0] for test in same),
                        Span.of(test.agreement.bias[1] for test in same),
                    ),
                    gap=Span.of(test.agreement.gap for test in same),
                )
                for same in zip(*(rule.tests for rule in one.rules), strict=True)
            ),
        )
        for one in table.dimensions
    )


def as_table(told: Fairness, words: Sequence[str] | None = None) -> dict[str, object]:
    """Rounded figures as JSON can hold them, with the range over rules beside each dimension's.

    `words` are the groups' names for programs.
    """
    table = told if words is None else _in_words(told, (words[0], words[1]))
    return {
        "groups": list(table.groups),
        "anchor_rule": table.chosen,
        "reason": table.reason,
        "note": NOTE,
        "dimensions": {
            one.dimension: {
                "rows": dict(zip(table.groups, one.rows, strict=True)),
                "rules": [_rule_table(rule, table) for rule in one.rules],
                "range": _range_table(span, table.groups),
            }
            for one, span in zip(table.dimensions, fairness_range(table), strict=True)
        },
    }


def _in_words(table: Fairness, words: tuple[str, str]) -> Fairness:
    return replace(
        table,
        groups=words,
        chosen=rule_in_words(table.chosen, table.groups, words),
        dimensions=tuple(
            replace(
                one,
                rules=tuple(
                    replace(rule, rule=rule_in_words(rule.rule, table.groups, words))
                    for rule in one.rules
                ),
            )
            for one in table.dimensions
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Laid:
    """One rule's parameters by group, and everyone's standard under them: (N_g, 2) for each group.

    Every item is by group here: with all items equal, as that rule's own fit has them, there would
    be no group left to be aware of. One prior serves all.
    """

    linked: Linked
    difference: LatentDifference
    parameters: GroupParameters
    standards: tuple[Array, ...]

    @classmethod
    def of(
        cls,
        linked: Linked,
        difference: LatentDifference,
        comparison: Comparison,
        sides: Sequence[Sides],
        mapper: Mapper,
    ) -> _Laid:
        own = linked.laid(comparison.own, dimensions_of(sides[0]))
        correlation = pooled_correlation(own, shares_of(sides))
        standards = tuple(
            standings_by(one, own.slope[group], own.intercepts[group], correlation, mapper=mapper)
            for group, one in enumerate(sides)
        )
        return cls(linked=linked, difference=difference, parameters=own, standards=standards)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tests:
    """The short tests of one dimension, ready to be set beside any rule's standard.

    `whole` says who of each group answered every item; `plain` holds each test's items with these
    people's scores under one set of parameters, the test of all items last.
    """

    sides: Sequence[Sides]
    names: tuple[str, ...]
    dimension: int
    whole: tuple[NDArray[np.bool_], ...]
    plain: tuple[tuple[NDArray[np.intp], list[Array]], ...]

    @classmethod
    def of(
        cls,
        sides: Sequence[Sides],
        names: tuple[str, ...],
        dimension: int,
        plain: Parameters,
        plain_all: Sequence[Array],
    ) -> _Tests:
        own = [one[dimension] for one in sides]
        whole = tuple(answered_all(side) for side in own)
        tests = []
        for count in lengths(own[0].items.size):
            asked = most_informative(plain, own[0], count)
            scores = [standings_on(side, plain.slope, plain.intercepts, asked) for side in own]
            tests.append((asked, _among(whole, scores)))
        tests.append((own[0].items, _among(whole, [one[:, dimension] for one in plain_all])))
        return cls(sides=sides, names=names, dimension=dimension, whole=whole, plain=tuple(tests))

    def under(self, laid: _Laid, column: int) -> RuleFairness:
        own = [one[self.dimension] for one in self.sides]
        slope, intercepts = laid.parameters.slope, laid.parameters.intercepts
        standard = _among(self.whole, [one[:, self.dimension] for one in laid.standards])
        tests = []
        for asked, plain in self.plain:
            tests.append(self._test(asked, PLAIN, plain, standard))
            if asked.size < own[0].items.size:
                aware = [
                    standings_on(side, slope[g], intercepts[g], asked) for g, side in enumerate(own)
                ]
                tests.append(self._test(asked, BY_GROUP, _among(self.whole, aware), standard))
        return RuleFairness(
            rule=laid.linked.rule.name,
            anchors=tuple(int(item) for item in own[0].items if laid.linked.rule.items[item]),
            latent_difference=laid.difference.difference[column],
            standard_error=laid.difference.standard_error[column],
            tests=tuple(tests),
        )

    def _test(
        self,
        asked: NDArray[np.intp],
        scored: str,
        scores: Sequence[Array],
        standard: Sequence[Array],
    ) -> ShortTest:
        return ShortTest(
            asked=tuple(int(item) for item in asked),
            scored=scored,
            agreement=agreement(scores, standard, self.names),
        )


def _among(whole: Sequence[NDArray[np.bool_]], scores: Sequence[Array]) -> list[Array]:
    """The scores of those who answered every item, group by group."""
    return [own[kept] for own, kept in zip(scores, whole, strict=True)]


def _rule_table(rule: RuleFairness, table: Fairness) -> dict[str, object]:
    return {
        "rule": rule.rule,
        "anchors": [table.items[item] for item in rule.anchors],
        "latent_difference": round(rule.latent_difference, 3),
        "standard_error": round(rule.standard_error, 3),
        "tests": [
            {
                "asked": [table.items[item] for item in test.asked],
                "scored": test.scored,
                **{
                    key: _by_group(value, table.groups, 3 if key.startswith("bias") else 1)
                    for key, value in asdict(test.agreement).items()
                },
            }
            for test in rule.tests
        ],
    }


def _by_group(value: object, groups: Sequence[str], digits: int) -> object:
    if isinstance(value, tuple):
        return {name: round(one, digits) for name, one in zip(groups, value, strict=True)}
    return round(float(str(value)), digits)


def _range_table(span: DimensionRange, groups: Sequence[str]) -> dict[str, object]:
    return {
        "latent_difference": _ends(span.latent_difference, 3),
        "tests": [
            {
                "asked": test.asked,
                "scored": test.scored,
                "bias": {name: _ends(one, 3) for name, one in zip(groups, test.bias, strict=True)},
                "gap": _ends(test.gap, 1),
            }
            for test in span.tests
        ],
    }


def _ends(span: Span, digits: int) -> list[float]:
    return [round(span.low, digits), round(span.high, digits)]
