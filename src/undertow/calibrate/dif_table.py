"""Differences item by item as rows for a table or JSON; how they are found is left to `dif`."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from undertow.calibrate.anchors import rule_in_words
from undertow.calibrate.comparison import Comparison
from undertow.calibrate.dif import P_METHOD, ItemDif
from undertow.calibrate.likelihood import Sides
from undertow.errors import ShapeError

Row = dict[str, object]

_DIGITS = 4


def rows_of(
    comparison: Comparison,
    difs: Sequence[ItemDif],
    sides: Sequence[Sides],
    dimensions: Sequence[str],
    words: Sequence[str] | None = None,
) -> list[Row]:
    """One row an item, in the natural order of names, from a comparison of each group's rows (`sides`).

    The first group less the second gives the sign. `dimensions` names the sides that have items,
    `words` the groups for programs.
    """
    named = dict(zip(comparison.names, words or comparison.names, strict=True))
    rule = comparison.chosen.rule
    used = [side for side in sides[0] if side.items.size]
    if len(dimensions) != len(used):
        raise ShapeError(f"dimensions must name {len(used)}")
    dimension_of = {
        int(item): name for name, side in zip(dimensions, used, strict=True) for item in side.items
    }
    fair = {
        name: sorted(
            (comparison.items[item] for item in side.items if rule.items[item]), key=natural
        )
        for name, side in zip(dimensions, used, strict=True)
    }
    rows = [
        {
            "item": comparison.items[one.item],
            "dimension": dimension_of[one.item],
            "between": [named[name] for name in one.between],
            "expected_score_difference": _short(one.difference),
            "standard_error": _short(one.standard_error),
            "standardised": _short(one.standardised),
            "effect_class": str(one.effect_class),
            "low": _short(one.low),
            "high": _short(one.high),
            "statistic": _short(one.statistic),
            "df": one.df,
            "p_adjusted": one.p_adjusted,
            "p_method": P_METHOD,
            "anchor_rule": rule_in_words(rule.name, list(named), list(named.values())),
            "is_anchor": one.anchor,
            "anchors": fair[dimension_of[one.item]],
        }
        for one in difs
    ]
    return sorted(rows, key=lambda row: natural(str(row["item"])))


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key under which Q2 comes before Q10."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
        for part in re.split(r"(\d+)", name)
        if part
    )


def _short(value: float) -> float:
    # Adding 0 turns -0.0 into 0.0.
    return round(float(np.float64(value)), _DIGITS) + 0.0
