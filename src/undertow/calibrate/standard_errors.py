"""How exactly the answers tell each parameter: covariance and standard errors of a settled fit.

Each person's score vector is made in `scores`; what an error means for a reader is left to the card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.information import inverted
from undertow.calibrate.likelihood import (
    Parameters,
    Sides,
    boundary_probabilities,
    category_tables,
    nodes_of,
    one_dimensional,
    parts_of,
)
from undertow.calibrate.scores import (
    LATENT,
    PART_ROWS,
    CrossProducts,
    Latent,
    PosteriorTables,
    ScoreTable,
    cross_products,
    item_scores,
)
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import NotReady, ShapeError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StandardErrors:
    """Standard errors of a fit; `covariance` (J*K+1, J*K+1) item by item, then the correlation.

    `slope` (J,), `intercepts` and `thresholds` (J, K-1), thresholds in SD of theta. With one
    dimension the covariance is (J*K, J*K) and the error of the correlation NaN: there is none.
    """

    covariance: Array
    slope: Array
    intercepts: Array
    thresholds: Array
    correlation: float

    def of_item(self, item: int) -> Array:
        """The covariance of one item's slope and intercepts; (K, K)."""
        size = self.intercepts.shape[1] + 1
        own = slice(item * size, (item + 1) * size)
        return self.covariance[own, own]


def standard_errors(
    sides: Sides,
    parameters: Parameters,
    grid: Grid,
    *,
    names: Sequence[str] = (),
    robust: bool = False,
    mapper: Mapper = one_by_one,
) -> StandardErrors:
    """Standard errors of one group's fit, latent means 0 and deviations 1.

    The covariance is the inverse of the sum S of score times score (the empirical cross-product
    approximation), right where the model is. With `robust` it is H^-1 S H^-1, H the observed
    information: right for the parameters nearest to the truth where the model is not, at about ten
    times the cost. Raises NotReady, naming an item by `names`, when the answers say nothing about
    some mix of parameters. Source: louis1982, white1982.
    """
    found = cross_products(
        sides,
        parameters.slope,
        parameters.intercepts,
        Latent.standard(parameters.correlation),
        grid.nodes,
        mapper=mapper,
    )
    information = one_group_information(found, parameters)
    if not robust:
        return errors_from(inverse(information, parameters, names), parameters)
    observed = observed_information(sides, parameters, grid, information, mapper=mapper)
    bread = inverse(observed, parameters, names)
    return errors_from(bread @ information @ bread, parameters)


def one_group_information(found: CrossProducts, parameters: Parameters) -> Array:
    """Cross-products of the items' parameters and the correlation; (J*K+1, J*K+1), or (J*K, J*K)."""
    items = parameters.slope.size + parameters.intercepts.size
    if found.products.shape != (items + len(LATENT), items + len(LATENT)):
        raise ShapeError("cross-products and parameters must belong to the same items")
    keep = np.arange(items)
    if found.told[-1]:
        keep = np.append(keep, items + len(LATENT) - 1)
    own: Array = found.products[np.ix_(keep, keep)]
    return own


def inverse(information: Array, parameters: Parameters, names: Sequence[str] = ()) -> Array:
    """The covariance (P, P) that belongs to an information matrix.

    Raises NotReady when it has none, naming the item that the blind direction rests on most.
    """
    return inverted(information, lambda place: _too_little(place, parameters, names))


def _too_little(place: int, parameters: Parameters, names: Sequence[str]) -> NotReady:
    item = place // (parameters.intercepts.shape[1] + 1)
    if item >= parameters.slope.size:
        what = "the correlation of the two dimensions"
    else:
        what = f"item {names[item] if item < len(names) else f'number {item + 1}'}"
    return NotReady(
        f"The answers do not say enough about {what} to give standard errors. "
        "Use more rows, or take out items that nearly repeat each other."
    )


