"""Every module says what it is for, none outgrows one name, and calibration is loaded late or not at all."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.architecture.sources import PACKAGE, modules, parsed, shown

MOST_LINES = 550
WRITTEN_BY_HAND = {".py", ".html", ".css", ".js"}
HAND_WRITTEN = sorted(p for p in PACKAGE.rglob("*") if p.suffix in WRITTEN_BY_HAND)
# The one named exception: they load `calibrate` inside a function, when somebody asks for it.
MAY_LOAD_LATE = {
    "src/undertow/__init__.py",
    "src/undertow/terminal/calibrate_command.py",
    "src/undertow/terminal/fairness_command.py",
    "src/undertow/terminal/instrument_command.py",
    "src/undertow/terminal/replay_command.py",
}


@pytest.mark.parametrize("module", modules(), ids=shown)
def test_every_module_says_what_it_is_for(module: Path) -> None:
    said = ast.get_docstring(parsed(module)) or ""
    assert said.strip(), "needs a docstring: what it is for, and what it leaves to others"


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=shown)
def test_no_file_outgrows_its_name(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= MOST_LINES, "a file this long wants two names"


def late_and_early(tree: ast.Module) -> tuple[list[int], list[int]]:
    """The lines that import `calibrate`: inside a function, and when the module is loaded."""
    inside = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(outer)
    }
    late: list[int] = []
    early: list[int] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            named = [f"{node.module}.{each.name}" for each in node.names]
        elif isinstance(node, ast.Import):
            named = [each.name for each in node.names]
        else:
            continue
        if any(f"{name}.".startswith("undertow.calibrate.") for name in named):
            (late if id(node) in inside else early).append(node.lineno)
    return late, early


@pytest.mark.parametrize("module", modules(), ids=shown)
def test_calibration_is_loaded_late_or_not_at_all(module: Path) -> None:
    if PACKAGE / "calibrate" in module.parents:
        return
    late, early = late_and_early(parsed(module))
    assert early == []
    assert not late or shown(module) in MAY_LOAD_LATE


def test_an_early_import_is_told_from_a_late_one() -> None:
    planted = (
        "from undertow import calibrate\n"
        "import undertow.calibrate.em\n"
        "def f():\n"
        "    from undertow.calibrate import fit_graded\n"
        "    from undertow.content import bank_files\n"
    )
    assert late_and_early(ast.parse(planted)) == ([4], [1, 2])
