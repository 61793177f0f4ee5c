"""One answer to the next question, on one core: median and 95th percentile over simulated sittings.

What is timed is what a server does at each tap of someone who stated no gender: posterior, expected
variances of all items left, balance, discounts, stop rule, choice. Beside other programs:
`bench_adaptive.py`.
"""

from __future__ import annotations

import platform
import statistics
import time

import numpy as np

from undertow.measure.fair import fair_test
from undertow.measure.session import Ask, Session
from undertow.measure.simulate import draw_population, simulate_answer
from undertow.wiring import built_in_bank

SITTINGS = 100


def main() -> None:
    test = fair_test(built_in_bank())
    rng = np.random.default_rng(1)
    steps: list[float] = []
    lengths: list[int] = []
    for theta in draw_population(test.model, SITTINGS, rng):
        session = Session(test=test)
        while True:
            started = time.perf_counter()
            step = session.step()
            steps.append(time.perf_counter() - started)
            if not isinstance(step, Ask):
                break
            answer = simulate_answer(test.model, step.item_id, theta, rng)
            session = Session(test=test, answers=(*session.answers, answer))
        lengths.append(len(session.answers))
    ordered = sorted(steps)
    print(f"machine: {platform.machine()}, Python {platform.python_version()}")
    print(f"{SITTINGS} sittings, {statistics.mean(lengths):.1f} questions each")
    print(
        f"a step: median {1e3 * statistics.median(steps):.2f} ms, "
        f"95 % below {1e3 * ordered[int(0.95 * len(ordered))]:.2f} ms"
    )


if __name__ == "__main__":
    main()