def errors_from(covariance: Array, parameters: Parameters) -> StandardErrors:
    """Standard errors from a covariance in the order of `scores`, correlation last.

    A threshold is b = -d / a; its error is by the delta method:
    var(b) = (b^2 var(a) + 2 b cov(a, d) + var(d)) / a^2.
    """
    items, cuts = parameters.intercepts.shape
    size = items * (cuts + 1)
    if covariance.shape not in ((size, size), (size + 1, size + 1)):
        raise ShapeError("covariance must be (J*K+1, J*K+1), or (J*K, J*K) with one dimension")
    place = np.arange(items * (cuts + 1)).reshape(items, cuts + 1)
    variance = np.diag(covariance)
    slope, intercepts = variance[place[:, 0]], variance[place[:, 1:]]
    together = covariance[place[:, :1], place[:, 1:]]
    threshold = -parameters.intercepts / parameters.slope[:, None]
    spread = threshold**2 * slope[:, None] + 2 * threshold * together + intercepts
    return StandardErrors(
        covariance=covariance,
        slope=np.sqrt(slope),
        intercepts=np.sqrt(intercepts),
        thresholds=np.sqrt(spread) / parameters.slope[:, None],
        correlation=float(np.sqrt(variance[-1])) if variance.size > size else float("nan"),
    )


def observed_information(
    sides: Sides,
    parameters: Parameters,
    grid: Grid,
    products: Array,
    *,
    mapper: Mapper = one_by_one,
) -> Array:
    """Minus the second derivative of the log marginal likelihood; (J*K+1, J*K+1), or (J*K, J*K).

    Louis' identity: mean curvature of the complete data less the mean square of its score plus
    `products`, the sum over people of score times score. Within an item the first two make
    -sum of expected counts times P'' / P; between items of one dimension the mean square is a sum
    over nodes, across dimensions a sum over the few terms that the prior falls into.
    Source: louis1982.
    """
    size, nodes = parameters.intercepts.shape[1] + 1, grid.nodes
    tables = [
        ScoreTable.of(parameters.slope[s.items], parameters.intercepts[s.items], nodes_of(s, nodes))
        for s in sides
    ]
    latent = Latent.standard(parameters.correlation)
    posteriors = PosteriorTables.of(sides, parameters.slope, parameters.intercepts, latent, nodes)
    prior, single = posteriors.prior, one_dimensional(sides)
    by_rho, curve = _prior_moved(parameters.correlation, nodes)
    left, weight, right = np.linalg.svd(prior)
    kept = int((weight > 1e-13 * weight[0]).sum())
    left, right = left[:, :kept] * weight[:kept], right[:kept].T

    widths = [side.indicators.shape[1] for side in sides]

    def part(rows: slice) -> _Squares:
        sums = _Squares.empty(widths, prior.shape)
        for own in posteriors.chunks(sides, rows):
            first, second = own.likelihoods
            for counts, chosen, margin in zip(
                sums.within, own.indicators, own.margins, strict=True
            ):
                for node in range(counts.shape[0]):
                    counts[node] += (chosen * margin[:, node, None]).T @ chosen
            if single:
                continue
            for term in range(kept):
                one = item_scores(own.indicators[0], first * left[:, term], tables[0])
                two = item_scores(own.indicators[1], second * right[:, term], tables[1])
                sums.across[:] += one.T @ two
            moved = first * (second @ by_rho.T), second * (first @ by_rho)
            for total, chosen, margin, table in zip(
                sums.with_rho, own.indicators, moved, tables, strict=True
            ):
                total[:] += item_scores(chosen, margin, table).sum(axis=0)
            sums.joint[:] += first.T @ second
        return sums

    sums = _Squares.empty(widths, prior.shape)
    for own in mapper(part, parts_of(sides[0].rows, PART_ROWS)):
        sums.add(own)
    observed = products.copy()
    places = [(side.items[:, None] * size + np.arange(size)).ravel() for side in sides]
    for side, at, counts, rho in zip(sides, places, sums.within, sums.with_rho, strict=True):
        if not side.items.size:
            continue
        slope, intercepts = parameters.slope[side.items], parameters.intercepts[side.items]
        observed[np.ix_(at, at)] += _within_dimension(slope, intercepts, nodes, counts)
        if single:
            continue
        observed[at, -1] -= rho
        observed[-1, at] -= rho
    if single:
        return observed
    observed[np.ix_(places[0], places[1])] -= sums.across
    observed[np.ix_(places[1], places[0])] -= sums.across.T
    observed[-1, -1] -= float((sums.joint * curve).sum())
    return observed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Squares:
    """Sums over people behind the mean square of the score; added up in place.

    `within` per side (Q, J_d*K, J_d*K), `across` (J_1*K, J_2*K), `with_rho` per side (J_d*K,),
    `joint` (Q, Q).
    """

    within: tuple[Array, Array]
    across: Array
    with_rho: tuple[Array, Array]
    joint: Array

    @classmethod
    def empty(cls, widths: Sequence[int], places: tuple[int, ...]) -> _Squares:
        (first, second), (here, there) = widths, places
        return cls(
            within=(np.zeros((here, first, first)), np.zeros((there, second, second))),
            across=np.zeros((first, second)),
            with_rho=(np.zeros(first), np.zeros(second)),
            joint=np.zeros(places),
        )

    def add(self, other: _Squares) -> None:
        mine = (*self.within, self.across, *self.with_rho, self.joint)
        theirs = (*other.within, other.across, *other.with_rho, other.joint)
        for total, own in zip(mine, theirs, strict=True):
            np.add(total, own, out=total)


