"""The README's commands, links and example are true."""

from __future__ import annotations

import doctest
import re
import subprocess
from pathlib import Path

import pytest

import undertow


def test_every_link_of_the_pages_resolves(repository: Path) -> None:
    pages = [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]
    assert pages
    checked = 0
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text) + re.findall(r'src="([^":]+)"', text):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
            checked += 1
    assert checked >= 8


def test_every_make_target_that_is_named_is_there(repository: Path) -> None:
    text = (repository / "README.md").read_text(encoding="utf-8")
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)", text))
    assert {"run", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_python_example_runs(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (repository / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert examples
    for example in examples:
        exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - our own page
    assert re.search(r"\[\s*-?\d\.\d+", capsys.readouterr().out)


def test_the_variables_that_are_named_are_read(repository: Path) -> None:
    text = (repository / "README.md").read_text(encoding="utf-8")
    source = (repository / "src/undertow/settings.py").read_text(encoding="utf-8")
    for name in set(re.findall(r"UNDERTOW_[A-Z_]+", text)):
        assert name in source, name


def test_the_packages_own_example_runs() -> None:
    results = doctest.testmod(undertow)
    assert results.attempted > 0
    assert results.failed == 0


def test_sources_are_listed_in_full_and_in_short(repository: Path) -> None:
    """Every key that a sentence or a docstring cites is in docs/sources.bib; every short one too."""
    bib = (repository / "docs/sources.bib").read_text(encoding="utf-8")
    keys = set(re.findall(r"@\w+\{([\w-]+),", bib))
    short = (repository / "src/undertow/content/sources.toml").read_text(encoding="utf-8")
    shown = set(re.findall(r"^(\w+) =", short, re.MULTILINE)) - {"judgement"}
    assert shown <= keys
    cited: set[str] = set()
    for file in (repository / "src/undertow").rglob("*.py"):
        for line in re.findall(r"Source: ([\w, ]+)\.", file.read_text(encoding="utf-8")):
            cited |= {key.strip() for key in line.split(",")}
    assert cited
    assert cited <= keys


def test_the_commands_say_how_they_are_used(repository: Path) -> None:
    undertow_command = repository / ".venv/bin/undertow"
    if not undertow_command.exists():
        pytest.skip("not run from the checkout's own .venv")
    for command in ("serve", "check", "calibrate"):
        answer = subprocess.run(
            [undertow_command, command, "--help"], capture_output=True, text=True, check=True
        )
        assert "--help" in answer.stdout
