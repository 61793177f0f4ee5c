"""What limits a result is said as far as it holds for this bank, and no further."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.adapted_bank import adapting, drifting
from tests.made_up_bank import large_bank

from undertow.bank.calibrated import Bank
from undertow.bank.fairness import DifferenceRange, FairnessRange
from undertow.bank.item import Dimension
from undertow.bank.person import Facts
from undertow.measure.model import model_of
from undertow.measure.session import AdaptiveTest, Session
from undertow.measure.stop import StopReason, StopRule
from undertow.reading.phrase import Phrases
from undertow.reading.sureness import about_numbers, fairness_sentences, sureness_of
from undertow.wiring import House

Take = Callable[[Callable[[Dimension, int], int]], Session]

FOUND = FairnessRange(
    groups=("men", "women"),
    rule="purified",
    anxiety=DifferenceRange(low=-0.30, high=0.15, chosen=-0.1),
    avoidance=DifferenceRange(low=-0.20, high=0.0, chosen=-0.1),
)


@pytest.fixture
def phrases(house: House) -> Phrases:
    return house.check.phrases


def said_of(bank: Bank, phrases: Phrases) -> str:
    session = Session(test=AdaptiveTest(model=model_of(bank), rule=StopRule()))
    return " ".join(
        sureness_of(
            session,
            reason=StopReason.LENGTH,
            facts=Facts(),
            norm=bank.norms[0],
            phrases=phrases,
        )
    )


def numbers_of(bank: Bank, phrases: Phrases) -> dict[str, str]:
    test = AdaptiveTest(model=model_of(bank), rule=StopRule())
    return {key: str(value) for key, value in about_numbers(test, phrases).items()}


# ---- whose words ---------------------------------------------------------------------------------


@pytest.mark.parametrize("drift", [False, True])
def test_a_bank_of_first_wording_says_nothing_of_wording(phrases: Phrases, drift: bool) -> None:
    bank = large_bank()
    if drift:
        bank = replace(bank, drift=drifting(bank).drift)

    said = said_of(bank, phrases)
    assert "our own wording" not in said
    assert "drawn" not in said
    assert numbers_of(bank, phrases)["wording"] == phrases.say("words_own")


def test_where_drift_is_unknown_the_rings_are_said_to_be_too_small(phrases: Phrases) -> None:
    said = said_of(adapting(large_bank()), phrases)

    assert "our own wording" in said
    assert "true rings are a little larger than drawn" in said
    assert "drawn wider" not in said


def test_where_drift_is_carried_the_rings_are_said_to_be_wider(phrases: Phrases) -> None:
    bank = drifting(large_bank(), factor=3.0)
    said = said_of(bank, phrases)

    assert "the rings are drawn wider to allow for that. How much wider is our judgement." in said
    assert "larger than drawn" not in said
    # The factor is the bank's, wherever it is told.
    explained = numbers_of(bank, phrases)["wording"]
    assert "3 times as far" in explained
    assert "judgement" in explained
    assert "borrowed" in explained


# ---- men and women -------------------------------------------------------------------------------


def test_without_a_comparison_no_figure_is_made_up(phrases: Phrases) -> None:
    said = fairness_sentences(None, adapted=True, phrases=phrases)

    assert said == phrases.say("fairness")
    assert not any(letter.isdigit() for letter in said)


def test_fairness_is_told_with_the_range_over_yardsticks(phrases: Phrases) -> None:
    said = fairness_sentences(FOUND, adapted=False, phrases=phrases)

    # From a table of the normal: Phi(-.30) = .3821, Phi(.15) = .5596, Phi(-.20) = .4207, Phi(0) = .5.
    assert "By some questions 38 of 100 women worry less than he does, by others 56." in said
    assert "On distance it is 42 to 50." in said
    assert "Nothing outside the answers says which questions are the right yardstick" in said
    assert "does not yet correct" in said


def test_for_new_wording_fairness_is_only_assumed(phrases: Phrases) -> None:
    own, ours = (
        fairness_sentences(FOUND, adapted=adapted, phrases=phrases) for adapted in (False, True)
    )

    assert ours.startswith(own)
    assert "shown with the first wording" in ours
    assert "For ours we assume it" in ours
    assert "assume" not in own


def test_a_bank_that_compared_groups_says_so_on_the_result_and_about_the_numbers(
    phrases: Phrases,
) -> None:
    bank = replace(drifting(large_bank()), fairness=FOUND)
    said = fairness_sentences(FOUND, adapted=True, phrases=phrases)

    assert said in said_of(bank, phrases)
    assert numbers_of(bank, phrases)["fairness"] == said
    assert phrases.say("fairness") not in said_of(bank, phrases)


# ---- the page about the numbers ------------------------------------------------------------------


def test_the_page_about_the_numbers_is_filled_whole(house: House) -> None:
    values = about_numbers(house.check.test, house.check.phrases)
    text = " ".join(house.screens.paragraphs("numbers")).format(**values)

    assert "{" not in text
    for key in ("wording", "fairness", "who", "n"):
        assert str(values[key]) in text


def test_what_is_said_on_the_result_is_said_the_same_about_the_numbers(
    house: House, take: Take
) -> None:
    session = take(lambda _dimension, _turn: 2)
    bank = session.test.model.bank
    said = sureness_of(
        session,
        reason=StopReason.PRECISE,
        facts=Facts(),
        norm=bank.norms[0],
        phrases=house.check.phrases,
    )

    assert about_numbers(house.check.test, house.check.phrases)["fairness"] in said
