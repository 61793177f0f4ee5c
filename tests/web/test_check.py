"""The self-check over plain requests: no script, no browser, every wrong turn."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient
from tests.terminal.typed import PATTERNS, report_of
from tests.web.conftest import Clock
from tests.web.walking import Walker, hidden_fields, text_of

from undertow.bank.person import Gender
from undertow.measure.fair import Length
from undertow.wiring import House

CATEGORIES = (
    "Strongly disagree",
    "Disagree",
    "Neither agree nor disagree",
    "Agree",
    "Strongly agree",
)


def by_turn(number: int) -> int:
    return (number * 7) % 5


def choosing(typed: list[str]) -> Callable[[int], int | str]:
    """The answers of the terminal's tests, as buttons of the web."""
    return lambda number: "skip" if typed[number - 1] == "6" else int(typed[number - 1]) - 1


@pytest.mark.parametrize("gender", ["man", "woman", "unstated"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_page_says_every_sentence_of_the_report(
    walker: Walker, house: House, pattern: str, gender: str
) -> None:
    """P6: the same answers, the same result."""
    report, typed = report_of(house, PATTERNS[pattern], gender=gender)
    page = text_of(walker.whole(choosing(typed), gender=gender))
    for sentence in report.sentences():
        assert sentence in page
    assert len(walker.asked) == len(typed)


# ---- how long ------------------------------------------------------------------------------------


def test_the_start_page_offers_other_lengths_with_their_minutes(
    client: TestClient, house: House
) -> None:
    page = client.get("/").text
    assert [one.length.value for one in house.other_lengths] == ["short", "full"]
    for one in house.other_lengths:
        assert f'href="/before/{one.length.value}"' in page
        assert f"{one.most} questions, about {one.minutes} minutes" in text_of(page)


@pytest.mark.parametrize(("length", "most"), [("short", 12), ("full", 36)])
def test_another_length_is_chosen_before_the_start(
    walker: Walker, house: House, length: str, most: int
) -> None:
    notice = walker.page(f"/before/{length}")
    assert f"{most} questions" in text_of(notice)
    fields = hidden_fields(notice)
    assert fields == {"length": length}
    assert walker.post("/begin", **fields) == 303
    walker.state_facts()
    assert f"at most {most}" in text_of(walker.page())
    report, typed = report_of(house, PATTERNS["middle"], length=length)
    page = text_of(walker.finish(choosing(typed)))
    assert f"You were shown {most} questions" in page
    for sentence in report.sentences():
        assert sentence in page


def test_an_unknown_length_begins_nothing(walker: Walker) -> None:
    refused = walker.client.post("/begin", data={"length": "endless"})
    assert refused.status_code == 400
    assert "endless" not in refused.text
    assert walker.client.get("/check").status_code == 400
    assert walker.client.get("/before/endless").status_code == 404


# ---- with and without what is adjusted -----------------------------------------------------------


def turned(walker: Walker, adjusted: str) -> str:
    """The result page after its button to turn this was pressed."""
    page = walker.page("/result")
    assert f'name="adjusted" value="{adjusted}"' in page
    sent = walker.post("/check/adjust", adjusted=adjusted, **hidden_fields(page))
    assert sent == 303
    assert walker.done()
    return text_of(walker.page("/result"))


@pytest.mark.parametrize("gender", ["man", "woman", "other"])
def test_what_is_adjusted_can_be_turned_off_and_on_again(
    walker: Walker, house: House, gender: str
) -> None:
    on, typed = report_of(house, PATTERNS["worried"], gender=gender)
    off, _ = report_of(house, PATTERNS["worried"], gender=gender, adjusted=False)
    assert off.estimate.mean != pytest.approx(on.estimate.mean)
    walker.whole(choosing(typed), gender=gender)
    for adjusted, report in (("off", off), ("on", on)):
        page = turned(walker, adjusted)
        for sentence in report.sentences():
            assert sentence in page
    # Nothing was lost on the way: the last question is still the last one.
    assert walker.post("/check/back", **hidden_fields(walker.page("/result"))) == 303
    assert f"Question {len(typed)}" in text_of(walker.page())


def test_turned_off_is_the_same_for_whoever_gave_these_answers(house: House) -> None:
    """Without it everyone is scored alike, so the answers alone decide."""
    tests = house.check.tests
    plain = {id(tests.reading(g, Length.USUAL, adjusted=False).model) for g in Gender}
    assert len(plain) == 1
    assert len({id(tests.reading(g, Length.USUAL, adjusted=True).model) for g in Gender}) == 3


@pytest.mark.parametrize(
    "wrong", [{"adjusted": "maybe"}, {"adjusted": ""}, {"revision": "999"}, {"revision": ""}]
)
def test_a_wrong_turn_leaves_the_result_as_it_was(walker: Walker, wrong: dict[str, str]) -> None:
    before = walker.whole(by_turn)
    fields = {**hidden_fields(before), "adjusted": "off", **wrong}
    assert walker.client.post("/check/adjust", data=fields).status_code == 400
    assert walker.page("/result") == before


def test_there_is_nothing_to_turn_before_the_end(walker: Walker) -> None:
    walker.begin()
    walker.state_facts()
    before = hidden_fields(walker.page())
    refused = walker.client.post(
        "/check/adjust", data={"adjusted": "off", "revision": before["revision"]}
    )
    assert refused.status_code == 400
    assert hidden_fields(walker.page()) == before


def test_another_sites_form_turns_nothing(walker: Walker) -> None:
    before = walker.whole(by_turn)
    refused = walker.client.post(
        "/check/adjust",
        data={**hidden_fields(before), "adjusted": "off"},
        headers={"sec-fetch-site": "cross-site"},
    )
    assert refused.status_code == 403
    assert walker.page("/result") == before


def test_the_screen_says_what_stating_a_gender_changes(walker: Walker) -> None:
    walker.begin()
    walker.post("/check/age", choice="35-44", **hidden_fields(walker.page()))
    page = text_of(walker.page())
    assert "we weigh your answers by how that group uses each question" in page
    assert "it costs you nothing: both groups count alike, and we guess nothing" in page


# ---- on the way ----------------------------------------------------------------------------------


def test_a_question_stands_alone_with_its_five_answers_and_two_ways_around(walker: Walker) -> None:
    walker.begin()
    walker.state_facts()
    page = walker.page()
    words = text_of(page)
    places = [words.index(f" {label} ") for label in CATEGORIES[:1]] + [
        page.index(f">{label}</button>") for label in CATEGORIES[1:]
    ]
    assert places[1:] == sorted(places[1:])
    assert page.count('name="category"') == len(CATEGORIES) + 1
    assert "Doesn&#39;t apply to me" in page
    assert ">Back</button>" in page
    assert "Question 1" in words
    assert "at most 20" in words


def test_the_partner_is_called_what_the_person_chose(walker: Walker, house: House) -> None:
    walker.begin()
    walker.state_facts(partner_word="she")
    page = walker.page()
    item = house.check.instrument.item(hidden_fields(page)["item"])
    assert html.escape(item.text(house.check.instrument.partner_word("she")), quote=False) in page


def test_back_opens_the_last_answer_and_the_same_question_comes_again(walker: Walker) -> None:
    walker.begin()
    walker.state_facts()
    walker.answer(3)
    walker.answer(1)
    second = walker.asked[-1]
    assert walker.post("/check/back", revision=hidden_fields(walker.page())["revision"]) == 303
    assert hidden_fields(walker.page())["item"] == second


def test_back_from_the_first_question_leads_to_the_facts(walker: Walker) -> None:
    walker.begin()
    walker.state_facts()
    assert walker.post("/check/back", revision=hidden_fields(walker.page())["revision"]) == 303
    assert "Fact 3 of 3" in walker.page()


def test_doesnt_apply_moves_nothing_and_is_said(walker: Walker) -> None:
    page = text_of(walker.whole(lambda _: "skip"))
    assert "You were shown 20 questions and answered 0." in page
    assert "too little here to say" in page
    assert "in 100 of them scored lower" not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "5"},
        {"category": "-1"},
        {"category": "agree"},
        {"category": ""},
        {"category": "٣"},
        {"category": "99999999999999999999"},
        {"item": "U99"},
        {"item": ""},
        {"revision": "x"},
        {"revision": ""},
        {"revision": "999"},
    ],
    ids=str,
)
def test_a_wrong_answer_gets_400_and_the_same_question(
    walker: Walker, wrong: dict[str, str]
) -> None:
    walker.begin()
    walker.state_facts()
    walker.answer(3)
    before = hidden_fields(walker.page())
    fields = {**before, "category": "2", **wrong}
    answer = walker.client.post("/check/answer", data=fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert hidden_fields(answer.text) == before
    assert hidden_fields(walker.page()) == before
    notice = text_of(answer.text.partition('role="alert"')[2].partition("</p>")[0])
    assert not any(value in notice for value in wrong.values() if len(value) > 1)


def test_missing_fields_get_400_and_the_same_question(walker: Walker) -> None:
    walker.begin()
    walker.state_facts()
    before = hidden_fields(walker.page())
    assert walker.client.post("/check/answer", data={}).status_code == 400
    assert hidden_fields(walker.page()) == before


def test_an_answer_twice_gets_400_and_the_next_question(walker: Walker) -> None:
    walker.begin()
    walker.state_facts()
    first = {**hidden_fields(walker.page()), "category": "4"}
    assert walker.post("/check/answer", **first) == 303
    now = hidden_fields(walker.page())
    again = walker.client.post("/check/answer", data=first)
    assert again.status_code == 400
    assert "Nothing is lost" in text_of(again.text)
    assert hidden_fields(again.text) == now


def test_an_answered_item_under_the_current_revision_is_refused(walker: Walker) -> None:
    walker.begin()
    walker.state_facts()
    walker.answer(4)
    now = hidden_fields(walker.page())
    again = walker.client.post(
        "/check/answer", data={**now, "item": walker.asked[0], "category": "0"}
    )
    assert again.status_code == 400
    assert "answered already" in text_of(again.text)
    assert hidden_fields(walker.page()) == now


def test_an_answer_to_another_question_is_refused(walker: Walker, house: House) -> None:
    walker.begin()
    walker.state_facts()
    now = hidden_fields(walker.page())
    other = next(i.id for i in house.check.instrument.scored_items if i.id != now["item"])
    refused = walker.client.post("/check/answer", data={**now, "item": other, "category": "0"})
    assert refused.status_code == 400
    assert hidden_fields(walker.page()) == now


def test_an_answer_before_the_facts_is_refused(walker: Walker, house: House) -> None:
    walker.begin()
    item = house.check.instrument.items[0].id
    refused = walker.client.post(
        "/check/answer", data={"revision": "0", "item": item, "category": "0"}
    )
    assert refused.status_code == 400
    assert "Fact 1 of 3" in refused.text


def test_a_stale_tab_says_so_and_keeps_what_the_other_tab_did(walker: Walker) -> None:
    walker.begin()
    walker.state_facts()
    old_tab = {**hidden_fields(walker.page()), "category": "0"}
    walker.answer(4)
    walker.answer(4)
    here = hidden_fields(walker.page())
    stale = walker.client.post("/check/answer", data=old_tab)
    assert stale.status_code == 400
    assert "second tab" in text_of(stale.text)
    assert hidden_fields(walker.page()) == here


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/check/age", {"choice": "7"}),
        ("/check/age", {}),
        ("/check/gender", {"choice": "man"}),
    ],
)
def test_a_wrong_fact_gets_400_and_the_same_screen(
    walker: Walker, path: str, fields: dict[str, str]
) -> None:
    walker.begin()
    answer = walker.client.post(path, data={"revision": "0", **fields})
    assert answer.status_code == 400
    assert "Fact 1 of 3" in answer.text
    assert "Fact 1 of 3" in walker.page()


