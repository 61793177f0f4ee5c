"""A test's places beside a standard's, by group, with bootstrap errors; whose they are is left to `replay`.

People are drawn, not answers: in each draw everyone counts as often as they were drawn, and all
figures of both tests, the cuts among them, are computed anew. So the difference of two figures has
the error of a difference on the same people.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import parts_of
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ShapeError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Key = TypeVar("Key", bound=Hashable)

DRAWS = 500
"""Draws of people. The ends of an interval then move by a twentieth of its width from seed to seed."""
SEED = 20261124
CUT = 0.84
"""The share below the cut: one SD above the mean of a normal population."""
_NORMAL_95 = 1.96
_DRAWS_AT_ONCE = 20
_REACH = 8.0
"""SD of a drawn rank: once in 10^15 draws the cut lies further off."""
_ROUNDING = 1e-9
"""Places and psd differ by less from nothing but the order of additions."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A figure of each group, (1 + R, G): first as it is in the sample, then in each of R draws.

    NaN where a group has nobody whom the figure is about.
    """

    rows: Array

    @property
    def value(self) -> Array:
        """The figure itself; (G,)."""
        own: Array = self.rows[0]
        return own

    @property
    def se(self) -> Array:
        """Bootstrap standard error, the SD over draws; (G,). Source: efrontibshirani1993."""
        return np.array([_spread(column[1:]) for column in self.rows.T])

    @property
    def interval(self) -> Array:
        """The middle 95 % of the draws; (G, 2). Source: efrontibshirani1993."""
        return np.array([_middle(column[1:]) for column in self.rows.T])

    def group(self, number: int) -> Drawn:
        """The figure of one group alone."""
        return Drawn(rows=self.rows[:, [number]])

    def less(self, other: Drawn) -> Drawn:
        """This figure less another of the same draws, draw by draw."""
        return Drawn(rows=self.rows - other.rows)

    def nearer_zero_than(self, other: Drawn) -> Drawn:
        """|other| - |this|, draw by draw: above 0 where this one is the smaller in size."""
        return Drawn(rows=np.abs(other.rows) - np.abs(self.rows))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """What one test says of people on one dimension, beside a standard; each (N,).

    `covered` says whether the two are as near as their psds allow; None where that is not asked.
    Raises ShapeError for others than (N,) numbers.
    """

    short: Array
    standard: Array
    covered: Mask | None = None

    def __post_init__(self) -> None:
        shapes = {self.short.shape, self.standard.shape}
        shapes |= set() if self.covered is None else {self.covered.shape}
        if len(shapes) > 1 or self.short.ndim != 1 or not self.short.size:
            raise ShapeError("short, standard and covered must have the same people, at least one")
        if not (np.isfinite(self.short).all() and np.isfinite(self.standard).all()):
            raise ShapeError("places must be numbers")


def nested_coverage(short: Array, short_psd: Array, full: Array, full_psd: Array) -> Mask:
    """Whether |short - full| <= 1.96 sqrt(psd_short^2 - psd_full^2); (N,).

    The short test's answers are among the full one's, so that under the model the difference has
    just that variance: all that more answers could still move.
    """
    spread = np.sqrt(np.maximum(short_psd**2 - full_psd**2, 0.0))
    covered: Mask = np.abs(short - full) <= _NORMAL_95 * spread + _ROUNDING
    return covered


def difference_coverage(short: Array, short_psd: Array, rest: Array, rest_psd: Array) -> Mask:
    """Whether |short - rest| <= 1.96 sqrt(psd_short^2 + psd_rest^2); (N,).

    For two tests without a common item. Both are drawn towards the same prior, so under the model
    somewhat more than 95 % are covered.
    """
    spread = np.sqrt(short_psd**2 + rest_psd**2)
    covered: Mask = np.abs(short - rest) <= _NORMAL_95 * spread + _ROUNDING
    return covered


def figures_of(
    placed: Mapping[Key, Placed],
    members: Mask,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    mapper: Mapper = one_by_one,
) -> dict[Key, dict[str, Drawn]]:
    """Each comparison's figures by group, all from the same draws of people.

    `members` (G, N) says who is in which group; everyone is in one. For each group: `bias`, the mean
    of short - standard; `found`, of those above the standard's CUT quantile the share above the short
    test's own; `specificity`, of the others the share that is not above it; `correlation` of both;
    `coverage` where the comparison asks it. Quantiles are those of all groups together. Raises
    ShapeError where the members are other people. The same on any number of workers.
    """
    for one in placed.values():
        if members.ndim != 2 or members.shape[1:] != one.short.shape:
            raise ShapeError("members must be (G, N), a column for each person")
    if not members.any(axis=0).all():
        raise ShapeError("everyone must be in a group")
    groups = members.astype(np.float64)
    prepared = {key: _Prepared.of(one, groups) for key, one in placed.items()}
    people = members.shape[1]

    def part(own: slice) -> dict[Key, dict[str, Array]]:
        weights = _weights(range(own.start, own.stop), people, seed)
        inside = weights @ groups.T
        return {key: one.told(weights, inside) for key, one in prepared.items()}

    told = list(mapper(part, parts_of(draws + 1, _DRAWS_AT_ONCE)))
    return {
        key: {
            name: Drawn(rows=np.concatenate([one[key][name] for one in told]))
            for name in told[0][key]
        }
        for key in placed
    }


def means_of(values: Array, members: Mask) -> Array:
    """Each group's mean of `values` (N,); (G,), NaN for a group of nobody."""
    groups = members.astype(np.float64)
    return _over(groups @ values, groups.sum(axis=1))


