"""Many people's posteriors as margins, without a (Q, Q) grid for each; one whole plane is left to `posterior`.

With simple structure a person's likelihood is L1(theta1) * L2(theta2) in each group, so that all that
choosing needs comes from products with the prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.errors import ShapeError
from undertow.measure.model import Model

Array = NDArray[np.float64]

MOST_AT_THE_EDGE = 1e-4
"""More posterior mass than this in the outermost nodes means that the grid cut it off."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """N posteriors in the form that choosing needs, dimensions first.

    `margins` and `crossed` (D, N, G, Q): mass at each node of a dimension by group, and the same times
    the other dimension's mean there; `mean`, `variance` (D, N). Raises ShapeError where the grid cuts
    a posterior off.
    """

    margins: Array
    crossed: Array
    mean: Array
    variance: Array

    def __post_init__(self) -> None:
        # Written so that a mass that is not a number fails too.
        if not (
            self.margins[..., :: self.margins.shape[3] - 1].sum(axis=2) <= MOST_AT_THE_EDGE
        ).all():
            raise ShapeError("the grid cuts a posterior off; use one that reaches further")


def places_of(model: Model, keyed: NDArray[np.intp], weights: Array) -> Places:
    """Posteriors from `keyed` categories, each counted by its `weights`; (N, J) both, 0 for none.

    The same as `posterior` gives, person by person. Raises ShapeError where the grid cuts one off.
    """
    layout = model.layout
    logs = _log_likelihoods(model, keyed, weights)  # (D, N, G, Q)
    peaks = np.maximum.reduce(logs, axis=3)
    likelihoods = np.exp(logs - peaks[..., None])
    # What each dimension's likelihood says at the other's nodes: mass, and mass times its own node.
    told = np.concatenate([likelihoods, likelihoods * layout.nodes], axis=1)
    size = layout.nodes.size
    carried = (told.reshape(2, -1, size) @ layout.priors).reshape(2, 2, *logs.shape[1:])[::-1]
    margins = likelihoods * carried[:, 0]
    crossed = likelihoods * carried[:, 1]
    mass = margins[0].sum(axis=2)  # (N, G)
    if model.shares.size == 1:
        scale = 1.0 / mass
    else:
        # Groups differ in how likely they make the answers, the peaks' share of that included.
        both = peaks[0] + peaks[1]
        share = model.shares * np.exp(both - np.maximum.reduce(both, axis=1, keepdims=True))
        scale = share / (share * mass).sum(axis=1, keepdims=True)
    margins *= scale[:, :, None]
    crossed *= scale[:, :, None]
    mean, square = (margins.sum(axis=2) @ layout.moments).transpose(2, 0, 1)
    return Places(margins=margins, crossed=crossed, mean=mean, variance=square - mean**2)


def _log_likelihoods(model: Model, keyed: NDArray[np.intp], weights: Array) -> Array:
    """Log-likelihoods at every node, by dimension, person and group; (D, N, G, Q)."""
    layout = model.layout
    people, groups = keyed.shape[0], model.shares.size
    counted = np.zeros((people, 2, layout.logs.shape[1]))
    rows, items = np.nonzero(weights)
    at = layout.slots[items] * layout.categories + keyed[rows, items]
    counted.reshape(people, -1)[rows, at] = weights[rows, items]
    logs: Array = counted.transpose(1, 0, 2) @ layout.logs
    return logs.reshape(2, people, groups, layout.nodes.size)
