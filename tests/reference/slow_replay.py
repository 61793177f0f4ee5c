"""Figures of a replay as one would first write them: draw people, list them, look at the list."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def drawn_people(people: int, seed: int, draw: int) -> NDArray[np.int64]:
    """Draw 0 is the sample itself."""
    if draw == 0:
        return np.arange(people)
    return np.random.default_rng([seed, draw]).integers(0, people, size=people)


def figures(
    short: Array, standard: Array, covered: NDArray[np.bool_], member: NDArray[np.bool_]
) -> dict[str, float]:
    """Of one group, `member`, among people who are all listed, some of them several times."""
    cut, own_cut = np.quantile(standard, 0.84), np.quantile(short, 0.84)
    high = [bool(value > cut) for value in standard]
    called = [bool(value > own_cut) for value in short]
    own = [at for at in range(len(member)) if member[at]]
    return {
        "bias": float(np.mean([short[at] - standard[at] for at in own])),
        "found": _share([called[at] for at in own if high[at]]),
        "specificity": _share([not called[at] for at in own if not high[at]]),
        "correlation": float(np.corrcoef(short[own], standard[own])[0, 1]),
        "coverage": float(np.mean([covered[at] for at in own])),
    }


def _share(of: list[bool]) -> float:
    return sum(of) / len(of) if of else float("nan")
