"""Named comparison groups: the share of people below a place; how they were estimated is left to `calibrate`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.item import DIMENSIONS, Dimension
from undertow.errors import InstrumentError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Norm:
    """One named group: F(theta) for each dimension, tabulated.

    `theta` is (T,), increasing, in SD of the reference population; `cdf` is (D, T), the share of
    the group below, non-decreasing from 0 to 1, and `standard_error` (D, T) how far sampling people
    may have moved it, None where a bank does not say. `gender` and `age_band` are None for "any".
    `who`, `collected` (when) and `how` (how they came) are words; the last two may be empty.
    """

    name: str
    who: str
    n: int
    gender: str | None
    age_band: str | None
    theta: Array
    cdf: Array
    standard_error: Array | None = None
    collected: str = ""
    how: str = ""

    def __post_init__(self) -> None:
        size = self.theta.size
        if self.theta.ndim != 1 or size < 2 or self.cdf.shape != (len(DIMENSIONS), size):
            raise InstrumentError(
                file="bank", key=f"norms '{self.name}'", rule="cdf must be (2, T) beside theta (T,)"
            )
        if not (np.all(np.isfinite(self.theta)) and np.all(np.isfinite(self.cdf))):
            raise InstrumentError(
                file="bank", key=f"norms '{self.name}'", rule="theta and cdf must be numbers"
            )
        if np.any(np.diff(self.theta) <= 0) or np.any(np.diff(self.cdf, axis=1) < -1e-9):
            raise InstrumentError(
                file="bank",
                key=f"norms '{self.name}'",
                rule="theta must rise and cdf must not fall",
            )
        if np.any(self.cdf < -1e-9) or np.any(self.cdf > 1 + 1e-9):
            raise InstrumentError(
                file="bank", key=f"norms '{self.name}'", rule="cdf must lie within 0..1"
            )
        error = self.standard_error
        # Written so that an error that is not a number fails too. No share's can be above 1/2.
        if error is not None and not (
            error.shape == self.cdf.shape and np.all((error >= 0) & (error <= 0.5))
        ):
            raise InstrumentError(
                file="bank",
                key=f"norms '{self.name}'",
                rule="standard_error must be (2, T) of 0 to 0.5",
            )

    def share_below(self, place: float, dimension: Dimension) -> float:
        """F(theta): the share of the group below a place."""
        row = self.cdf[DIMENSIONS.index(dimension)]
        return float(np.interp(place, self.theta, row))

    def place(self, share: float, dimension: Dimension) -> float:
        """The theta below which `share` of the group lies (the inverse of `share_below`)."""
        row = self.cdf[DIMENSIONS.index(dimension)]
        return float(np.interp(share, row, self.theta))


def fitting_norms(
    norms: tuple[Norm, ...], *, gender: str | None, age_band: str | None
) -> tuple[Norm, ...]:
    """The pooled norm first, then the person's own group where one is there.

    The own group is gender and age band together when both are stated and tabulated, else the
    one of them that is. Raises InstrumentError when no pooled norm is there.
    """
    pooled = [n for n in norms if n.gender is None and n.age_band is None]
    if not pooled:
        raise InstrumentError(file="bank", key="norms", rule="needs a pooled group to name first")
    for want in ((gender, age_band), (gender, None), (None, age_band)):
        if want == (None, None):
            continue
        own = [n for n in norms if (n.gender, n.age_band) == want]
        if own:
            return (pooled[0], own[0])
    return (pooled[0],)
