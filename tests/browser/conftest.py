"""Debian's Chromium, a running server, and pages that fail on any call to another origin (P10)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The one place a page may lead to: the operator's neutral site, by its exact address.
EXIT = "https://www.wikipedia.org/"
PageFactory = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        assert not os.environ.get("CI"), "Chromium is missing; `make test` installs it as root"
        pytest.skip("Chromium is not installed (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real command on a free port; its output is searched for content afterwards."""
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log"
    environment = {**os.environ, "UNDERTOW_STATE_DIR": str(folder / "state")}
    command = [sys.executable, "-m", "undertow", "serve", "--port", "0"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment, cwd=folder)
    try:
        yield _address(log, process)
    finally:
        process.terminate()
        process.wait(timeout=10)
    lines = log.read_text().splitlines()
    # P1: two lines at most, start and stop; a request leaves no trace.
    assert len(lines) <= 2, lines


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(200):
        found = re.search(r"http://[\d.]+:\d+", log.read_text())
        if found:
            health = f"{found.group()}/healthz"
            with urllib.request.urlopen(health) as answer:  # noqa: S310 - our own address
                assert answer.read() == b"ok\n"
            return found.group()
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError("the server did not start")


@pytest.fixture
def page_factory(browser: Browser, server_url: str) -> Iterator[PageFactory]:
    """Makes pages; afterwards no console message and no request to another origin is allowed."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []
    own = urlsplit(server_url).netloc

    def watch(request: Request) -> None:
        # Only a navigation may lead to the exit, and only to its exact address.
        away = request.is_navigation_request() and request.url == EXIT
        if urlsplit(request.url).netloc != own and not away:
            wrong.append(f"request to {request.url}")

    def make(*, javascript: bool, width: int = 390, height: int = 844, dark: bool = False) -> Page:
        context = browser.new_context(
            java_script_enabled=javascript,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.on("request", watch)
        context.on("weberror", lambda error: wrong.append(f"error: {error.error}"))
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                wrong.append(f"console: {message.text}")
                # A page answered with 400 or 404 is logged by the browser itself.
                if "Failed to load resource" not in message.text
                else None
            ),
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert wrong == []
