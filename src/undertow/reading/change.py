"""What two sittings say about change, in plain words; whether anything changed is decided in `measure`."""

from __future__ import annotations

from dataclasses import dataclass

from undertow.bank.item import Dimension
from undertow.errors import ShapeError
from undertow.measure.change import Change, ChangeRule, DimensionChange, Doubt, Verdict
from undertow.reading.report import Statement
from undertow.reading.sureness import in_100
from undertow.reading.texts import Texts

_NOTES = ("note_worst", "note_large", "note_cause")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDimension:
    """One dimension's statement, which is never without its certainty (SAFETY P4)."""

    dimension: Dimension
    statement: Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeReading:
    """What a person reads of two sittings. `notes` go with the statements wherever these go.

    Raises ShapeError without notes: what two sittings can't show is part of what they say.
    """

    dimensions: tuple[ChangedDimension, ...]
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.notes:
            raise ShapeError("a reading of change needs its notes on what two sittings can't show")

    def sentences(self) -> tuple[str, ...]:
        """Every sentence in reading order: what any medium must say."""
        said = [(one.statement.text, one.statement.certainty) for one in self.dimensions]
        return (*(part for pair in said for part in pair), *self.notes)


def read_change(change: Change, *, texts: Texts, rule: ChangeRule | None = None) -> ChangeReading:
    """The statements on both dimensions, anxiety first, with the notes.

    `rule` is the one that the change was found under. Raises InstrumentError when a text is missing.
    """
    weeks = -(-(rule or ChangeRule()).least_days // 7)
    return ChangeReading(
        dimensions=tuple(
            ChangedDimension(
                dimension=one.dimension,
                statement=_statement(one, days=change.days, weeks=weeks, texts=texts),
            )
            for one in change.dimensions
        ),
        notes=tuple(texts.say(note) for note in _NOTES),
    )


def _statement(one: DimensionChange, *, days: int, weeks: int, texts: Texts) -> Statement:
    said = one.verdict.value if one.doubt is None else one.doubt.value
    phrase = f"{one.dimension.value}_{said}"
    low, high = one.more
    if one.verdict is Verdict.LESS:
        low, high = 1 - high, 1 - low
    suffix = "" if one.doubt is None else f"_{one.doubt.value}"
    plain = one.doubt in (None, Doubt.NOISE)
    return Statement(
        text=texts.say(phrase, days=days, weeks=weeks),
        certainty=texts.say(f"sure{suffix}", low=in_100(low), high=in_100(high)),
        source=texts.say("source" if plain else f"source{suffix}"),
        phrase=phrase,
    )
