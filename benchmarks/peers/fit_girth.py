"""Two one-dimensional fits by the package girth, as JSON; runs where that is and knows nothing of Undertow.

It has no correlation between the two, and does not say how many cycles it took.
Use: fit_girth.py KEYED.npy DIMENSIONS.json
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import girth
import numpy as np

keyed = np.load(sys.argv[1]).astype(int)
dimension_of = np.array(json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
slope = np.zeros(dimension_of.size)
thresholds = np.zeros((dimension_of.size, keyed.max()))
started = time.perf_counter()
for side in (0, 1):
    own = dimension_of == side
    # A row for each item, and categories from 1.
    fit = girth.grm_mml(1 + keyed[:, own].T)
    slope[own], thresholds[own] = fit["Discrimination"], fit["Difficulty"]
seconds = time.perf_counter() - started
print(
    json.dumps(
        {
            "slope": slope.tolist(),
            "thresholds": thresholds.tolist(),
            "correlation": 0.0,
            "cycles": None,
            "converged": None,
            "own_log_likelihood": None,
            "seconds": seconds,
        }
    )
)
