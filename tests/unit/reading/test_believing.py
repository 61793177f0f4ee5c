"""Answers that don't go together widen what is said, or withhold it; nothing is held against anyone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.terminal.typed import PATTERNS, report_of

from undertow.bank.item import Dimension
from undertow.bank.responses import MISSING
from undertow.measure.belief import Verdict
from undertow.measure.session import Session
from undertow.reading.believing import belief_of, belief_sentences
from undertow.wiring import House

Take = Callable[[Callable[[Dimension, int], int]], Session]


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [
        ("worried", Verdict.FINE),
        ("calm", Verdict.FINE),
        ("middle", Verdict.FINE),
        ("all left out", Verdict.FINE),
        ("a few that don't fit", Verdict.WIDEN),
        ("always agrees", Verdict.WITHHOLD),
    ],
)
def test_what_is_made_of_answers(house: House, pattern: str, verdict: Verdict) -> None:
    report, _ = report_of(house, PATTERNS[pattern])
    assert report.belief.verdict is verdict


def test_fine_answers_are_not_spoken_of(house: House) -> None:
    report, _ = report_of(house, PATTERNS["worried"])
    assert belief_sentences(report.belief, house.check.phrases) == ()


def test_where_some_do_not_fit_the_rings_are_wider_and_it_is_said(house: House) -> None:
    check = house.check
    report, _ = report_of(house, PATTERNS["a few that don't fit"])
    assert check.phrases.say("belief_widen") == report.sureness[0]
    assert max(report.belief.times_wider) > 1
    assert report.headline.phrase != "belief_withhold"


def test_the_estimate_is_as_wide_as_what_is_said(house: House, take: Take) -> None:
    """Against the posterior that believes every answer."""
    report, typed = report_of(house, PATTERNS["always agrees"])
    assert typed
    session = take(lambda _dimension, _turn: 2)
    assert belief_of(session).verdict is Verdict.WITHHOLD
    assert (report.estimate.psd > session.posterior().estimate().psd).any()


def test_where_most_do_not_fit_nothing_is_said_of_the_place(house: House) -> None:
    say = house.check.phrases.say
    report, _ = report_of(house, PATTERNS["always agrees"], relationship="recently-ended")
    assert report.headline.text == say("belief_withhold")
    assert report.region.text == say("belief_withhold_text")
    assert report.plane.caption == say("belief_withhold_caption")
    for reading in report.dimensions:
        assert reading.statement.text == say(f"belief_withhold_{reading.dimension.value}")
        assert reading.statement.certainty == say("belief_withhold_certainty")
        assert reading.percentiles == ()
    said = " ".join(report.sentences())
    assert "in 100 of them scored lower" not in said
    assert "higher than" not in said
    # What may be done next still holds, and what comes first still comes first.
    assert report.first
    assert {"ended-today", "breathe", "talk"} <= {step.phrase for step in report.steps}
    # The reason is told where it can be.
    assert say("belief_run") in report.sureness


def test_leaving_everything_out_is_not_doubted(take: Take) -> None:
    belief = belief_of(take(lambda _dimension, _turn: MISSING))
    assert belief.verdict is Verdict.FINE
    assert belief.fit.joint is None
