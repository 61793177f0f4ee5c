"""The self-check typed into a pipe: the same result as anywhere, and nothing taken for granted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.terminal.typed import FACTS, PATTERNS, Runner, one_line, report_of, result_of

from undertow.wiring import House

WORRIED = PATTERNS["worried"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_sentence_of_the_report_is_printed(house: House, run: Runner, pattern: str) -> None:
    """P6: same answers, same result."""
    report, typed = report_of(house, PATTERNS[pattern])
    done = run([*FACTS, *typed])
    assert done.code == 0
    assert done.err == ""
    result = one_line(result_of(done.out, house))
    for sentence in report.sentences():
        assert one_line(sentence) in result


@pytest.mark.parametrize(
    ("lines", "facts"),
    [
        (["", "42", "1", "1", "1"], {}),
        (["", "unstated", "prefer not to say", "5", "they"],
         {"age": "unstated", "gender": "unstated", "relationship": "unstated", "partner_word": "they"}),
        (["", "81", "Something else", "  my   own words ", "it ended", "2"],
         {"age": "over-80", "gender": "other", "own_words": "my own words",
          "relationship": "recently-ended", "partner_word": "she"}),
        (["", "7", "4", "", "never", "3"],
         {"age": "over-80", "gender": "other", "relationship": "never", "partner_word": "he"}),
        (["", "18", "WOMAN", "not now", "he"],
         {"age": "18-24", "gender": "woman", "relationship": "before", "partner_word": "he"}),
    ],
)  # fmt: skip
def test_facts_by_number_by_word_and_by_age(
    house: House, run: Runner, lines: list[str], facts: dict[str, str]
) -> None:
    report, typed = report_of(house, WORRIED, **facts)  # type: ignore[arg-type]
    done = run([*lines, *typed])
    assert done.code == 0
    result = one_line(result_of(done.out, house))
    for sentence in report.sentences():
        assert one_line(sentence) in result


def test_what_matters_more_than_the_result_comes_first_with_the_lines_in_full(
    house: House, run: Runner
) -> None:
    report, typed = report_of(house, WORRIED, relationship="recently-ended")
    done = run(["", "42", "man", "3", "1", *typed])
    result = one_line(result_of(done.out, house))
    first = result.index(report.first[0].text)
    assert first < result.index(report.headline.text)
    for line in report.help.lines:
        assert result.index(line.say) < first


def test_reading_order(house: House, run: Runner) -> None:
    report, typed = report_of(house, WORRIED)
    result = one_line(result_of(run([*FACTS, *typed]).out, house))
    said = [
        report.headline.text,
        report.headline.certainty,
        house.screens.say("result_chart"),
        report.plane.caption,
        report.region.text,
        report.steps[0].text,
        report.dimensions[0].statement.text,
        report.dimensions[1].statement.text,
        report.sureness[0],
        report.help.lead,
        report.help.not_a_diagnosis,
    ]
    places: list[int] = []
    for sentence in said:
        places.append(result.index(one_line(sentence), places[-1] + 1 if places else 0))
    assert places == sorted(places)


def test_the_chart_can_be_left_out_but_not_its_words(house: House, run: Runner) -> None:
    report, typed = report_of(house, WORRIED)
    with_chart = run([*FACTS, *typed])
    without = run([*FACTS, *typed], "--no-chart")
    assert without.code == 0
    assert any("│" in line for line in with_chart.out.splitlines())
    assert not any("│" in line for line in without.out.splitlines())
    assert one_line(report.plane.caption) in one_line(without.out)


# ---- how long, and what is adjusted ---------------------------------------------------------------


@pytest.mark.parametrize("length", ["usual", "short", "full"])
def test_a_length_is_said_at_the_start_and_kept(house: House, run: Runner, length: str) -> None:
    report, typed = report_of(house, WORRIED, length=length)
    done = run([*FACTS, *typed], "--length", length)
    assert done.code == 0
    notice = one_line(done.out[: done.out.index(house.screens.facts["age"].title)])
    others = {one.length.value: one for one in house.other_lengths}
    if length == "usual":
        usual = house.length
        assert f"About {usual.minutes} minutes." in notice
        for name, one in others.items():
            assert f"--length {name}: " in notice
            assert f"{one.most} questions, about {one.minutes} minutes" in notice
    else:
        one = others[length]
        assert f"{one.most} questions, about {one.minutes} minutes" in notice
        assert len(typed) == one.most
    result = one_line(result_of(done.out, house))
    for sentence in report.sentences():
        assert one_line(sentence) in result
    assert ("can't show change over time" in result) is (length == "short")


def test_an_unknown_length_is_refused(run: Runner) -> None:
    done = run(["", "q"], "--length", "endless")
    assert done.code == 2
    assert "endless" in done.err


def test_plain_shows_the_same_answers_without_what_is_adjusted(house: House, run: Runner) -> None:
    on, typed = report_of(house, WORRIED)
    off, typed_off = report_of(house, WORRIED, adjusted=False)
    assert typed == typed_off
    assert off.estimate.mean != pytest.approx(on.estimate.mean)
    done = run([*FACTS, *typed], "--plain")
    assert done.code == 0
    result = one_line(result_of(done.out, house))
    for sentence in off.sentences():
        assert one_line(sentence) in result
    said = json.loads(run([*FACTS, *typed], "--plain", "--json").out)
    assert said["adjustment"]["state"] == "off"
    assert said["estimate"]["mean"] == pytest.approx(list(off.estimate.mean))


# ---- what is typed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", ["7", "0", "", "yes please", "-1", "1.5", "٣", "1 2", "99999999999"]
)
def test_a_line_that_is_no_answer_is_asked_again(house: House, run: Runner, wrong: str) -> None:
    _, typed = report_of(house, WORRIED)
    clean = run([*FACTS, *typed])
    done = run([*FACTS, *typed[:3], wrong, wrong, *typed[3:]])
    unknown = house.screens.say("terminal_unknown")
    assert clean.out.count(unknown) == 0
    assert done.out.count(unknown) == 2
    assert result_of(done.out, house) == result_of(clean.out, house)


@pytest.mark.parametrize("stage", range(len(FACTS)))
def test_no_screen_takes_a_wrong_line_for_its_first_choice(
    house: House, run: Runner, stage: int
) -> None:
    _, typed = report_of(house, WORRIED)
    lines = [*FACTS[:stage], "something unheard of", *FACTS[stage:], *typed]
    done = run(lines)
    assert done.out.count(house.screens.say("terminal_unknown")) == 1
    assert result_of(done.out, house) == result_of(run([*FACTS, *typed]).out, house)


def test_items_take_words_and_letters_too(house: House, run: Runner) -> None:
    _, typed = report_of(house, PATTERNS["some left out"])
    words = {"2": "disagree", "4": "agree", "6": "S"}
    assert set(typed) == set(words)
    spoken = [words[line] for line in typed]
    numbered, worded = run([*FACTS, *typed]), run([*FACTS, *spoken])
    assert worded.out == numbered.out


def test_back_opens_the_last_answer_again(house: House, run: Runner) -> None:
    _, typed = report_of(house, WORRIED)
    wrong = "1" if typed[4] != "1" else "2"
    done = run([*FACTS, *typed[:4], wrong, "b", *typed[4:]])
    assert result_of(done.out, house) == result_of(run([*FACTS, *typed]).out, house)


def test_back_goes_through_the_facts_and_stops_at_the_first(house: House, run: Runner) -> None:
    _, typed = report_of(house, WORRIED)
    # Notice and first fact have nothing before them; the others open the one before.
    lines = ["b", "", "b", "25", "b", "42", "woman", "b", "man", "yes", "back", "no one"]
    done = run([*lines[:-1], "yes", "my partner", *typed])
    assert done.out.count(house.screens.say("terminal_first")) == 2
    assert result_of(done.out, house) == result_of(run([*FACTS, *typed]).out, house)


def test_back_from_own_words_opens_the_question_before(house: House, run: Runner) -> None:
    report, typed = report_of(house, WORRIED)
    done = run(["", "42", "something else", "b", "man", "yes", "1", *typed])
    assert done.code == 0
    assert one_line(report.dimensions[0].percentiles[1].text) in one_line(done.out)


def test_own_words_lose_what_could_steer_a_terminal(house: House, run: Runner) -> None:
    report, typed = report_of(house, WORRIED, gender="other", own_words="my[31m own")
    done = run(["", "42", "4", "my\x1b[31m\u202e \x07own", "yes", "1", *typed])
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert one_line(report.sureness[-1]) in one_line(done.out)


# ---- help and leaving -----------------------------------------------------------------------------


def test_help_and_no_diagnosis_come_before_the_first_question(house: House, run: Runner) -> None:
    done = run(["", "q"])
    notice = one_line(done.out[: done.out.index(house.screens.facts["age"].title)])
    note = house.check.help_note
    for sentence in (note.lead, note.not_a_diagnosis, *(line.say for line in note.lines)):
        assert one_line(sentence) in notice


def test_help_stands_before_every_answer(house: House, run: Runner) -> None:
    """P3: one step away on every screen, in the same place."""
    _, typed = report_of(house, WORRIED)
    lines = [*FACTS, *typed]
    done = run(lines)
    before = done.out[: done.out.index(f"\n{house.screens.say('result_title')}\n")]
    assert before.count("h help (US 988, findahelpline.com)") == len(lines)


@pytest.mark.parametrize("stage", range(len(FACTS) + 2))
def test_h_shows_help_and_asks_again(house: House, run: Runner, stage: int) -> None:
    _, typed = report_of(house, WORRIED)
    lines = [*FACTS, *typed]
    plain = run(lines)
    helped = run([*lines[:stage], "h", *lines[stage:]])
    assert helped.code == 0
    for line in house.check.help_note.lines:
        assert helped.out.count(line.say) == plain.out.count(line.say) + 1
    assert result_of(helped.out, house) == result_of(plain.out, house)


def test_after_help_the_question_is_said_again(house: House, run: Runner) -> None:
    done = run([*FACTS, "h", "q"])
    first = house.check.instrument
    stems = [item.text(first.partner_word("partner")) for item in first.scored_items]
    assert sum(done.out.count(stem) for stem in stems) == 2


@pytest.mark.parametrize("stage", [0, 1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("word", ["q", "Quit"])
def test_leaving_says_that_nothing_was_kept(
    house: House, run: Runner, stage: int, word: str
) -> None:
    _, typed = report_of(house, WORRIED)
    done = run([*[*FACTS, *typed][:stage], word])
    assert done.code == 0
    assert done.err == ""
    after = done.out[done.out.index(house.screens.say("terminal_left")) :]
    for line in house.check.help_note.lines:
        assert line.say in after
    assert house.screens.say("result_title") not in done.out


@pytest.mark.parametrize("stage", [0, 1, 2, 3, 4, 5, 9])
def test_input_that_ends_early_is_one_clear_line(house: House, run: Runner, stage: int) -> None:
    _, typed = report_of(house, WORRIED)
    done = run([*FACTS, *typed][:stage])
    assert done.code == 2
    assert done.err.splitlines() == [f"undertow: {house.screens.say('terminal_ended')}"]
    assert house.screens.say("result_title") not in done.out


@pytest.mark.parametrize("age", ["1", "under 18", "17", "9"])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_under_18_there_is_a_page_and_no_score(
    house: House, run: Runner, age: str, options: tuple[str, ...]
) -> None:
    done = run(["", age], *options)
    assert done.code == 0
    talk = done.err if options else done.out
    for paragraph in house.screens.paragraphs("young"):
        assert paragraph in talk
    after = talk[talk.index(house.screens.say("young_title")) :]
    for line in house.check.help_note.lines:
        assert line.say in after
    assert house.screens.say("result_title") not in done.out
    if options:
        said = json.loads(done.out)
        assert said["report"] is None
        assert said["ended"] == "under-18"
        assert [line["say"] for line in said["help"]["lines"]] == [
            line.say for line in house.check.help_note.lines
        ]


# ---- other media ----------------------------------------------------------------------------------


def strings_of(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [found for part in value.values() for found in strings_of(part)]
    if isinstance(value, list):
        return [found for part in value for found in strings_of(part)]
    return []


@pytest.mark.parametrize("pattern", PATTERNS)
def test_json_is_one_object_with_every_sentence(house: House, run: Runner, pattern: str) -> None:
    report, typed = report_of(house, PATTERNS[pattern], relationship="recently-ended")
    done = run(["", "42", "man", "3", "1", *typed], "--json")
    assert done.code == 0
    said = json.loads(done.out)
    found = strings_of(said)
    for sentence in report.sentences():
        assert sentence in found
    assert next(iter(said)) == "help"
    assert said["estimate"]["mean"] == pytest.approx(list(report.estimate.mean))
    # P4: never a mean without its covariance.
    assert said["estimate"]["covariance"] == pytest.approx(report.estimate.covariance)
    # For whoever studies it: code words beside the sentences.
    assert said["stop_reason"] in {"precise", "settled", "length", "exhausted"}
    assert said["adjustment"] == {
        "state": "on",
        "groups": ["man"],
        "say": list(report.adjustment.said),
    }
    assert said["belief"]["verdict"] == report.belief.verdict
    assert said["most"] == 20
    assert house.screens.facts["age"].title in done.err
    assert house.screens.say("result_title") not in done.err


def test_left_json_says_so_and_carries_help(run: Runner) -> None:
    done = run(["", "q"], "--json")
    assert done.code == 0
    said = json.loads(done.out)
    assert (said["report"], said["ended"]) == (None, "left")
    assert said["help"]["lines"]


def test_nothing_is_written_to_disk(
    house: House, run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_STATE_HOME", "UNDERTOW_STATE_DIR", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    _, typed = report_of(house, WORRIED)
    assert run([*FACTS, *typed]).code == 0
    assert list(tmp_path.iterdir()) == []
