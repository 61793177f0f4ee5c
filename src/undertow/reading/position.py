"""From a finished session to a report about the place on the plane; patterns and triggers come elsewhere.

Every choice of a sentence is a probability held against the condition that its phrase carries.
"""

from __future__ import annotations

from dataclasses import dataclass

from undertow.bank.item import DIMENSIONS, Dimension
from undertow.bank.norms import Norm, fitting_norms
from undertow.bank.person import AgeBand, Facts, Gender, Relationship
from undertow.errors import InstrumentError
from undertow.measure.belief import Verdict, widened
from undertow.measure.posterior import Posterior
from undertow.measure.session import Session
from undertow.measure.stop import StopReason
from undertow.reading.adjustment import adjustment_of
from undertow.reading.believing import belief_of
from undertow.reading.phrase import Phrases, PlacePhrase, RegionPhrase, Side
from undertow.reading.plane import plane_of
from undertow.reading.report import DimensionReading, Percentile, Report, Statement
from undertow.reading.sureness import in_100, sureness_of
from undertow.safety.help import HelpNote

_RANGE = (0.10, 0.50, 0.90)
"""A percentile is told as its median with the middle 80 % of its posterior."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """One dimension's posterior against the pooled norm, with the side it can be said to be on."""

    statement: Statement
    side: Side


def read_position(
    session: Session,
    *,
    reason: StopReason,
    facts: Facts,
    phrases: Phrases,
    help_note: HelpNote,
) -> Report:
    """The report of a session that has ended for `reason`.

    Percentiles are the posterior of F(theta) for the named norms: pooled adults first, the
    person's own group beside it. Where the answers can't be believed, the posterior is as wide as
    that asks for, or nothing is said about the place. Raises InstrumentError when a phrase or norm
    is missing.
    """
    bank = session.test.model.bank
    belief = belief_of(session)
    withheld = belief.verdict is Verdict.WITHHOLD
    current = widened(session.posterior(), belief)
    estimate = current.estimate()
    norms = _norms(bank.norms, facts)
    enough = [count >= session.test.rule.least for count in session.answered()]
    places = [
        _withheld_place(dimension, phrases)
        if withheld
        else _place(current, dimension, norm=norms[0], phrases=phrases, too_few=not is_enough)
        for dimension, is_enough in zip(DIMENSIONS, enough, strict=True)
    ]
    region, region_statement, headline = (
        _withheld_region(phrases)
        if withheld
        else _region(current, bank.borders, places=places, phrases=phrases, too_few=not any(enough))
    )
    medians = [
        norms[0].share_below(estimate.place(dimension), dimension) for dimension in DIMENSIONS
    ]
    if withheld:
        caption = phrases.say("belief_withhold_caption")
    elif all(enough):
        caption = phrases.say("caption", anxiety=in_100(medians[0]), avoidance=in_100(medians[1]))
    else:
        caption = phrases.say("caption_too_few")
    return Report(
        help=help_note,
        headline=headline,
        first=_first(facts, phrases),
        plane=plane_of(estimate, borders=bank.borders, norm=norms[0], caption=caption),
        estimate=estimate,
        region=region_statement,
        dimensions=tuple(
            DimensionReading(
                dimension=dimension,
                place=estimate.place(dimension),
                low=current.quantile(dimension, _RANGE[0]),
                high=current.quantile(dimension, _RANGE[-1]),
                title=phrases.say(f"{dimension.value}_title"),
                explanation=phrases.say(f"{dimension.value}_explanation"),
                statement=place.statement,
                percentiles=()
                if place.side is Side.TOO_FEW
                else tuple(_percentile(current, dimension, norm, phrases) for norm in norms),
            )
            for dimension, place in zip(DIMENSIONS, places, strict=True)
        ),
        steps=_steps(region, facts, phrases),
        adjustment=adjustment_of(session, phrases),
        sureness=sureness_of(
            session, reason=reason, belief=belief, facts=facts, norm=norms[0], phrases=phrases
        ),
        belief=belief,
        most=min(session.test.rule.most, len(bank.items)),
        asked=len(session.answers),
        answered=sum(session.answered()),
        stop_reason=reason.value,
        norm=norms[0].name,
        bank=bank.id,
    )


def _norms(norms: tuple[Norm, ...], facts: Facts) -> tuple[Norm, ...]:
    stated = facts.gender in (Gender.MAN, Gender.WOMAN)
    return fitting_norms(
        norms,
        gender=facts.gender.value if stated else None,
        age_band=None if facts.age_band is AgeBand.UNSTATED else facts.age_band.value,
    )


def _place(
    current: Posterior, dimension: Dimension, *, norm: Norm, phrases: Phrases, too_few: bool
) -> _Place:
    for phrase in phrases.places:
        if phrase.dimension != dimension.value or (phrase.side is Side.TOO_FEW) != too_few:
            continue
        probability = _probability(current, dimension, phrase, norm)
        if probability >= phrase.at_least:
            more = current.share_above(dimension, norm.place(0.5, dimension))
            certainty = _place_certainty(phrase, probability, more, phrases)
            statement = Statement(
                text=phrase.text, certainty=certainty, source=phrase.source, phrase=phrase.id
            )
            return _Place(statement=statement, side=phrase.side)
    raise InstrumentError(
        file="phrases", key=f"places.{dimension.value}", rule="needs a last entry that always holds"
    )


def _withheld_place(dimension: Dimension, phrases: Phrases) -> _Place:
    """In place of a dimension's statement: that these answers say nothing of it."""
    statement = _withheld(f"belief_withhold_{dimension.value}", phrases)
    return _Place(statement=statement, side=Side.TOO_FEW)


