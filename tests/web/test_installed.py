"""An installed questionnaire in the web app: its own words, its own figures, and nothing said of others'."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.made_up_installed import installed_state, instrument, made_up_archive
from tests.unit.calibrate.making_codebooks import CATEGORIES, STEMS, page
from tests.web.conftest import SECRET, START, Clock
from tests.web.walking import Walker, hidden_fields, text_of

from undertow.errors import SettingsError
from undertow.settings import Settings, load_settings
from undertow.web.app import create_app
from undertow.web.asgi import app
from undertow.wiring import House, build_house

MakeClient = Callable[[House], TestClient]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed_state(tmp_path_factory)


@pytest.fixture(scope="module")
def settings_with(state: Path) -> Settings:
    """As an operator sets it."""
    return load_settings(
        {
            "UNDERTOW_STATE_DIR": str(state),
            "UNDERTOW_INSTRUMENT": "made-up",
            "UNDERTOW_SECRET": SECRET.decode(),
        }
    )


@pytest.fixture(scope="module")
def installed(settings_with: Settings) -> House:
    return build_house(instrument=settings_with.instrument)


@pytest.fixture
def client_of(settings_with: Settings) -> MakeClient:
    def make(house: House) -> TestClient:
        return TestClient(
            create_app(house, settings_with, clock=Clock()),
            follow_redirects=False,
            raise_server_exceptions=False,
        )

    return make


@pytest.fixture
def walker_there(client_of: MakeClient, installed: House) -> Walker:
    return Walker(client_of(installed))


def test_the_whole_way_from_the_start_to_the_result(walker_there: Walker, installed: House) -> None:
    walker_there.begin()
    walker_there.state_facts()
    shown: list[tuple[str, str]] = []

    def choose(_: int) -> int:
        question = walker_there.page()
        stem = re.search(r'<h1 class="stem" id="stem">(.*?)</h1>', question)
        assert stem is not None
        shown.append((hidden_fields(question)["item"], html.unescape(stem[1])))
        for label in CATEGORIES:
            assert f">{label}</button>" in question
        return 2

    result = walker_there.finish(choose)
    # Eight items, three answers each: none is left when it ends.
    assert len(shown) == len(STEMS)
    assert dict(shown) == STEMS
    assert installed.screens.say("result_title") in text_of(result)


def test_what_is_said_of_borrowed_words_is_not_said(walker_there: Walker, house: House) -> None:
    """The same report on the built-in questions says that they are our own wording."""
    result = text_of(walker_there.whole(lambda number: number % 3))
    numbers = text_of(walker_there.page("/numbers"))
    for said in (result, numbers):
        assert "our own wording" not in said
        assert "borrowed" not in said
        assert "first wording, so" not in said
    # The other house does say it, or this test could not fail.
    assert "our own wording" in house.check.phrases.say("wording")


def test_every_page_says_whose_the_questions_are(walker_there: Walker, client: TestClient) -> None:
    for path in ("/", "/before", "/help", "/numbers"):
        said = text_of(walker_there.page(path))
        assert "no open licence" in said
        assert "Questions and texts: CC BY 4.0" not in said
        assert "Questions and texts: CC BY 4.0" in text_of(client.get(path).text)


def test_the_start_page_tells_the_length_of_this_one(
    walker_there: Walker, house: House, installed: House
) -> None:
    length = installed.length
    assert installed.lengths.bank_checksum == installed.check.bank.checksum
    # Eight items at most, and at least four a dimension: always eight.
    assert (length.items_low, length.items_median, length.items_high) == (8, 8, 8)
    assert sum(length.stops.values()) == installed.lengths.sittings == 60
    # (8 items * 8 s + 40 s) / 60 = 1.7
    assert length.minutes == 2
    start = text_of(walker_there.page("/"))
    assert installed.screens.say("start_minutes", minutes=2, low=8, high=8) in start
    assert house.length.items_high != 8
    # No length would differ from another, so none is offered, nor there for someone who guesses it.
    assert installed.other_lengths == ()
    assert "/before/" not in walker_there.page("/")
    assert walker_there.client.get("/before/short").status_code == 404


def test_what_is_adjusted_is_what_its_bank_knows(
    walker_there: Walker, house: House, installed: House
) -> None:
    """It knows figures by group, and neither near-repeats nor sides."""
    bank = installed.check.bank
    assert bank.groups
    assert not bank.pairs
    say = house.check.phrases.say
    result = text_of(walker_there.whole(lambda number: number % 3))
    assert say("adjusted_man") in result
    for unsaid in ("adjusted_spread", "adjusted_repeats", "adjusted_both", "fairness_checked"):
        assert say(unsaid) not in result
    numbers = text_of(walker_there.page("/numbers"))
    assert say("adjusting") in numbers
    assert say("choosing_sharp") in numbers
    assert say("fairness_checked") not in numbers


def test_nothing_of_it_is_widened(installed: House, house: House) -> None:
    bank = installed.check.bank
    assert [item.id for item in bank.items] == list(STEMS)
    assert all(item.adapts is None for item in bank.items)
    assert bank.carried_drift is None
    assert all(item.adapts is not None for item in house.check.bank.items)


def test_the_server_asks_what_the_environment_chooses(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERTOW_STATE_DIR", str(state))
    monkeypatch.setenv("UNDERTOW_SECRET", SECRET.decode())
    asked = {}
    for chosen in ("", "made-up"):
        monkeypatch.setenv("UNDERTOW_INSTRUMENT", chosen)
        walker = Walker(TestClient(app(), follow_redirects=False))
        walker.begin()
        walker.state_facts()
        asked[chosen] = hidden_fields(walker.page())["item"]
    assert asked["made-up"] in STEMS
    assert asked[""] not in STEMS
    monkeypatch.setenv("UNDERTOW_INSTRUMENT", "another")
    with pytest.raises(SettingsError, match="Installed: made-up"):
        app()


def test_no_word_for_the_partner_is_asked_where_none_is_used(
    walker_there: Walker, installed: House
) -> None:
    walker_there.begin()
    for name, choice in (("age", "35-44"), ("gender", "man")):
        revision = hidden_fields(walker_there.page())["revision"]
        walker_there.post(f"/check/{name}", revision=revision, choice=choice)
    relationship = walker_there.page()
    assert hidden_fields(relationship)["partner_word"] == "partner"
    assert installed.screens.say("partner_word_title") not in text_of(relationship)


# ---- sittings of another questionnaire ------------------------------------------------------------


def begun(client: TestClient) -> str:
    """A sitting's cookie after two answers."""
    walker = Walker(client)
    walker.begin()
    walker.state_facts()
    for _ in range(2):
        walker.answer(1)
    return client.cookies["undertow"]


