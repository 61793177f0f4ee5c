"""What limits a result: the sample, the words, fairness; where a person stands is left to `position`."""

from __future__ import annotations

from collections.abc import Mapping
from math import erf, sqrt

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.bank.norms import Norm, fitting_norms
from undertow.bank.person import AgeBand, Facts, Gender, Relationship
from undertow.measure.belief import Belief
from undertow.measure.change import ChangeRule
from undertow.measure.fair import Length, rule_of
from undertow.measure.session import Session
from undertow.measure.stop import StopReason
from undertow.reading.adjustment import has_sides, is_adjusted
from undertow.reading.believing import belief_sentences
from undertow.reading.phrase import Phrases


def in_100(share: float) -> int:
    """A share as 'in 100', never 0 or 100: nothing here is that certain."""
    return min(99, max(1, round(100 * share)))


def sureness_of(
    session: Session,
    *,
    reason: StopReason,
    belief: Belief,
    facts: Facts,
    norm: Norm,
    phrases: Phrases,
) -> tuple[str, ...]:
    """The sentences on how sure a result is, in reading order. `norm` is the pooled one."""
    bank = session.test.model.bank
    said = [
        *belief_sentences(belief, phrases),
        phrases.say("asked", asked=len(session.answers), answered=sum(session.answered())),
        phrases.say(f"stop_{_end(session, reason).value}"),
    ]
    most = min(session.test.rule.most, len(bank.items))
    if not _can_show_change(most):
        said.append(phrases.say("length_short", most=most))
    said.append(phrases.say("norm", n=f"{norm.n:,}", norm=norm.name, who=norm.who))
    if is_adapted(bank):
        said.append(phrases.say("wording_widened" if bank.carried_drift else "wording"))
    said.append(phrases.say("agreeing"))
    said.append(fairness_sentences(bank, adjusted=is_adjusted(session), phrases=phrases))
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


def about_numbers(bank: Bank, phrases: Phrases) -> Mapping[str, object]:
    """The values that the page about the numbers is filled with; the same in every medium."""
    norm = fitting_norms(bank.norms, gender=None, age_band=None)[0]
    return {
        "choosing": phrases.say("choosing_spread" if has_sides(bank) else "choosing_sharp"),
        "most": min(rule_of(bank, Length.USUAL).most, len(bank.items)),
        "adjusting": _adjusting(bank, phrases),
        "believing": phrases.say("belief_explained"),
        "n": f"{norm.n:,}",
        "norm": norm.name,
        "who": norm.who,
        "wording": wording_explained(bank, phrases),
        "fairness": fairness_sentences(bank, adjusted=True, phrases=phrases),
    }


def _adjusting(bank: Bank, phrases: Phrases) -> str:
    if bank.groups:
        return phrases.say("adjusting")
    return phrases.say("adjusting_repeats" if bank.pairs else "adjusting_none")


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


def fairness_sentences(bank: Bank, *, adjusted: bool, phrases: Phrases) -> str:
    """What is known about men and women, with the range over yardsticks wherever there is one.

    A difference of means d is told as the share of women below the middle man: Phi(d), both groups
    taken for normal with the reference population's SD. The range is men less women. What is done
    against a tilt is said only where it is done, and that it was checked only of the figures it was
    checked on.
    """
    fairness = bank.fairness
    if fairness is None:
        return phrases.say("fairness")
    said = [
        phrases.say(
            "fairness_range",
            worry_low=_share_passed(fairness.anxiety.low),
            worry_high=_share_passed(fairness.anxiety.high),
            distance_low=_share_passed(fairness.avoidance.low),
            distance_high=_share_passed(fairness.avoidance.high),
        )
    ]
    adapted = is_adapted(bank)
    if not (adjusted and bank.groups):
        said.append(phrases.say("fairness_unweighed"))
    else:
        said.append(phrases.say("fairness_weighed"))
        if adapted:
            said.append(phrases.say("fairness_checked"))
        said.append(phrases.say("fairness_relative"))
    if adapted:
        said.append(phrases.say("fairness_borrowed"))
    return " ".join(said)


def _can_show_change(most: int) -> bool:
    """Whether two sittings of so many questions may be compared at all."""
    rule = ChangeRule()
    return most >= max(len(DIMENSIONS) * rule.least_answers, rule.least_in_all)


def _end(session: Session, reason: StopReason) -> StopReason:
    """Who was asked every question is told so, and not that the rings would shrink with more."""
    everything = len(session.answers) >= len(session.test.model.bank.items)
    return StopReason.EXHAUSTED if everything and reason is StopReason.LENGTH else reason


def _share_passed(difference: float) -> int:
    return in_100((1 + erf(difference / sqrt(2))) / 2)
