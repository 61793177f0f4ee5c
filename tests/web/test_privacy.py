"""P1 and P2: nothing of a person in addresses, titles, logs or on the server; the cookie is sealed."""

from __future__ import annotations

import base64
import json
import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from tests.web.conftest import SECRET
from tests.web.walking import Walker

from undertow.bank.person import OWN_WORDS_LIMIT, AgeBand, Facts, Gender, Relationship
from undertow.bank.responses import MISSING, Answer
from undertow.errors import InputError
from undertow.measure.fair import Length
from undertow.service.sitting import Sitting
from undertow.service.sitting_code import pack_sitting, unpack_sitting
from undertow.web.cookie import MOST_BYTES, SittingCookie
from undertow.wiring import House, built_in_instrument

CANARY = "canary words"
COOKIE = SittingCookie(secret=SECRET, secure=False, lifetime_seconds=3600)


def fullest(house: House) -> Sitting:
    """As much as a sitting can ever hold: every item answered, the longest own words."""
    return Sitting(
        facts=Facts(
            age_band=AgeBand.UNSTATED,
            gender=Gender.OTHER,
            gender_own_words="\N{PILE OF POO}" * OWN_WORDS_LIMIT,
            relationship=Relationship.RECENTLY_ENDED,
            partner_word="partner",
        ),
        facts_given=3,
        answers=tuple(Answer(item_id=item.id, category=4) for item in house.check.instrument.items),
        revision=999_999,
        touched_at=4_000_000_000,
        length=Length.SHORT,
        adjusted=False,
    )


def test_the_fullest_sitting_fits_its_cookie(house: House) -> None:
    value = COOKIE.seal(fullest(house), house.check.instrument)
    assert len(value) <= MOST_BYTES


def test_a_sealed_sitting_opens_to_itself(house: House) -> None:
    sitting = fullest(house)
    value = COOKIE.seal(sitting, house.check.instrument)
    assert COOKIE.open(value, house.check.instrument, now=sitting.touched_at) == sitting


@given(position=st.integers(min_value=0, max_value=10_000), flip=st.integers(1, 255))
def test_any_flipped_bit_is_noticed(position: int, flip: int) -> None:
    instrument = built_in_instrument()
    sitting = Sitting(facts=Facts(), facts_given=1, answers=(), revision=1, touched_at=1_000)
    sealed = bytearray(base64.urlsafe_b64decode(COOKIE.seal(sitting, instrument) + "=="))
    sealed[position % len(sealed)] ^= flip
    value = base64.urlsafe_b64encode(bytes(sealed)).decode()
    with pytest.raises(InputError):
        COOKIE.open(value, instrument, now=1_000)


@given(value=st.text(max_size=200))
def test_anything_else_in_the_cookie_is_refused(value: str) -> None:
    with pytest.raises(InputError):
        COOKIE.open(value, built_in_instrument(), now=1_000)


def test_another_secret_opens_nothing(house: House) -> None:
    sitting = fullest(house)
    value = COOKIE.seal(sitting, house.check.instrument)
    stranger = SittingCookie(
        secret=b"some other secret of the same length", secure=False, lifetime_seconds=3600
    )
    with pytest.raises(InputError):
        stranger.open(value, house.check.instrument, now=sitting.touched_at)


def test_a_value_cannot_be_moved_between_cookies(house: House) -> None:
    sitting = fullest(house)
    value = COOKIE.seal(sitting, house.check.instrument)
    secure = SittingCookie(secret=SECRET, secure=True, lifetime_seconds=3600)
    with pytest.raises(InputError):
        secure.open(value, house.check.instrument, now=sitting.touched_at)


def test_a_sitting_from_the_future_is_refused(house: House) -> None:
    sitting = fullest(house)
    value = COOKIE.seal(sitting, house.check.instrument)
    with pytest.raises(InputError):
        COOKIE.open(value, house.check.instrument, now=sitting.touched_at - 3600)


