"""Fitting the model with a tendency to agree, and the simple one on the same grids; the model is in `agreeing`.

With the tendency's loading fixed at the keying, its mean and deviation have closed forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.accelerate import Progress, climb
from undertow.calibrate.agreeing import (
    AgreeingExpectation,
    AgreeingGrid,
    AgreeingParameters,
    Tendency,
    agreeing_tables,
    boundaries,
    expect_agreeing,
)
from undertow.calibrate.em import starting_point
from undertow.calibrate.groups import (
    GroupParameters,
    latent_from,
    latent_vector,
    rescaled,
    shares_of,
    stacked,
)
from undertow.calibrate.likelihood import Answers, Sides, dimensions_of, working_grid
from undertow.calibrate.maximising import SLOPE_RANGE, latent_of
from undertow.calibrate.scores import Latent
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ConvergenceError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

PARAMETER_TOLERANCE = 1e-4
"""Largest last change of a number in the vector: a hundredth of its standard error and less."""
MOST_CYCLES = 300
LEAST_DEVIATION = 0.1
"""Logits. A smaller tendency moves an item's expected answer by less than .03 categories."""
_UNIT = 50.0
"""The climb takes a gain of less than 1e-5 as none. It counts in fifties here, so that less than a
thousandth of log-likelihood is none: the last cycles would cost half the time and move nothing."""
_FIRST_DEVIATION = 0.5
_SCORING_STEPS = 2
_HALVINGS = 30
_WILD = 4.0
"""A leap to a mean this far out, in SD, or a deviation of exp of it, is no guess worth trying."""
_STEP, _REACH = 1.0, 6.5
"""Tendency nodes while climbing, in the smaller and the larger deviation of the groups."""
_FINE_STEP, _FINE_REACH = 0.75, 7.5
_MOST_GRIDS = 6
_WARM_UP_ROWS = 6000
_WARM_UP_CYCLES = 10
_WARM_UP_TOLERANCE = 2e-3
_WARM_UP_LEAST_COUNT = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgreeingFit:
    """A settled fit; `log_likelihood` is that of all groups on `fine_grid`, `grid` where it climbed."""

    parameters: AgreeingParameters
    grid: AgreeingGrid
    log_likelihood: float
    cycles: int


def fit_agreeing(
    sides: Sequence[Sides],
    keying: Array,
    simple: AgreeingFit,
    *,
    mapper: Mapper = one_by_one,
    progress: Progress | None = None,
) -> AgreeingFit:
    """The maximum of the marginal likelihood with a tendency, from the simple fit of the same rows.

    `sides` holds each group's rows, `keying` (J,) is +1 or -1. Where no tendency above
    LEAST_DEVIATION helps, the simple fit is the answer, with deviations of 0. Raises
    ConvergenceError with its trace when the fit has not settled.
    Source: maydeuolivarescoffman2006, bockaitkin1981.
    """
    first = Tendency(mean=0.0, deviation=_FIRST_DEVIATION)
    start = replace(simple.parameters, tendencies=(first,) * simple.parameters.groups)
    fit = _settled(sides, keying, start, mapper=mapper, progress=progress)
    if fit.log_likelihood <= simple.log_likelihood:
        # Deviations of 0 are part of the model, at its edge.
        return simple
    return fit


def fit_simple(
    sides: Sequence[Sides],
    keying: Array,
    start: GroupParameters | None = None,
    *,
    mapper: Mapper = one_by_one,
    progress: Progress | None = None,
) -> AgreeingFit:
    """The same without a tendency, on the same grid of theta: what `multigroup` fits on a finer one.

    Raises ConvergenceError with its trace when the fit has not settled.
    """
    return _settled(
        sides,
        keying,
        AgreeingParameters.without(_start(sides) if start is None else start),
        # What comes from another fit of the same rows is closer than some of them could bring it.
        warms_up=start is None,
        mapper=mapper,
        progress=progress,
    )


def log_likelihood_of(
    sides: Sequence[Sides],
    parameters: AgreeingParameters,
    keying: Array,
    *,
    mapper: Mapper = one_by_one,
) -> float:
    """The log-likelihood of all groups' rows on `fine_grid`."""
    grid = fine_grid(parameters)
    tables = agreeing_tables(parameters.slope, parameters.intercepts, keying, grid)
    return sum(
        expect_agreeing(
            own, parameters, group, keying, grid, tables=tables, counted=False, mapper=mapper
        ).log_likelihood
        for group, own in enumerate(sides)
    )


