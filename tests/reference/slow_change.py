"""Change between two sittings by drawing people, written from the model's description.

Nothing shared with the code under test: no formula for delta, only people with a stable part, a state
and an error, weighted by how well they fit the first result. Comparing is left to `test_measure_change`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np


def chance_of_more_given_first(
    first: tuple[float, float],
    second: tuple[float, float],
    *,
    stability: float,
    shared: float,
    draws: int,
    rng: np.random.Generator,
) -> float:
    """P(T2 > T1) where T1 comes from the population and any change is as likely as any other.

    `first` and `second` are a posterior's (mean, variance); `shared` the variance of an error that
    struck both results alike.
    """
    (shown1, error1), (shown2, error2) = unshrunk(*first), unshrunk(*second)
    stable = rng.normal(0.0, math.sqrt(stability), draws)
    state1, state2 = rng.normal(0.0, math.sqrt(1 - stability), (2, draws))
    both = rng.normal(0.0, math.sqrt(shared), draws)
    own1 = error1 - shared
    fit = np.exp(-((shown1 - stable - state1 - both) ** 2) / (2 * own1))
    # Any stable part as likely as any other: what is left when state and errors are taken off.
    then = shown2 - state2 - both - rng.normal(0.0, math.sqrt(error2 - shared), draws)
    return float((fit * (then > stable)).sum() / fit.sum())


def unshrunk(mean: float, variance: float) -> tuple[float, float]:
    """The normal likelihood which, with a standard normal before it, makes this posterior.

    Precisions add: 1 / variance = 1 + 1 / error, and mean / variance = 0 + shown / error.
    """
    error = 1 / (1 / variance - 1)
    return error * mean / variance, error


def chance_of_more_given_first_by_answers(
    first: Sequence[Callable[[float], float]],
    second: Sequence[Callable[[float], float]],
    *,
    stability: float,
    nodes: Sequence[float],
) -> float:
    """The same from answers, without taking anything for normal: sums over the nodes.

    Each answer is the probability of itself at a place.
    """

    def density(x: float, variance: float) -> float:
        return math.exp(-x * x / (2 * variance))

    def stable_part(answers: Sequence[Callable[[float], float]]) -> list[float]:
        """P(answers | T = node): summed over the states that a person may have been in."""
        places = [math.prod(answer(theta) for answer in answers) for theta in nodes]
        return [
            sum(
                density(theta - stable, 1 - stability) * at
                for theta, at in zip(nodes, places, strict=True)
            )
            for stable in nodes
        ]

    before = [
        density(stable, stability) * fit
        for stable, fit in zip(nodes, stable_part(first), strict=True)
    ]
    after = stable_part(second)
    more = sum(
        weight * (after[j] if j > i else after[j] / 2)
        for i, weight in enumerate(before)
        for j in range(i, len(nodes))
    )
    return more / (sum(before) * sum(after))