def is_told_kindly(client: TestClient, cookie: str) -> None:
    """One page that says what happened, and a fresh start from there."""
    client.cookies.set("undertow", cookie)
    answer = client.get("/check")
    assert answer.status_code == 400
    assert "This sitting has ended" in text_of(answer.text)
    assert "You can start again" in text_of(answer.text)
    # The browser is told to drop it.
    assert re.search(r'undertow=("")?;.*Max-Age=0', answer.headers["set-cookie"])
    client.cookies.clear()
    client.cookies.set("undertow", cookie)
    assert client.get("/").status_code == 200
    assert client.get("/result").status_code == 400
    client.cookies.clear()
    walker = Walker(client)
    walker.begin()
    walker.state_facts()
    assert "stem" in walker.page()


def test_a_sitting_does_not_go_on_under_another_questionnaire(
    client_of: MakeClient, house: House, installed: House
) -> None:
    is_told_kindly(client_of(installed), begun(client_of(house)))
    is_told_kindly(client_of(house), begun(client_of(installed)))


def test_a_sitting_does_not_go_on_when_its_questionnaire_was_replaced(
    client_of: MakeClient, installed: House, tmp_path: Path
) -> None:
    """The same id and the same items, one of them in other words."""
    other = page({**STEMS, "A1": "The weather keeps me still."})
    archive, recipe = made_up_archive(tmp_path, other)
    done = instrument("add", archive, "--recipe", recipe, state=tmp_path / "state")
    assert done.code == 0
    replaced = build_house(instrument=tmp_path / "state" / "instruments" / "made-up")
    assert replaced.check.instrument.id == installed.check.instrument.id
    is_told_kindly(client_of(replaced), begun(client_of(installed)))


def test_the_clock_of_these_tests_runs_on() -> None:
    """Sittings above end for their questionnaire, not for their age."""
    assert Clock().now == START
