"""Any number of dimensions as blocks of one or two that are fitted apart; the fit of a block is left to `em`.

Up to two dimensions are one block and one likelihood. A joint likelihood of three or more would need
a grid with as many axes, so each dimension is then fitted alone and the correlations come after. The
figures stay consistent; what is lost is what a dimension's answers say about another's items, which
is little where items are many or correlations low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.accelerate import Progress
from undertow.calibrate.correlations import Alone, correlations_between
from undertow.calibrate.em import MOST_CYCLES, Fit, settle
from undertow.calibrate.likelihood import Sides, one_dimensional, sides_of
from undertow.calibrate.source import InMemory, Source, evaluate
from undertow.calibrate.tallies import Tally, tally_by_group
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ShapeError

Array = NDArray[np.float64]

LEAST_ITEMS = 3
"""Two items of a dimension that is fitted alone have one relation between them and two slopes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Dimensions that are fitted together: their places among all, their items' places among all.

    `sides` count items within the block: item j of a side is items[j] among all.
    """

    dimensions: tuple[int, ...]
    items: NDArray[np.intp]
    sides: Sides


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlocksFit:
    """All blocks' fits together: `slope` (J,), `intercepts` (J, K-1), `correlations` (D, D).

    `log_likelihood` is on the reporting grid, of what `likelihood_of` says. `iterations` and `trace`
    are the blocks' one after the other. `mass` (G, D, Q) is the posterior mass there of each group
    that was asked for, under the prior of everyone. `correlations_moved` is how far the pairs'
    estimates were moved to make them a correlation matrix; 0 where they were one.
    """

    slope: Array
    intercepts: Array
    correlations: Array
    correlations_moved: float
    log_likelihood: float
    likelihood_of: str
    iterations: int
    trace: tuple[float, ...]
    mass: Array
    fits: tuple[Fit, ...]


def blocks_of(
    keyed: NDArray[np.int8], dimension_of: NDArray[np.intp], categories: int
) -> tuple[Block, ...]:
    """One block of up to two dimensions, or a block for each dimension where there are more.

    `keyed` is (N, J) of 0..K-1 or MISSING, `dimension_of` (J,) of 0..D-1. Raises ShapeError for a
    dimension without items, or alone with fewer than LEAST_ITEMS, and as `sides_of` does.
    """
    if keyed.ndim != 2 or not keyed.shape[1] or dimension_of.shape != keyed.shape[1:]:
        raise ShapeError("keyed must be (N, J), J above 0, beside dimension_of (J,)")
    if dimension_of.min() < 0:
        raise ShapeError("dimension_of must hold 0..D-1")
    sizes = np.bincount(dimension_of)
    if (sizes == 0).any():
        raise ShapeError(f"dimension number {int(np.argmin(sizes)) + 1} has no items")
    if sizes.size == 2:
        sides = sides_of(keyed, dimension_of, categories)
        return (Block(dimensions=(0, 1), items=np.arange(dimension_of.size), sides=sides),)
    if sizes.min() < LEAST_ITEMS:
        raise ShapeError(
            f"dimension number {int(np.argmin(sizes)) + 1} has {int(sizes.min())} items; "
            f"one that is fitted alone needs at least {LEAST_ITEMS}"
        )
    blocks = []
    for dimension in range(sizes.size):
        items = np.flatnonzero(dimension_of == dimension)
        sides = sides_of(keyed[:, items], np.zeros(items.size, dtype=np.intp), categories)
        blocks.append(Block(dimensions=(dimension,), items=items, sides=sides))
    return tuple(blocks)


def fit_blocks(
    blocks: Sequence[Block],
    *,
    names: Sequence[str] = (),
    members: NDArray[np.bool_] | None = None,
    sources: Sequence[Source] | None = None,
    progress: Progress | None = None,
    most_cycles: int = MOST_CYCLES,
    mapper: Mapper = one_by_one,
) -> BlocksFit:
    """Fits every block, and between blocks the correlations.

    `names` are those of all items, `members` (G, N) say who is in which group. `sources` holds each
    block's rows where they are not to be added up here. `progress` hears of the cycles of all blocks,
    counted on, with the log-likelihood of the block at work. Raises ConvergenceError as `settle` and
    `correlations_between` do.
    """
    own_sources = sources or [InMemory(sides=block.sides, mapper=mapper) for block in blocks]
    fits: list[Fit] = []
    masses = []
    for block, source in zip(blocks, own_sources, strict=True):
        settled = settle(
            source,
            names=[names[item] for item in block.items] if names else (),
            progress=_counting_on(progress, sum(fit.iterations for fit in fits)),
            most_cycles=most_cycles,
            mapper=mapper,
        )
        evaluation = evaluate(source, settled.parameters, members)
        fits.append(
            Fit(
                parameters=settled.parameters,
                log_likelihood=evaluation.log_likelihood,
                iterations=settled.iterations,
                trace=settled.trace,
            )
        )
        masses.append(evaluation.mass)
    correlations, moved = _correlations(blocks, fits, mapper)
    return BlocksFit(
        slope=in_order(blocks, [fit.parameters.slope for fit in fits]),
        intercepts=in_order(blocks, [fit.parameters.intercepts for fit in fits]),
        correlations=correlations,
        correlations_moved=moved,
        log_likelihood=sum(fit.log_likelihood for fit in fits),
        likelihood_of=(
            "all answers together"
            if len(blocks) == 1
            else "the dimensions each alone, summed: their correlations are not in it"
        ),
        iterations=sum(fit.iterations for fit in fits),
        trace=tuple(reached for fit in fits for reached in fit.trace),
        mass=by_dimension(blocks, masses),
        fits=tuple(fits),
    )


def tally_blocks(
    blocks: Sequence[Block],
    fit: BlocksFit,
    members: NDArray[np.bool_],
    *,
    mapper: Mapper = one_by_one,
) -> Tally:
    """What norms need of each group, (G, D, ...), every dimension from its own block's answers.

    The log-likelihood is the blocks' sum. `members` (G, N) say who is in which group.
    """
    found = [
        tally_by_group(block.sides, own.parameters, members, mapper)
        for block, own in zip(blocks, fit.fits, strict=True)
    ]
    return Tally(
        log_likelihood=np.sum([one.log_likelihood for one in found], axis=0),
        mass=by_dimension(blocks, [one.mass for one in found]),
        squares=by_dimension(blocks, [one.squares for one in found]),
    )


def in_order(blocks: Sequence[Block], figures: Sequence[Array]) -> Array:
    """The blocks' figures by item, (J_b, ...) each, in the order of all items; (J, ...)."""
    made = np.empty((sum(block.items.size for block in blocks), *figures[0].shape[1:]))
    for block, own in zip(blocks, figures, strict=True):
        made[block.items] = own
    return made


