"""How Hypothesis draws banks and answers for the laws; the laws are left to the test files."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from hypothesis import strategies as st
from tests.fair_bank import moved
from tests.made_up_bank import ANXIETY, AVOIDANCE, bank_of, calibrated_item

from undertow.bank.calibrated import Bank, CalibratedItem, DependentPair
from undertow.bank.item import DIMENSIONS, Dimension
from undertow.bank.responses import MISSING, Answer


def hundredths(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers with two places, which fail more readably than floats with sixteen."""
    return st.integers(round(low * 100), round(high * 100)).map(lambda n: n / 100)


CORRELATIONS = hundredths(-0.8, 0.8)


@st.composite
def calibrated_items(draw: st.DrawFn, item_id: str, dimension: Dimension) -> CalibratedItem:
    """Two to five categories, slopes 0.3 to 3.5, thresholds -2.5 to 2.5, either keying."""
    steps = draw(st.sets(st.integers(-25, 25), min_size=1, max_size=4))
    return calibrated_item(
        item_id,
        dimension,
        slope=draw(hundredths(0.3, 3.5)),
        thresholds=[step / 10 for step in sorted(steps)],
        keying=draw(st.sampled_from([1, -1])),
    )


@st.composite
def banks(
    draw: st.DrawFn, *, fewest: int = 1, most: int = 4, correlation: float | None = None
) -> Bank:
    """`fewest` to `most` items a dimension, mixed in order."""
    items = [
        draw(calibrated_items(f"{dimension.value[:2]}{number}", dimension))
        for dimension in (ANXIETY, AVOIDANCE)
        for number in range(draw(st.integers(fewest, most)))
    ]
    return bank_of(
        draw(st.permutations(items)),
        correlation=draw(CORRELATIONS) if correlation is None else correlation,
    )


@st.composite
def answers_to(draw: st.DrawFn, bank: Bank, *, missing: bool = True) -> tuple[Answer, ...]:
    """Answers to some of the bank's items, in any order."""
    asked = draw(st.permutations(bank.items))[: draw(st.integers(0, len(bank.items)))]
    lowest = MISSING if missing else 0
    return tuple(
        Answer(item_id=item.id, category=draw(st.integers(lowest, item.categories - 1)))
        for item in asked
    )


@st.composite
def banks_and_answers(
    draw: st.DrawFn, *, correlation: float | None = None
) -> tuple[Bank, tuple[Answer, ...]]:
    bank = draw(banks(correlation=correlation))
    return bank, draw(answers_to(bank))


@st.composite
def fair_banks(draw: st.DrawFn, *, fewest: int = 1, most: int = 4) -> Bank:
    """Banks with figures for men and women, facets, and items that go together in pairs or more."""
    bank = draw(banks(fewest=fewest, most=most))
    shifts, times, facets = hundredths(-0.5, 0.5), hundredths(0.7, 1.4), st.sampled_from("xyz")
    items = tuple(
        replace(
            item,
            facet=draw(facets),
            by_group=tuple(
                moved(item, group, draw(shifts), draw(times)) for group in ("man", "woman")
            ),
        )
        for item in bank.items
    )
    possible = [
        pair
        for dimension in DIMENSIONS
        for pair in combinations([item.id for item in items if item.dimension == dimension], 2)
    ]
    pairs = tuple(
        DependentPair(first=first, second=second, dependence=draw(hundredths(0.05, 0.9)))
        for first, second in possible
        if draw(st.booleans())
    )
    return replace(bank, items=items, pairs=pairs, group_correlation=draw(CORRELATIONS))
