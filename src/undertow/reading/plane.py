"""The chart as numbers: place, ellipses, soundings; ink and characters are left to the edges."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, sqrt

import numpy as np

from undertow.bank.item import DIMENSIONS
from undertow.bank.norms import Norm
from undertow.measure.posterior import Estimate

REACH = 3.0
"""The chart runs from -REACH to REACH on both axes, in SD of the reference population."""

_SOUNDINGS = (0.10, 0.25, 0.50, 0.75, 0.90)

# Squared radius of a bivariate normal's ellipse that holds the mass: -2 ln(1 - mass), chi-square
# with two degrees of freedom in closed form.
_MASSES = (0.80, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse:
    """Holds `mass` of a normal with the estimate's mean and covariance; radii in SD.

    `tilt_degrees` turns the first radius counter-clockwise from the anxiety axis.
    """

    mass: float
    radius_one: float
    radius_two: float
    tilt_degrees: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounding:
    """A tick: the place below which `share` of the named norm lies."""

    share: float
    place: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """What the drawing needs, and the sentence that says it for someone who cannot see it.

    Anxiety runs to the right, avoidance up. `borders` are the pooled medians.
    """

    anxiety: float
    avoidance: float
    borders: tuple[float, float]
    ellipses: tuple[Ellipse, ...]
    anxiety_soundings: tuple[Sounding, ...]
    avoidance_soundings: tuple[Sounding, ...]
    reach: float
    caption: str

    def holds(self, ellipse: Ellipse, anxiety: float, avoidance: float) -> bool:
        """Whether a point of the plane lies inside one of the ellipses."""
        turn = np.deg2rad(ellipse.tilt_degrees)
        x, y = anxiety - self.anxiety, avoidance - self.avoidance
        along = (x * np.cos(turn) + y * np.sin(turn)) / ellipse.radius_one
        across = (y * np.cos(turn) - x * np.sin(turn)) / ellipse.radius_two
        return bool(along**2 + across**2 <= 1)


def ellipse_of(estimate: Estimate, mass: float) -> Ellipse:
    """The ellipse that holds `mass` of a normal with the estimate's mean and covariance."""
    values, vectors = np.linalg.eigh(estimate.covariance)
    radius = -2.0 * np.log1p(-mass)
    # eigh sorts upward; the longer axis comes first so that the tilt is that of the longer one.
    long, short = vectors[:, 1], values[0]
    tilt = degrees(atan2(long[1], long[0]))
    return Ellipse(
        mass=mass,
        radius_one=sqrt(radius * values[1]),
        radius_two=sqrt(radius * short),
        tilt_degrees=(tilt + 90.0) % 180.0 - 90.0,
    )


def plane_of(
    estimate: Estimate, *, borders: tuple[float, float], norm: Norm, caption: str
) -> Plane:
    """The chart of one estimate, with the soundings of the named norm along both axes."""
    soundings = tuple(
        tuple(Sounding(share=share, place=norm.place(share, dimension)) for share in _SOUNDINGS)
        for dimension in DIMENSIONS
    )
    return Plane(
        anxiety=float(estimate.mean[0]),
        avoidance=float(estimate.mean[1]),
        borders=borders,
        ellipses=tuple(ellipse_of(estimate, mass) for mass in _MASSES),
        anxiety_soundings=soundings[0],
        avoidance_soundings=soundings[1],
        reach=REACH,
        caption=caption,
    )
