"""Headers on every answer, nothing from elsewhere, and forms of other sites refused (P10)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from tests.web.conftest import SECRET
from tests.web.walking import Walker, hidden_fields

from undertow.settings import Settings
from undertow.web.app import create_app
from undertow.web.guard import HeadersMiddleware
from undertow.wiring import House


def routes(client: TestClient) -> Iterator[tuple[str, str]]:
    """Every address of the app with one of its methods, read from the app itself."""
    guard = client.app
    assert isinstance(guard, HeadersMiddleware)
    for route in guard._app.routes:  # type: ignore[attr-defined]
        if isinstance(route, Mount):
            yield "GET", "/static/undertow.css"
        else:
            assert isinstance(route, Route)
            for method in sorted(set(route.methods or ()) - {"HEAD"}):
                yield method, route.path


def every_answer(client: TestClient) -> Iterator[tuple[str, object]]:
    for method, path in [*routes(client), ("GET", "/nowhere"), ("DELETE", "/"), ("GET", "/leave")]:
        yield f"{method} {path}", client.request(method, path)


def test_there_are_routes_to_test(client: TestClient) -> None:
    assert len(list(routes(client))) >= 15


def test_strict_headers_on_every_answer(client: TestClient) -> None:
    for name, answer in every_answer(client):
        headers = answer.headers  # type: ignore[attr-defined]
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert headers["referrer-policy"] == "no-referrer", name
        assert headers["x-content-type-options"] == "nosniff", name
        assert headers["cross-origin-opener-policy"] == "same-origin", name
        if "static" not in name:
            assert headers["cache-control"] == "no-store", name


def test_headers_on_a_failure_of_our_own(house: House, settings: Settings) -> None:
    def broken() -> int:
        raise RuntimeError("a planted failure")

    app = create_app(house, settings, clock=broken)
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.post("/begin")
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "planted" not in answer.text
    assert "Traceback" not in answer.text
    assert "call or text 988" in answer.text


def test_pages_load_nothing_from_elsewhere(walker: Walker) -> None:
    walker.begin()
    walker.state_facts()
    pages = [walker.page(p) for p in ("/", "/before", "/check", "/help", "/numbers", "/young")]
    pages.append(walker.finish(lambda n: n % 5))
    for page in pages:
        loaded = re.findall(r'<(?:link|script|img|iframe|source)[^>]*(?:href|src)="([^"]+)"', page)
        assert loaded
        assert all(address.startswith("/static/") for address in loaded)
        assert " style=" not in page
        assert "<style" not in page
        assert not re.search(r"\son\w+=", page)
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
    ],
    ids=str,
)
def test_another_sites_form_changes_nothing(walker: Walker, headers: dict[str, str]) -> None:
    walker.begin()
    walker.state_facts()
    before = hidden_fields(walker.page())
    for path in ("/check/answer", "/check/back", "/begin", "/leave"):
        refused = walker.client.post(path, data={**before, "category": "1"}, headers=headers)
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers
    assert hidden_fields(walker.page()) == before


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}, {}], ids=str
)
def test_our_own_form_is_taken(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/begin", headers=headers).status_code == 303


def test_a_body_too_large_is_refused_with_a_page(walker: Walker) -> None:
    walker.begin()
    answer = walker.client.post("/check/age", content=b"choice=" + b"x" * 70_000)
    assert answer.status_code == 413
    assert "call or text 988" in answer.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xfe=1", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(200)), "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"--x--", "multipart/form-data; boundary=x"),
    ],
)
def test_a_body_that_is_no_form_is_refused(walker: Walker, content: bytes, kind: str) -> None:
    walker.begin()
    answer = walker.client.post("/check/age", content=content, headers={"content-type": kind})
    assert answer.status_code == 400
    assert "Fact 1 of 3" in walker.page()


def test_leave_ends_the_sitting_and_replaces_the_page(walker: Walker, settings: Settings) -> None:
    walker.begin()
    answer = walker.client.post("/leave")
    assert answer.status_code == 303
    assert answer.headers["location"] == settings.exit_url
    assert "cookies" in answer.headers["clear-site-data"]
    assert walker.client.get("/check").status_code == 400


def test_leave_can_not_be_triggered_by_a_link_or_a_prefetch(walker: Walker) -> None:
    walker.begin()
    assert walker.client.get("/leave").status_code == 405
    assert walker.client.head("/leave").status_code == 405
    assert "Fact 1 of 3" in walker.page()


def test_the_only_other_address_a_form_may_lead_to_is_the_exit(house: House) -> None:
    settings = Settings(secret=SECRET, exit_url="https://weather.example/today")
    with TestClient(create_app(house, settings)) as client:
        policy = client.get("/").headers["content-security-policy"]
    assert "form-action 'self' https://weather.example;" in policy


def test_https_sends_strict_transport_security_and_secure_cookies(house: House) -> None:
    settings = Settings(secret=SECRET, https=True)
    with TestClient(
        create_app(house, settings), base_url="https://testserver", follow_redirects=False
    ) as client:
        answer = client.post("/begin")
    assert "max-age" in answer.headers["strict-transport-security"]
    assert "; Secure" in answer.headers["set-cookie"] or "; secure" in answer.headers["set-cookie"]
