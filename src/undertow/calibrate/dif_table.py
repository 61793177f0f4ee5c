"""Differences item by item as rows for a table or JSON; how they are found is left to `dif`."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from undertow.calibrate.anchors import PURIFIED, parse_anchors
from undertow.calibrate.comparison import Comparison, compare
from undertow.calibrate.dif import P_METHOD, ItemDif, item_difs
from undertow.calibrate.likelihood import Sides
from undertow.calibrate.multigroup import dimensions_of
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ShapeError

Row = dict[str, object]

_DIGITS = 4


def dif_rows(
    sides: Sequence[Sides],
    names: Sequence[str],
    items: Sequence[str],
    dimensions: Sequence[str],
    *,
    anchors: str = PURIFIED,
    mapper: Mapper = one_by_one,
) -> list[Row]:
    """One row an item, in the natural order of names, from each group's rows (`sides`).

    `names` are the groups', the first less the second giving the sign; `dimensions` those of the
    sides that have items. `anchors` is a rule's name, with hyphens or spaces, or items with commas
    between. Raises InputError for anchors that are neither, and what `compare` raises.
    """
    chosen = parse_anchors(anchors, names, items, dimensions_of(sides[0]))
    comparison = compare(sides, names, items, chosen=chosen, mapper=mapper)
    return rows_of(comparison, item_difs(comparison, sides, mapper=mapper), sides, dimensions)


def rows_of(
    comparison: Comparison,
    difs: Sequence[ItemDif],
    sides: Sequence[Sides],
    dimensions: Sequence[str],
) -> list[Row]:
    """The rows of a comparison that was made already."""
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
            "between": list(one.between),
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
            "anchor_rule": rule.name,
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
