"""axe finds nothing on any page and state, light and dark, phone and desk; 320 px holds; targets are large."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.browser.test_check import answer_all, begin, level_for, state_facts

pytestmark = pytest.mark.browser

PageFactory = Callable[..., Page]


def violations(page: Page) -> list[str]:
    found = Axe().run(page)
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found.response["violations"]]


def states(page: Page, server_url: str) -> list[str]:
    """Walks every page and state; returns what axe found, with the state's name."""
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(f"{name}: {one}" for one in violations(page))
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        if wide:
            found.append(f"{name}: scrolls sideways")

    for path in (
        "/",
        "/before",
        "/before/short",
        "/help",
        "/numbers",
        "/young",
        "/nowhere",
        "/check",
    ):
        page.goto(f"{server_url}{path}")
        look(path)
    begin(page, server_url)
    look("age")
    page.get_by_role("button", name="35 to 44").click()
    look("gender")
    page.get_by_role("button", name="Man", exact=True).click()
    look("relationship")
    page.get_by_role("radio", name="It ended a short time ago").check()
    page.get_by_role("button", name="Go on").click()
    look("item")
    answer_all(page, level_for)
    look("result")
    page.get_by_text("The chart in numbers").click()
    look("result with its table")
    page.get_by_role("button", name="Show the result without weighing").click()
    look("result without weighing")
    return found


@pytest.mark.parametrize(
    ("width", "height", "dark"),
    [(390, 844, False), (390, 844, True), (1280, 900, False), (320, 568, False)],
)
def test_axe_finds_nothing(
    page_factory: PageFactory, server_url: str, width: int, height: int, dark: bool
) -> None:
    page = page_factory(javascript=True, width=width, height=height, dark=dark)
    assert states(page, server_url) == []


def test_targets_on_item_screens_are_large(page_factory: PageFactory, server_url: str) -> None:
    page = page_factory(javascript=False)
    begin(page, server_url)
    state_facts(page)
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44, button.inner_text()


def test_the_five_answers_fit_on_a_small_phone(page_factory: PageFactory, server_url: str) -> None:
    page = page_factory(javascript=False, width=390, height=844)
    begin(page, server_url)
    state_facts(page)
    last = page.get_by_role("button", name="Strongly agree", exact=True).bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= 844


def test_text_at_double_size_still_fits(page_factory: PageFactory, server_url: str) -> None:
    page = page_factory(javascript=True, width=640, height=900)
    begin(page, server_url)
    state_facts(page)
    page.evaluate("document.documentElement.style.fontSize = '225%'")
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    answer_all(page, level_for)
    page.evaluate("document.documentElement.style.fontSize = '225%'")
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_the_chart_has_a_name_that_says_what_it_shows(
    page_factory: PageFactory, server_url: str
) -> None:
    page = page_factory(javascript=False)
    begin(page, server_url)
    state_facts(page)
    answer_all(page, level_for)
    chart = page.get_by_role("img")
    snapshot = chart.aria_snapshot()
    assert "in 100 people of the sample" in snapshot
