"""From an answer to the next item in catpie, as JSON; runs where that is and knows nothing of Undertow.

It knows one dimension and yes or no. A step is the posterior mean with its SD and the choice of the most
informative item. Use: step_catpie.py ITEMS.json, as `step_catsim.py`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import catpie

content = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
bank = [
    (slope, threshold, 0.0, 1.0)
    for slope, threshold in zip(content["slopes"], content["thresholds"], strict=True)
]
seconds = []
for answers in content["answers"]:
    asked: list[int] = []
    given: list[int] = []
    item = catpie.selectNextItem(bank, 0.0, asked).item
    while len(asked) < content["most"]:
        asked.append(item)
        given.append(answers[item])
        started = time.perf_counter()
        theta = catpie.estimateTheta(bank, asked, given).theta
        item = catpie.selectNextItem(bank, theta, asked).item
        seconds.append(time.perf_counter() - started)
print(json.dumps({"seconds": seconds}))
