"""The parts of a bank file as values: items, groups, norms, drift; the whole is left to `bank_files`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import CalibratedItem, DependentPair, GroupFigures
from undertow.bank.drift import Spread, WordingDrift
from undertow.bank.fairness import DifferenceRange, FairnessRange
from undertow.bank.item import DIMENSIONS, Dimension
from undertow.bank.norms import Norm
from undertow.content.json_reading import Reading

_MOST_KNOTS = 10_000


def item_of(
    row: Mapping[str, object],
    categories: int,
    by_group: Mapping[str, tuple[GroupFigures, ...]],
    read: Reading,
) -> CalibratedItem:
    name = read.text(row, "id", inside="items.")
    inside = f"items.{name}."
    try:
        dimension = Dimension(read.text(row, "dimension", inside=inside))
    except ValueError:
        raise read.error(f"{inside}dimension", "is not one of the two dimensions") from None
    keying = row.get("keying")
    if keying not in (1, -1):
        raise read.error(f"{inside}keying", "must be 1 or -1")
    slope, intercepts = _figures(row, categories, read, inside=inside)
    return CalibratedItem(
        id=name,
        dimension=dimension,
        keying=1 if keying == 1 else -1,
        slope=slope,
        intercepts=intercepts,
        facet=read.optional_text(row, "facet", inside=inside),
        by_group=by_group.get(name, ()),
    )


def _figures(
    row: Mapping[str, object], categories: int, read: Reading, *, inside: str
) -> tuple[float, tuple[float, ...]]:
    intercepts = read.numbers(row, "intercepts", inside=inside)
    if len(intercepts) != categories - 1:
        raise read.error(f"{inside}intercepts", f"must have {categories - 1} numbers")
    return read.number(row, "slope", inside=inside), intercepts


def by_group_of(
    data: Mapping[str, object], categories: int, read: Reading
) -> tuple[Mapping[str, tuple[GroupFigures, ...]], float | None]:
    """Each item's figures for stated genders, and the correlation that goes with them.

    Banks made before there were any, and banks of one group, have none.
    """
    if data.get("by_group") is None:
        return {}, None
    tables = read.rows(read.mapping(data, "by_group"), "gender")
    if len(tables) != 1:
        raise read.error("by_group.gender", "must be one table for both dimensions")
    inside = "by_group.gender."
    groups = read.mapping(tables[0], "groups", inside=inside)
    found: dict[str, list[GroupFigures]] = {}
    for group in groups:
        here = f"{inside}groups.{group}."
        own = read.mapping(groups, group, inside=f"{inside}groups.")
        items = read.mapping(own, "items", inside=here)
        if not items:
            raise read.error(f"{here}items", "must name every item")
        for name in items:
            row = read.mapping(items, name, inside=f"{here}items.")
            slope, intercepts = _figures(row, categories, read, inside=f"{here}items.{name}.")
            found.setdefault(name, []).append(
                GroupFigures(group=group, slope=slope, intercepts=intercepts)
            )
    correlation = read.number(tables[0], "prior_correlation", inside=inside)
    return {name: tuple(figures) for name, figures in found.items()}, correlation


def pairs_of(data: Mapping[str, object], read: Reading) -> tuple[DependentPair, ...]:
    """Pairs of items that go together more than theta explains, where the fit was looked at."""
    fit = read.mapping(data, "fit")
    if fit.get("blocks") is None:
        return ()
    found = []
    for block in read.rows(fit, "blocks"):
        for row in read.rows(block, "pairs"):
            items = row.get("items")
            if not (isinstance(items, list) and len(items) == 2 and all(map(_is_text, items))):
                raise read.error("fit.blocks.pairs.items", "must name two items")
            dependence = read.number(row, "dependence", inside="fit.blocks.pairs.")
            if dependence > 0:
                found.append(DependentPair(first=items[0], second=items[1], dependence=dependence))
    return tuple(found)


def fairness_of(data: Mapping[str, object], read: Reading) -> FairnessRange | None:
    """How far men and women are apart over all anchor rules, where that was asked."""
    table = data.get("fairness")
    if not isinstance(table, Mapping) or table.get("gender") is None:
        return None
    tables = read.rows(table, "gender")
    if len(tables) != 1:
        raise read.error("fairness.gender", "must be one table for both dimensions")
    inside = "fairness.gender."
    own = tables[0]
    groups = own.get("groups")
    if not (isinstance(groups, list) and len(groups) == 2 and all(map(_is_text, groups))):
        raise read.error(f"{inside}groups", "must name two groups")
    rule = read.text(own, "anchor_rule", inside=inside)
    dimensions = read.mapping(own, "dimensions", inside=inside)
    anxiety, avoidance = (
        _difference(
            read.mapping(dimensions, name.value, inside=f"{inside}dimensions."),
            rule,
            read,
            inside=f"{inside}dimensions.{name.value}.",
        )
        for name in DIMENSIONS
    )
    return FairnessRange(
        groups=(groups[0], groups[1]), rule=rule, anxiety=anxiety, avoidance=avoidance
    )


def _difference(
    table: Mapping[str, object], rule: str, read: Reading, *, inside: str
) -> DifferenceRange:
    span = read.mapping(table, "range", inside=inside)
    ends = read.numbers(span, "latent_difference", inside=f"{inside}range.")
    if len(ends) != 2:
        raise read.error(f"{inside}range.latent_difference", "must have 2 numbers")
    for row in read.rows(table, "rules"):
        if row.get("rule") == rule:
            chosen = read.number(row, "latent_difference", inside=f"{inside}rules.")
            return DifferenceRange(low=ends[0], high=ends[1], chosen=chosen)
    raise read.error(f"{inside}rules", f"has no rule '{rule}'")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def norm_of(row: Mapping[str, object], read: Reading) -> Norm:
    name = read.text(row, "name", inside="norms.")
    inside = f"norms.{name}."
    theta = read.mapping(row, "theta", inside=inside)
    low, high, step = (
        read.number(theta, key, inside=f"{inside}theta.") for key in ("from", "to", "step")
    )
    if not step > 0 or not low < high <= low + _MOST_KNOTS * step:
        raise read.error(f"{inside}theta", "must rise from `from` to `to` in few enough steps")
    knots = round((high - low) / step) + 1
    n = read.whole(row, "n", inside=inside)
    if n < 1:
        raise read.error(f"{inside}n", "must be at least 1")
    return Norm(
        name=name,
        who=read.text(row, "who", inside=inside),
        n=n,
        gender=read.optional_text(row, "gender", inside=inside),
        age_band=read.optional_text(row, "age_band", inside=inside),
        theta=np.linspace(low, high, knots),
        cdf=_curves(row, "cdf", knots, read, inside=inside),
        # Banks made before there were any have none.
        standard_error=None
        if row.get("standard_error") is None
        else _curves(row, "standard_error", knots, read, inside=inside),
        collected=read.optional_text(row, "collected", inside=inside) or "",
        how=read.optional_text(row, "how", inside=inside) or "",
    )


def _curves(
    row: Mapping[str, object], key: str, knots: int, read: Reading, *, inside: str
) -> NDArray[np.float64]:
    """Figures at each knot for each dimension; (D, T)."""
    table = read.mapping(row, key, inside=inside)
    curves = [
        read.numbers(table, dimension.value, inside=f"{inside}{key}.") for dimension in DIMENSIONS
    ]
    if any(len(curve) != knots for curve in curves):
        raise read.error(f"{inside}{key}", f"must have {knots} numbers for each dimension")
    return np.array(curves)


def drift_of(table: Mapping[str, object], read: Reading) -> WordingDrift:
    families = table.get("families")
    if not isinstance(families, list) or not all(
        isinstance(family, list) and all(isinstance(name, str) for name in family)
        for family in families
    ):
        raise read.error("drift.families", "must be a list of lists of items")
    log_slope, threshold = (_spread(table, key, read) for key in ("log_slope", "threshold"))
    spacing, gender = (
        None if table.get(key) is None else _spread(table, key, read)
        for key in ("threshold_spacing", "gender_difference")
    )
    return WordingDrift(
        log_slope=log_slope,
        threshold=threshold,
        threshold_spacing=spacing,
        gender_difference=gender,
        families=tuple(tuple(family) for family in families),
        factor=read.number(table, "factor", inside="drift."),
        note=read.optional_text(table, "note", inside="drift.") or "",
    )


def _spread(table: Mapping[str, object], key: str, read: Reading) -> Spread:
    row = read.mapping(table, key, inside="drift.")
    sd, se = (read.number(row, name, inside=f"drift.{key}.") for name in ("sd", "se"))
    if sd < 0 or se < 0:
        raise read.error(f"drift.{key}", "sd and se must be 0 or more")
    return Spread(sd=sd, se=se)
