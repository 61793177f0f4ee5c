"""One dimension with standard errors by the Python package mirt, as JSON; knows nothing of Undertow.

Made tests/golden/one_dimension/mirt_one_dimension.json, where that package is installed:
python tests/golden/one_dimension/made_up.py KEYED.npy, then golden_mirt.py KEYED.npy > the file.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import mirt
import numpy as np

keyed = np.load(sys.argv[1]).astype(int)
fit = mirt.fit_mirt(
    keyed,
    model="GRM",
    n_quadpts=121,
    tol=1e-9,
    max_iter=5000,
    compute_standard_errors=True,
    se_method="crossprod",
)
errors = fit.standard_errors
print(
    json.dumps(
        {
            "program": f"mirt {version('mirt')} (Python), graded, 121 nodes, tolerance 1e-9",
            "log_likelihood": float(fit.log_likelihood),
            "cycles": int(fit.n_iterations),
            "converged": bool(fit.converged),
            "slope": np.ravel(fit.model.parameters["discrimination"]).tolist(),
            "thresholds": np.asarray(fit.model.parameters["thresholds"]).tolist(),
            "slope_error": np.ravel(errors["discrimination"]).tolist(),
            "threshold_error": np.asarray(errors["thresholds"]).tolist(),
        },
        indent=2,
    )
)
