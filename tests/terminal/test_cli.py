"""The commands: what loads when, what an error looks like, and what calibrating prints and leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import undertow.calibrate
from undertow.errors import ArchiveError, ConvergenceError
from undertow.terminal.cli import app

FIGURES = {
    "rows_read": 120,
    "rows_used": 100,
    "items": 36,
    "log_likelihood": -4321.25,
    "iterations": 17,
    "converged": True,
    "correlation": 0.25,
}


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


# ---- starting -------------------------------------------------------------------------------------


def test_version_is_the_installed_one() -> None:
    from importlib.metadata import version  # noqa: PLC0415

    assert run("--version") == (0, f"undertow {version('undertow')}\n", "")


def test_the_command_line_itself_loads_nothing_heavy() -> None:
    """Each command starts at once; what it needs loads inside it."""
    heavy = "rich uvicorn starlette jinja2 cryptography undertow.calibrate undertow.web"
    done = python(
        "import sys, undertow\n"
        "before = set(sys.modules)\n"
        "import undertow.terminal.cli\n"
        f"print(sorted(set({heavy.split()!r}) & (set(sys.modules) - before)))"
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_calibrating_loads_no_web() -> None:
    done = python(
        "import sys\n"
        "from undertow.terminal.cli import app\n"
        "try:\n"
        "    app(['calibrate', 'nowhere.zip', '--json'])\n"
        "except SystemExit:\n"
        "    print([n for n in ('uvicorn', 'starlette', 'rich', 'undertow.web') if n in sys.modules])"
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(
    "command", ["serve", "check", "calibrate", "dif", "replay", "fairness", "instrument"]
)
def test_help_is_plain(command: str) -> None:
    code, out, err = run(command, "--help")
    assert (code, err) == (0, "")
    assert out.isascii()


# ---- errors ---------------------------------------------------------------------------------------


def test_an_unexpected_error_shows_no_local_variables() -> None:
    """P1: locals may hold answers."""
    done = python(
        "import sys\n"
        "import undertow.terminal.check as check\n"
        "from undertow.terminal.cli import app\n"
        "def broken(**_):\n"
        "    typed = ''.join(['ab', 'cd', 'ef'])\n"
        "    raise RuntimeError('broken')\n"
        "check.run_check = broken\n"
        "app(['check'])\n"
    )
    assert done.returncode == 1
    assert "RuntimeError: broken" in done.stderr
    assert "abcdef" not in done.stderr


# ---- calibrate ------------------------------------------------------------------------------------


class Calibrating:
    """Stands in for the fit: fails, or gives figures; writes the bank as the real one is asked to."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.asked: dict[str, object] = {}

    def calibrate(self, archive: Path, **asked: object) -> object:
        self.asked = {"archive": archive, **asked}
        if self.error is not None:
            raise self.error
        return SimpleNamespace(figures={**FIGURES, "seconds": 0.5})

    @staticmethod
    def write(_made: object, path: Path) -> None:
        path.write_text("a bank", encoding="utf-8")


@pytest.fixture
def calibrating(monkeypatch: pytest.MonkeyPatch) -> Calibrating:
    fake = Calibrating()
    monkeypatch.setattr(undertow.calibrate, "calibrate_archive", fake.calibrate)
    monkeypatch.setattr(undertow.calibrate, "write_bank", fake.write)
    return fake


def test_json_is_one_object_of_figures(calibrating: Calibrating) -> None:
    code, out, err = run(
        "calibrate", "some.zip", "--json", "--complete-cases", "--date", "2026-11-24"
    )
    assert (code, err) == (0, "")
    said = json.loads(out)
    assert said.pop("seconds") >= 0
    assert said == FIGURES
    assert calibrating.asked["complete_cases"] is True
    assert calibrating.asked["made_on"] == "2026-11-24"
    # Nobody watches a pipe, so nothing is told on the way.
    assert calibrating.asked["progress"] is None


@pytest.mark.usefixtures("calibrating")
def test_without_json_a_summary_and_where_the_bank_lies(tmp_path: Path) -> None:
    bank = tmp_path / "bank.json"
    bank.write_text("an older bank", encoding="utf-8")
    code, out, err = run("calibrate", "some.zip", "-o", str(bank))
    assert (code, err) == (0, "")
    for part in ("100 of 120 rows", "36 items", "-4,321.25", "17 cycles", str(bank)):
        assert part in out
    assert bank.read_text(encoding="utf-8") == "a bank"


@pytest.mark.usefixtures("calibrating")
def test_without_a_file_for_the_bank_the_figures_are_printed_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run("calibrate", "some.zip")
    assert (code, err) == (0, "")
    assert "-4,321.25" in out
    assert "No bank was written" in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--json", "--date", "24.11.2026"], "--date"),
        (["--json", "--date", "2026-13-01"], "--date"),
        (["-o", "missing/bank.json"], "missing"),
        (["-o", "."], "folder"),
        (["-o", "bank.md"], "the card takes .md"),
        (["--json", "--recipe", "no-such-recipe.toml"], "no-such-recipe.toml"),
        (["--json", "--partitions", "somewhere"], "--scheduler"),
    ],
)
def test_wrong_options_are_one_line_before_any_work(
    calibrating: Calibrating,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run("calibrate", "some.zip", *arguments)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("undertow: ")
    assert said in line
    assert calibrating.asked == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ArchiveError("data.csv: row 7: broken\nin two lines"), 2),
        (ConvergenceError("did not settle", trace=(-1.0,)), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_a_fit_that_fails_leaves_nothing_behind(
    calibrating: Calibrating, tmp_path: Path, error: BaseException, code: int
) -> None:
    calibrating.error = error
    bank = tmp_path / "bank.json"
    got, out, err = run("calibrate", "some.zip", "-o", str(bank))
    assert (got, out) == (code, "")
    (line,) = err.splitlines()
    assert line.startswith("undertow: ")
    assert list(tmp_path.iterdir()) == []


def test_the_real_room_names_a_missing_archive(tmp_path: Path) -> None:
    code, out, err = run("calibrate", str(tmp_path / "none.zip"), "--json")
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert "none.zip" in line


@pytest.mark.parametrize("output", ["some.zip", "recipe.toml", "page.json"])
def test_nothing_that_is_there_for_another_purpose_is_overwritten(
    calibrating: Calibrating, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    monkeypatch.chdir(tmp_path)
    there = {"some.zip": "answers", "recipe.toml": "a recipe", "page.md": "# A page of mine"}
    for name, text in there.items():
        Path(name).write_text(text, encoding="utf-8")
    code, out, err = run("calibrate", "some.zip", "--recipe", "recipe.toml", "-o", output)
    assert (code, out) == (2, "")
    assert "Name another file" in err
    assert calibrating.asked == {}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == there