def climbing_grid(parameters: AgreeingParameters) -> AgreeingGrid:
    """Theta from -6 to 6 by 0.4 and the tendency by about one deviation: where the fit happens.

    The trapezoid rule's error for a posterior of SD s at step h is about exp(-2 (pi s / h)^2), with
    a sign that changes from person to person: below .01 of a likelihood for s above .2. Steps of .3
    move estimates by less than 2e-4; what is reported comes from a finer grid.
    """
    return AgreeingGrid(
        theta=Grid(nodes=np.linspace(-6.0, 6.0, 31)),
        tendency=_tendency_nodes(parameters.tendencies, _STEP, _REACH),
    )


def fine_grid(parameters: AgreeingParameters) -> AgreeingGrid:
    """Theta from -6 to 6 by 0.2 and finer steps of the tendency: what is reported comes from here."""
    return AgreeingGrid(
        theta=working_grid(),
        tendency=_tendency_nodes(parameters.tendencies, _FINE_STEP, _FINE_REACH),
    )


def _tendency_nodes(tendencies: Sequence[Tendency], step: float, reach: float) -> Array:
    deviations = [one.deviation for one in tendencies]
    if max(deviations) == 0:
        return np.zeros(1)
    low = min(one.mean - reach * one.deviation for one in tendencies)
    high = max(one.mean + reach * one.deviation for one in tendencies)
    return np.linspace(low, high, 1 + int(np.ceil((high - low) / (step * min(deviations)))))


def _settled(
    sides: Sequence[Sides],
    keying: Array,
    start: AgreeingParameters,
    *,
    warms_up: bool = True,
    mapper: Mapper,
    progress: Progress | None,
) -> AgreeingFit:
    here = start
    part = _warm_up_part(sides) if warms_up else None
    if part is not None:
        # A few thousand rows bring the parameters close at a fraction of the cost.
        here = climb(
            _Route.of(part, keying, here, mapper),
            here,
            tolerance=_WARM_UP_TOLERANCE,
            most=_WARM_UP_CYCLES,
        ).point
    cycles = 0
    trace: tuple[float, ...] = ()
    for _ in range(_MOST_GRIDS):
        route = _Route.of(sides, keying, here, mapper)
        climbed = climb(
            route,
            here,
            tolerance=PARAMETER_TOLERANCE,
            most=MOST_CYCLES,
            report=None if progress is None else _in_ones(progress),
        )
        here, cycles = climbed.point, cycles + climbed.cycles
        trace = tuple(_UNIT * reached for reached in climbed.trace)
        if climbed.settled and _fits(here.tendencies, route.grid.tendency):
            centred = here.centred(route.weights, keying)
            return AgreeingFit(
                parameters=centred,
                grid=climbing_grid(centred),
                log_likelihood=log_likelihood_of(sides, centred, keying, mapper=mapper),
                cycles=cycles,
            )
    raise ConvergenceError(
        f"The fit {'with' if route.agreeing else 'without'} a tendency to agree had not settled after "
        f"{cycles} cycles. Are there enough rows in each group, and is no item there twice?",
        trace=trace,
    )


def _in_ones(progress: Progress) -> Progress:
    return lambda cycle, reached: progress(cycle, _UNIT * reached)


def _fits(tendencies: Sequence[Tendency], nodes: Array) -> bool:
    """Whether the nodes are still fine and wide enough for where the tendencies went."""
    if nodes.size == 1:
        return True
    step, reach = nodes[1] - nodes[0], 0.9 * _REACH
    return all(
        step <= 1.1 * _STEP * one.deviation
        and nodes[0] <= one.mean - reach * one.deviation
        and nodes[-1] >= one.mean + reach * one.deviation
        for one in tendencies
    )


def _warm_up_part(sides: Sequence[Sides]) -> tuple[Sides, ...] | None:
    """Every so-manieth row of each group, where each category is still there often enough."""
    step = sum(own[0].rows for own in sides) // _WARM_UP_ROWS
    if step < 2:
        return None
    part = tuple((_every(own[0], step), _every(own[1], step)) for own in sides)
    chosen = np.concatenate(
        [np.sum([own[which].category_counts() for own in part], axis=0) for which in (0, 1)]
    )
    rare = int(chosen.min())
    return part if rare >= _WARM_UP_LEAST_COUNT else None


