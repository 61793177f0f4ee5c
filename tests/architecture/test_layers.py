"""The order of the rooms holds, every contract can fail, and the design says the same order."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.architecture.sources import PACKAGE, PURE, REPOSITORY, rooms

LAYERS = "Rooms, high to low"
CALIBRATION = "Nothing that serves people knows calibration"
PURITY = "Pure rooms: no file, clock, log, network, framework"
SAFETY = "Safety knows no numpy"
CIRCLES = "No circles between the rooms' files"

BREACHES = [
    (LAYERS, "bank/planted.py", "import undertow.measure.grid"),
    (LAYERS, "planted.py", "# A room that has no place in the order."),
    (LAYERS, "terminal/planted.py", "import undertow.web.guard"),
    (CALIBRATION, "wiring.py", "import undertow.calibrate"),
    (PURITY, "measure/planted.py", "import pathlib"),
    (PURITY, "reading/planted.py", "from logging import getLogger"),
    (SAFETY, "safety/planted.py", "import numpy"),
    (CIRCLES, "bank/planted.py", "import undertow.bank.planted_too"),
]


def lint(folder: Path) -> tuple[int, dict[str, str]]:
    """The exit code of lint-imports on a package in `folder`, and what it says of each contract."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = re.findall(r"^(.+) (KEPT|BROKEN)$", done.stdout, re.M)
    assert verdicts, done.stdout + done.stderr
    return done.returncode, dict(verdicts)


def configuration() -> dict[str, dict[str, list[str]]]:
    """Each import-linter contract by its name."""
    document = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    return {each["name"]: each for each in document["tool"]["importlinter"]["contracts"]}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its contracts, to be broken."""
    shutil.copytree(
        PACKAGE, tmp_path / "undertow", ignore=shutil.ignore_patterns("__pycache__", "*.json")
    )
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept(copy: Path) -> None:
    code, verdicts = lint(copy)
    assert verdicts == dict.fromkeys(configuration(), "KEPT")
    assert code == 0


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES, ids=lambda part: str(part)[:30])
def test_a_planted_breach_is_found(copy: Path, contract: str, file: str, line: str) -> None:
    planted = copy / "undertow" / file
    with planted.open("a", encoding="utf-8") as opened:
        opened.write(f"\n{line}\n")
    if contract == CIRCLES:
        (planted.parent / "planted_too.py").write_text("import undertow.bank.planted\n")
    code, verdicts = lint(copy)
    assert code != 0
    assert verdicts.get(contract) == "BROKEN"


def test_every_contract_has_a_breach() -> None:
    assert {contract for contract, _, _ in BREACHES} == set(configuration())


def test_the_design_tells_the_order_that_is_held() -> None:
    held = [re.split(r"\s*\|\s*", layer) for layer in configuration()[LAYERS]["layers"]]
    design = (REPOSITORY / "docs" / "design.md").read_text(encoding="utf-8")
    lines = [line for line in design.splitlines() if line.count("→") > 4 and "`errors`" in line]
    assert len(lines) == 1
    told = [re.findall(r"\w+", layer) for layer in lines[0].split("→")]
    assert told == held


def test_every_room_is_there_and_in_the_order() -> None:
    held = {room for layer in configuration()[LAYERS]["layers"] for room in layer.split(" | ")}
    assert set(rooms()) == held


def test_the_pure_rooms_are_held_pure() -> None:
    assert {f"undertow.{room}" for room in PURE} <= set(configuration()[PURITY]["source_modules"])
