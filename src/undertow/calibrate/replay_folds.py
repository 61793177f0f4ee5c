"""Parameters from other people than those who are replayed: folds of an archive, and a bank fitted anew.

Which people are replayed is left to `replay_people`, how they take the test to `replay_taking`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank, CalibratedItem, DependentPair, GroupFigures
from undertow.bank.item import DIMENSIONS
from undertow.bank.norms import Norm
from undertow.calibrate.accelerate import climb
from undertow.calibrate.em import MOST_CYCLES, EmRoute
from undertow.calibrate.findings import TOLD_FROM
from undertow.calibrate.groups import GroupParameters, pooled_correlation, shares_of
from undertow.calibrate.likelihood import Parameters, Sides, sides_of, working_grid
from undertow.calibrate.local_dependence import local_dependence
from undertow.calibrate.multigroup import climb_groups
from undertow.calibrate.norming import KNOTS, EstimatedNorm, Group, norms_from
from undertow.calibrate.reliability import standings
from undertow.calibrate.scores import Latent
from undertow.calibrate.source import InMemory, evaluate
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ArchiveError, ConvergenceError, InputError, ShapeError

FOLDS = 5
_SEED = 20261124
_FINE = 1e-4
"""Largest last change of a parameter; standard errors are a hundred times as large."""
_DIGITS = 3
"""A pair's dependence has as many as in a bank file."""


def fold_of(rows: int, folds: int, *, seed: int = _SEED) -> NDArray[np.intp]:
    """Which fold each of an archive's rows is in, 0..folds-1 by chance; (rows,).

    Folds differ by at most one row. The same for the same number of rows.
    """
    dealt: NDArray[np.intp] = np.random.default_rng(seed).permutation(rows) % folds
    return dealt


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fold:
    """Whose answers make figures and who is replayed under them: places in each list, none in both."""

    training: NDArray[np.intp]
    replayed: NDArray[np.intp]