def _withheld_region(phrases: Phrases) -> tuple[RegionPhrase, Statement, Statement]:
    """The region without a side, so that next steps suit anyone, and what is said in its place."""
    region = next(p for p in phrases.regions if p.anxiety is Side.TOO_FEW)
    return (
        region,
        _withheld("belief_withhold_text", phrases),
        _withheld("belief_withhold", phrases),
    )


def _withheld(text_id: str, phrases: Phrases) -> Statement:
    return Statement(
        text=phrases.say(text_id),
        certainty=phrases.say("belief_withhold_certainty"),
        source="judgement",
        phrase=text_id,
    )


def _probability(
    current: Posterior, dimension: Dimension, phrase: PlacePhrase, norm: Norm
) -> float:
    """P(place on the phrase's side of its shares of the norm); 1 for a phrase that claims no side."""
    above = [current.share_above(dimension, norm.place(s, dimension)) for s in phrase.shares]
    if phrase.side is Side.ABOVE:
        return above[0]
    if phrase.side is Side.BELOW:
        return 1.0 - above[0]
    if phrase.side is Side.BETWEEN:
        return above[0] - above[1]
    return 1.0


def _place_certainty(phrase: PlacePhrase, probability: float, more: float, phrases: Phrases) -> str:
    """How sure of a place; where no side can be told, the chances of both are said instead."""
    if phrase.side is Side.TOO_FEW:
        return phrases.say("cant_tell")
    if phrase.side is Side.UNCLEAR:
        percent = in_100(more)
        return phrases.say("place_unclear", percent=percent, rest=100 - percent)
    return _certainty(probability, phrases)


def _certainty(probability: float, phrases: Phrases) -> str:
    return phrases.certainty_words(probability).format(percent=in_100(probability))


def _region(
    current: Posterior,
    borders: tuple[float, float],
    *,
    places: list[_Place],
    phrases: Phrases,
    too_few: bool,
) -> tuple[RegionPhrase, Statement, Statement]:
    """The region to speak of, with its statement and headline.

    A quarter of the plane is described when it holds enough of the mass. If none does, half a
    plane may; the surer of two halves is taken. Otherwise the place lies between.
    """
    masses = current.region_masses(borders)
    rows = {Side.ABOVE: masses[1], Side.BELOW: masses[0], Side.UNCLEAR: masses.sum(axis=0)}

    def mass(phrase: RegionPhrase) -> float:
        row = rows[phrase.anxiety]
        return float(
            {Side.ABOVE: row[1], Side.BELOW: row[0], Side.UNCLEAR: row.sum()}[phrase.avoidance]
        )

    def precision(phrase: RegionPhrase) -> int:
        return [phrase.anxiety, phrase.avoidance].count(Side.UNCLEAR)

    if too_few:
        chosen = next(p for p in phrases.regions if p.anxiety is Side.TOO_FEW)
        certainty = phrases.say("cant_tell")
    else:
        holding = [
            p for p in phrases.regions if p.anxiety is not Side.TOO_FEW and mass(p) >= p.at_least
        ]
        chosen = min(holding, key=lambda p: (precision(p), -mass(p)))
        certainty = (
            phrases.say("cant_tell")
            if precision(chosen) == len(DIMENSIONS)
            else _certainty(mass(chosen), phrases)
        )
    near = any(
        side is not Side.UNCLEAR and place.side is Side.BETWEEN
        for side, place in zip((chosen.anxiety, chosen.avoidance), places, strict=True)
    )
    statement, headline = (
        Statement(text=text, certainty=sure, source=chosen.source, phrase=chosen.id)
        for text, sure in (
            (chosen.text, chosen.text_certainty),
            (chosen.headline_near if near else chosen.headline, certainty),
        )
    )
    return chosen, statement, headline


def _percentile(
    current: Posterior, dimension: Dimension, norm: Norm, phrases: Phrases
) -> Percentile:
    """F is monotone, so the quantiles of F(theta) are F at the quantiles of theta."""
    low, median, high = (
        norm.share_below(current.quantile(dimension, share), dimension) for share in _RANGE
    )
    return Percentile(
        norm=norm.name,
        n=norm.n,
        median=median,
        low=low,
        high=high,
        text=phrases.say(
            "percentile_more",
            norm=norm.name,
            n=f"{norm.n:,}",
            median=in_100(median),
            low=in_100(low),
            high=in_100(high),
        ),
    )


def _first(facts: Facts, phrases: Phrases) -> tuple[Statement, ...]:
    """What comes before the result. SAFETY P3: just separated men are at higher risk (wilson2025)."""
    if facts.relationship is not Relationship.RECENTLY_ENDED:
        return ()
    return (
        Statement(
            text=phrases.say("first_ended"),
            certainty=phrases.say("first_ended_certainty"),
            source=phrases.say("first_ended_source"),
            phrase="first_ended",
        ),
    )


def _steps(region: RegionPhrase, facts: Facts, phrases: Phrases) -> tuple[Statement, ...]:
    def fits(allowed: tuple[Side, ...], side: Side) -> bool:
        return not allowed or side in allowed

    return tuple(
        Statement(text=step.text, certainty=step.certainty, source=step.source, phrase=step.id)
        for step in phrases.steps
        if fits(step.anxiety, region.anxiety)
        and fits(step.avoidance, region.avoidance)
        and (not step.relationship or facts.relationship.value in step.relationship)
    )
