"""A fit by the Python package mirt, as JSON; runs where that package is and knows nothing of Undertow.

Use: fit_mirt.py KEYED.npy DIMENSIONS.json NODES
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import mirt
import numpy as np

keyed = np.load(sys.argv[1]).astype(int)
dimension_of = np.array(json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
# Items are numbered from 1; each belongs to its own dimension only, and the correlation is free.
own = [", ".join(str(1 + j) for j in np.flatnonzero(dimension_of == side)) for side in (0, 1)]
started = time.perf_counter()
fit = mirt.fit_mirt(
    keyed,
    model="GRM",
    spec=f"A = {own[0]}\nB = {own[1]}\nCOV = A*B",
    n_quadpts=int(sys.argv[3]),
    compute_standard_errors=False,
)
seconds = time.perf_counter() - started
slopes = np.asarray(fit.model.parameters["discrimination"])
print(
    json.dumps(
        {
            "slope": slopes[np.arange(dimension_of.size), dimension_of].tolist(),
            "thresholds": np.asarray(fit.model.parameters["thresholds"]).tolist(),
            "correlation": float(np.asarray(fit.latent_covariance)[0, 1]),
            "cycles": int(fit.n_iterations),
            "converged": bool(fit.converged),
            "own_log_likelihood": float(fit.log_likelihood),
            "seconds": seconds,
        }
    )
)
