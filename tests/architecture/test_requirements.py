"""What is installed is pinned with hashes, names no address, and is what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib

import pytest
from tests.architecture.sources import REPOSITORY

PIN = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)==([^\s;\\]+)((?: ; [^\\]+)?) \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
KINDS = ("run", "dev")


def pins(kind: str) -> dict[str, set[str]]:
    """The versions that each package is pinned to, several where its markers tell them apart.

    Fails on any line that is neither a pin nor one of its hashes.
    """
    found: dict[str, set[str]] = {}
    owed = False
    text = (REPOSITORY / "requirements" / f"{kind}.txt").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        pin, hashed = PIN.fullmatch(line), HASH.fullmatch(line)
        where = f"requirements/{kind}.txt:{number}"
        assert bool(pin) != bool(hashed), f"{where} is neither a pin nor a hash"
        # A backslash promises a hash on the next line, and nothing else may end a pin.
        assert owed == bool(hashed), f"{where} comes after a pin without its hash"
        owed = bool(pin) or bool(hashed and hashed.group(1))
        if pin:
            found.setdefault(pin.group(1), set()).add(f"{pin.group(2)}{pin.group(3)}")
    assert not owed, f"requirements/{kind}.txt ends before the last hash"
    return found


def asked_for() -> dict[str, set[str]]:
    """The packages that pyproject.toml names, for running and for developing."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    run = [*project["dependencies"], *extras["build"]]
    named = {"run": run, "dev": [*run, *extras["dev"]]}
    return {
        kind: {re.split(r"[^\w.-]", each)[0].lower().replace("_", "-") for each in given}
        for kind, given in named.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_is_a_pin_with_hashes(kind: str) -> None:
    assert len(pins(kind)) > 10


@pytest.mark.parametrize("kind", KINDS)
def test_no_line_names_an_address(kind: str) -> None:
    text = (REPOSITORY / "requirements" / f"{kind}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|@|--index|--find-links|--extra|^-", text, re.M)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_asked_for_is_pinned(kind: str) -> None:
    assert asked_for()[kind] <= set(pins(kind))


def test_the_tests_run_on_what_people_run() -> None:
    run, dev = pins("run"), pins("dev")
    assert {name: dev.get(name) for name in run} == run


def test_people_are_not_handed_what_only_tests_need() -> None:
    only_tests = asked_for()["dev"] - asked_for()["run"]
    assert only_tests & set(pins("run")) == set()
