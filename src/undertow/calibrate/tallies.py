"""What norms are made of, added up over people; the curves are left to `norming`.

A person's plausible values are drawn given their answers and their group: posteriors under one prior
for everyone would draw every group towards the mean of all. So each group gets moments of its own
first, with the items held. Source: mislevy1991.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.accelerate import climb
from undertow.calibrate.groups import latent_from, latent_vector, sides_of_groups
from undertow.calibrate.likelihood import (
    Parameters,
    Sides,
    expect,
    masses,
    parts_of,
    reporting_grid,
    working_grid,
)
from undertow.calibrate.maximising import latent_of
from undertow.calibrate.norming import KNOTS, below_knots
from undertow.calibrate.scores import (
    Latent,
    PosteriorTables,
    complete_scores,
    latent_scores,
    told_moments,
)
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ShapeError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

MOMENT_TOLERANCE = 1e-4
"""Largest last change of a group's moment; the standard error of a mean of 10,000 people is .01."""
_MOST_CYCLES = 40
_CHUNK_ROWS = 1024
_FURTHEST, _NARROWEST = 4.0, 0.25
"""A mean further out or a deviation below lies beyond what the grid of the climb can tell."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """Sums over the people of G groups, from which norms are made.

    D is 2, with NaN for a side without items, or the dimensions of several blocks. `mass`
    (G, D, Q) sums the members' posteriors on the reporting grid, `squares` (G, D, T) the squares of
    what each contributes to the shares below the knots. `log_likelihood` (G,) is of the members' rows.
    """

    log_likelihood: Array
    mass: Array
    squares: Array


def tally(
    sides: Sides,
    parameters: Parameters,
    members: NDArray[np.bool_],
    mapper: Mapper = one_by_one,
    *,
    latent: Latent | None = None,
) -> Tally:
    """What norms need of each group when all people have one prior that is known.

    `members` (G, N) says who belongs to which group. `latent` replaces the standard normal of the
    parameters' correlation. A person contributes their posterior probability to lie below a knot.
    Parts of a fixed size are added up in a fixed order, so the number of workers changes nothing.
    Raises ShapeError when the members are not those of the rows.
    """
    prior = latent or Latent.standard(parameters.correlation)
    found = _sums(sides, parameters, prior, members, mapper)
    return Tally(log_likelihood=found.log_likelihood, mass=found.mass, squares=found.squares)


def tally_by_group(
    sides: Sides,
    parameters: Parameters,
    members: NDArray[np.bool_],
    mapper: Mapper = one_by_one,
) -> Tally:
    """What norms need of each group, posteriors given the group: under its own latent moments.

    Everyone together keeps the standard prior, which is what the metric means. Another group's
    moments are estimated here from its rows, with the items held. That moves its shares from sample
    to sample, too, so a person's contribution to a share counts what they do to the moments.
    Raises ShapeError as `tally` does. Source: mislevy1991, louis1982.
    """
    found = []
    for member in members:
        everyone = np.ones((1, int(member.sum())), dtype=bool)
        if member.all():
            found.append(tally(sides, parameters, everyone, mapper))
            continue
        (own,) = sides_of_groups(sides, member[None])
        latent = latent_of_group(own, parameters, mapper)
        found.append(_with_moments(own, latent, _sums(own, parameters, latent, everyone, mapper)))
    return Tally(
        log_likelihood=np.concatenate([one.log_likelihood for one in found]),
        mass=np.concatenate([one.mass for one in found]),
        squares=np.concatenate([one.squares for one in found]),
    )


def latent_of_group(sides: Sides, parameters: Parameters, mapper: Mapper = one_by_one) -> Latent:
    """Means, deviations and correlation of a group's rows that make their answers most likely.

    By EM with the items held; what the answers do not tell stays standard. Source: bockaitkin1981.
    """
    return climb(
        _HeldItems(sides=sides, parameters=parameters, grid=working_grid(), mapper=mapper),
        Latent.standard(parameters.correlation),
        tolerance=MOMENT_TOLERANCE,
        most=_MOST_CYCLES,
    ).point


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _HeldItems:
    """EM over a group's moments alone, for `climb`."""

    sides: Sides
    parameters: Parameters
    grid: Grid
    mapper: Mapper

    def step(self, here: Latent) -> tuple[float, Latent]:
        found = expect(
            self.sides,
            self.parameters,
            self.grid,
            self.mapper,
            prior=here.prior(self.grid.nodes),
            counted=False,
        )
        after = latent_of(found.joint, self.grid.nodes)
        return found.log_likelihood, Latent(
            means=after.means,
            deviations=np.maximum(after.deviations, _NARROWEST),
            correlation=after.correlation,
        )

    def vector(self, point: Latent) -> Array:
        return latent_vector(point)

    def point(self, vector: Array, like: Latent) -> Latent | None:
        del like
        if np.abs(vector).max() > _FURTHEST or vector[2:4].min() < np.log(_NARROWEST):
            return None
        return latent_from(vector)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sums:
    """Sums of G groups: what a `Tally` holds, and of all rows the scores of the moments.

    `products` (5, 5) sums score times score, `with_below` (2, T, 5) probability to lie below times
    score, `joint` (Q, Q) the joint posteriors.
    """

    log_likelihood: Array
    mass: Array
    squares: Array
    products: Array
    with_below: Array
    joint: Array


