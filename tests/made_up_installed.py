"""A made-up questionnaire installed by the command itself; what is asked of it is left to the tests."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from tests.unit.calibrate.making_codebooks import archive_zip
from typer.testing import CliRunner

import undertow.wiring
from undertow.terminal.instrument_command import instrument_app

MADE_UP_RECIPE = """
id = "made-up"
title = "Made-up answers"
instrument = "Eight made-up items"
licence = "none needed"
source = "nowhere"

[file]
name = "data.csv"
separator = ","

[answers]
lowest = 1
highest = 3
missing = [0]

[items]
anxiety = ["A1", "A2", "A3", "A4"]
avoidance = ["B1", "B2", "B3", "B4"]
reversed = ["A4", "B2"]

[age]
column = "age"
lowest = 18
highest = 80

[gender]
column = "gender"
codes = { man = 1, woman = 2, other = 3, unstated = 0 }

[other_columns]
names = ["country"]

[sample]
name = "adults who were made up"
complete_cases = "people of any age who were made up"
who = "Nobody."
collected = "never"
how = "By a random number generator."

[norms]
least_rows = 300
genders = { man = "men", woman = "women" }
ages = ["18-24", "25-80"]
"""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a run of `undertow instrument` left behind."""

    code: int
    out: str
    err: str


def instrument(*arguments: str, state: Path, sittings: int = 10) -> Typed:
    """`undertow instrument ...` on an instance whose state lies there; unexpected errors come through.

    Few sittings are simulated, since most tests ask nothing of them.
    """
    few = partial(undertow.wiring.simulated_length, sittings=sittings)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(undertow.wiring, "simulated_length", few)
        done = CliRunner().invoke(
            instrument_app,
            arguments,
            env={"UNDERTOW_STATE_DIR": str(state), "UNDERTOW_INSTRUMENT": None},
            catch_exceptions=False,
        )
    return Typed(done.exit_code, done.stdout, done.stderr)


def made_up_archive(folder: Path, codebook: str | None = None) -> tuple[str, str]:
    """An archive with a codebook, and the recipe for it, as paths to type."""
    archive, recipe = folder / "made-up.zip", folder / "made-up.toml"
    archive.write_bytes(archive_zip(codebook))
    recipe.write_text(MADE_UP_RECIPE)
    return str(archive), str(recipe)


def installed_state(factory: pytest.TempPathFactory) -> Path:
    """The state folder of an instance where the made-up questionnaire is installed as made-up."""
    folder = factory.mktemp("instance")
    archive, recipe = made_up_archive(folder)
    done = instrument("add", archive, "--recipe", recipe, state=folder / "state", sittings=60)
    assert done.code == 0, done.err
    return folder / "state"


def copied(state: Path, place: Path, *names: str) -> Path:
    """Another instance's state folder with what is installed in the first one, under these names."""
    for name in names:
        shutil.copytree(state / "instruments" / "made-up", place / "instruments" / name)
    return place
