"""The self-check in a terminal: the same questions, the same report as on the web (SAFETY P6)."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass

from undertow.bank.person import Gender
from undertow.bank.responses import MISSING, Answer
from undertow.reading.report_dict import report_as_dict
from undertow.service.screens import Choice
from undertow.service.sitting import Sitting, Stage
from undertow.terminal.result import show_report
from undertow.terminal.talk import Talk
from undertow.wiring import House, build_house

_BACK, _HELP, _LEAVE, _SKIP = "b", "h", "q", "s"


class Leaving(Exception):
    """The person wants to leave."""


class GoingBack(Exception):
    """The person wants the screen before."""


def run_check(*, as_json: bool) -> None:
    """Takes the check on stdin and stdout; with `as_json` only the result goes to stdout.

    Raises InputError when the answers end before the check does.
    """
    house = build_house()
    out = sys.stderr if as_json else sys.stdout
    talk = Talk(answers=sys.stdin, out=out, ended=house.screens.say("terminal_ended"))
    check = TerminalCheck(house=house, talk=talk)
    try:
        sitting = check.take()
    except Leaving:
        talk.say(house.screens.say("terminal_left"))
        check.show_help()
        return
    if house.check.stage(sitting) is Stage.YOUNG:
        check.show_young()
        return
    report = house.check.report(sitting)
    if as_json:
        sys.stdout.write(json.dumps(report_as_dict(report), indent=2, ensure_ascii=False) + "\n")
    else:
        show_report(report, house.screens, talk)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalCheck:
    """One person's way through the check, a screen after the other."""

    house: House
    talk: Talk

    def take(self) -> Sitting:
        """From the notice to the last answer. Raises Leaving."""
        check = self.house.check
        self._notice()
        sitting = check.begin(self._now())
        while (stage := check.stage(sitting)) not in (Stage.RESULT, Stage.YOUNG):
            try:
                sitting = self._item(sitting) if stage is Stage.ITEM else self._fact(sitting, stage)
            except GoingBack:
                sitting = check.back(sitting, revision=sitting.revision, now=self._now())
        return sitting

    def show_help(self) -> None:
        note = self.house.check.help_note
        self.talk.say(note.lead)
        for line in note.lines:
            self.talk.say(f"  {line.say}")
        self.talk.say(note.not_a_diagnosis)

    def show_young(self) -> None:
        self.talk.heading(self._say("young_title"))
        for paragraph in self.house.screens.paragraphs("young"):
            self.talk.say(paragraph)
            self.talk.say()
        self.show_help()

    def _notice(self) -> None:
        talk = self.talk
        talk.heading(self._say("name"))
        self.show_help()
        talk.say()
        talk.say(self._say("start_lead"))
        length = self.house.length
        talk.say(
            self._say(
                "start_minutes",
                minutes=length.minutes,
                low=length.items_low,
                high=length.items_high,
            )
        )
        talk.heading(self._say("before_title"))
        for text in ("before_who_unnamed", "before_works_out"):
            talk.say(self._say(text))
        for text in ("terminal_notice_rests", "terminal_notice_device"):
            talk.say(self._say(text))
        talk.say()
        talk.say(self._say("terminal_go"))
        while typed := talk.ask().lower():
            if typed == _LEAVE:
                raise Leaving
            talk.say(self._say("terminal_wrong_go"))

    def _fact(self, sitting: Sitting, stage: Stage) -> Sitting:
        check, screens = self.house.check, self.house.screens
        fact = screens.facts[stage.value]
        self.talk.heading(fact.title)
        self.talk.say(fact.why)
        chosen = self._choose(fact.choices)
        now, revision = self._now(), sitting.revision
        if stage is Stage.AGE:
            return check.state_age(sitting, chosen, revision=revision, now=now)
        if stage is Stage.GENDER:
            own = ""
            if chosen == Gender.OTHER.value:
                self.talk.say(self._say("terminal_own_words"))
                own = self.talk.ask()
            return check.state_gender(sitting, chosen, own, revision=revision, now=now)
        self.talk.heading(self._say("partner_word_title"))
        words = tuple(
            Choice(value=word.id, label=word.label) for word in check.instrument.partner_words
        )
        word = self._choose(words)
        return check.state_relationship(sitting, chosen, word, revision=revision, now=now)

    def _item(self, sitting: Sitting) -> Sitting:
        check, talk = self.house.check, self.talk
        question = check.question(sitting)
        talk.say()
        number = self._say("item_number", number=question.number)
        talk.say(f"{number} ({self._say('item_most', most=question.most)})")
        if question.frame:
            talk.say(question.frame)
        talk.say()
        talk.say(question.text, style="bold")
        talk.say(self._say("item_scale"))
        for at, label in enumerate(question.categories, start=1):
            talk.say(f"  {at}  {label}")
        talk.say(self._say("terminal_item_keys"))
        category = self._category(question.categories)
        answer = Answer(item_id=question.item.id, category=category)
        return check.answer(sitting, answer, revision=sitting.revision, now=self._now())

    def _category(self, labels: tuple[str, ...]) -> int:
        while True:
            typed = self._typed()
            if typed == _SKIP:
                return MISSING
            if typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= len(labels):
                return int(typed) - 1
            matches = [i for i, label in enumerate(labels) if label.lower() == typed]
            if matches:
                return matches[0]
            self.talk.say(self._say("terminal_wrong", most=len(labels)))

    def _choose(self, choices: tuple[Choice, ...]) -> str:
        """One choice by its number, its words or its value."""
        for at, choice in enumerate(choices, start=1):
            self.talk.say(f"  {at}  {choice.label}")
        self.talk.say(f"{self._say('terminal_choose')} · {self._say('terminal_fact_keys')}")
        while True:
            typed = self._typed()
            if typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= len(choices):
                return choices[int(typed) - 1].value
            for choice in choices:
                if typed in (choice.label.lower(), choice.value):
                    return choice.value
            self.talk.say(self._say("terminal_wrong", most=len(choices)))

    def _typed(self) -> str:
        """A line that is not one of the letters which work everywhere. Raises Leaving, GoingBack."""
        while True:
            typed = self.talk.ask().lower()
            if typed == _LEAVE:
                raise Leaving
            if typed == _BACK:
                raise GoingBack
            if typed != _HELP:
                return typed
            self.show_help()

    def _say(self, text_id: str, **values: object) -> str:
        return self.house.screens.say(text_id, **values)

    @staticmethod
    def _now() -> int:
        return int(time.time())
