"""A replay as JSON, as lines for a terminal and as a row for each person; the figures come from `replay`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from undertow.bank.item import DIMENSIONS
from undertow.calibrate.bank_writer import write_texts
from undertow.calibrate.replay import Replay
from undertow.calibrate.replay_figures import DRAWS, SEED, Drawn, means_of
from undertow.calibrate.replay_sections import (
    DIFFERENCE,
    GROUP_AWARE,
    GROUP_BLIND,
    NESTED,
    NOT_ASKED,
    RAW_SUM,
    Section,
)

Table = dict[str, object]

_DIGITS = 6
EXPLAINED: Mapping[str, str] = MappingProxyType(
    {
        "standard": "posterior mean from all answers, under the figures of each one's stated group",
        "bias": "mean of test less standard, in SD of the reference population",
        "found": "of those above the standard's pooled 84th percentile, the share above the test's own",
        "specificity": "of all others, the share that is not above the test's own",
        NESTED: "share with |test - standard| <= 1.96 sqrt(psd_test^2 - psd_standard^2)",
        DIFFERENCE: "share with |test - standard| <= 1.96 sqrt(psd_test^2 + psd_standard^2)",
        "gap": "found in the second group less found in the first, in percentage points",
        "items_mean": "questions asked on both dimensions together; own_items_mean on this one",
        "bias_difference": "bias less that of the plain test on the same people",
        "improvement": "|bias of the plain test| - |bias|: above 0 where the plain test is worse",
        "gap_difference": "gap less that of the plain test on the same people",
        "gap_improvement": "|gap of the plain test| - |gap|: above 0 where the plain test is worse",
        "interval_95": "the middle 95 % of the draws of people, the same draws for both tests",
        RAW_SUM: "sum of all keyed answers of a dimension, on the standard's mean and SD over everyone",
        GROUP_BLIND: "posterior mean from all answers, under one set of figures for everyone",
        NOT_ASKED: "posterior mean from the answers that the test did not ask for, by group",
    }
)
"""What each word of the JSON means."""


def table_of(replay: Replay) -> Table:
    """The replay as one JSON object: figures by dimension and group, then by other standards."""
    kind, sections = replay.kind, replay.sections
    return {
        "rows_read": replay.rows_read,
        "rows_replayed": replay.people.count,
        "rows_in_groups": int(replay.groups.members.any(axis=0).sum()),
        "bank": replay.bank.id,
        "bank_checksum": replay.bank.checksum,
        "items": kind.items,
        "early_stop": kind.early_stop,
        "plain": kind.plain,
        "gender": "hidden" if replay.hidden else "stated",
        "drift": False,
        "parameters": "five folds" if replay.folds.count else "bank",
        "parameters_because": replay.folds.why,
        "by": replay.groups.by,
        "groups": list(replay.groups.words),
        "dimensions": _dimensions(replay, sections[GROUP_AWARE]),
        "standards": {
            standard: _dimensions(replay, own)
            for standard, own in sections.items()
            if standard != GROUP_AWARE
        },
        "stops": stops_of(replay.outcome.tests[0].reasons) if kind.early_stop else {},
        "bootstrap": {"draws": DRAWS, "seed": SEED, "drawn": "people"},
        "explained": dict(EXPLAINED),
        "seconds": round(replay.seconds, 3),
    }


def stops_of(reasons: NDArray[np.str_]) -> dict[str, float]:
    """The share of sittings that ended for each reason."""
    counts = Counter(str(reason) for reason in reasons)
    return {
        reason: round(count / reasons.size, _DIGITS) for reason, count in sorted(counts.items())
    }


def _dimensions(replay: Replay, sections: Mapping[str, Section]) -> Table:
    return {
        dimension.value: _dimension(replay, number, sections[dimension.value])
        for number, dimension in enumerate(DIMENSIONS)
    }


def _dimension(replay: Replay, dimension: int, section: Section) -> Table:
    words, members = replay.groups.words, replay.groups.members
    taken = replay.outcome.tests[0]
    own_items = np.array([DIMENSIONS.index(item.dimension) for item in replay.bank.items])
    means = {
        "items_mean": taken.items,
        "own_items_mean": taken.asked[:, own_items == dimension].sum(axis=1),
        "psd_mean": taken.places.psd[:, dimension],
    }
    by_group = {
        name: means_of(np.asarray(values, float), members) for name, values in means.items()
    }
    table: Table = {}
    for group, word in enumerate(words):
        figures: Table = {"n": int(members[group].sum())}
        if section.coverage is None:
            figures[NESTED] = None
        for name, drawn in section.own.items():
            shown = section.coverage if name == "coverage" else name
            figures[f"{shown}"] = _number(drawn.value[group])
            figures[f"{shown}_se"] = _number(drawn.se[group])
        figures |= {name: _number(values[group]) for name, values in by_group.items()}
        table[word] = figures
    gap = section.gap
    if gap is not None:
        table |= {"gap": _number(gap.value[0]), "gap_se": _number(gap.se[0])}
    if section.plain is not None:
        table["against_plain"] = _against_plain(section, words)
    return table


def _against_plain(section: Section, words: tuple[str, ...]) -> Table:
    table: Table = {}
    bias, gap = section.against_plain("bias"), section.gap_against_plain
    if bias is not None:
        for group, word in enumerate(words):
            table[word] = {
                "bias_plain": _number(bias.plain.value[group]),
                **_with_interval("bias_difference", "interval_95", bias.difference, group),
                **_with_interval("improvement", "improvement_interval_95", bias.improvement, group),
            }
    if gap is not None:
        table |= {
            "gap_plain": _number(gap.plain.value[0]),
            **_with_interval("gap_difference", "gap_interval_95", gap.difference),
            **_with_interval("gap_improvement", "gap_improvement_interval_95", gap.improvement),
        }
    return table


def _with_interval(name: str, interval: str, drawn: Drawn, group: int = 0) -> Table:
    return {
        name: _number(drawn.value[group]),
        f"{name}_se": _number(drawn.se[group]),
        interval: [_number(end) for end in drawn.interval[group]],
    }


def _number(value: float) -> float | None:
    """As JSON can hold it; None for a figure about nobody."""
    return round(float(value), _DIGITS) + 0.0 if math.isfinite(value) else None


def lines_of(replay: Replay) -> Iterator[str]:
    """The replay for people who read it: the standard that counts, then the others in short."""
    kind, words = replay.kind, replay.groups.words
    counts = ", ".join(
        f"{word} {int(own.sum()):,}" for word, own in zip(words, replay.groups.members, strict=True)
    )
    yield (
        f"{replay.people.count:,} of {replay.rows_read:,} rows answered every item and are of age."
    )
    yield f"Groups by {replay.groups.by}: {counts}." if len(words) > 1 else f"Group: {counts}."
    yield (
        f"{'Plain' if kind.plain else 'Fair'} test, {'at most' if kind.early_stop else 'always'} "
        f"{kind.items} questions, gender {'hidden' if replay.hidden else 'as stated'}."
    )
    yield (
        f"Figures from {'four other fifths of the people' if replay.folds.count else 'the bank'}: "
        f"{replay.folds.why}."
    )
    for standard, sections in replay.sections.items():
        for dimension in DIMENSIONS:
            yield ""
            yield f"{dimension.value}, beside {_TITLES[standard]}"
            yield from _section_lines(replay, sections[dimension.value], standard)
    if kind.early_stop:
        yield ""
        stops = stops_of(replay.outcome.tests[0].reasons)
        yield "ended: " + ", ".join(f"{reason} {share:.0%}" for reason, share in stops.items())
    yield ""
    yield "bias: test less standard, in SD. found: of the standard's highest 16 %."
    yield "In brackets: standard errors, or 95 % intervals, from draws of people."


_TITLES: Mapping[str, str] = MappingProxyType(
    {
        GROUP_AWARE: "all answers (the standard)",
        RAW_SUM: "the raw sum of all answers",
        GROUP_BLIND: "all answers, groups not known",
        NOT_ASKED: "the answers not asked for",
    }
)


def _section_lines(replay: Replay, section: Section, standard: str) -> Iterator[str]:
    words = replay.groups.words
    width = max(8, *(len(word) for word in words))
    covered = "coverage" in section.own
    yield (
        f"  {'':{width}}  {'bias':>14}  {'found':>12}  {'specific':>8}  {'corr.':>5}"
        + (f"  {'cover':>5}" if covered else "")
    )
    for group, word in enumerate(words):
        bias, found = section.own["bias"], section.own["found"]
        yield (
            f"  {word:{width}}  {bias.value[group]:>+6.3f} ({bias.se[group]:.4f})"
            f"  {found.value[group]:>5.3f} ({found.se[group]:.3f})"
            f"  {section.own['specificity'].value[group]:>8.3f}"
            f"  {section.own['correlation'].value[group]:>5.3f}"
            + (f"  {section.own['coverage'].value[group]:>5.3f}" if covered else "")
        )
    gap, bias_against = section.gap, section.against_plain("bias")
    if gap is not None:
        yield f"  gap {gap.value[0]:+.1f} points ({gap.se[0]:.1f})"
    if standard != GROUP_AWARE or bias_against is None:
        return
    for group, word in enumerate(words):
        low, high = bias_against.improvement.interval[group]
        yield (
            f"  {word:{width}}  plain {bias_against.plain.value[group]:+.3f}, nearer to 0 by "
            f"{bias_against.improvement.value[group]:+.3f} ({low:+.3f} to {high:+.3f})"
        )
    gap_against = section.gap_against_plain
    if gap_against is not None:
        low, high = gap_against.improvement.interval[0]
        yield (
            f"  gap of plain {gap_against.plain.value[0]:+.1f}, nearer to 0 by "
            f"{gap_against.improvement.value[0]:+.1f} ({low:+.1f} to {high:+.1f})"
        )


PEOPLE_COLUMNS = (
    *("row", "gender", "items"),
    *(
        f"{dimension.value}{whole}{what}"
        for whole in ("", "_full")
        for dimension in DIMENSIONS
        for what in ("", "_psd")
    ),
)


def people_csv(replay: Replay) -> str:
    """A line for each person replayed, in the archive's order; no answers in it (PRIVACY P1).

    `row` counts the archive's rows from 1, the header not among them. Places by the test and, with
    _full, by the standard; psd beside each.
    """
    taken, full = replay.outcome.tests[0], replay.outcome.full
    figures = np.stack(
        [
            places[:, dimension]
            for own in (taken.places, full)
            for dimension in range(len(DIMENSIONS))
            for places in (own.means, own.psd)
        ],
        axis=1,
    )
    lines = [",".join(PEOPLE_COLUMNS)]
    people = replay.people
    for row, gender, items, numbers in zip(
        people.rows, people.gender, taken.items, figures, strict=True
    ):
        told = ",".join(f"{number:.{_DIGITS}f}" for number in numbers)
        lines.append(f"{row + 1},{gender},{items},{told}")
    return "\n".join(lines) + "\n"


def write_people(replay: Replay, path: Path) -> None:
    """Writes `people_csv`, whole or not at all. Raises InputError when the place is no good."""
    write_texts({path: people_csv(replay)})
