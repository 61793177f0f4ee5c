"""From an answer to the next item in catsim, as JSON; runs where that is and knows nothing of Undertow.

It knows one dimension and yes or no. A step is the new estimate and the choice of the most informative
item. Use: step_catsim.py ITEMS.json, which holds slopes, thresholds and people's yes or no (N, J).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from catsim.estimation import NumericalSearchEstimator
from catsim.item_bank import ItemBank
from catsim.selection import MaxInfoSelector

content = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
slopes, thresholds = np.array(content["slopes"]), np.array(content["thresholds"])
bank = ItemBank(np.column_stack([slopes, thresholds, np.zeros(slopes.size), np.ones(slopes.size)]))
estimator, selector = NumericalSearchEstimator(), MaxInfoSelector()
seconds = []
for answers in content["answers"]:
    asked: list[int] = []
    given: list[bool] = []
    theta = 0.0
    item = selector.select(item_bank=bank, administered_items=asked, est_theta=theta)
    while len(asked) < content["most"]:
        asked.append(int(item))
        given.append(bool(answers[item]))
        started = time.perf_counter()
        theta = estimator.estimate(
            item_bank=bank, administered_items=asked, response_vector=given, est_theta=theta
        )
        item = selector.select(item_bank=bank, administered_items=asked, est_theta=theta)
        seconds.append(time.perf_counter() - started)
print(json.dumps({"seconds": seconds}))
