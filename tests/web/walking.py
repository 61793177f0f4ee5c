"""Walks the check as a browser without script would: reads the form, sends it, follows."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.testclient import TestClient

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def hidden_fields(page: str) -> dict[str, str]:
    """The first form of the content and its hidden fields (the leave form has none)."""
    return {name: html.unescape(value) for name, value in HIDDEN.findall(page)}


def text_of(page: str) -> str:
    """A page's words as one line, without tags."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


@dataclass
class Walker:
    client: TestClient
    asked: list[str] = field(default_factory=list)

    def page(self, path: str = "/check") -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path: str, **fields: str) -> int:
        return self.client.post(path, data=fields).status_code

    def begin(self) -> None:
        assert self.post("/begin") == 303

    def state_facts(
        self,
        *,
        age: str = "35-44",
        gender: str = "man",
        own_words: str = "",
        relationship: str = "now",
        partner_word: str = "partner",
    ) -> None:
        screens: tuple[tuple[str, dict[str, str]], ...] = (
            ("age", {"choice": age}),
            ("gender", {"choice": gender, "own_words": own_words}),
            ("relationship", {"choice": relationship, "partner_word": partner_word}),
        )
        for name, fields in screens:
            revision = hidden_fields(self.page())["revision"]
            assert self.post(f"/check/{name}", revision=revision, **fields) == 303

    def answer(self, category: int | str) -> None:
        fields = hidden_fields(self.page())
        self.asked.append(fields["item"])
        status = self.post(
            "/check/answer",
            revision=fields["revision"],
            item=fields["item"],
            category=str(category),
        )
        assert status == 303

    def done(self) -> bool:
        return self.client.get("/check").headers.get("location") == "/result"

    def finish(self, choose: Callable[[int], int | str]) -> str:
        """Answers to the end and returns the result page; `choose` gets the question's number."""
        for number in range(1, 60):
            if self.done():
                return self.page("/result")
            self.answer(choose(number))
        raise AssertionError("the check does not end")

    def whole(self, choose: Callable[[int], int | str], **facts: str) -> str:
        self.begin()
        self.state_facts(**facts)
        return self.finish(choose)