def test_an_unknown_word_for_the_partner_is_refused(walker: Walker) -> None:
    walker.begin()
    for name, choice in (("age", "18-24"), ("gender", "unstated")):
        walker.post(f"/check/{name}", choice=choice, **hidden_fields(walker.page()))
    revision = hidden_fields(walker.page())["revision"]
    answer = walker.client.post(
        "/check/relationship",
        data={"revision": revision, "choice": "now", "partner_word": "it"},
    )
    assert answer.status_code == 400
    assert "Fact 3 of 3" in answer.text


def test_under_18_gets_a_page_and_help_and_no_sitting(walker: Walker) -> None:
    walker.begin()
    sent = walker.client.post(
        "/check/age", data={"choice": "under-18", **hidden_fields(walker.page())}
    )
    assert sent.headers["location"] == "/young"
    assert "undertow" not in walker.client.cookies
    page = text_of(walker.page("/young"))
    assert "This check is for adults" in page
    assert "call or text 988" in page
    assert walker.client.get("/result").status_code == 400


def test_a_fresh_break_up_puts_help_before_the_result(walker: Walker) -> None:
    page = text_of(walker.whole(by_turn, relationship="recently-ended"))
    assert page.index("Call someone before you read on") < page.index("Where you stand")


def test_never_had_a_partner_has_its_own_frame_and_caution(walker: Walker, house: House) -> None:
    walker.begin()
    walker.state_facts(relationship="never")
    assert house.check.instrument.frames["never"] in html.unescape(walker.page())
    assert "relationship you imagine" in text_of(walker.finish(by_turn))


