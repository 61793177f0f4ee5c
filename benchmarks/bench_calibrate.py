"""The whole calibrate command as a process of its own, on made-up archives of growing size.

Prints wall and processor seconds and memory of each, and the ratio to the smallest: rows should cost
in proportion. The answers are simulated from the shipped bank, so no real ones are needed.
"""

from __future__ import annotations

import platform
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

from undertow.bank.item import DIMENSIONS
from undertow.content.bank_files import load_bank_file
from undertow.measure.grm import category_probabilities
from undertow.wiring import BUILT_IN_BANK

SIZES = (10_000, 32_642, 100_000)


def write_archive(path: Path, rows: int) -> None:
    """An archive laid out like the published one, with answers drawn from the shipped bank."""
    bank = load_bank_file(BUILT_IN_BANK)
    rng = np.random.default_rng(rows)
    theta = rng.standard_normal((rows, len(DIMENSIONS)))
    columns = []
    for item in bank.items:
        place = theta[:, DIMENSIONS.index(item.dimension)]
        shares = category_probabilities(
            place, slope=item.slope, intercepts=np.asarray(item.intercepts)
        )
        keyed = (rng.random(rows) > shares.cumsum(axis=0)).sum(axis=0)
        columns.append(keyed + 1 if item.keying == 1 else item.categories - keyed)
    answers = np.stack(columns, axis=1).astype(str)
    rest = [rng.integers(18, 81, rows).astype(str), rng.integers(1, 3, rows).astype(str)]
    header = ",".join([*(item.id for item in bank.items), "age", "gender", "country"])
    lines = [
        ",".join([*row, age, gender, "US"]) for row, age, gender in zip(answers, *rest, strict=True)
    ]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("made-up/data.csv", "\n".join([header, *lines]) + "\n")
        archive.writestr("made-up/codebook.html", "<p>Simulated.</p>")


def main() -> None:
    print(f"machine: {platform.machine()}, Python {platform.python_version()}")
    print(f"{'rows':>9} {'wall s':>8} {'cpu s':>8} {'ratio of rows':>14} {'ratio of wall':>14}")
    first = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for rows in SIZES:
            archive = Path(folder) / f"{rows}.zip"
            write_archive(archive, rows)
            command = [sys.executable, "-m", "undertow", "calibrate", str(archive)]
            options = ["--complete-cases", "--json"]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            started = time.perf_counter()
            subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)
            wall = time.perf_counter() - started
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            first = first or wall
            print(
                f"{rows:>9,} {wall:>8.2f} {cpu:>8.2f} {rows / SIZES[0]:>14.1f} {wall / first:>14.1f}"
            )
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest memory of any run: {memory:.0f} MB")


if __name__ == "__main__":
    main()
