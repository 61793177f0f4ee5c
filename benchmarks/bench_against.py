"""Calibration beside the Python packages mirt and girth: one archive, one run, whole processes.

Prints wall and processor seconds, memory, ratios to ours, and all log-likelihoods as one program
sees them: ours, on -6.5..6.5 by 0.1 in both dimensions. The archive is the real sample where it is
(UNDERTOW_ECR_SAMPLE names it), else one made up from the shipped bank. The packages get the rows as
numbers, so reading the archive and choosing rows is counted for us alone.
"""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from archives import REPOSITORY, real_sample, write_archive
from numpy.typing import NDArray
from processes import Run, run

from undertow.bank.item import DIMENSIONS
from undertow.calibrate import BUILT_IN_RECIPE, Recipe, load_recipe, read_archive
from undertow.calibrate.likelihood import Parameters, Sides, evaluate, sides_of
from undertow.calibrate.sample import sample_of
from undertow.calibrate.workers import workers

PEERS = Path(__file__).parent / "peers"
THEIR_PYTHON = REPOSITORY / ".venv-bench" / "bin" / "python"
MADE_UP_ROWS = 20_000
SUBSET_ROWS = 2_000
"""Rows for mirt's 61 nodes a dimension: on all of them it takes a quarter of an hour and 3 GB."""
_HEADER = (
    f"{'program':<22} {'wall s':>8} {'cpu s':>8} {'MB':>6} {'x wall':>7} {'x cpu':>7} "
    f"{'cycles':>7} {'log-likelihood':>16} {'beside ours':>12} {'correlation':>12}"
)


def main() -> None:
    if not THEIR_PYTHON.is_file():
        sys.exit("undertow: the packages to compare with are not installed; use scripts/bench.")
    recipe = load_recipe(BUILT_IN_RECIPE)
    print(f"machine: {platform.machine()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = real_sample()
        kind = "the real sample"
        if archive is None:
            archive, kind = folder / "made-up.zip", "made up from the shipped bank"
            write_archive(archive, MADE_UP_ROWS)
        sample = sample_of(read_archive(archive, recipe), recipe, complete_cases=True)
        print(f"\n{kind}, all {sample.rows:,} complete rows")
        _compare(
            archive,
            sample.keyed,
            recipe,
            folder,
            {"girth, two 1-d fits": ("fit_girth.py",), "mirt, 21 nodes": ("fit_mirt.py", "21")},
        )
        subset = folder / "subset.zip"
        write_archive(subset, SUBSET_ROWS)
        small = sample_of(read_archive(subset, recipe), recipe, complete_cases=True)
        print(f"\nmade up from the shipped bank, {small.rows:,} rows")
        _compare(
            subset,
            small.keyed,
            recipe,
            folder,
            {
                "girth, two 1-d fits": ("fit_girth.py",),
                "mirt, 21 nodes": ("fit_mirt.py", "21"),
                "mirt, 61 nodes": ("fit_mirt.py", "61"),
            },
        )


def _compare(
    archive: Path,
    keyed: NDArray[np.int8],
    recipe: Recipe,
    folder: Path,
    peers: dict[str, Sequence[str]],
) -> None:
    dimension_of = np.array([DIMENSIONS.index(item.dimension) for item in recipe.items])
    sides = sides_of(keyed, dimension_of, recipe.categories)
    rows, dimensions = folder / "keyed.npy", folder / "dimensions.json"
    np.save(rows, keyed)
    dimensions.write_text(json.dumps(dimension_of.tolist()), encoding="utf-8")

    bank = folder / "bank.json"
    command = [sys.executable, "-m", "undertow", "calibrate", str(archive), "-o", str(bank)]
    ours = run([*command, "--complete-cases", "--json"])
    parameters = _our_parameters(bank, recipe)
    reached = _log_likelihood(sides, parameters)
    print(_HEADER)
    cycles = json.loads(ours.output)["iterations"]
    _print_line("undertow", ours, ours, (cycles, reached, reached, parameters.correlation))
    for name, (script, *arguments) in peers.items():
        theirs = run(
            [str(THEIR_PYTHON), str(PEERS / script), str(rows), str(dimensions), *arguments]
        )
        figures = json.loads(theirs.output)
        found, how = _best_reading(sides, figures)
        _print_line(name, theirs, ours, (figures["cycles"], found, reached, figures["correlation"]))
        print(
            f"{'':<22} the fit alone {figures['seconds']:.1f} s; read as {how}"
            + ("" if figures["converged"] is None else f"; says converged: {figures['converged']}")
        )


def _our_parameters(bank: Path, recipe: Recipe) -> Parameters:
    content = json.loads(bank.read_text(encoding="utf-8"))
    items = {item["id"]: item for item in content["items"]}
    own = [items[item.column] for item in recipe.items]
    return Parameters(
        slope=np.array([item["slope"] for item in own]),
        intercepts=np.array([item["intercepts"] for item in own]),
        correlation=content["correlation"],
    )


def _best_reading(sides: Sides, figures: dict[str, object]) -> tuple[float, str]:
    """Their figures in whichever of the usual parametrisations makes the answers most likely."""
    slope, thresholds = np.array(figures["slope"]), np.array(figures["thresholds"])
    found = []
    for how, intercepts in (
        ("slope * (theta - threshold)", -slope[:, None] * thresholds),
        ("slope * theta - threshold", -thresholds),
        ("slope * theta + threshold", thresholds),
    ):
        read = Parameters(
            slope=slope,
            # Some list the easiest step first, some last.
            intercepts=-np.sort(-intercepts, axis=1),
            correlation=float(str(figures["correlation"])),
        )
        if read.ordered():
            found.append((_log_likelihood(sides, read), how))
    return max(found)


def _log_likelihood(sides: Sides, parameters: Parameters) -> float:
    with workers() as mapper:
        return evaluate(sides, parameters, mapper=mapper).log_likelihood


def _print_line(
    name: str, made: Run, ours: Run, figures: tuple[int | None, float, float, float]
) -> None:
    cycles, found, reached, correlation = figures
    print(
        f"{name:<22} {made.wall:>8.2f} {made.cpu:>8.2f} {made.memory:>6.0f} "
        f"{made.wall / ours.wall:>7.1f} {made.cpu / ours.cpu:>7.1f} {cycles or '-':>7} "
        f"{found:>16,.2f} {found - reached:>+12.2f} {correlation:>12.4f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