def by_dimension(blocks: Sequence[Block], figures: Sequence[Array]) -> Array:
    """The blocks' figures by side, (G, 2, ...) each, in the order of all dimensions; (G, D, ...)."""
    sizes = figures[0].shape
    made = np.empty((sizes[0], sum(len(block.dimensions) for block in blocks), *sizes[2:]))
    for block, own in zip(blocks, figures, strict=True):
        for place, dimension in enumerate(block.dimensions):
            made[:, dimension] = own[:, place]
    return made


def alone(blocks: Sequence[Block], fits: Sequence[Fit]) -> tuple[Alone, ...]:
    """The dimensions of blocks that have one each, with their parameters, for `correlations`."""
    if not all(one_dimensional(block.sides) for block in blocks):
        raise ShapeError("a dimension alone is asked of blocks of one dimension")
    return tuple(
        Alone(answers=block.sides[0], parameters=fit.parameters)
        for block, fit in zip(blocks, fits, strict=True)
    )


def _correlations(
    blocks: Sequence[Block], fits: Sequence[Fit], mapper: Mapper
) -> tuple[Array, float]:
    if len(blocks) > 1:
        found = correlations_between(alone(blocks, fits), mapper=mapper)
        return found.matrix, found.moved
    if one_dimensional(blocks[0].sides):
        return np.eye(1), 0.0
    rho = fits[0].parameters.correlation
    return np.array([[1.0, rho], [rho, 1.0]]), 0.0


def _counting_on(progress: Progress | None, done: int) -> Progress | None:
    if progress is None:
        return None
    heard = progress

    def count_on(cycle: int, log_likelihood: float) -> None:
        heard(done + cycle, log_likelihood)

    return count_on
