"""The app as a client sees it, with a clock that tests can move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient
from tests.web.walking import Walker

from undertow.settings import Settings
from undertow.web.app import create_app
from undertow.wiring import House, build_house

SECRET = b"a secret of the tests, long enough to be taken"
START = 1_790_000_000


@dataclass
class Clock:
    """Seconds since 1970, moved by hand."""

    now: int = START

    def __call__(self) -> int:
        return self.now


@pytest.fixture(scope="session")
def house() -> House:
    return build_house()


@pytest.fixture
def settings() -> Settings:
    return Settings(secret=SECRET, operator="Op, op@example.org")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(house: House, settings: Settings, clock: Clock) -> Iterator[TestClient]:
    app = create_app(house, settings, clock=clock)
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as one:
        yield one


@pytest.fixture
def new_client(house: House, settings: Settings, clock: Clock) -> Callable[[], TestClient]:
    def make() -> TestClient:
        return TestClient(
            create_app(house, settings, clock=clock),
            follow_redirects=False,
            raise_server_exceptions=False,
        )

    return make


@pytest.fixture
def walker(client: TestClient) -> Walker:
    return Walker(client)
