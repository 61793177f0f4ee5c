"""The answers that independent programs were given: one dimension, ten items, four categories, 2,000 people.

Run it to write them as `NAME.npy` for such a program; nothing of the code under test is used here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROWS, CATEGORIES = 2000, 4
SLOPES = (0.7, 1.0, 1.3, 1.5, 1.7, 1.9, 2.1, 2.3, 2.6, 3.0)
MIDDLES = (-1.2, 0.8, -0.5, 0.0, 0.4, -0.9, 1.1, 0.2, -0.3, 0.6)


def keyed_answers() -> NDArray[np.int8]:
    """Categories 0..3; (2000, 10), the same on every machine."""
    rng = np.random.default_rng(20260324)
    theta = rng.standard_normal((ROWS, 1))
    reached = np.array(SLOPES) * (theta - np.array(MIDDLES)) + rng.logistic(size=(ROWS, 10))
    borders = np.array([-1.0, 0.0, 1.2]) * np.array(SLOPES)[:, None]
    categories: NDArray[np.int8] = (reached[:, :, None] > borders).sum(axis=2).astype(np.int8)
    return categories


if __name__ == "__main__":
    np.save(Path(sys.argv[1]), keyed_answers())
