"""Whether the model as a whole reproduces how often answers, and pairs of answers, occur.

Which items or pairs are to blame is left to `item_fit` and `local_dependence`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.chances import chi_square_above, chi_square_below, normal_below
from undertow.calibrate.item_fit import chosen_categories
from undertow.calibrate.likelihood import (
    Parameters,
    Sides,
    boundary_probabilities,
    category_tables,
    dimensions_of,
    folded,
    one_dimensional,
    parts_of,
)
from undertow.calibrate.scores import PART_ROWS, correlation_derivative
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import NotReady
from undertow.measure.grid import Grid

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelFit:
    """C2 with df, p and RMSEA2 (90 % interval), CFI against items without any relation, and SRMSR.

    `residuals` (J, J) are observed less expected correlations of the answers, 0 on the diagonal;
    SRMSR is their root mean square. `rows` answered every item.
    """

    statistic: float
    df: int
    p: float
    rmsea: float
    rmsea_interval: tuple[float, float]
    cfi: float
    srmsr: float
    residuals: Array
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """The model's side of C2: `expected` (M,), `covariance` (M, M) of one row's moments.

    The order: P(X_j >= k) item by item, then E[X_j X_l] of all pairs j < l.
    """

    expected: Array
    covariance: Array


def fit_grid() -> Grid:
    """-5.6 to 5.6 by 0.4: sums over pairs of nodes; the trapezoid rule is exact to 1e-6 for the
    prior times single and paired answers, which are far wider than a posterior."""
    return Grid(nodes=np.linspace(-5.6, 5.6, 29))


def model_fit(
    sides: Sides,
    parameters: Parameters,
    grid: Grid | None = None,
    *,
    mapper: Mapper = one_by_one,
) -> ModelFit:
    """Limited-information fit on the rows with every item answered.

    C2 = N e' (W - W D (D' W D)^-1 D' W) e, e the observed less expected shares of single answers
    and means of products of pairs, W the inverse of their covariance under the model, D their
    derivative by the parameters. C2 and not M2*: M2* knows of each item only its mean, which leaves
    an item's K-1 intercepts to be told apart by the products alone; C2 keeps the single answers'
    shares and is as cheap. The rows' own covariance in place of the model's gives less than half the
    RMSEA where the model is wrong, and takes longer; the model's is what the field reports.
    With one dimension the correlation is no parameter: df = J (J - 1) / 2 - J.
    Raises NotReady with fewer complete rows than moments, or no df.
    Source: caimonroe2014, maydeuolivaresjoe2006.
    """
    grid = grid or fit_grid()
    items, cuts = parameters.intercepts.shape
    observed, rows = _observed(sides, items, cuts, mapper)
    if rows <= observed.size:
        raise NotReady(
            f"Model fit needs more than {observed.size:,} rows with every item answered; "
            f"there are {rows:,}."
        )
    model = model_moments(sides, parameters, grid)
    derivative = moment_derivatives(sides, parameters, grid)
    apart = observed - model.expected
    statistic = rows * residual_form(apart, model.covariance, derivative)
    df = observed.size - derivative.shape[1]
    if df <= 0:
        raise NotReady("Model fit needs more items: there are as many parameters as moments.")
    null_statistic, null_df = _without_relations(observed, rows, items, cuts)
    residuals = _correlations(observed, items, cuts) - _correlations(model.expected, items, cuts)
    above = np.triu_indices(items, 1)
    excess = max(statistic - df, 0.0)
    return ModelFit(
        statistic=statistic,
        df=df,
        p=chi_square_above(statistic, df),
        rmsea=float(np.sqrt(excess / (df * (rows - 1)))),
        rmsea_interval=rmsea_interval(statistic, df, rows),
        cfi=1.0 - excess / max(null_statistic - null_df, excess, 1e-300),
        srmsr=float(np.sqrt((residuals[above] ** 2).mean())),
        residuals=residuals,
        rows=rows,
    )


def _observed(sides: Sides, items: int, cuts: int, mapper: Mapper) -> tuple[Array, int]:
    """Shares and mean products among complete rows, in the order of `Moments`, and their number."""

    def part(rows: slice) -> tuple[Array, Array, int]:
        chosen = np.empty((rows.stop - rows.start, items), dtype=np.int8)
        for side in sides:
            chosen[:, side.items] = chosen_categories(side.part(rows))
        own = chosen[(chosen != MISSING).all(axis=1)].astype(np.float64)
        at_least = [(own >= k).sum(axis=0) for k in range(1, cuts + 1)]
        return np.stack(at_least, axis=1).astype(np.float64), own.T @ own, own.shape[0]

    shares, products, rows = np.zeros((items, cuts)), np.zeros((items, items)), 0
    for own_shares, own_products, own_rows in mapper(part, parts_of(sides[0].rows, PART_ROWS)):
        shares += own_shares
        products += own_products
        rows += own_rows
    every = np.concatenate([shares.ravel(), products[np.triu_indices(items, 1)]])
    return every / max(rows, 1), rows


def model_moments(sides: Sides, parameters: Parameters, grid: Grid) -> Moments:
    """Expected moments and their covariance under the model, by sums over all pairs of nodes."""
    tables = category_tables(parameters.slope, parameters.intercepts, grid.nodes)
    prior = folded(grid.prior(parameters.correlation), sides)
    if one_dimensional(sides):
        return moments_at(tables, prior.ravel())
    size = grid.nodes.size
    spread = np.empty((*tables.shape[:2], size * size))
    # Every pair of nodes is a place; an item's table hangs on its own dimension's node only.
    spread[sides[0].items] = np.repeat(tables[sides[0].items], size, axis=2)
    spread[sides[1].items] = np.tile(tables[sides[1].items], (1, 1, size))
    return moments_at(spread, prior.ravel())


def moments_at(tables: Array, weights: Array) -> Moments:
    """Moments of items that are independent at each of T places; tables (J, K, T), weights (T,).

    Covariance = mean of the covariance at a place + covariance of the means at the places; at a
    place only moments that share an item go together.
    """
    items, categories, _ = tables.shape
    cuts = categories - 1
    first, second = np.triu_indices(items, 1)
    values = np.arange(categories, dtype=np.float64)
    mean = np.einsum("jkt,k->jt", tables, values)
    square = np.einsum("jkt,k->jt", tables, values**2)
    variance = square - mean**2
    at_least = np.cumsum(tables[:, ::-1], axis=1)[:, ::-1][:, 1:]
    # E[1(X >= k) X] - P(X >= k) E[X] at a place.
    reached = np.cumsum((tables * values[:, None])[:, ::-1], axis=1)[:, ::-1][:, 1:]
    with_mean = reached - at_least * mean[:, None]
    means = np.concatenate([at_least.reshape(items * cuts, -1), mean[first] * mean[second]])
    expected = means @ weights
    covariance = (means * weights) @ means.T - np.outer(expected, expected)
    place_of = np.zeros((items, items), dtype=np.intp)
    place_of[first, second] = place_of[second, first] = items * cuts + np.arange(first.size)
    for item in range(items):
        others = np.flatnonzero(np.arange(items) != item)
        pairs = place_of[item, others]
        singles = slice(item * cuts, (item + 1) * cuts)
        together = (mean[others] * (variance[item] * weights)) @ mean[others].T
        # A pair with itself shares both items and is added once, below.
        np.fill_diagonal(together, 0.0)
        covariance[np.ix_(pairs, pairs)] += together
        mixed = (with_mean[item] * weights) @ mean[others].T
        covariance[singles, pairs] += mixed
        covariance[pairs, singles] += mixed.T
        own = at_least[item]
        both = np.maximum.outer(np.arange(cuts), np.arange(cuts))
        covariance[singles, singles] += (own @ weights)[both] - (own * weights) @ own.T
    own_pair = square[first] * square[second] - (mean[first] * mean[second]) ** 2
    at = np.arange(items * cuts, expected.size)
    covariance[at, at] += own_pair @ weights
    return Moments(expected=expected, covariance=covariance)


def moment_derivatives(sides: Sides, parameters: Parameters, grid: Grid) -> Array:
    """d expected moments / d parameters, in the order of `scores` with the correlation last; (M, P).

    With one dimension there is no column for the correlation.
    """
    items, cuts = parameters.intercepts.shape
    size = cuts + 1
    first, second = np.triu_indices(items, 1)
    nodes, prior = grid.nodes, grid.prior(parameters.correlation)
    above, below = boundary_probabilities(parameters.slope, parameters.intercepts, nodes)
    density = above * below
    mean = above.sum(axis=1)
    # By slope, then by each intercept: the mean is the sum of P(X >= k).
    by = np.concatenate([(density.sum(axis=1) * nodes)[:, None], density], axis=1)
    weights = prior.sum(axis=1), prior.sum(axis=0)
    dimension_of = dimensions_of(sides)
    # What the other item of a pair is expected to answer, seen from each node of one's own side.
    same = np.stack([weights[d] * mean[j] for j, d in enumerate(dimension_of)])
    across = np.stack(
        [prior @ mean[j] if d == 1 else prior.T @ mean[j] for j, d in enumerate(dimension_of)]
    )
    derivative = np.zeros((items * cuts + first.size, items * size + 1))
    for item in range(items):
        own_weights = weights[dimension_of[item]]
        singles = slice(item * cuts, (item + 1) * cuts)
        derivative[singles, item * size] = density[item] @ (nodes * own_weights)
        derivative[singles, item * size + 1 : (item + 1) * size] = np.diag(
            density[item] @ own_weights
        )
    alike = dimension_of[first] == dimension_of[second]
    pairs = items * cuts + np.arange(first.size)
    for one, other in ((first, second), (second, first)):
        seen = np.where(alike[:, None], same[other], across[other])
        by_pair = np.einsum("mpq,mq->mp", by[one], seen)
        derivative[pairs[:, None], one[:, None] * size + np.arange(size)] = by_pair
    if one_dimensional(sides):
        without: Array = derivative[:, :-1]
        return without
    moved = correlation_derivative(nodes, prior, parameters.correlation)
    left = np.where(dimension_of[first] == 0, first, second)
    right = np.where(dimension_of[first] == 0, second, first)
    by_rho = np.einsum("mq,mq->m", mean[left] @ moved, mean[right])
    derivative[pairs, -1] = np.where(alike, 0.0, by_rho)
    return derivative


def residual_form(apart: Array, covariance: Array, derivative: Array) -> float:
    """e' (W - W D (D' W D)^-1 D' W) e with W the inverse of `covariance`.

    Raises NotReady when the covariance has no inverse: then an answer follows from the others.
    """
    try:
        root = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError as error:
        raise NotReady(
            "Model fit needs items whose answers do not follow from each other; "
            "take out one of each pair that says the same."
        ) from error
    # numpy and not scipy: its threads are those that `workers` holds to one.
    both = np.linalg.solve(root, np.column_stack([apart, derivative]))
    e, basis = both[:, 0], np.linalg.qr(both[:, 1:])[0]
    # What is left of e off the directions that the parameters can reach.
    left = e - basis @ (basis.T @ e)
    return float(left @ left)


def _without_relations(observed: Array, rows: int, items: int, cuts: int) -> tuple[float, int]:
    """C2 and df of the model in which no item has to do with any other."""
    at_least = observed[: items * cuts].reshape(items, cuts)
    bounds = np.concatenate([np.ones((items, 1)), at_least, np.zeros((items, 1))], axis=1)
    model = moments_at(-np.diff(bounds, axis=1)[:, :, None], np.ones(1))
    first, second = np.triu_indices(items, 1)
    mean = at_least.sum(axis=1)
    derivative = np.zeros((observed.size, items * cuts))
    derivative[: items * cuts] = np.eye(items * cuts)
    pairs = items * cuts + np.arange(first.size)
    for one, other in ((first, second), (second, first)):
        places = one[:, None] * cuts + np.arange(cuts)
        derivative[pairs[:, None], places] = mean[other][:, None]
    statistic = rows * residual_form(observed - model.expected, model.covariance, derivative)
    return statistic, first.size


def _correlations(moments: Array, items: int, cuts: int) -> Array:
    """Correlations of the answers from shares and mean products; (J, J), 1 on the diagonal."""
    at_least = moments[: items * cuts].reshape(items, cuts)
    mean = at_least.sum(axis=1)
    # E[X^2] = sum over k of (2k - 1) P(X >= k).
    variance = at_least @ (2.0 * np.arange(1, cuts + 1) - 1) - mean**2
    correlations = np.eye(items)
    first, second = np.triu_indices(items, 1)
    covariance = moments[items * cuts :] - mean[first] * mean[second]
    correlations[first, second] = covariance / np.sqrt(variance[first] * variance[second])
    correlations[second, first] = correlations[first, second]
    return correlations


def rmsea_interval(statistic: float, df: int, rows: int) -> tuple[float, float]:
    """The 90 % interval of RMSEA: noncentralities that put `statistic` at 95 and at 5 per cent.

    Source: brownecudeck1992.
    """

    def bound(share: float) -> float:
        if chi_square_below(statistic, df) <= share:
            return 0.0
        # A noncentral chi-square has mean df + l and variance 2 (df + 2 l): far outside lies 0 or 1.
        low, high = 0.0, statistic + 20 * np.sqrt(statistic) + 100
        # The tail falls as the noncentrality grows; fifty halvings leave nothing to be seen.
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if _tail(statistic, df, middle) > share else (low, middle)
        return float(low + high) / 2

    low, high = (np.sqrt(bound(share) / (df * (rows - 1))) for share in (0.95, 0.05))
    return float(low), float(high)


def _tail(statistic: float, df: int, noncentrality: float) -> float:
    if noncentrality < 1e4:
        return chi_square_below(statistic, df, noncentrality)
    # scipy sums thousands of terms there; Sankaran's normal form is exact to 1e-4.
    total, spread = df + noncentrality, df + 2 * noncentrality
    h = 1 - 2 * total * (df + 3 * noncentrality) / (3 * spread**2)
    p, m = spread / total**2, (h - 1) * (1 - 3 * h)
    z = ((statistic / total) ** h - (1 + h * p * (h - 1 - 0.5 * (2 - h) * m * p))) / (
        h * np.sqrt(2 * p) * (1 + 0.5 * m * p)
    )
    return normal_below(z)