def _weights(draws: Iterable[int], people: int, seed: int) -> Array:
    """How often each person counts in each draw; (R, N), each row's sum N. Draw 0 is the sample."""
    rows = [
        np.bincount(
            # A generator for each draw, so that who draws it makes no difference.
            np.random.default_rng([seed, draw]).integers(0, people, size=people),
            minlength=people,
        )
        if draw
        else np.ones(people)
        for draw in draws
    ]
    return np.array(rows, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Window:
    """Those of N values between which the cut lies in every draw, rising; `below` (N,) are the rest under it.

    Drawn values change places only near the cut, so nobody else's need be looked at anew.
    """

    people: NDArray[np.intp]
    values: Array
    below: Mask

    @classmethod
    def around_cut(cls, values: Array) -> _Window:
        order = np.argsort(values, kind="stable")
        place = CUT * (values.size - 1)
        reach = _REACH * np.sqrt(values.size * CUT * (1 - CUT)) + 2
        ordered = values[order]
        low, high = (
            ordered[int(np.clip(place + off, 0, values.size - 1))] for off in (-reach, reach)
        )
        # Whole ties, so that all others are truly above or below.
        first, last = np.searchsorted(ordered, low), np.searchsorted(ordered, high, side="right")
        below = np.zeros(values.size, dtype=bool)
        below[order[:first]] = True
        return cls(people=order[first:last], values=ordered[first:last], below=below)

    def sure(self) -> Mask:
        """Who is on the same side of the cut in every draw; (N,)."""
        sure = np.ones(self.below.size, dtype=bool)
        sure[self.people] = False
        return sure

    def cut(self, weights: Array, below: Array) -> Array:
        """The CUT quantile of the people drawn, as numpy's of them one by one; (R, 1).

        `weights` (R, N), `below` (R,) the summed weights of `below`.
        """
        counted = below[:, None] + np.cumsum(weights[:, self.people], axis=1)
        place = CUT * (self.below.size - 1)
        first = int(place)
        low, high = (
            self.values[np.minimum((counted <= at).sum(axis=1), self.values.size - 1)]
            for at in (first, first + 1)
        )
        quantile: Array = low + (place - first) * (high - low)
        return quantile[:, None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Prepared:
    """A comparison with all that the draws share.

    `sums` (N, F * G + 2) are what is summed over people: the F features within each group, then who
    lies below either window. `near` are those whose side of a cut hangs on the draw, `groups` (G, n)
    and `short`, `standard` (n,) theirs.
    """

    windows: tuple[_Window, _Window]
    sums: Array
    near: NDArray[np.intp]
    groups: Array
    short: Array
    standard: Array
    covers: bool

    @classmethod
    def of(cls, placed: Placed, groups: Array) -> _Prepared:
        short, standard = placed.short, placed.standard
        windows = _Window.around_cut(short), _Window.around_cut(standard)
        sure = windows[0].sure() & windows[1].sure()
        # Above a window or below it: the same in every draw.
        called, high = (
            sure & (values > window.values[-1])
            for values, window in zip((short, standard), windows, strict=True)
        )
        # Around the means of all, so that variances do not drown in the squares of means.
        x, y = short - short.mean(), standard - standard.mean()
        features = [short - standard, x, y, x * x, y * y, x * y, high, called & high, called]
        if placed.covered is not None:
            features.append(placed.covered)
        by_group = (np.stack(features)[:, None, :] * groups).reshape(-1, x.size)
        below = np.stack([window.below for window in windows])
        near = np.flatnonzero(~sure)
        return cls(
            windows=windows,
            sums=np.ascontiguousarray(np.concatenate([by_group, below]).T),
            near=near,
            groups=groups[:, near],
            short=short[near],
            standard=standard[near],
            covers=placed.covered is not None,
        )

    def told(self, weights: Array, inside: Array) -> dict[str, Array]:
        """The figures under each row of weights (R, N); `inside` (R, G) are the groups' sizes."""
        summed = weights @ self.sums
        sums = summed[:, :-2].reshape(weights.shape[0], -1, inside.shape[1])
        cuts = [
            window.cut(weights, below)
            for window, below in zip(self.windows, summed[:, -2:].T, strict=True)
        ]
        near = weights[:, self.near]
        called, high = self.short > cuts[0], self.standard > cuts[1]
        high_inside, found_inside, called_inside = (
            sums[:, at] + (near * chosen) @ self.groups.T
            for at, chosen in zip((6, 7, 8), (high, called & high, called), strict=True)
        )
        apart, x, y, xx, yy, xy = (_over(sums[:, at], inside) for at in range(6))
        spreads = [
            np.where(square - mean**2 > _ROUNDING**2, square - mean**2, 0.0)
            for mean, square in ((x, xx), (y, yy))
        ]
        low_inside = inside - high_inside
        told = {
            "bias": apart,
            "found": _over(found_inside, high_inside),
            "specificity": _over(low_inside - (called_inside - found_inside), low_inside),
            "correlation": _over(xy - x * y, np.sqrt(spreads[0] * spreads[1])),
        }
        if self.covers:
            told["coverage"] = _over(sums[:, 9], inside)
        return told


def _over(above: Array, below: Array) -> Array:
    """above / below, NaN where there is nothing to divide by."""
    share: Array = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=share, where=below > 0)
    return share


def _defined(draws: Array) -> Array:
    known: Array = draws[np.isfinite(draws)]
    return known


def _spread(draws: Array) -> float:
    known = _defined(draws)
    return float(known.std(ddof=1)) if known.size > 1 else float("nan")


def _middle(draws: Array) -> Sequence[float]:
    known = _defined(draws)
    if known.size < 2:
        return float("nan"), float("nan")
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)