def _prior_moved(correlation: float, nodes: Array) -> tuple[Array, Array]:
    """First and second derivative of the prior's weights by the correlation; each (Q, Q)."""
    # A fifth of the way to the nearer end at most; the sum of both errors is smallest near 1e-4.
    step = min(1e-4, (1 - abs(correlation)) / 5)
    low, here, high = (Latent.standard(correlation + by * step).prior(nodes) for by in (-1, 0, 1))
    return (high - low) / (2 * step), (high - 2 * here + low) / step**2


def _within_dimension(slope: Array, intercepts: Array, nodes: Array, counts: Array) -> Array:
    """Curvature less squared score of one dimension's items, (P, P), from counts of pairs of answers.

    `counts` (Q, J_d*K, J_d*K) are the people expected at each node who chose both.
    """
    items, cuts = intercepts.shape
    categories = cuts + 1
    above, below = boundary_probabilities(slope, intercepts, nodes)
    density = above * below
    bend = density * (below - above)
    probability = category_tables(slope, intercepts, nodes)
    # d log P_k by slope and intercepts, for every category: (J, K, P, Q).
    by = np.zeros((items, categories, categories, nodes.size))
    twice = np.zeros((items, categories, categories, categories, nodes.size))
    for cut in range(cuts):
        for category, sign in ((cut + 1, 1.0), (cut, -1.0)):
            by[:, category, 1 + cut] += sign * density[:, cut]
            twice[:, category, 1 + cut, 1 + cut] += sign * bend[:, cut]
            twice[:, category, 0, 1 + cut] += sign * bend[:, cut] * nodes
            twice[:, category, 1 + cut, 0] += sign * bend[:, cut] * nodes
            twice[:, category, 0, 0] += sign * bend[:, cut] * nodes**2
    by[:, :, 0] = by[:, :, 1:].sum(axis=2) * nodes
    by /= probability[:, :, None]
    twice /= probability[:, :, None, None]
    total = np.zeros((items, categories, items, categories))
    for node in range(nodes.size):
        pairs = counts[node].reshape(items, categories, items, categories)
        half = np.einsum("jkp,jklm->jplm", by[..., node], pairs)
        total -= np.einsum("jplm,lmr->jplr", half, by[..., node])
    own = np.arange(items)
    alone = np.diagonal(counts, axis1=1, axis2=2).reshape(nodes.size, items, categories)
    total[own, :, own, :] = -np.einsum("qjk,jkprq->jpr", alone, twice)
    return total.reshape(items * categories, items * categories)