def _sums(
    sides: Sides,
    parameters: Parameters,
    latent: Latent,
    members: NDArray[np.bool_],
    mapper: Mapper,
) -> _Sums:
    rows = sides[0].rows
    if members.ndim != 2 or members.shape[1] != rows:
        raise ShapeError(f"members must be (G, {rows}), a column for each row of answers")
    nodes = reporting_grid().nodes
    tables = PosteriorTables.of(sides, parameters.slope, parameters.intercepts, latent, nodes)
    at_knots = below_knots(np.eye(nodes.size))
    groups = members.shape[0]

    def part(own: slice) -> Sequence[Array]:
        found = tables.posteriors(sides, own)
        inside = members[:, own].astype(np.float64)
        below = [
            margin @ at_knots if side.items.size else margin
            for margin, side in zip(found.margins, sides, strict=True)
        ]
        scores = latent_scores(found, latent, nodes)
        return (
            inside @ found.log_likelihood,
            masses(inside, found.margins, sides, nodes.size),
            masses(inside, (below[0] ** 2, below[1] ** 2), sides, KNOTS.size),
            scores.T @ scores,
            np.swapaxes(masses(scores.T, (below[0], below[1]), sides, KNOTS.size), 0, 1),
            (found.likelihoods[0].T @ found.likelihoods[1]) * tables.prior,
        )

    sums: list[Array] = [
        np.zeros(groups),
        np.zeros((groups, 2, nodes.size)),
        np.zeros((groups, 2, KNOTS.size)),
        np.zeros((5, 5)),
        np.zeros((2, 5, KNOTS.size)),
        np.zeros(tables.prior.shape),
    ]
    for parts in mapper(part, parts_of(rows, _CHUNK_ROWS)):
        for total, own in zip(sums, parts, strict=True):
            np.add(total, own, out=total)
    log_likelihood, mass, squares, products, with_below, joint = sums
    return _Sums(
        log_likelihood=log_likelihood,
        mass=mass,
        squares=squares,
        products=products,
        with_below=np.swapaxes(with_below, 1, 2),
        joint=joint,
    )


def _with_moments(sides: Sides, latent: Latent, found: _Sums) -> Tally:
    """The tally of one group whose moments are estimates.

    With s a person's score of the moments, A the sum of s s' and G(t) how the summed share below t
    moves with the moments, a person contributes p(t) + G(t)' A^-1 s: the estimate moves by A^-1 s.
    """
    told = np.flatnonzero(told_moments(sides))
    # A handful of people may leave moments that they say nothing about.
    inverse = np.linalg.pinv(found.products[np.ix_(told, told)], hermitian=True)
    scores = complete_scores(latent, reporting_grid().nodes, sides)[told] * found.joint
    squares = found.squares.copy()
    for dimension, side in enumerate(sides):
        if not side.items.size:
            continue
        with_below = found.with_below[dimension][:, told]
        moved = below_knots(scores.sum(axis=2 - dimension)).T - with_below
        by_score = moved @ inverse
        squares[0, dimension] += 2 * (by_score * with_below).sum(axis=1)
        squares[0, dimension] += (by_score * moved).sum(axis=1)
    return Tally(log_likelihood=found.log_likelihood, mass=found.mass, squares=squares)
