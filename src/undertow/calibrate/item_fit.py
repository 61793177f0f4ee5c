"""Whether people with the same sum choose each item's answers as often as the model says.

Pairs of items are left to `local_dependence`, the model as a whole to `model_fit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.chances import chi_square_above
from undertow.calibrate.likelihood import Answers, Parameters, Sides, category_tables
from undertow.errors import NotReady, ShapeError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

LEAST_EXPECTED = 1.0
"""Cells are joined until the model expects this many people; the field's usual rule."""
GOOD_GAP, FAIR_GAP = 0.05, 0.10
"""Limits of `gap` in categories: a twentieth is half of what counts as a real difference between
two groups on one item, a tenth is all of it."""
GOOD_SPREAD, FAIR_SPREAD = 0.3, 0.5
"""Limits of `spread`: a medium and a large w. Source: cohen1988."""


class FitClass(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFit:
    """One item's S-X2 with its degrees of freedom and p, and sizes that do not grow with N.

    `rmsea` is the misfit for each degree of freedom; `gap` is how far the mean answer of people with
    the same sum lies from the model's (root mean square over people, in categories, sampling noise
    taken off); `spread` is Cohen's w of all categories at equal sums; `rows` are the people who
    answered all items of the dimension. Without a degree of freedom `p` is NaN and nothing is told.
    """

    item: int
    statistic: float
    df: int
    p: float
    rmsea: float
    gap: float
    spread: float
    rows: int

    @property
    def fit_class(self) -> FitClass | None:
        """By `gap` and `spread`: in a large sample p says that no item fits exactly.

        None where too few cells are left for a degree of freedom: `spread` is then 0 whatever the
        answers are.
        """
        if self.df <= 0:
            return None
        if self.gap < GOOD_GAP and self.spread < GOOD_SPREAD:
            return FitClass.GOOD
        if self.gap < FAIR_GAP and self.spread < FAIR_SPREAD:
            return FitClass.FAIR
        return FitClass.POOR


def item_fit(
    sides: Sides,
    parameters: Parameters,
    grid: Grid,
    *,
    least_expected: float = LEAST_EXPECTED,
) -> tuple[ItemFit, ...]:
    """S-X2 of every item against the sums of its own dimension, in the order of all items.

    Sums over people with complete answers in that dimension; expected shares by the Lord-Wingersky
    recursion over the other items and a N(0,1) margin. Neighbouring categories, and where these are
    used up neighbouring sums, are joined from the outside in until `least_expected` people are
    expected in a cell. df = cells less one for each sum less the item's parameters. Raises NotReady
    when a dimension has no complete row, or fewer than three items, and ShapeError for
    `least_expected` of 0 or less.
    Source: orlandothissen2000, kangchen2008, lordwingersky1984.
    """
    if least_expected <= 0:
        raise ShapeError("least_expected must be above 0")
    weights = np.exp(-(grid.nodes**2) / 2)
    weights /= weights.sum()
    found: dict[int, ItemFit] = {}
    for side in sides:
        if not side.items.size:
            continue
        if side.items.size < 3:
            raise NotReady("Item fit by sums needs at least three items in a dimension.")
        tables = category_tables(
            parameters.slope[side.items], parameters.intercepts[side.items], grid.nodes
        )
        expected = shares_by_sum(tables, weights)
        observed = counts_by_sum(side)
        rows = int(observed[0].sum())
        if not rows:
            raise NotReady("Item fit needs rows that answer every item of a dimension.")
        for own, item in enumerate(side.items):
            found[int(item)] = _fit_of(
                int(item), observed[own], expected[own], least_expected=least_expected
            )
    return tuple(found[item] for item in sorted(found))


def chosen_categories(side: Answers) -> NDArray[np.int8]:
    """The categories behind indicator rows, MISSING where there is none; (N, J_d)."""
    rows = side.indicators.reshape(side.rows, side.items.size, side.categories).view(np.int8)
    chosen = np.full(rows.shape[:2], MISSING, dtype=np.int8)
    for category in range(side.categories):
        # MISSING is -1, so a category k is reached by adding k + 1 to it.
        chosen += rows[:, :, category] * np.int8(category + 1)
    return chosen


def counts_by_sum(side: Answers) -> NDArray[np.int64]:
    """People with complete answers by item, sum and category; (J_d, S, K), S = J_d * (K-1) + 1."""
    chosen = chosen_categories(side)
    complete = chosen[(chosen != MISSING).all(axis=1)].astype(np.int64)
    sums = side.items.size * (side.categories - 1) + 1
    cell = complete.sum(axis=1)[:, None] * side.categories + complete
    counts = [np.bincount(own, minlength=sums * side.categories) for own in cell.T]
    return np.array(counts, dtype=np.int64).reshape(-1, sums, side.categories)


def shares_by_sum(tables: Array, weights: Array) -> Array:
    """P(S = s, X_j = k) under the model; (J_d, S, K) from `tables` (J_d, K, Q), `weights` (Q,).

    Source: lordwingersky1984.
    """
    items, categories, nodes = tables.shape
    sums = items * (categories - 1) + 1
    # The distribution of the others' sum for every item at once: item i skips its own step.
    others = np.zeros((items, sums, nodes))
    others[:, 0] = 1.0
    for step in range(items):
        rest = np.arange(items) != step
        before = others[rest]
        after = before * tables[step, 0]
        for category in range(1, categories):
            after[:, category:] += before[:, : sums - category] * tables[step, category]
        others[rest] = after
    shares = np.zeros((items, sums, categories))
    for category in range(categories):
        at = np.einsum("jsq,jq->js", others, tables[:, category] * weights)
        shares[:, category:, category] = at[:, : sums - category]
    return shares


def _fit_of(
    item: int, observed: NDArray[np.int64], shares: Array, *, least_expected: float
) -> ItemFit:
    """One item's statistic from counts and model shares by sum; both (S, K)."""
    categories = observed.shape[1]
    # At the lowest and the highest sum the answer is known already.
    seen, given = observed[1:-1].astype(np.float64), shares[1:-1]
    people = seen.sum(axis=1)
    conditional = given / given.sum(axis=1, keepdims=True)
    expected = people[:, None] * conditional
    cells = [
        _joined(o, e, least_expected)
        for o, e in _joined_sums(seen, expected, least_expected * categories)
    ]
    statistic = float(sum(((o - e) ** 2 / e).sum() for o, e in cells))
    df = sum(o.size - 1 for o, _ in cells) - categories
    rows = int(observed.sum())
    return ItemFit(
        item=item,
        statistic=statistic,
        df=df,
        p=chi_square_above(statistic, df) if df > 0 else float("nan"),
        rmsea=float(np.sqrt(max(statistic - df, 0.0) / (df * (rows - 1)))) if df > 0 else 0.0,
        gap=_gap(seen, people, conditional),
        spread=float(np.sqrt(max(statistic - df, 0.0) / rows)),
        rows=rows,
    )


def _gap(seen: Array, people: Array, conditional: Array) -> float:
    """Root mean square over people of observed less expected mean answer at their sum."""
    values = np.arange(seen.shape[1])
    met = people > 0
    mean = conditional @ values
    variance = conditional @ values**2 - mean**2
    apart = seen[met] @ values / people[met] - mean[met]
    # A mean over n people errs by variance / n, so n people's squares sum to variance too much.
    square = float((people[met] * apart**2 - variance[met]).sum() / people.sum())
    return float(np.sqrt(max(square, 0.0)))


def _joined_sums(observed: Array, expected: Array, least: float) -> list[tuple[Array, Array]]:
    """Rows of neighbouring sums, joined from both ends until `least` people are in each."""
    groups: list[tuple[Array, Array]] = []
    held = np.zeros_like(observed[0]), np.zeros_like(expected[0])
    middle = observed.shape[0] // 2
    for half in (range(middle), range(observed.shape[0] - 1, middle - 1, -1)):
        own: list[tuple[Array, Array]] = []
        held = np.zeros_like(observed[0]), np.zeros_like(expected[0])
        for at in half:
            held = held[0] + observed[at], held[1] + expected[at]
            if held[1].sum() >= least:
                own.append(held)
                held = np.zeros_like(observed[0]), np.zeros_like(expected[0])
        if own:
            own[-1] = own[-1][0] + held[0], own[-1][1] + held[1]
        elif held[1].sum() > 0:
            own.append(held)
        groups.extend(own)
    return groups


def _joined(observed: Array, expected: Array, least: float) -> tuple[Array, Array]:
    """Neighbouring categories joined from the outside in until `least` people are expected in each."""
    o, e = list(observed), list(expected)
    while len(e) > 1 and min(e) < least:
        at = int(np.argmin(e))
        # The outermost joins its only neighbour, any other the smaller of its two.
        if at == 0:
            to = 1
        elif at == len(e) - 1:
            to = at - 1
        else:
            to = at - 1 if e[at - 1] <= e[at + 1] else at + 1
        o[to] += o[at]
        e[to] += e[at]
        del o[at], e[at]
    return np.array(o), np.array(e)