def test_own_words_for_gender_are_shown_back_as_text_only(walker: Walker) -> None:
    page = walker.whole(by_turn, gender="other", own_words="<b>me & mine</b>")
    assert "<b>me" not in page
    assert "<b>me & mine</b>" in text_of(page.replace("&lt;b&gt;", "&lt;b&gt;")) or (
        "&lt;b&gt;me &amp; mine&lt;/b&gt;" in page
    )


def test_result_before_the_end_leads_back_to_the_question(walker: Walker) -> None:
    walker.begin()
    walker.state_facts()
    assert walker.client.get("/result").headers["location"] == "/check"


def test_the_sitting_goes_on_at_the_same_question_in_another_worker(
    walker: Walker, new_client: Callable[[], TestClient]
) -> None:
    walker.begin()
    walker.state_facts()
    walker.answer(2)
    other = new_client()
    other.cookies.update(walker.client.cookies)
    assert hidden_fields(other.get("/check").text) == hidden_fields(walker.page())


def test_no_sitting_is_told_kindly(client: TestClient) -> None:
    for answer in (client.get("/check"), client.get("/result"), client.post("/check/answer")):
        assert answer.status_code == 400
        assert "No sitting is open" in text_of(answer.text)


def test_an_expired_sitting_starts_again_kindly(walker: Walker, clock: Clock) -> None:
    walker.begin()
    walker.state_facts()
    clock.now += 6 * 3600 + 1
    answer = walker.client.get("/check")
    assert answer.status_code == 400
    assert "You can start again" in text_of(answer.text)
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_a_sitting_lives_as_long_as_it_is_used(walker: Walker, clock: Clock) -> None:
    walker.begin()
    walker.state_facts()
    for _ in range(3):
        clock.now += 5 * 3600
        walker.answer(2)
    assert "Question 4" in walker.page()


def test_the_start_page_says_minutes_from_the_simulated_length(
    client: TestClient, house: House
) -> None:
    page = text_of(client.get("/").text)
    length = house.length
    assert f"About {length.minutes} minutes" in page
    assert f"{length.items_low} to {length.items_high} short questions" in page
    assert house.check.help_note.not_a_diagnosis in page


def test_the_start_page_offers_to_go_on(walker: Walker) -> None:
    assert "Go on where you were" not in walker.page("/")
    walker.begin()
    assert "Go on where you were" in walker.page("/")
