"""Whether scipy is there is asked before the work: in both commands, with a hint that fits each."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.unit.calibrate.making import made_up_recipe
from typer.testing import CliRunner

from undertow.calibrate import calibrate_archive, compare_groups
from undertow.calibrate.chances import check_chances, chi_square_above
from undertow.errors import ArchiveError, InputError
from undertow.terminal.cli import app

NOWHERE = Path("there-is-no-such-archive.zip")


@pytest.fixture
def without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)


def test_the_whole_recipe_says_so_before_it_reads(without_scipy: None) -> None:
    del without_scipy
    with pytest.raises(InputError, match=r"The whole recipe needs a package .*\[calibrate\]'\.$"):
        calibrate_archive(
            NOWHERE, recipe=made_up_recipe(), complete_cases=False, made_on="2026-11-24"
        )


def test_complete_cases_do_without(without_scipy: None) -> None:
    del without_scipy
    # So the archive is looked for.
    with pytest.raises(ArchiveError):
        calibrate_archive(
            NOWHERE, recipe=made_up_recipe(), complete_cases=True, made_on="2026-11-24"
        )


def test_comparing_groups_says_so_before_it_reads(without_scipy: None) -> None:
    del without_scipy
    for complete_cases in (False, True):
        with pytest.raises(InputError, match="Comparing groups needs a package") as caught:
            compare_groups(
                NOWHERE, "gender", recipe=made_up_recipe(), complete_cases=complete_cases
            )
        assert "--complete-cases" not in str(caught.value)


@pytest.mark.parametrize(("command", "hinted"), [("calibrate", True), ("dif", False)])
def test_the_hint_fits_the_command(without_scipy: None, command: str, hinted: bool) -> None:
    del without_scipy
    result = CliRunner().invoke(app, [command, str(NOWHERE)])
    assert result.exit_code == 2
    assert "needs a package that is not installed here" in result.stderr
    assert ("--complete-cases does without" in result.stderr) is hinted


def test_with_scipy_nothing_is_said() -> None:
    check_chances("Anything")
    # P(chi-square on 2 df > x) is exp(-x / 2).
    assert chi_square_above(2.0, 2) == pytest.approx(0.36787944117)
