"""The self-check as a conversation of plain lines; what is asked and said comes from the house."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from undertow.bank.person import Gender
from undertow.bank.responses import MISSING, Answer
from undertow.errors import InputError
from undertow.measure.fair import Length
from undertow.reading.adjustment import Adjusting, Adjustment
from undertow.reading.report import Report
from undertow.reading.report_dict import help_as_dict, report_as_dict
from undertow.reading.sureness import about_numbers
from undertow.service.sitting import FACT_STAGES, Sitting, Stage
from undertow.settings import chosen_instrument
from undertow.terminal.asking import Command, Option, band_of, command_of, option_of
from undertow.terminal.plane_text import PlaneText
from undertow.terminal.result import (
    GAP,
    Drawing,
    Part,
    Words,
    help_blocks,
    help_in_short,
    result_parts,
)
from undertow.terminal.voice import InputEnded, Page, Tone, Voice, open_voice
from undertow.wiring import House, build_house

_NUMBERS, _CHANGE, _ADJUST = "n", "c", "p"
"""Letters at the end of the result: more about the numbers, the last question again, the result with or
without what was adjusted."""


class Ending(Enum):
    """How a conversation ended."""

    FINISHED = "finished"
    UNDER_18 = "under-18"
    LEFT = "left"
    STOPPED = "stopped"


class Left(Exception):
    """The person typed that they want to leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The report of a finished check; without one, why there is none."""

    ending: Ending
    report: Report | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conversation:
    """One person's way through the check. `clock` gives seconds since 1970.

    `length` is how long it may get, `adjusted` whether the result is first shown so.
    PRIVACY P1: what is typed goes into the sitting and nowhere else.
    """

    house: House
    voice: Voice
    clock: Callable[[], int]
    draws: bool = True
    shows_result: bool = True
    length: str = Length.USUAL
    adjusted: bool = True

    def run(self) -> Outcome:
        """From the notice to the end of the result. Raises InputError when the input ends too early."""
        try:
            self._notice()
            return self._walk()
        except Left:
            self.goodbye()
            return Outcome(ending=Ending.LEFT)
        except InputEnded:
            raise InputError(self._text("terminal_ended")) from None

    def goodbye(self) -> None:
        """What is said to someone who leaves. The window is emptied where that is possible."""
        if self.voice.clears:
            self.voice.talk.clear()
        else:
            self.voice.talk.say()
        self.voice.talk.say(self._text("terminal_left"))
        self._help_note()

    def _walk(self) -> Outcome:
        check = self.house.check
        sitting = check.begin(self.clock(), length=self.length, adjusted=self.adjusted)
        while True:
            stage = check.stage(sitting)
            if stage is Stage.YOUNG:
                self._young()
                return Outcome(ending=Ending.UNDER_18)
            if stage is Stage.RESULT:
                report = check.report(sitting)
                wanted = self._result(report) if self.shows_result else ""
                if wanted == _ADJUST:
                    sitting = self._adjust(sitting)
                elif wanted == _CHANGE:
                    sitting = self._back(sitting)
                else:
                    return Outcome(ending=Ending.FINISHED, report=report)
            elif stage is Stage.ITEM:
                sitting = self._item(sitting)
            else:
                sitting = self._fact(stage, sitting)

    # ---- screens that are read ---------------------------------------------------------------

    def _notice(self) -> None:
        say, text = self.voice.talk.say, self._text
        self._heading(f"{text('name')}. {text('before_title')}.")
        self._lengths()
        say(text("terminal_who"))
        say(text("before_works_out"))
        say(text("terminal_rests"))
        say(text("terminal_seen"))
        if self.voice.clears:
            say(text("terminal_clears"))
        self._help_note()
        while self._enter(text("terminal_go_on")) is Command.BACK:
            say(text("terminal_first"))

    def _lengths(self) -> None:
        """How long it takes, and which other lengths there are."""
        usual, others = self.house.length, self.house.other_lengths
        chosen = next((one for one in others if one.length == self.length), None)
        if chosen is None:
            asked = {"minutes": usual.minutes, "low": usual.items_low, "high": usual.items_high}
            self.voice.talk.say(self._text("start_minutes", **asked))
        else:
            asked = {"minutes": chosen.minutes, "most": chosen.most}
            self.voice.talk.say(self._text(f"before_{chosen.length.value}", **asked))
        for one in others if chosen is None else ():
            what = self._text(f"start_{one.length.value}_what", most=one.most, minutes=one.minutes)
            self.voice.talk.say(f"--length {one.length.value}: {what}", lead="- ")

    def _young(self) -> None:
        self._heading(self._text("young_title"))
        for paragraph in self.house.screens.paragraphs("young"):
            self.voice.talk.say(paragraph)
        self._help_note()

    def _help(self) -> None:
        self._help_note()
        self.voice.talk.say(self._text("help_elsewhere"))

    def _numbers(self) -> None:
        values = about_numbers(self.house.check.bank, self.house.check.phrases)
        self._heading(self._text("numbers_title"))
        for paragraph in self.house.screens.paragraphs("numbers"):
            self.voice.talk.say(paragraph.format(**values))

    # ---- screens that are answered -----------------------------------------------------------

    def _fact(self, stage: Stage, sitting: Sitting) -> Sitting:
        screens, check = self.house.screens, self.house.check
        fact = screens.facts[stage.value]
        is_age = stage is Stage.AGE
        number = self._text("fact_number", number=FACT_STAGES.index(stage) + 1)
        chosen = self._choose(
            (
                Words(text=number, tone=Tone.HEADING),
                Words(text=fact.title, tone=Tone.STRONG),
                Words(text=fact.why),
                GAP,
            ),
            tuple(Option(value=c.value, label=c.label, also=(c.value,)) for c in fact.choices),
            hint="terminal_age" if is_age else "terminal_number",
            also=band_of if is_age else None,
        )
        if chosen is None:
            return self._back(sitting)
        revision, now = sitting.revision, self.clock()
        if is_age:
            return check.state_age(sitting, chosen.value, revision=revision, now=now)
        if stage is Stage.GENDER:
            words = self._own_words() if chosen.value == Gender.OTHER.value else ""
            if words is None:
                # Back from the second question of a screen opens its first one again.
                return sitting
            return check.state_gender(sitting, chosen.value, words, revision=revision, now=now)
        word = self._partner_word()
        if word is None:
            return sitting
        return check.state_relationship(
            sitting, chosen.value, word.value, revision=revision, now=now
        )

    def _own_words(self) -> str | None:
        asked = (
            Words(text=self._text("own_words_label"), tone=Tone.STRONG),
            Words(text=self._text("own_words_hint")),
        )
        self._print(asked, self.voice.talk)
        while True:
            self.voice.talk.say()
            typed = self._typed(self._text("terminal_words"), self._text("terminal_prompt"))
            if typed is Command.BACK:
                return None
            if isinstance(typed, str):
                return typed

    def _partner_word(self) -> Option | None:
        words = self.house.check.instrument.partner_words
        if len(words) == 1:
            # Stems in fixed words have no place for another one, so there is nothing to choose.
            return Option(value=words[0].id, label=words[0].label)
        return self._choose(
            (Words(text=self._text("partner_word_title"), tone=Tone.STRONG), GAP),
            tuple(Option(value=word.id, label=word.label, also=(word.id,)) for word in words),
        )

    def _item(self, sitting: Sitting) -> Sitting:
        check = self.house.check
        question = check.question(sitting)
        number = self._text("item_number", number=question.number)
        most = self._text("item_most", most=question.most)
        answers = tuple(
            Option(value=str(category), label=label)
            for category, label in enumerate(question.categories)
        )
        skip = Option(value=str(MISSING), label=self._text("item_skip"), also=("s", "skip"))
        chosen = self._choose(
            (
                Words(text=f"{number} ({most})", tone=Tone.HEADING),
                *([Words(text=question.frame)] if question.frame else []),
                GAP,
                Words(text=question.text, tone=Tone.STRONG),
                GAP,
                Words(text=self._text("item_scale")),
            ),
            (*answers, skip),
        )
        if chosen is None:
            return self._back(sitting)
        answer = Answer(item_id=question.item.id, category=int(chosen.value))
        return check.answer(sitting, answer, revision=sitting.revision, now=self.clock())

    def _back(self, sitting: Sitting) -> Sitting:
        if not sitting.answers and not sitting.facts_given:
            self.voice.talk.say(self._text("terminal_first"))
            return sitting
        return self.house.check.back(sitting, revision=sitting.revision, now=self.clock())

    def _adjust(self, sitting: Sitting) -> Sitting:
        return self.house.check.adjust(
            sitting, adjusted=not sitting.adjusted, revision=sitting.revision, now=self.clock()
        )

    # ---- the result --------------------------------------------------------------------------

    def _result(self, report: Report) -> str:
        """Shows the result; what the person wants then: the last question, to adjust, or nothing."""
        voice, page = self.voice, self.voice.page
        drawing = Drawing(size=page.plot_size, ink=page.ink, width=page.width)
        parts = result_parts(report, self.house.screens, drawing=drawing if self.draws else None)
        if not (voice.pauses and page.windowed):
            for part in parts:
                self._print(part, page)
            return ""
        try:
            return self._leaf_through(parts, report.adjustment)
        except InputEnded:
            # Ctrl-D where Enter would do: everything was answered, so it is no mistake.
            return ""

    def _leaf_through(self, parts: tuple[Part, ...], adjustment: Adjustment) -> str:
        """One part after the other, each when the person wants it; then what they want next."""
        at = 0
        while at < len(parts):
            self._print(parts[at], self.voice.page)
            typed = self._rest(adjustment, last=at == len(parts) - 1)
            if typed == _CHANGE or (typed is Command.BACK and at == 0):
                return _CHANGE
            if typed == _ADJUST:
                return _ADJUST
            at += -1 if typed is Command.BACK else 1
        return ""

    def _rest(self, adjustment: Adjustment, *, last: bool) -> Command | str:
        """Waits below a part; at the last one there is more to choose from."""
        if not last:
            return self._enter(self._text("terminal_read_on"))
        while True:
            self.voice.talk.say()
            self.voice.talk.say(self._text("terminal_more"))
            letters: tuple[str, ...] = (_NUMBERS, _CHANGE)
            if adjustment.can_turn:
                is_off = adjustment.state is Adjusting.OFF
                self.voice.talk.say(self._text(f"terminal_adjust_{'on' if is_off else 'off'}"))
                letters = (*letters, _ADJUST)
            typed = self._enter(self._text("terminal_end"), other=letters)
            if typed != _NUMBERS:
                return typed
            self._numbers()

    # ---- asking ------------------------------------------------------------------------------

    def _choose(
        self,
        asked: Part,
        options: tuple[Option, ...],
        *,
        hint: str = "terminal_number",
        also: Callable[[str, tuple[Option, ...]], Option | None] | None = None,
    ) -> Option | None:
        """One of the options, asked until it is one; None for back."""
        talk = self.voice.talk
        shown = (
            *asked,
            *(Words(text=o.label, lead=f"{number}  ") for number, o in enumerate(options, start=1)),
        )
        self._print(shown, talk)
        while True:
            talk.say()
            typed = self._typed(self._text(hint, most=len(options)), self._text("terminal_prompt"))
            if typed is Command.BACK:
                return None
            if typed is Command.HELP:
                # The help pushed the question up; it comes again, so that nobody has to look for it.
                self._print(shown, talk)
            elif isinstance(typed, str):
                chosen = option_of(typed, options) or (also(typed, options) if also else None)
                if chosen is not None:
                    return chosen
                talk.say(self._text("terminal_unknown"))

    def _enter(self, what: str, *, other: tuple[str, ...] = ()) -> Command | str:
        """Waits for Enter (an empty line), for back, or for one of the other letters."""
        self.voice.talk.say()
        while True:
            typed = self._typed("", what)
            if typed is Command.BACK:
                return typed
            if isinstance(typed, str):
                letter = typed.casefold()
                if not letter or letter in other:
                    return letter
                self.voice.talk.say(self._text("terminal_unknown"))

    def _typed(self, hint: str, prompt: str) -> Command | str:
        """What is typed: a command, help already given, or any other line. Raises Left.

        SAFETY P3: the line before each answer says how to reach help, in the same place everywhere.
        """
        keys = self._text("terminal_keys", lines=help_in_short(self.house.check.help_note))
        if not hint and self.voice.talk.fits(f"{keys} {prompt}"):
            prompt = f"{keys} {prompt}"
        else:
            self.voice.talk.say(f"{hint} {keys}".strip())
        typed = self.voice.ask(prompt)
        command = command_of(typed)
        if command is Command.LEAVE:
            raise Left
        if command is Command.HELP:
            self._help()
        return typed if command is None else command

    # ---- saying ------------------------------------------------------------------------------

    def _text(self, text_id: str, **values: object) -> str:
        return self.house.screens.say(text_id, **values)

    def _heading(self, text: str) -> None:
        self.voice.talk.say()
        self.voice.talk.say(text, tone=Tone.HEADING)

    def _help_note(self) -> None:
        blocks = help_blocks(self.house.check.help_note, self.house.screens)
        self._print(blocks, self.voice.talk)

    def _print(self, part: Part, page: Page) -> None:
        """A part, with an empty line before it and before each heading in it."""
        for number, block in enumerate(part):
            if isinstance(block, PlaneText):
                page.draw(block)
                continue
            if number == 0 or block.tone is Tone.HEADING:
                page.say()
            page.say(block.text, tone=block.tone, lead=block.lead)


def run_check(
    *,
    as_json: bool,
    draws: bool = True,
    length: str = Length.USUAL,
    adjusted: bool = True,
) -> Outcome:
    """The self-check on this process's own streams: the built-in one, unless settings choose another.

    With `as_json` the result is one JSON object on stdout and all else goes to stderr. Where
    there is no result, the object says why and carries the help note (SAFETY P3).
    """
    voice = open_voice(sys.stdin, sys.stdout, sys.stderr, result_on_out=not as_json)
    conversation = Conversation(
        house=build_house(instrument=chosen_instrument()),
        voice=voice,
        clock=lambda: int(time.time()),
        draws=draws,
        shows_result=not as_json,
        length=length,
        adjusted=adjusted,
    )
    try:
        outcome = conversation.run()
    except KeyboardInterrupt:
        conversation.goodbye()
        outcome = Outcome(ending=Ending.STOPPED)
    if as_json:
        note = conversation.house.check.help_note
        found = (
            {"report": None, "ended": outcome.ending.value, "help": help_as_dict(note)}
            if outcome.report is None
            else report_as_dict(outcome.report)
        )
        # In ASCII, since nobody knows what the other end of a pipe can read.
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return outcome