def test_a_missing_answer_survives_the_cookie(house: House) -> None:
    item = house.check.instrument.items[0].id
    sitting = Sitting(
        facts=Facts(),
        facts_given=3,
        answers=(Answer(item_id=item, category=MISSING),),
        revision=4,
        touched_at=10,
    )
    value = COOKIE.seal(sitting, house.check.instrument)
    assert COOKIE.open(value, house.check.instrument, now=10) == sitting


@pytest.mark.parametrize("length", Length)
@pytest.mark.parametrize("adjusted", [True, False])
def test_length_and_adjusting_survive_the_cookie(
    house: House, length: Length, adjusted: bool
) -> None:
    sitting = replace(fullest(house), length=length, adjusted=adjusted)
    value = COOKIE.seal(sitting, house.check.instrument)
    assert COOKIE.open(value, house.check.instrument, now=sitting.touched_at) == sitting


def test_a_sitting_from_before_there_were_lengths_goes_on(house: House) -> None:
    """Its cookie knows neither length nor adjusting: it is as long as is usual, and adjusted."""
    now = fullest(house)
    document = json.loads(pack_sitting(now, house.check.instrument))
    del document["l"], document["p"]
    old = json.dumps({**document, "v": 1}).encode()
    assert unpack_sitting(old, house.check.instrument) == replace(
        now, length=Length.USUAL, adjusted=True
    )


@pytest.mark.parametrize(
    "changes", [{"v": 3}, {"v": None}, {"l": "endless"}, {"l": None}, {"a": ["0.x"]}, {"f": []}]
)
def test_a_sitting_that_cannot_be_is_refused(house: House, changes: dict[str, object]) -> None:
    document = json.loads(pack_sitting(fullest(house), house.check.instrument))
    with pytest.raises(InputError, match="Please start again"):
        unpack_sitting(json.dumps({**document, **changes}).encode(), house.check.instrument)


def test_a_tampered_cookie_starts_again_kindly(walker: Walker) -> None:
    walker.begin()
    walker.state_facts()
    name = next(iter(walker.client.cookies))
    walker.client.cookies.clear()
    walker.client.cookies.set(name, "A" * 80)
    answer = walker.client.get("/check")
    assert answer.status_code == 400
    assert "start again" in answer.text


def test_the_cookie_is_a_sealed_session_cookie(client: TestClient) -> None:
    cookie = client.post("/begin").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert "max-age" not in cookie
    assert "expires" not in cookie
    assert "domain" not in cookie


def test_over_https_the_cookie_is_bound_to_the_host() -> None:
    assert SittingCookie(secret=SECRET, secure=True, lifetime_seconds=1).name == "__Host-undertow"


def test_nothing_of_a_person_in_addresses_titles_logs_or_files(
    client: TestClient,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    titles: list[str] = []

    def note(url: str, page: str, location: str) -> None:
        seen.extend([url, location])
        titles.extend(re.findall(r"<title>(.*?)</title>", page, re.S))

    walker = Walker(client)
    original = client.request

    def noting(method: str, url: str, **given: object) -> object:
        answer = original(method, url, **given)  # type: ignore[arg-type]
        note(str(answer.url), answer.text, answer.headers.get("location", ""))
        return answer

    monkeypatch.setattr(client, "request", noting)
    walker.whole(lambda n: n % 5, gender="other", own_words=CANARY)
    client.post("/check/answer", data={"category": CANARY, "revision": CANARY, "item": CANARY})
    client.post("/check/gender", data={"own_words": CANARY, "choice": CANARY, "revision": "1"})
    client.get(f"/{CANARY}")
    out, err = capfd.readouterr()
    said = "\n".join([out, err, *(r.getMessage() for r in caplog.records if "httpx" not in r.name)])
    assert CANARY not in said
    assert len(titles) > 20
    assert {title for title in titles if CANARY in title} == set()
    own = [url for url in seen if CANARY not in url]
    assert all("?" not in url and "#" not in url for url in own)
    assert all(walker_item not in url for url in own for walker_item in walker.asked)
    assert list(tmp_path.iterdir()) == []
