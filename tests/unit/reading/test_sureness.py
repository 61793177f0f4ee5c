"""What limits a result is said as far as it holds for this bank, and no further."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.adapted_bank import adapting, drifting
from tests.made_up_bank import large_bank

from undertow.bank.calibrated import Bank, DependentPair, GroupFigures
from undertow.bank.fairness import DifferenceRange, FairnessRange
from undertow.bank.item import Dimension
from undertow.bank.person import Facts
from undertow.bank.responses import Answer
from undertow.measure.fair import Length, fair_test, plain_test, rule_of
from undertow.measure.session import Session
from undertow.measure.stop import StopReason
from undertow.reading.believing import belief_of
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

PAIRS = (DependentPair(first="a1", second="a2", dependence=0.3),)


@pytest.fixture
def phrases(house: House) -> Phrases:
    return house.check.phrases


def by_group(bank: Bank) -> Bank:
    """The bank with the same figures once more for men and for women."""
    return replace(
        bank,
        group_correlation=bank.correlation,
        items=tuple(
            replace(
                item,
                by_group=tuple(
                    GroupFigures(group=group, slope=item.slope, intercepts=item.intercepts)
                    for group in ("man", "woman")
                ),
            )
            for item in bank.items
        ),
    )


def sentences_of(
    session: Session, phrases: Phrases, *, reason: StopReason = StopReason.LENGTH
) -> tuple[str, ...]:
    return sureness_of(
        session,
        reason=reason,
        belief=belief_of(session),
        facts=Facts(),
        norm=session.test.model.bank.norms[0],
        phrases=phrases,
    )


def said_of(bank: Bank, phrases: Phrases, *, plain: bool = False) -> str:
    return " ".join(sentences_of(sitting(bank, plain=plain), phrases))


def sitting(
    bank: Bank, *, length: Length = Length.USUAL, answers: int = 1, plain: bool = False
) -> Session:
    """A session whose answers all say the same; which were asked does not matter here."""
    test = plain_test(bank) if plain else fair_test(bank, rule=rule_of(bank, length))
    given = tuple(Answer(item_id=item.id, category=1) for item in bank.items[:answers])
    return Session(test=test, answers=given)


def numbers_of(bank: Bank, phrases: Phrases) -> dict[str, str]:
    return {key: str(value) for key, value in about_numbers(bank, phrases).items()}


# ---- how long, and why no longer -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (StopReason.PRECISE, "both places were known"),
        (StopReason.SETTLED, "not likely to change what we say"),
        (StopReason.LENGTH, "the most this check asks"),
        (StopReason.EXHAUSTED, "no question was left"),
    ],
)
def test_every_reason_to_stop_has_its_words(
    phrases: Phrases, reason: StopReason, said: str
) -> None:
    found = sentences_of(sitting(large_bank()), phrases, reason=reason)
    assert [said in sentence for sentence in found].count(True) == 1


def test_who_was_asked_everything_is_not_told_that_more_would_help(phrases: Phrases) -> None:
    bank = large_bank()
    everything = sitting(bank, length=Length.FULL, answers=len(bank.items))
    said = " ".join(sentences_of(everything, phrases))
    assert "no question was left" in said
    assert "rings smaller" not in said


@pytest.mark.parametrize(
    ("length", "can_show"), [(Length.USUAL, True), (Length.SHORT, False), (Length.FULL, True)]
)
def test_the_short_form_says_what_it_cannot_do(
    phrases: Phrases, length: Length, can_show: bool
) -> None:
    said = " ".join(sentences_of(sitting(large_bank(), length=length), phrases))
    assert ("can't show change over time" in said) is not can_show
    assert ("at most 12 questions. That makes the rings wider." in said) is not can_show


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


def fairness_of(bank: Bank, phrases: Phrases, *, adjusted: bool = True) -> str:
    return fairness_sentences(bank, adjusted=adjusted, phrases=phrases)


def test_without_a_comparison_no_figure_is_made_up(phrases: Phrases) -> None:
    said = fairness_of(drifting(large_bank()), phrases)

    assert said == phrases.say("fairness")
    assert not any(letter.isdigit() for letter in said)


@pytest.mark.parametrize("adjusted", [True, False])
def test_fairness_is_told_with_the_range_over_yardsticks(phrases: Phrases, adjusted: bool) -> None:
    said = fairness_of(replace(by_group(large_bank()), fairness=FOUND), phrases, adjusted=adjusted)

    # From a table of the normal: Phi(-.30) = .3821, Phi(.15) = .5596, Phi(-.20) = .4207, Phi(0) = .5.
    assert "By some questions 38 of 100 women worry less than he does, by others 56." in said
    assert "On distance it is 42 to 50." in said
    assert "Nothing outside the answers says which questions are the right yardstick" in said


def test_what_is_done_against_a_tilt_is_said_only_where_it_is_done(phrases: Phrases) -> None:
    compared = replace(large_bank(), fairness=FOUND)
    weighed = fairness_of(replace(by_group(large_bank()), fairness=FOUND), phrases)
    turned_off = fairness_of(
        replace(by_group(large_bank()), fairness=FOUND), phrases, adjusted=False
    )
    without_figures = fairness_of(compared, phrases)

    done = "so that it does not lose what the whole set of questions sees"
    assert done in weighed
    # Relative to this set of questions, and no further.
    assert "What the whole set of questions itself does not see, it does not see either." in weighed
    assert done not in turned_off
    assert turned_off == without_figures
    assert "Nothing is weighed against that here." in turned_off


def test_only_the_figures_it_was_checked_on_are_said_to_be_checked(phrases: Phrases) -> None:
    own, ours = (
        fairness_of(replace(by_group(bank), fairness=FOUND), phrases)
        for bank in (large_bank(), drifting(large_bank()))
    )
    assert "checked" not in own
    assert "It was checked not to" in ours
    assert "shown with the first wording" in ours
    assert "For ours we assume it" in ours
    assert "assume" not in own


def test_a_bank_that_compared_groups_says_so_on_the_result_and_about_the_numbers(
    phrases: Phrases,
) -> None:
    bank = by_group(replace(drifting(large_bank()), fairness=FOUND))
    said = fairness_of(bank, phrases)

    assert said in said_of(bank, phrases)
    assert numbers_of(bank, phrases)["fairness"] == said
    assert phrases.say("fairness") not in said_of(bank, phrases)
    # Scored without any of it, the result does not say that it was done.
    assert fairness_of(bank, phrases, adjusted=False) in said_of(bank, phrases, plain=True)


# ---- the page about the numbers ------------------------------------------------------------------


def test_the_page_about_the_numbers_is_filled_whole(house: House) -> None:
    values = about_numbers(house.check.bank, house.check.phrases)
    text = " ".join(house.screens.paragraphs("numbers")).format(**values)

    assert "{" not in text
    for key in values:
        assert str(values[key]) in text


def test_the_page_about_the_numbers_says_only_what_this_bank_allows(phrases: Phrases) -> None:
    bare = large_bank()
    sides = replace(
        bare,
        items=tuple(
            replace(item, facet=f"{item.dimension.value} {n % 4}")
            for n, item in enumerate(bare.items)
        ),
    )
    assert "every side" not in numbers_of(bare, phrases)["choosing"]
    assert "every side of the subject gets its share" in numbers_of(sides, phrases)["choosing"]
    assert "count for less" not in numbers_of(bare, phrases)["adjusting"]
    assert "weighed the same for everyone" in numbers_of(bare, phrases)["adjusting"]
    repeats = numbers_of(replace(bare, pairs=PAIRS), phrases)["adjusting"]
    assert "count for less than two" in repeats
    assert "both count alike" not in repeats
    assert "both count alike" in numbers_of(by_group(bare), phrases)["adjusting"]


def test_what_is_said_on_the_result_is_said_the_same_about_the_numbers(
    house: House, take: Take
) -> None:
    session = take(lambda _dimension, turn: 1 + turn % 3)
    said = sentences_of(session, house.check.phrases, reason=StopReason.PRECISE)
    assert about_numbers(house.check.bank, house.check.phrases)["fairness"] in said