def _every(side: Answers, step: int) -> Answers:
    return replace(side, indicators=side.indicators[::step])


def _start(sides: Sequence[Sides]) -> GroupParameters:
    """Every group the same: intercepts from the shares at or above each category of all rows."""
    point = starting_point(stacked(sides))
    return GroupParameters(
        slope=np.stack([point.slope] * len(sides)),
        intercepts=np.stack([point.intercepts] * len(sides)),
        latents=(Latent.standard(0.0),) * len(sides),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Route:
    """EM for `climb`. The first group's mean tendency stays where it is: it only names the metric."""

    sides: tuple[Sides, ...]
    keying: Array
    grid: AgreeingGrid
    mapper: Mapper

    @classmethod
    def of(
        cls, sides: Sequence[Sides], keying: Array, around: AgreeingParameters, mapper: Mapper
    ) -> _Route:
        return cls(sides=tuple(sides), keying=keying, grid=climbing_grid(around), mapper=mapper)

    @property
    def weights(self) -> Array:
        return shares_of(self.sides)

    @property
    def agreeing(self) -> bool:
        return self.grid.tendency.size > 1

    def step(self, here: AgreeingParameters) -> tuple[float, AgreeingParameters]:
        tables = agreeing_tables(here.slope, here.intercepts, self.keying, self.grid)
        found = [
            expect_agreeing(
                own, here, group, self.keying, self.grid, tables=tables, mapper=self.mapper
            )
            for group, own in enumerate(self.sides)
        ]
        return sum(one.log_likelihood for one in found) / _UNIT, self._maximise(here, found)

    def _maximise(
        self, at: AgreeingParameters, found: Sequence[AgreeingExpectation]
    ) -> AgreeingParameters:
        counts = np.sum([one.counts for one in found], axis=0)
        slope, intercepts = at.slope, at.intercepts
        for _ in range(_SCORING_STEPS):
            slope, intercepts = scoring_step(slope, intercepts, counts, self.keying, self.grid)
        groups = at.groups
        latents = [latent_of(one.joint, self.grid.theta.nodes) for one in found]
        shared = rescaled(
            GroupParameters(
                slope=np.stack([slope] * groups),
                intercepts=np.stack([intercepts] * groups),
                latents=tuple(latents),
            ),
            self.weights,
            dimensions_of(self.sides[0]),
        )
        tendencies = at.tendencies
        if self.agreeing:
            tendencies = tuple(
                tendency_like(
                    one.tendency,
                    self.grid.tendency,
                    old,
                    mean=old.mean if group == 0 else None,
                )
                for group, (one, old) in enumerate(zip(found, tendencies, strict=True))
            )
        return AgreeingParameters(
            shared=replace(shared, slope=np.clip(shared.slope, *SLOPE_RANGE)),
            tendencies=tendencies,
        )

    def vector(self, point: AgreeingParameters) -> Array:
        latents = [latent_vector(one) for one in point.shared.latents]
        parts = [np.log(point.slope), point.intercepts.ravel(), *latents]
        if self.agreeing:
            parts += [np.array([one.mean, np.log(one.deviation)]) for one in point.tendencies]
        return np.concatenate(parts)

    def point(self, vector: Array, like: AgreeingParameters) -> AgreeingParameters | None:
        groups, items, cuts = like.groups, like.slope.size, like.intercepts.size
        slope, intercepts, rest = np.split(vector, [items, items + cuts])
        if np.abs(rest).max() > _WILD:
            return None
        latents = rest[: 5 * groups].reshape(groups, 5)
        tendencies = like.tendencies
        if self.agreeing:
            tendencies = tuple(
                Tendency(mean=float(mean), deviation=float(np.exp(log_deviation)))
                for mean, log_deviation in rest[5 * groups :].reshape(groups, 2)
            )
            if min(one.deviation for one in tendencies) < LEAST_DEVIATION:
                return None
        # A wild guess is refused below; it must not overflow before.
        own_slope = np.exp(np.clip(slope, -20.0, 20.0))
        shared = GroupParameters(
            slope=np.stack([own_slope] * groups),
            intercepts=np.stack([intercepts.reshape(like.intercepts.shape)] * groups),
            latents=tuple(latent_from(row) for row in latents),
        )
        low, high = SLOPE_RANGE
        sensible = shared.ordered() and np.all((own_slope >= low) & (own_slope <= high))
        return AgreeingParameters(shared=shared, tendencies=tendencies) if sensible else None


def tendency_like(
    counts: Array, nodes: Array, start: Tendency, *, mean: float | None = None
) -> Tendency:
    """The normal whose weights on `nodes` (M,) make `counts` (M,) most likely; `mean` may be held.

    The nodes end soon after four deviations, so a normal's moments on them are not quite its own:
    the two are moved until they are those of the counts.
    """
    share = counts / counts.sum()
    wanted_mean = float(share @ nodes)
    found_mean, deviation = start.mean if mean is None else mean, start.deviation
    for _ in range(_HALVINGS):
        weights = Tendency(mean=found_mean, deviation=deviation).weights(nodes)
        if mean is None:
            found_mean += wanted_mean - float(weights @ nodes)
        wanted = float(share @ (nodes - found_mean) ** 2)
        deviation *= np.sqrt(wanted / float(weights @ (nodes - found_mean) ** 2))
        deviation = max(float(deviation), LEAST_DEVIATION)
    return Tendency(mean=found_mean, deviation=deviation)


def scoring_step(
    slope: Array, intercepts: Array, counts: Array, keying: Array, grid: AgreeingGrid
) -> tuple[Array, Array]:
    """One Fisher scoring step of all items at once; slope (J,), intercepts (J, K-1), counts (J, K, M * Q).

    As in `maximising`, with every item moved by the tendency: an item's step is halved until its
    intercepts keep their order, its slope stays positive and its expected fit does not fall.
    """
    tables = agreeing_tables(slope, intercepts, keying, grid)
    above, below = boundaries(slope, intercepts, keying, grid)
    step = _direction(counts, tables, above * below, grid.theta_at)
    before = (counts * np.log(tables)).sum(axis=(1, 2))
    # Sums over thousands of people are only known to their last digits.
    least = before - 1e-12 * np.abs(before)
    factor = np.ones(slope.size)
    for _ in range(_HALVINGS):
        new_slope = slope + factor * step[:, 0]
        new_intercepts = intercepts + factor[:, None] * step[:, 1:]
        bad = (np.diff(new_intercepts, axis=1) >= 0).any(axis=1) | (new_slope <= 0)
        # Where the order is broken there is no probability to compare; the old values stand in.
        tried = agreeing_tables(
            np.where(bad, slope, new_slope),
            np.where(bad[:, None], intercepts, new_intercepts),
            keying,
            grid,
        )
        bad |= (counts * np.log(tried)).sum(axis=(1, 2)) < least
        if not bad.any():
            return new_slope, new_intercepts
        factor[bad] /= 2
    return np.where(bad, slope, new_slope), np.where(bad[:, None], intercepts, new_intercepts)


def _direction(counts: Array, tables: Array, density: Array, theta_at: Array) -> Array:
    """Inverse information times gradient; (J, K), the slope first. `density` is (J, K-1, M * Q)."""
    items, cuts, size = density.shape
    # dP_k / d intercept_m: +density at the category's lower boundary, -density at its upper one.
    gradient = np.zeros((items, cuts + 1, cuts + 1, size))  # (J, parameter, category, M * Q)
    for cut in range(cuts):
        gradient[:, cut + 1, cut + 1] += density[:, cut]
        gradient[:, cut + 1, cut] -= density[:, cut]
    gradient[:, 0] = gradient[:, 1:].sum(axis=1) * theta_at
    flat = gradient.reshape(items, cuts + 1, -1)
    towards = np.matmul(flat, (counts / tables).reshape(items, -1, 1))
    weight = counts.sum(axis=1)[:, None, :] / tables
    information = np.matmul(flat * weight.reshape(items, 1, -1), flat.transpose(0, 2, 1))
    # A category that hardly anyone chose leaves next to no information on its thresholds.
    information += 1e-8 * np.eye(cuts + 1)
    direction: Array = np.linalg.solve(information, towards)[:, :, 0]
    return direction
