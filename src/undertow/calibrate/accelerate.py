"""Climbing by EM with Anderson's acceleration, whatever the parameters are; what a step does is left to the fit.

The next point is guessed from the last few steps, and a guess that loses likelihood is taken back,
so accepted points never fall. Source: walkerni2011.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Progress = Callable[[int, float], None]
Point = TypeVar("Point")

LIKELIHOOD_TOLERANCE = 1e-5
_MEMORY = 5


class Route(Protocol[Point]):
    """What is climbed: one EM step, and the parameters as a vector on scales without limits."""

    def step(self, here: Point, /) -> tuple[float, Point]:
        """The log-likelihood at `here`, and where one EM step leads from it."""
        ...

    def vector(self, point: Point, /) -> Array: ...

    def point(self, vector: Array, like: Point, /) -> Point | None:
        """The parameters of a vector, or None where they make no sense."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Climbed(Generic[Point]):
    """Where the climb ended: cycles (E-steps), log-likelihoods of accepted points, whether it settled."""

    point: Point
    cycles: int
    trace: tuple[float, ...]
    settled: bool


def climb(
    route: Route[Point],
    start: Point,
    *,
    tolerance: float,
    most: int,
    report: Progress | None = None,
) -> Climbed[Point]:
    """EM from `start` until no number of the vector moves by `tolerance` in a step.

    Each cycle costs one E-step, taken-back guesses included.
    """
    history: list[tuple[Array, Array]] = []
    trace: list[float] = []
    here, safe, cycle = start, start, 0
    for cycle in range(1, most + 1):
        reached, image = route.step(here)
        if trace and reached < trace[-1] - _rounding(reached):
            if not history:
                break  # Even a plain step lost likelihood: nothing better is to be found this way.
            here, history = safe, []
            continue
        gain = reached - trace[-1] if trace else np.inf
        trace.append(reached)
        if report is not None:
            report(cycle, reached)
        safe = image
        before, after = route.vector(here), route.vector(safe)
        if np.abs(after - before).max() < tolerance and gain < LIKELIHOOD_TOLERANCE:
            return Climbed(point=safe, cycles=cycle, trace=tuple(trace), settled=True)
        history = [*history, (before, after)][-(_MEMORY + 1) :]
        guess = _leap(history)
        leapt = None if guess is None else route.point(guess, safe)
        here = safe if leapt is None else leapt
    return Climbed(point=safe, cycles=cycle, trace=tuple(trace), settled=False)


def _rounding(log_likelihood: float) -> float:
    """What a sum over people may lose to rounding alone."""
    return 1e-13 * abs(log_likelihood) + 1e-9


def _leap(history: Sequence[tuple[Array, Array]]) -> Array | None:
    """Anderson's guess at the resting point from points and their images under a step."""
    if len(history) < 2:
        return None
    points, images = (np.array(vectors) for vectors in zip(*history, strict=True))
    steps = images - points
    # The mix of recent changes that would have cancelled the last step.
    mix = np.linalg.lstsq(np.diff(steps, axis=0).T, steps[-1], rcond=1e-10)[0]
    guess: Array = images[-1] - np.diff(images, axis=0).T @ mix
    return guess
