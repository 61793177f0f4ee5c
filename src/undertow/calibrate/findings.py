"""What can be known of a settled fit beyond its parameters: how sure they are, and where the model fails.

Comparing groups is left to `fairness`, writing it down to `bank_content` and the card.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from undertow.calibrate.blocks import Block
from undertow.calibrate.item_fit import ItemFit, item_fit
from undertow.calibrate.likelihood import Parameters, working_grid
from undertow.calibrate.local_dependence import (
    LocalDependence,
    Pair,
    local_dependence,
    nested_ratio,
)
from undertow.calibrate.model_fit import ModelFit, model_fit
from undertow.calibrate.reliability import Reliability, reliability, standings
from undertow.calibrate.short_tests import lengths, most_informative
from undertow.calibrate.standard_errors import StandardErrors, standard_errors
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import NotReady

Result = TypeVar("Result")

TOLD_FROM = 0.15
"""Q3* from which a pair is carried by the bank. The usual warning is .2; held against people's full
tests, a short test's psd is right when pairs somewhat below are discounted too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortTest:
    """A short test of the items with most information at the middle, one dimension of a block.

    `items` are places in the block. `strays` is how much further, squared, its answers lie from the
    whole test's than its psd says (1 if the model holds); `inflation` what pairs do to its variance.
    """

    dimension: int
    items: tuple[int, ...]
    strays: float
    inflation: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Findings:
    """One block's figures, items by their places in the block; None where there is too little for one.

    `pairs` are those with Q3* above TOLD_FROM. `unsaid` says in words what could
    not be told, and why.
    """

    block: Block
    parameters: Parameters
    errors: StandardErrors | None
    items: tuple[ItemFit, ...] | None
    dependence: LocalDependence
    pairs: tuple[Pair, ...]
    short: tuple[ShortTest, ...]
    model: ModelFit | None
    reliability: Reliability | None
    unsaid: tuple[str, ...]


def findings_of(
    block: Block,
    parameters: Parameters,
    *,
    names: Sequence[str],
    about: str = "",
    mapper: Mapper = one_by_one,
) -> Findings:
    """Standard errors, item and model fit, local dependence and reliability of a block's fit.

    `names` are those of the block's items; `about` goes before what could not be told.
    """
    grid, sides = working_grid(), block.sides
    unsaid: list[str] = []

    def told(ask: Callable[[], Result]) -> Result | None:
        try:
            return ask()
        except NotReady as error:
            unsaid.append(f"{about}{error}")
            return None

    found = standings(sides, parameters, grid, mapper=mapper)
    dependence = local_dependence(sides, parameters, grid, found, mapper=mapper)
    # The plain errors suppose that the model holds; where answers hang together they are too small.
    errors = told(
        lambda: standard_errors(sides, parameters, grid, names=names, robust=True, mapper=mapper)
    )
    short = []
    for dimension, side in enumerate(sides):
        for count in lengths(side.items.size) if side.items.size else ():
            if not 1 < count < side.items.size:
                continue
            asked = tuple(int(item) for item in most_informative(parameters, side, count))
            ratio = nested_ratio(sides, parameters, grid, asked, found, mapper=mapper)
            short.append(
                ShortTest(
                    dimension=dimension,
                    items=asked,
                    strays=float(ratio[dimension]),
                    inflation=dependence.inflation(asked),
                )
            )
    return Findings(
        block=block,
        parameters=parameters,
        errors=errors,
        items=told(lambda: item_fit(sides, parameters, grid)),
        dependence=dependence,
        pairs=dependence.pairs(least=TOLD_FROM),
        short=tuple(short),
        model=told(lambda: model_fit(sides, parameters, mapper=mapper)),
        reliability=told(lambda: reliability(sides, parameters, found)),
        unsaid=tuple(unsaid),
    )
