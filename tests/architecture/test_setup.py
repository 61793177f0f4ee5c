"""The scripts behind make: well-formed, and a machine that lacks something is told so in one line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.architecture.sources import REPOSITORY

TARGETS = {"setup", "run", "test", "lint", "bench", "bank", "requirements"}
SCRIPTS = sorted(p for p in (REPOSITORY / "scripts").iterdir() if p.is_file())
SHELL = [p for p in (*SCRIPTS, REPOSITORY / ".ci" / "run") if "sh" in p.read_text().split("\n")[0]]

NO_ENSUREPIP = 'case "$*" in *ensurepip*) exit 1;; esac\n'
TOO_OLD = 'case "$*" in *version_info*) exit 1;; --version) echo Python 3.9.2;; esac\n'
GIVES_NOTHING = "exit 1\n"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout with nothing made in it, and a folder of commands that stand before the real ones."""
    for name in ("scripts", "requirements"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    (tmp_path / "bin").mkdir()
    return tmp_path


def put(folder: Path, name: str, script: str) -> None:
    command = folder / "bin" / name
    command.write_text(f"#!/bin/sh\n{script}")
    command.chmod(0o755)


def setup(folder: Path, want: str = "run") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:/usr/bin:/bin"}
    environment.pop("PYTHON", None)
    return subprocess.run(
        [folder / "scripts" / "setup", want],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_started(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!")


@pytest.mark.parametrize("script", SHELL, ids=lambda path: path.name)
def test_a_shell_script_is_well_formed_and_stops_at_the_first_failure(script: Path) -> None:
    shell = "bash" if "bash" in script.read_text().split("\n")[0] else "sh"
    assert subprocess.run([shell, "-n", script], check=False).returncode == 0
    assert "\nset -eu\n" in script.read_text()


def test_make_knows_its_targets_and_ci_runs_the_tests() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    assert set(re.findall(r"^([a-z]+):", makefile, re.M)) == TARGETS
    assert "make test" in (REPOSITORY / ".ci" / "run").read_text()


@pytest.mark.parametrize("user", [0, 1000])
def test_without_ensurepip_one_line_says_what_to_install(bare: Path, user: int) -> None:
    put(bare, "id", f"echo {user}\n")
    put(bare, "python3", NO_ENSUREPIP)
    put(bare, "apt-get", f'echo "$@" >> "{bare}/asked"\n{GIVES_NOTHING}')
    done = setup(bare)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if "is missing" in line]
    assert len(lines) == 1
    assert "apt-get install python3-venv" in lines[0]
    assert not (bare / ".venv").exists()
    # Only root may be helped by apt-get, and nobody else is made to try.
    assert (bare / "asked").exists() == (user == 0)


def test_root_gets_the_missing_package_and_goes_on(bare: Path) -> None:
    put(bare, "id", "echo 0\n")
    put(bare, "apt-get", f'case "$*" in *install*python3-venv) touch "{bare}/there";; esac\n')
    put(
        bare,
        "python3",
        f'case "$*" in *ensurepip*) [ -e "{bare}/there" ];;\n'
        f'"-m venv"*) echo "$@" > "{bare}/made"; exit 7;; esac\n',
    )
    done = setup(bare)
    assert done.returncode == 7
    assert "is missing" not in done.stderr
    assert (bare / "made").read_text().split() == ["-m", "venv", "--clear", ".venv"]


def test_an_old_python_is_named(bare: Path) -> None:
    put(bare, "python3", TOO_OLD)
    done = setup(bare)
    assert done.returncode == 1
    assert "3.11 or newer" in done.stderr
    assert "3.9.2" in done.stderr
    assert not (bare / ".venv").exists()


def test_a_half_made_place_is_never_taken_for_done(bare: Path) -> None:
    put(bare, "python3", f'case "$*" in "-m venv"*) echo >> "{bare}/tries"; exit 7;; esac\n')
    assert [setup(bare).returncode for _ in range(2)] == [7, 7]
    assert (bare / "tries").read_text().count("\n") == 2


def test_a_setup_that_is_not_there_is_told(bare: Path) -> None:
    done = setup(bare, "everything")
    assert done.returncode == 2
    assert "run, calibrate, cluster, dev" in done.stderr
    assert not (bare / ".venv").exists()


@pytest.mark.parametrize(
    ("was", "want", "again"),
    [
        ("dev", "run", False),
        ("dev", "cluster", False),
        ("cluster", "calibrate", False),
        ("run", "run", False),
        ("run", "calibrate", True),
        ("calibrate", "cluster", True),
        ("cluster", "dev", True),
    ],
)
def test_what_was_made_for_more_serves_for_less(
    bare: Path, was: str, want: str, again: bool
) -> None:
    put(bare, "chromium", "")
    put(bare, "python3", f'case "$*" in "-m venv"*) echo >> "{bare}/made"; exit 7;; esac\n')
    key = subprocess.run(
        ["sh", "-c", "{ pwd -P; cat requirements/*.txt pyproject.toml scripts/setup; } | cksum"],
        cwd=bare,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    (bare / ".venv" / "bin").mkdir(parents=True)
    (bare / ".venv" / ".made").write_text(f"{was} {key}\n")
    there = bare / ".venv" / "bin" / "python"
    there.write_text("#!/bin/sh\n")
    there.chmod(0o755)
    assert setup(bare, want).returncode == (7 if again else 0)
    assert (bare / "made").exists() == again
