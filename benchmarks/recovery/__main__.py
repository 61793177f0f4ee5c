"""`python -m benchmarks.recovery`: makes docs/recovery.md; what it says is left to `report`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.recovery.plan import FULL, TRIAL
from benchmarks.recovery.report import report
from benchmarks.recovery.running import run

REPORT = Path(__file__).parent.parent.parent / "docs" / "recovery.md"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recovery",
        description="Simulates answers from known figures, calibrates them and reports how near "
        "that comes. Takes about 20 minutes on one core.",
    )
    parser.add_argument("--out", type=Path, default=REPORT, help="the file to write")
    parser.add_argument("--processes", type=int, choices=(1, 2), default=1)
    parser.add_argument(
        "--trial", action="store_true", help="two small replications of each kind, in seconds"
    )
    given = parser.parse_args()
    plan = TRIAL if given.trial else FULL
    if given.trial and given.out == REPORT:
        parser.error("A trial's figures mean nothing: name another file with --out.")
    results = run(plan, processes=given.processes, say=lambda line: print(line, flush=True))
    text = report(plan, results, made_on=datetime.now(UTC).date(), processes=given.processes)
    # Only a whole report takes the old one's place.
    whole = given.out.with_name(f"{given.out.name}.part")
    whole.write_text(text, encoding="utf-8")
    whole.replace(given.out)
    print(f"wrote {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
