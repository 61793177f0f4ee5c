"""The check in a real browser, first without and then with script: the same person, the same result (P6, P7)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from undertow.wiring import built_in_instrument

pytestmark = pytest.mark.browser

# The neutral site that Leave leads to: the one address outside that a page may open.
EXIT = "https://www.wikipedia.org/"
LABELS = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
PageFactory = Callable[..., Page]


KEYING = {item.id: item.keying for item in built_in_instrument().items}


def level_for(number: int) -> int:
    """A person whose answers go together; the same for every medium."""
    return 1 + number % 3


def begin(page: Page, server_url: str) -> None:
    page.goto(server_url)
    page.get_by_role("link", name="Start", exact=True).click()
    page.get_by_role("button", name="I've read this. Go on").click()


def state_facts(page: Page) -> None:
    page.get_by_role("button", name="35 to 44").click()
    page.get_by_role("button", name="Man", exact=True).click()
    page.get_by_role("radio", name="Yes", exact=True).check()
    page.get_by_role("button", name="Go on").click()


def answer_all(page: Page, choose: Callable[[int], int], *, most: int = 20) -> int:
    """To the result; `choose` says by number how much of what a question measures, 0 to 4."""
    number = 0
    while "/result" not in page.url:
        number += 1
        expect(page.get_by_text(f"Question {number}", exact=True)).to_be_visible()
        item = page.locator('input[name="item"]').get_attribute("value")
        level = choose(number) if KEYING[str(item)] == 1 else 4 - choose(number)
        page.get_by_role("button", name=LABELS[level], exact=True).click()
        page.wait_for_load_state()
        assert number <= most
    return number


def words(page: Page) -> str:
    """What the result says, without what only script adds."""
    text = page.locator("main").inner_text()
    return re.sub(r"\s+", " ", text)


def test_script_or_not_the_result_is_the_same(page_factory: PageFactory, server_url: str) -> None:
    results = []
    for javascript in (False, True):
        page = page_factory(javascript=javascript)
        begin(page, server_url)
        state_facts(page)
        asked = answer_all(page, level_for)
        results.append((asked, words(page), page.locator("svg.chart").inner_html()))
    assert results[0] == results[1]
    assert "How sure are we?" in results[0][1]


@pytest.mark.parametrize("javascript", [False, True])
def test_what_is_adjusted_can_be_turned_off_and_on(
    page_factory: PageFactory, server_url: str, javascript: bool
) -> None:
    page = page_factory(javascript=javascript)
    begin(page, server_url)
    state_facts(page)
    answer_all(page, level_for)
    with_it = words(page)
    page.get_by_role("button", name="Show the result without weighing").click()
    expect(page.get_by_text("You see the result without weighing")).to_be_visible()
    without = words(page)
    assert "by how men use each question" in with_it
    assert "by how men use each question" not in without
    page.get_by_role("button", name="Show the result with weighing again").click()
    expect(page.get_by_text("by how men use each question")).to_be_visible()
    assert words(page) == with_it


@pytest.mark.parametrize(("form", "most"), [("Short form", 12), ("Long form", 36)])
def test_another_length(page_factory: PageFactory, server_url: str, form: str, most: int) -> None:
    page = page_factory(javascript=False)
    page.goto(server_url)
    page.get_by_role("link", name=form).click()
    page.get_by_role("button", name="I've read this. Go on").click()
    state_facts(page)
    assert answer_all(page, level_for, most=most) == most


def test_keys_answer_when_script_is_there(page_factory: PageFactory, server_url: str) -> None:
    page = page_factory(javascript=True)
    begin(page, server_url)
    state_facts(page)
    stem = page.locator("h1").inner_text()
    page.keyboard.press("4")
    expect(page.get_by_text("Question 2", exact=True)).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(page.locator("h1")).to_have_text(stem)


def test_the_whole_way_by_keyboard_alone(page_factory: PageFactory, server_url: str) -> None:
    page = page_factory(javascript=False)
    page.goto(server_url)

    def reach(here: Callable[[], bool], what: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if here():
                return
        raise AssertionError(f"{what} cannot be reached by keyboard")

    def press(name: str) -> None:
        focused = "document.activeElement.textContent.trim()"
        reach(lambda: bool(page.evaluate(focused) == name), name)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    press("Start")
    press("I've read this. Go on")
    press("25 to 34")
    press("Prefer not to say")
    reach(lambda: bool(page.evaluate("document.activeElement.type") == "radio"), "the first choice")
    page.keyboard.press("Space")
    press("Go on")
    for number in range(1, 21):
        if "/result" in page.url:
            break
        press(LABELS[number % 5])
    assert "/result" in page.url


def test_two_tabs_say_so_and_lose_nothing(page_factory: PageFactory, server_url: str) -> None:
    first = page_factory(javascript=True)
    begin(first, server_url)
    state_facts(first)
    second = first.context.new_page()
    second.goto(f"{server_url}/check")
    first.get_by_role("button", name="Agree", exact=True).click()
    expect(first.get_by_text("Question 2", exact=True)).to_be_visible()
    second.get_by_role("button", name="Disagree", exact=True).click()
    expect(second.get_by_role("alert")).to_contain_text("Nothing is lost")
    expect(second.get_by_text("Question 2", exact=True)).to_be_visible()


def test_three_shifts_leave(page_factory: PageFactory, server_url: str) -> None:
    page = page_factory(javascript=True)
    begin(page, server_url)
    expect(page.get_by_text("Shift three times")).to_be_visible()
    with page.expect_request(EXIT) as leaving:
        for _ in range(3):
            page.keyboard.press("Shift")
    assert "referer" not in leaving.value.headers
    assert page.context.cookies(server_url) == []


def test_leave_works_without_script(page_factory: PageFactory, server_url: str) -> None:
    page = page_factory(javascript=False)
    begin(page, server_url)
    with page.expect_request(EXIT) as leaving:
        page.get_by_role("button", name="Leave").click(no_wait_after=True)
    assert "referer" not in leaving.value.headers
    after = page.context.new_page()
    after.goto(f"{server_url}/check")
    expect(after.get_by_role("heading", name="No sitting is open")).to_be_visible()


def test_browser_back_and_a_second_answer_say_so(
    page_factory: PageFactory, server_url: str
) -> None:
    page = page_factory(javascript=False)
    begin(page, server_url)
    state_facts(page)
    page.get_by_role("button", name="Agree", exact=True).click()
    expect(page.get_by_text("Question 2", exact=True)).to_be_visible()
    page.go_back()
    page.wait_for_load_state()
    # Whatever the browser shows now, the sitting goes on at question 2 and nothing is lost.
    page.get_by_role("button", name="Disagree", exact=True).click()
    page.goto(f"{server_url}/check")
    number = page.get_by_text(re.compile(r"^Question \d+$")).inner_text()
    assert number in {"Question 2", "Question 3"}
