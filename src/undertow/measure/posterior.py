"""From answers to a posterior over the plane, and from that to an estimate; words are left to `reading`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.item import DIMENSIONS, Dimension
from undertow.bank.responses import Answer
from undertow.errors import ShapeError
from undertow.measure.grid import Grid
from undertow.measure.model import Model
from undertow.measure.places import MOST_AT_THE_EDGE

Array = NDArray[np.float64]

_MOST_OFF_ONE = 1e-9
"""How far rounding may take a sum of weights from 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """A place and how sure we are of it, never one without the other (SAFETY P4).

    `mean` is (2,), anxiety first; `covariance` is (2, 2), symmetric with positive diagonal;
    both in SD of the reference population. Raises ShapeError otherwise.
    """

    mean: Array
    covariance: Array

    def __post_init__(self) -> None:
        if self.mean.shape != (2,) or self.covariance.shape != (2, 2):
            raise ShapeError("an estimate is a mean (2,) with its covariance (2, 2)")
        if not (np.all(np.isfinite(self.mean)) and np.all(np.isfinite(self.covariance))):
            raise ShapeError("an estimate must be made of numbers")
        if not np.allclose(self.covariance, self.covariance.T, rtol=0.0, atol=1e-12):
            raise ShapeError("a covariance must be symmetric")
        if np.any(np.diag(self.covariance) <= 0) or np.linalg.det(self.covariance) <= 0:
            raise ShapeError("a covariance must be positive definite")

    @property
    def psd(self) -> Array:
        """Posterior SD of each dimension; (2,)."""
        value: Array = np.sqrt(np.diag(self.covariance))
        return value

    def place(self, dimension: Dimension) -> float:
        return float(self.mean[DIMENSIONS.index(dimension)])

    def spread(self, dimension: Dimension) -> float:
        return float(self.psd[DIMENSIONS.index(dimension)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """Weights (Q, Q) over the grid's nodes, anxiety first, sum 1.

    Where a person may belong to one of several groups, `by_group` (G, Q, Q) are their parts, which sum
    to the weights; else None. Raises ShapeError for another shape, for weights that are none, and for
    a grid that cuts the posterior off.
    """

    grid: Grid
    weights: Array
    by_group: Array | None = None

    def __post_init__(self) -> None:
        size = self.grid.nodes.size
        if self.weights.shape != (size, size):
            raise ShapeError(f"a posterior on this grid is ({size}, {size})")
        # Written so that a weight that is not a number fails too.
        if not (np.all(self.weights >= 0) and abs(self.weights.sum() - 1) <= _MOST_OFF_ONE):
            raise ShapeError("a posterior's weights must not be negative and must sum to 1")
        edge = max(
            self.weights[0].sum(),
            self.weights[-1].sum(),
            self.weights[:, 0].sum(),
            self.weights[:, -1].sum(),
        )
        if edge > MOST_AT_THE_EDGE:
            raise ShapeError("the grid cuts this posterior off; use one that reaches further")

    @property
    def parts(self) -> Array:
        """The weights by group; (G, Q, Q)."""
        return self.weights[None] if self.by_group is None else self.by_group

    def marginal(self, dimension: Dimension) -> Array:
        """Weights of one dimension alone; (Q,), sum 1."""
        value: Array = self.weights.sum(axis=1 - DIMENSIONS.index(dimension))
        return value

    def estimate(self) -> Estimate:
        """Posterior mean and covariance. Source: bockmislevy1982."""
        nodes = self.grid.nodes
        anxiety, avoidance = (self.marginal(dimension) for dimension in DIMENSIONS)
        mean = np.array([anxiety @ nodes, avoidance @ nodes])
        cross = float(nodes @ self.weights @ nodes) - mean[0] * mean[1]
        covariance = np.array(
            [
                [anxiety @ (nodes - mean[0]) ** 2, cross],
                [cross, avoidance @ (nodes - mean[1]) ** 2],
            ]
        )
        return Estimate(mean=mean, covariance=covariance)

    def quantile(self, dimension: Dimension, share: float) -> float:
        """The place that `share` of the posterior of one dimension lies below.

        Each node's weight is spread evenly over its cell, so the answer moves smoothly.
        """
        edges = np.append(
            self.grid.nodes - self.grid.step / 2, self.grid.nodes[-1] + self.grid.step / 2
        )
        below = np.concatenate([[0.0], np.cumsum(self.marginal(dimension))])
        return float(np.interp(share, below / below[-1], edges))

    def share_above(self, dimension: Dimension, border: float) -> float:
        """Probability that one dimension lies above `border`."""
        return float(self.marginal(dimension) @ self.grid.share_above(border))

    def region_masses(self, borders: tuple[float, float]) -> Array:
        """Probability of the plane's four parts, (2, 2): [anxiety above?, avoidance above?]."""
        high_x, high_y = (self.grid.share_above(border) for border in borders)
        parts = np.array(
            [
                [side_x @ self.weights @ side_y for side_y in (1 - high_y, high_y)]
                for side_x in (1 - high_x, high_x)
            ]
        )
        return parts


def posterior(model: Model, answers: tuple[Answer, ...]) -> Posterior:
    """What the answers leave possible: prior times L1(theta1) * L2(theta2), sum 1.

    Of whom no group is known, each group's share of the likelihood counts. A missing answer equals an
    absent item; the order of answers does not matter. Raises ResponseError for an answer that the
    bank does not know, ShapeError when the grid would cut the result off.
    """
    likelihoods = model.log_likelihoods(answers)
    log_weights = model.log_prior + likelihoods[:, 0, :, None] + likelihoods[:, 1, None, :]
    log_weights -= log_weights.max()
    np.exp(log_weights, out=log_weights)
    if model.shares.size == 1:
        return Posterior(grid=model.grid, weights=log_weights[0] / log_weights.sum())
    parts = model.shares[:, None, None] * log_weights
    parts /= parts.sum()
    return Posterior(grid=model.grid, weights=parts.sum(axis=0), by_group=parts)
