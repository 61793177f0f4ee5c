"""What limits a result: the sample, the words, fairness; where a person stands is left to `position`."""

from __future__ import annotations

from collections.abc import Mapping
from math import erf, sqrt

from undertow.bank.calibrated import Bank
from undertow.bank.fairness import FairnessRange
from undertow.bank.norms import Norm, fitting_norms
from undertow.bank.person import AgeBand, Facts, Gender, Relationship
from undertow.measure.session import AdaptiveTest, Session
from undertow.measure.stop import StopReason
from undertow.reading.phrase import Phrases


def in_100(share: float) -> int:
    """A share as 'in 100', never 0 or 100: nothing here is that certain."""
    return min(99, max(1, round(100 * share)))


def sureness_of(
    session: Session, *, reason: StopReason, facts: Facts, norm: Norm, phrases: Phrases
) -> tuple[str, ...]:
    """The sentences on how sure a result is, in reading order. `norm` is the pooled one."""
    bank = session.test.model.bank
    said = [
        phrases.say("asked", asked=len(session.answers), answered=sum(session.answered())),
        phrases.say(f"stop_{reason.value}"),
        phrases.say("norm", n=f"{norm.n:,}", norm=norm.name, who=norm.who),
    ]
    if is_adapted(bank):
        said.append(phrases.say("wording_widened" if bank.carried_drift else "wording"))
    said.append(phrases.say("agreeing"))
    said.append(fairness_sentences(bank.fairness, adapted=is_adapted(bank), phrases=phrases))
    if facts.relationship is Relationship.NEVER:
        said.append(phrases.say("imagined"))
    if facts.age_band is AgeBand.OVER_80:
        said.append(phrases.say("age_outside"))
    if facts.gender is Gender.OTHER:
        said.append(
            phrases.say("gender_own", words=facts.gender_own_words)
            if facts.gender_own_words
            else phrases.say("gender_other")
        )
    return tuple(said)


def about_numbers(test: AdaptiveTest, phrases: Phrases) -> Mapping[str, object]:
    """The values that the page about the numbers is filled with; the same in every medium."""
    bank = test.model.bank
    norm = fitting_norms(bank.norms, gender=None, age_band=None)[0]
    return {
        "most": test.rule.most,
        "n": f"{norm.n:,}",
        "norm": norm.name,
        "who": norm.who,
        "wording": wording_explained(bank, phrases),
        "fairness": fairness_sentences(bank.fairness, adapted=is_adapted(bank), phrases=phrases),
    }


def is_adapted(bank: Bank) -> bool:
    """Whether the figures of any item were made with other words than those that are asked."""
    return any(item.adapts is not None for item in bank.items)


def wording_explained(bank: Bank, phrases: Phrases) -> str:
    """Whose words are asked, and what that does to the rings."""
    if not is_adapted(bank):
        return phrases.say("words_own")
    if bank.drift is None:
        return phrases.say("words_borrowed")
    times = f"{bank.drift.factor:g}"
    return f"{phrases.say('words_borrowed')} {phrases.say('words_widened', times=times)}"


def fairness_sentences(fairness: FairnessRange | None, *, adapted: bool, phrases: Phrases) -> str:
    """What is known about men and women, with the range over yardsticks wherever there is one.

    A difference of means d is told as the share of women below the middle man: Phi(d), both groups
    taken for normal with the reference population's SD. `fairness` is men less women.
    """
    if fairness is None:
        return phrases.say("fairness")
    said = phrases.say(
        "fairness_range",
        worry_low=_share_passed(fairness.anxiety.low),
        worry_high=_share_passed(fairness.anxiety.high),
        distance_low=_share_passed(fairness.avoidance.low),
        distance_high=_share_passed(fairness.avoidance.high),
    )
    return f"{said} {phrases.say('fairness_borrowed')}" if adapted else said


def _share_passed(difference: float) -> int:
    return in_100((1 + erf(difference / sqrt(2))) / 2)
