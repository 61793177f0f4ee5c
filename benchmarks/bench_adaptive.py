"""From one answer to the next question, and ten thousand sittings, beside the Python packages catsim and catpie.

Both know one dimension and yes or no only, so they get one answer of two and one dimension of two: a
bank of as many items with the same slopes and middle thresholds. Our step is what a server does at each
tap: posterior of both dimensions, expected variances of all items left, balance, discounts, stop rule,
choice. All on one core, one process after the other; each step is timed by itself.
"""

from __future__ import annotations

import json
import os

# Before numpy: threads inside products this small only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from archives import REPOSITORY
from processes import run

from undertow.bank.calibrated import Bank
from undertow.bank.person import Gender
from undertow.bank.responses import Answer
from undertow.measure.fair import fair_test, plain_test
from undertow.measure.session import AdaptiveTest, Ask, Session
from undertow.measure.simulate import (
    draw_population,
    simulate_answer,
    simulate_categories,
    simulate_sittings,
)
from undertow.wiring import built_in_bank

PEERS = Path(__file__).parent / "peers"
THEIR_PYTHON = REPOSITORY / ".venv-bench" / "bin" / "python"
PEOPLE = 100
"""Whose sittings are timed step by step."""
TIMES = 3
"""Each step is taken so often and its shortest time counts: others on the machine only add to it."""
SITTINGS = 10_000
MOST = 20


def main() -> None:
    bank = built_in_bank()
    print(f"machine: {_processor()}, Python {platform.python_version()}, numpy {np.__version__}")
    tests = {
        "undertow, gender stated": fair_test(bank, gender=Gender.MAN),
        "undertow, gender unstated": fair_test(bank),
        "undertow, plain": plain_test(bank),
    }
    print(f"\nan answer to the next question, {PEOPLE} sittings of at most {MOST}")
    print(f"{'program':<30} {'median ms':>10} {'95 % below':>11} {'x unstated':>11}")
    found = {name: _steps(test) for name, test in tests.items()}
    if THEIR_PYTHON.is_file():
        found |= _theirs(bank)
    ours = statistics.median(found["undertow, gender unstated"])
    for name, seconds in found.items():
        median = statistics.median(seconds)
        below = float(np.quantile(seconds, 0.95))
        print(f"{name:<30} {1e3 * median:>10.3f} {1e3 * below:>11.3f} {median / ours:>11.1f}")
    if not THEIR_PYTHON.is_file():
        print("the packages to compare with are not installed; use scripts/bench.")

    print(f"\n{SITTINGS:,} simulated sittings, answers drawn and all of them taken")
    print(f"{'program':<30} {'seconds':>10} {'questions':>11} {'best of':>11}")
    for name, test in tests.items():
        for how, early_stop in (("", True), (f", all {MOST}", False)):
            taken = [_whole(test, early_stop=early_stop) for _ in range(TIMES)]
            seconds, questions = min(taken)
            print(f"{name[10:] + how:<30} {seconds:>10.2f} {questions:>11.1f} {TIMES:>11}")


def _steps(test: AdaptiveTest) -> list[float]:
    rng = np.random.default_rng(1)
    seconds = []
    for theta in draw_population(test.model, PEOPLE, rng):
        session = Session(test=test)
        while True:
            shortest = float("inf")
            for _ in range(TIMES):
                started = time.perf_counter()
                step = session.step()
                shortest = min(shortest, time.perf_counter() - started)
            seconds.append(shortest)
            if not isinstance(step, Ask):
                break
            answer: Answer = simulate_answer(test.model, step.item_id, theta, rng)
            session = Session(test=test, answers=(*session.answers, answer))
    return seconds


def _theirs(bank: Bank) -> dict[str, Sequence[float]]:
    """The packages' steps; each runs as often as ours, and a step's shortest time counts."""
    test = plain_test(bank)
    rng = np.random.default_rng(2)
    answers = simulate_categories(test.model, draw_population(test.model, PEOPLE, rng), rng)
    content = {
        "slopes": [item.slope for item in bank.items],
        "thresholds": [statistics.median(item.thresholds) for item in bank.items],
        "answers": (answers >= 2).astype(int).tolist(),  # yes from the middle of five answers on
        "most": MOST,
    }
    found: dict[str, Sequence[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        items = Path(folder) / "items.json"
        items.write_text(json.dumps(content), encoding="utf-8")
        for name in ("catsim", "catpie"):
            runs = [
                json.loads(
                    run([str(THEIR_PYTHON), str(PEERS / f"step_{name}.py"), str(items)]).output
                )["seconds"]
                for _ in range(TIMES)
            ]
            found[f"{name}, one dimension, yes/no"] = [
                min(each) for each in zip(*runs, strict=True)
            ]
    return found


def _whole(test: AdaptiveTest, *, early_stop: bool) -> tuple[float, float]:
    started = time.perf_counter()
    made = simulate_sittings(test, SITTINGS, np.random.default_rng(3), early_stop=early_stop)
    return time.perf_counter() - started, float(made.taken.items.mean())


def _processor() -> str:
    """What the system calls the processor, where it says so."""
    file = Path("/proc/cpuinfo")
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return f"{line.split(':')[1].strip()}, {os.cpu_count()} cores"
    return platform.machine()


if __name__ == "__main__":
    sys.exit(main())
