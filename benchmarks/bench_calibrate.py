"""The whole calibrate command as a process of its own, on archives of growing size.

Prints wall and processor seconds and memory of each, and the ratios to the first: rows should cost
in proportion. The answers are simulated from the shipped bank, so no real ones are needed; where
the real sample is, it comes first (UNDERTOW_ECR_SAMPLE names it).
"""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from pathlib import Path

from archives import real_sample, write_archive
from processes import Run, fastest

SIZES = (10_000, 46_610, 100_000, 1_000_000)
_TIMES = {1_000_000: 1}
_TIMES_OTHERWISE = 3


def calibrated(archive: Path, *, times: int) -> Run:
    command = [sys.executable, "-m", "undertow", "calibrate", str(archive)]
    return fastest([*command, "--complete-cases", "--json"], times=times)


def main() -> None:
    print(f"machine: {platform.machine()}, Python {platform.python_version()}")
    print(f"calibrate --complete-cases --json, the best of {_TIMES_OTHERWISE}, a million once")
    print(
        f"{'rows':>18} {'wall s':>8} {'cpu s':>8} {'MB':>6} {'cycles':>7} "
        f"{'x rows':>7} {'x wall':>7} {'x cpu':>7}"
    )
    sample = real_sample()
    if sample is not None:
        _print_line(calibrated(sample, times=_TIMES_OTHERWISE), "real", None)
    first = None
    with tempfile.TemporaryDirectory() as folder:
        for rows in SIZES:
            archive = Path(folder) / f"{rows}.zip"
            write_archive(archive, rows)
            made = calibrated(archive, times=_TIMES.get(rows, _TIMES_OTHERWISE))
            first = first or made
            _print_line(made, "made up", first)
            archive.unlink()


def _print_line(made: Run, kind: str, first: Run | None) -> None:
    figures = json.loads(made.output)
    line = (
        f"{kind:>8} {figures['rows_used']:>9,} {made.wall:>8.2f} {made.cpu:>8.2f} "
        f"{made.memory:>6.0f} {figures['iterations']:>7}"
    )
    if first is not None:
        line += (
            f" {figures['rows_used'] / SIZES[0]:>7.1f} {made.wall / first.wall:>7.1f}"
            f" {made.cpu / first.cpu:>7.1f}"
        )
    print(line, flush=True)


if __name__ == "__main__":
    main()
