"""Means over replications with their Monte Carlo standard errors; what they are means of is left to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure and its Monte Carlo standard error: how far other replications would move it."""

    value: float
    error: float

    def shown(self, decimals: int) -> str:
        return f"{self.value:.{decimals}f} ({self.error:.{decimals}f})"

    def percent(self) -> str:
        return f"{100 * self.value:.1f} ({100 * self.error:.1f})"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimates:
    """Estimates of one replication less the truth, with the standard errors reported; both (P,)."""

    error: Array
    reported: Array

    @classmethod
    def of(cls, estimate: Array, truth: Array, reported: Array) -> Estimates:
        error = np.asarray(estimate - truth, dtype=np.float64).ravel()
        return cls(error=error, reported=np.asarray(reported, dtype=np.float64).ravel())

    def only(self, chosen: NDArray[np.bool_]) -> Estimates:
        return Estimates(error=self.error[chosen], reported=self.reported[chosen])


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """One kind of parameter over all replications.

    `worst` is the largest bias of any one parameter, in its own standard errors; chance alone makes
    it about `chance`. `reported` is the mean standard error reported over the RMSE.
    """

    parameters: int
    bias: Figure
    rmse: Figure
    worst: float
    chance: float
    reported: float
    coverage: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The same for parameters that not every replication has; `share` is how many had them."""

    share: float
    bias: Figure
    rmse: Figure
    coverage: Figure


def mean_of(replications: Sequence[float] | Array) -> Figure:
    """The mean; parameters of one replication hang together, so replications are what varies."""
    values = np.asarray(replications, dtype=np.float64)
    error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else float("nan")
    return Figure(value=float(values.mean()), error=float(error))


def ratio_of(over: Sequence[float] | Array, under: Sequence[float] | Array) -> Figure:
    """The ratio of two sums over replications, where each has its own number of cases."""
    top, bottom = (np.asarray(one, dtype=np.float64) for one in (over, under))
    if bottom.sum() == 0:
        return Figure(value=float("nan"), error=float("nan"))
    value = top.sum() / bottom.sum()
    n = bottom.size
    spread = np.sqrt(((top - value * bottom) ** 2).sum() * n / max(n - 1, 1)) / bottom.sum()
    return Figure(value=float(value), error=float(spread))


def recovered(replications: Sequence[Estimates]) -> Recovered:
    """Bias, RMSE and coverage of 95 % intervals; every replication has the same parameters."""
    error = np.stack([one.error for one in replications])
    reported = np.stack([one.reported for one in replications])
    n, parameters = error.shape
    square = mean_of((error**2).mean(axis=1))
    rmse = float(np.sqrt(square.value))
    own = error.mean(axis=0) / reported.mean(axis=0)
    return Recovered(
        parameters=parameters,
        bias=mean_of(error.mean(axis=1)),
        # The square root's standard error is the square's over twice the root.
        rmse=Figure(value=rmse, error=square.error / (2 * rmse)),
        worst=float(np.abs(own).max()),
        # The largest of P normal values is about sqrt(2 log 2P).
        chance=float(np.sqrt(2 * np.log(2 * parameters) / n)),
        reported=float(np.sqrt((reported**2).mean()) / rmse),
        coverage=mean_of((np.abs(error) <= NORMAL_95 * reported).mean(axis=1)),
    )


def recovered_where(replications: Sequence[Estimates]) -> Where:
    """Where each replication has parameters of its own choice, maybe none: errors that are numbers."""
    own = [one.only(np.isfinite(one.error)) for one in replications]
    counts = [one.error.size for one in own]
    square = ratio_of([float((one.error**2).sum()) for one in own], counts)
    rmse = float(np.sqrt(square.value))
    inside = [float((np.abs(one.error) <= NORMAL_95 * one.reported).sum()) for one in own]
    return Where(
        share=sum(counts) / sum(one.error.size for one in replications),
        bias=ratio_of([float(one.error.sum()) for one in own], counts),
        rmse=Figure(value=rmse, error=square.error / (2 * rmse)),
        coverage=ratio_of(inside, counts),
    )
