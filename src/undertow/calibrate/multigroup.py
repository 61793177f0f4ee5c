"""One model for several groups: means, variances and correlations free, chosen items equal, others by group.

Which items are to be equal is left to `anchors`. Source: bockzimowski1997.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.accelerate import Climbed, climb
from undertow.calibrate.em import PARAMETER_TOLERANCE
from undertow.calibrate.groups import (
    GroupParameters,
    latent_from,
    latent_vector,
    rescaled,
    shares_of,
)
from undertow.calibrate.likelihood import (
    Expectation,
    Sides,
    dimensions_of,
    expect,
    working_grid,
)
from undertow.calibrate.maximising import SLOPE_RANGE, latent_of, scoring_step
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ConvergenceError, ShapeError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

MOST_CYCLES = 300
_SCORING_STEPS = 2
_WILD = 4.0
"""A leap to a mean this far out, in SD, or a deviation of exp of it, is no guess worth trying."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupFit:
    """A settled multiple-group fit; `common` (J,) says which items are equal in all groups.

    `log_likelihood` is that of all groups on the working grid, one step before the end: what that step
    adds is below the climb's tolerance.
    """

    parameters: GroupParameters
    common: NDArray[np.bool_]
    log_likelihood: float
    iterations: int
    trace: tuple[float, ...]


def fit_groups(
    sides: Sequence[Sides],
    start: GroupParameters,
    common: NDArray[np.bool_],
    *,
    tolerance: float = PARAMETER_TOLERANCE,
    mapper: Mapper = one_by_one,
    most_cycles: int = MOST_CYCLES,
) -> GroupFit:
    """P(X_j >= k | group g) = logistic(a_gj theta_d + d_gjk), theta normal by group, pooled variance 1.

    `sides` holds each group's rows, `common` (J,) which items are equal; each dimension needs one, or
    nothing ties the groups' metrics together (ShapeError). A side without items is a dimension that is
    not there: its mean stays 0, its deviation 1 and the correlation 0. Raises ConvergenceError with its trace when
    the fit has not settled after `most_cycles`.
    """
    climbed = climb_groups(
        sides,
        start,
        common,
        tolerance=tolerance,
        mapper=mapper,
        most_cycles=most_cycles,
    )
    return GroupFit(
        parameters=climbed.point,
        common=common,
        log_likelihood=climbed.trace[-1],
        iterations=climbed.cycles,
        trace=climbed.trace,
    )


def climb_groups(
    sides: Sequence[Sides],
    start: GroupParameters,
    common: NDArray[np.bool_],
    *,
    tolerance: float = PARAMETER_TOLERANCE,
    mapper: Mapper = one_by_one,
    most_cycles: int = MOST_CYCLES,
) -> Climbed[GroupParameters]:
    """The climb of `fit_groups` alone, to a `tolerance` that suits what its end is needed for."""
    dimension_of = dimensions_of(sides[0])
    if any(not common[dimension_of == d].any() for d in set(dimension_of)):
        raise ShapeError("each dimension needs at least one item that is equal in all groups")
    route = _Route(
        sides=tuple(sides),
        common=common,
        grid=working_grid(),
        mapper=mapper,
    )
    climbed = climb(
        route,
        rescaled(start, route.weights, dimension_of),
        tolerance=tolerance,
        most=most_cycles,
    )
    if not climbed.settled:
        raise ConvergenceError(
            f"The fit of {len(sides)} groups had not settled after {climbed.cycles} cycles. "
            "Are there enough rows in each group?",
            trace=climbed.trace,
        )
    return climbed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Route:
    sides: tuple[Sides, ...]
    common: NDArray[np.bool_]
    grid: Grid
    mapper: Mapper

    @property
    def weights(self) -> Array:
        return shares_of(self.sides)

    def step(self, here: GroupParameters) -> tuple[float, GroupParameters]:
        expectations = [
            expect(
                own,
                here.of(group),
                self.grid,
                self.mapper,
                prior=here.latents[group].prior(self.grid.nodes),
            )
            for group, own in enumerate(self.sides)
        ]
        reached = sum(one.log_likelihood for one in expectations)
        return reached, self._maximise(here, expectations)

    def _maximise(
        self, at: GroupParameters, expectations: Sequence[Expectation]
    ) -> GroupParameters:
        counts = np.stack([one.counts for one in expectations])  # (G, J, K, Q)
        slope, intercepts = at.slope.copy(), at.intercepts.copy()
        equal, free = np.flatnonzero(self.common), np.flatnonzero(~self.common)
        if equal.size:
            slope[:, equal], intercepts[:, equal] = self._items(
                slope[0, equal], intercepts[0, equal], counts[:, equal].sum(axis=0)
            )
        for group in range(at.groups):
            if free.size:
                slope[group, free], intercepts[group, free] = self._items(
                    slope[group, free], intercepts[group, free], counts[group, free]
                )
        latents = tuple(latent_of(one.joint, self.grid.nodes) for one in expectations)
        after = GroupParameters(slope=slope, intercepts=intercepts, latents=latents)
        # The metric is set back in every cycle: the same likelihood, reached in fewer of them.
        after = rescaled(after, self.weights, dimensions_of(self.sides[0]))
        return replace(after, slope=np.clip(after.slope, *SLOPE_RANGE))

    def _items(self, slope: Array, intercepts: Array, counts: Array) -> tuple[Array, Array]:
        for _ in range(_SCORING_STEPS):
            slope, intercepts = scoring_step(slope, intercepts, counts, self.grid.nodes)
        return slope, intercepts

    def vector(self, point: GroupParameters) -> Array:
        latents = [latent_vector(one) for one in point.latents]
        return np.concatenate([np.log(point.slope).ravel(), point.intercepts.ravel(), *latents])

    def point(self, vector: Array, like: GroupParameters) -> GroupParameters | None:
        slopes, cuts = like.slope.size, like.intercepts.size
        tail = vector[slopes + cuts :].reshape(like.groups, 5)
        if np.abs(tail).max() > _WILD:
            return None
        guess = GroupParameters(
            # A wild guess is refused below; it must not overflow before.
            slope=np.exp(np.clip(vector[:slopes], -20.0, 20.0)).reshape(like.slope.shape),
            intercepts=vector[slopes : slopes + cuts].reshape(like.intercepts.shape),
            latents=tuple(latent_from(row) for row in tail),
        )
        low, high = SLOPE_RANGE
        sensible = guess.ordered() and np.all((guess.slope >= low) & (guess.slope <= high))
        return guess if sensible else None
