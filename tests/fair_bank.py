"""Made-up banks for fair tests: figures by group, near-duplicates, facets; plain ones are `made_up_bank`'s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.made_up_bank import large_bank

from undertow.bank.calibrated import Bank, CalibratedItem, DependentPair, GroupFigures
from undertow.bank.item import DIMENSIONS

GROUPS = ("man", "woman")


def moved(item: CalibratedItem, group: str, shift: float, times: float = 1.0) -> GroupFigures:
    """Figures of a group for whom every threshold lies `shift` higher and the slope is `times` as steep."""
    return GroupFigures(
        group=group,
        slope=item.slope * times,
        intercepts=tuple(times * (d - item.slope * shift) for d in item.intercepts),
    )


def with_groups(bank: Bank, *, shift: float = 0.2, times: float = 1.0) -> Bank:
    """Items lean in turn: of two of a dimension, the first is as much easier for women as the second for men."""
    turn = dict.fromkeys(DIMENSIONS, 1)
    items = []
    for item in bank.items:
        lean = shift * turn[item.dimension]
        turn[item.dimension] *= -1
        figures = (moved(item, "man", lean, times), moved(item, "woman", -lean, 1 / times))
        items.append(replace(item, by_group=figures))
    return replace(bank, items=tuple(items), group_correlation=bank.correlation)


def with_equal_groups(bank: Bank) -> Bank:
    """Men's and women's figures are those of everyone."""
    return with_groups(bank, shift=0.0)


def with_pairs(bank: Bank, *pairs: tuple[str, str, float]) -> Bank:
    return replace(
        bank,
        pairs=tuple(
            DependentPair(first=first, second=second, dependence=dependence)
            for first, second, dependence in pairs
        ),
    )


def with_facets(bank: Bank, facets: Sequence[str] = ("one", "two", "three")) -> Bank:
    """Facets in turn within each dimension."""
    turn = dict.fromkeys(DIMENSIONS, 0)
    items = []
    for item in bank.items:
        name = f"{item.dimension.value} {facets[turn[item.dimension] % len(facets)]}"
        turn[item.dimension] += 1
        items.append(replace(item, facet=name))
    return replace(bank, items=tuple(items))


def fair_bank() -> Bank:
    """36 items in three facets a dimension, a third of them in clusters, for men and for women."""
    bank = with_facets(with_groups(large_bank(correlation=0.2)))
    return with_pairs(
        bank,
        ("a1", "a2", 0.4),
        ("a2", "a3", 0.3),
        ("a7", "a8", 0.6),
        ("v1", "v5", 0.35),
        ("v5", "v9", 0.25),
        ("v1", "v9", 0.3),
        ("v12", "v13", 0.5),
    )
