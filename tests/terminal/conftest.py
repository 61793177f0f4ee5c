"""The house that the terminal's tests run in, and the command as it is typed into."""

from __future__ import annotations

import pytest
from tests.terminal.typed import Runner, run_check

from undertow.wiring import House, build_house


@pytest.fixture(scope="session")
def house() -> House:
    return build_house()


@pytest.fixture
def run() -> Runner:
    return run_check