def folds_of(
    rows: int, training: NDArray[np.intp], replayed: NDArray[np.intp], folds: int
) -> Iterator[Fold]:
    """Each fold's parts of two lists of an archive's rows, which may name the same rows.

    Rows are dealt to folds, not places in a list, so that nobody is on both sides of one. Everyone of
    `replayed` is replayed once.
    """
    fold = fold_of(rows, folds)
    for number in range(folds):
        yield Fold(
            training=np.flatnonzero(fold[training] != number),
            replayed=np.flatnonzero(fold[replayed] == number),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Training:
    """Rows to fit a bank's figures on: `keyed` (N, J) in the bank's order or MISSING, `gender` (N,)."""

    keyed: NDArray[np.int8]
    gender: NDArray[np.str_]

    def part(self, keep: NDArray[np.intp]) -> Training:
        return Training(keyed=self.keyed[keep], gender=self.gender[keep])


def refitted(bank: Bank, training: Training, *, mapper: Mapper = one_by_one) -> Bank:
    """The bank with its figures fitted to other rows: for everyone, by group, pairs, medians.

    The climb starts at the bank's own figures and leaves free by group the items that differ there.
    The norm of everyone, which says when enough was asked, comes anew as well; those of groups, drift
    and provenance stay as they are. Raises ArchiveError where the rows say too little
    for a fit and ConvergenceError where one does not settle.
    """
    names = [item.id for item in bank.items]
    dimension_of = np.array([DIMENSIONS.index(item.dimension) for item in bank.items], np.intp)
    sides = _sides(bank, training.keyed, dimension_of, "everyone")
    parameters = _for_everyone(bank, sides, mapper)
    by_group = _by_group(bank, training, dimension_of, mapper) if bank.groups else None
    pooled = _pooled(sides, parameters, mapper)
    anxiety, avoidance = pooled.place(0.5)
    items = tuple(
        replace(
            item,
            slope=float(parameters.slope[at]),
            intercepts=_numbers(parameters.intercepts[at]),
            by_group=()
            if by_group is None
            else tuple(
                GroupFigures(
                    group=word,
                    slope=float(by_group.parameters.slope[group, at]),
                    intercepts=_numbers(by_group.parameters.intercepts[group, at]),
                )
                for group, word in enumerate(bank.groups)
            ),
        )
        for at, item in enumerate(bank.items)
    )
    return replace(
        bank,
        items=items,
        correlation=parameters.correlation,
        borders=(anxiety, avoidance),
        norms=tuple(_renewed(norm, pooled) for norm in bank.norms),
        pairs=_pairs(names, sides, parameters, mapper) if bank.pairs else (),
        group_correlation=None if by_group is None else by_group.correlation,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _GroupsFit:
    parameters: GroupParameters
    correlation: float


def _for_everyone(bank: Bank, sides: Sides, mapper: Mapper) -> Parameters:
    start = Parameters(
        slope=np.array([item.slope for item in bank.items]),
        intercepts=np.array([item.intercepts for item in bank.items]),
        correlation=bank.correlation,
    )
    climbed = climb(
        EmRoute(source=InMemory(sides=sides, mapper=mapper), grid=working_grid()),
        start,
        tolerance=_FINE,
        most=MOST_CYCLES,
    )
    if not climbed.settled:
        raise ConvergenceError(
            f"A fold's fit had not settled after {climbed.cycles} cycles. Give an archive with "
            "more people, or use --folds 0 if the bank was made from others.",
            trace=climbed.trace,
        )
    return climbed.point


def _by_group(
    bank: Bank, training: Training, dimension_of: NDArray[np.intp], mapper: Mapper
) -> _GroupsFit:
    sides = [
        _sides(bank, training.keyed[training.gender == word], dimension_of, f"group '{word}'")
        for word in bank.groups
    ]
    figures = [{one.group: one for one in item.by_group} for item in bank.items]
    start = GroupParameters(
        slope=np.array([[own[word].slope for own in figures] for word in bank.groups]),
        intercepts=np.array([[own[word].intercepts for own in figures] for word in bank.groups]),
        latents=tuple(Latent.standard(bank.group_correlation or 0.0) for _ in bank.groups),
    )
    common = np.array([_is_common(item) for item in bank.items])
    climbed = climb_groups(sides, start, common, tolerance=_FINE, mapper=mapper)
    return _GroupsFit(
        parameters=climbed.point,
        correlation=pooled_correlation(climbed.point, shares_of(sides)),
    )


def _is_common(item: CalibratedItem) -> bool:
    first, *others = ((one.slope, one.intercepts) for one in item.by_group)
    return all(other == first for other in others)


def _sides(bank: Bank, keyed: NDArray[np.int8], dimension_of: NDArray[np.intp], who: str) -> Sides:
    try:
        return sides_of(keyed, dimension_of, bank.items[0].categories)
    except ShapeError:
        raise ArchiveError(
            f"A fold has too few answers of {who} to fit the bank '{bank.id}' anew: an answer was "
            "never given. Give an archive with more people, or use --folds 0 if the bank was made "
            "from others."
        ) from None


def _pairs(
    names: list[str], sides: Sides, parameters: Parameters, mapper: Mapper
) -> tuple[DependentPair, ...]:
    """As the bank's: those told of in its card that go together more than theta explains."""
    grid = working_grid()
    found = standings(sides, parameters, grid, mapper=mapper)
    dependence = local_dependence(sides, parameters, grid, found, mapper=mapper)
    told = [
        (names[pair.first], names[pair.second], round(pair.dependence, _DIGITS))
        for pair in dependence.pairs(least=TOLD_FROM)
    ]
    return tuple(
        DependentPair(first=first, second=second, dependence=size)
        for first, second, size in told
        if 0 < size < 1
    )


def _pooled(sides: Sides, parameters: Parameters, mapper: Mapper) -> EstimatedNorm:
    everyone = Group(
        name="everyone",
        gender=None,
        age_band=None,
        member=np.ones(sides[0].rows, dtype=bool),
    )
    source = InMemory(sides=sides, mapper=mapper)
    evaluation = evaluate(source, parameters, everyone.member[None])
    (norm,) = norms_from((everyone,), evaluation.mass)
    return norm


def _renewed(norm: Norm, pooled: EstimatedNorm) -> Norm:
    """The norm of everyone with other people's shares; those of groups choose no question."""
    if (norm.gender, norm.age_band) != (None, None):
        return norm
    cdf = np.stack([np.interp(norm.theta, KNOTS, row) for row in pooled.cdf])
    return replace(norm, n=pooled.n, cdf=cdf, standard_error=None)


def _numbers(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def folds_asked(asked: str, *, made_of: object, sha256: str) -> tuple[int, str]:
    """How many folds to use, 0 or FOLDS, and why in words.

    `asked` is "auto", "0" or "5"; `made_of` the digest of the answers that the bank was made from, if
    it says so, `sha256` that of the archive's. Raises InputError for anything else that is asked.
    """
    if asked not in {"auto", "0", str(FOLDS)}:
        raise InputError(f"--folds must be auto, 0 or {FOLDS}.")
    if asked != "auto":
        return int(asked), "as asked for with --folds"
    if not isinstance(made_of, str):
        return FOLDS, "the bank does not say which answers it was made from"
    if made_of.removeprefix("sha256:") == sha256:
        return FOLDS, "the bank was made from these answers"
    return 0, "the bank was made from other answers"
