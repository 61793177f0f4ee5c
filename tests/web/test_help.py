"""P3: the help note and the way out on every page, in the same place, errors included."""

from __future__ import annotations

import html
import re

from starlette.testclient import TestClient
from tests.web.test_headers import every_answer
from tests.web.walking import Walker

from undertow.wiring import House


def frame_of(page: str) -> tuple[str, str]:
    """What stands above and below the content; the same on every page."""
    top = re.search(r"<header.*?</header>", page, re.S)
    bottom = re.search(r"<footer.*?</footer>", page, re.S)
    assert top, "no header"
    assert bottom, "no footer"
    return top.group(), bottom.group()


def test_help_and_leave_in_the_same_place_on_every_page(client: TestClient, house: House) -> None:
    frames = set()
    pages = 0
    for name, answer in every_answer(client):
        if "text/html" not in answer.headers.get("content-type", ""):  # type: ignore[attr-defined]
            continue
        pages += 1
        page = answer.text  # type: ignore[attr-defined]
        frames.add(frame_of(page))
        for line in house.check.help_note.lines:
            assert line.say in html.unescape(page), name
    assert pages >= 14
    assert len(frames) == 1


def test_help_and_leave_on_every_screen_of_a_sitting(walker: Walker, house: House) -> None:
    frames = {frame_of(walker.page("/"))}
    walker.begin()
    for name, choice in (("age", "25-34"), ("gender", "unstated"), ("relationship", "now")):
        page = walker.page()
        frames.add(frame_of(page))
        revision = re.search(r'name="revision" value="(\d+)"', page)
        assert revision
        walker.post(
            f"/check/{name}", revision=revision.group(1), choice=choice, partner_word="partner"
        )
    while not walker.done():
        frames.add(frame_of(walker.page()))
        walker.answer(3)
    result = walker.page("/result")
    frames.add(frame_of(result))
    assert len(frames) == 1
    top, bottom = frames.pop()
    assert 'action="/leave"' in top
    assert 'href="/help"' in top
    assert house.check.help_note.not_a_diagnosis in html.unescape(bottom)


def test_the_help_page_says_how_and_since_when_each_line_was_checked(
    client: TestClient, house: House
) -> None:
    page = html.unescape(client.get("/help").text)
    for line in house.check.help_note.lines:
        assert line.name in page
        assert f"Checked on {line.source_date}" in page
