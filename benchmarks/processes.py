"""A command as a process of its own, timed from outside by what the system says of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Wall and processor seconds, largest memory in MB, and what was printed."""

    wall: float
    cpu: float
    memory: float
    output: str


def run(command: Sequence[str], *, environment: dict[str, str] | None = None) -> Run:
    """One run; ends the benchmark with what was printed where the command fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, **(environment or {})}, text=True
    )
    assert process.stdout is not None  # noqa: S101
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode != 0:
        sys.exit(f"{Path(command[0]).name} ended with {process.returncode}: {' '.join(command)}")
    # Linux counts in kB, macOS in bytes.
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return Run(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        memory=usage.ru_maxrss / unit,
        output=output,
    )


def fastest(command: Sequence[str], *, times: int) -> Run:
    """The run with the least wall time: other people's work on the machine only adds to it."""
    return min((run(command) for _ in range(times)), key=lambda one: one.wall)
