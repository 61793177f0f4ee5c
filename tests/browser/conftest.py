"""A running Undertow and Debian's Chromium to visit it with; what is done there is left to the tests.

A page that logs an error, or asks any other server for anything, fails the test that opened it (P10).
"""

from __future__ import annotations

import os
import re
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

from undertow.settings import load_settings

PageFactory = Callable[..., Page]

PATIENCE_SECONDS = 60

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium lies. Without it tests are skipped, but where CI is set that is a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    missing = "Chromium is not installed (on Debian: apt-get install chromium)."
    if os.environ.get("CI"):
        pytest.fail(f"{missing} CI is set, so the browser tests must run.")
    pytest.skip(missing)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Undertow as people start it, on a free port of this machine, with settings of its own."""
    folder = tmp_path_factory.mktemp("server")
    log = folder / "stderr.txt"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("UNDERTOW_")}
    environment["UNDERTOW_STATE_DIR"] = str(folder / "state")
    command = [sys.executable, "-m", "undertow", "serve", "--host", "127.0.0.1", "--port", "0"]
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=errors
        ) as server,
    ):
        try:
            url = announced_url(server, log)
            wait_until_it_answers(url)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE_SECONDS)
    # PRIVACY P1: people came and went, and the server wrote nothing of it anywhere.
    assert log.read_text() == ""
    assert sorted(p.name for p in folder.rglob("*")) == ["secret", "state", "stderr.txt"]


def announced_url(server: subprocess.Popen[bytes], log: Path) -> str:
    """The address that the server prints once it may answer there."""
    assert server.stdout is not None
    with selectors.DefaultSelector() as ready:
        ready.register(server.stdout, selectors.EVENT_READ)
        line = server.stdout.readline().decode() if ready.select(PATIENCE_SECONDS) else ""
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert found, f"no address in {line!r}; the server said: {log.read_text()}"
    return found.group()


def wait_until_it_answers(url: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not answers(url):
        assert time.monotonic() < end, "the server does not answer"
        time.sleep(0.05)


def answers(url: str) -> bool:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@dataclass
class Watch:
    """What the pages of one context must not do, written down as it happens."""

    own: str
    exit_url: str
    wrong: list[str] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)

    def over(self, context: BrowserContext) -> None:
        context.on("request", self.on_request)
        context.on("console", self.on_console)
        context.on("weberror", lambda error: self.wrong.append(f"script failed: {error.error}"))

    def on_request(self, request: Request) -> None:
        if request.is_navigation_request():
            self.visited.add(request.url)
            # Leaving is the person's own act; it leads to one exact address and nowhere else.
            if request.url == self.exit_url:
                return
        parts = urlsplit(request.url)
        if f"{parts.scheme}://{parts.netloc}" != self.own:
            self.wrong.append(f"asked elsewhere: {request.url}")

    def on_console(self, message: ConsoleMessage) -> None:
        # A visited page that answers 400 or 404 on purpose is noted by Chromium as an error.
        refused = message.text.startswith("Failed to load resource: the server responded with a")
        if refused and message.location["url"] in self.visited:
            return
        if message.type in {"error", "warning"}:
            self.wrong.append(f"console: {message.text}")


@pytest.fixture
def page_factory(browser: Browser, server_url: str) -> Iterator[PageFactory]:
    """Opens a page of a browser that has never been here, by default as large as a phone."""
    contexts: list[BrowserContext] = []
    exit_url = load_settings({"UNDERTOW_SECRET": "only the exit's address is read" * 2}).exit_url
    watch = Watch(own=server_url, exit_url=exit_url)

    def make(*, javascript: bool, width: int = 390, height: int = 844, dark: bool = False) -> Page:
        context = browser.new_context(
            java_script_enabled=javascript,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        watch.over(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert watch.wrong == []
