"""The one value that every medium draws: what we can say, how sure we are, what to do next, help.

A report cannot be built without its help note, nor a statement without its certainty.
"""

from __future__ import annotations

from dataclasses import dataclass

from undertow.bank.item import Dimension
from undertow.errors import ShapeError
from undertow.measure.belief import Belief
from undertow.measure.posterior import Estimate
from undertow.reading.adjustment import Adjustment
from undertow.reading.plane import Plane
from undertow.safety.help import HelpNote


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A sentence about a person with its certainty in words and its source (SAFETY P4)."""

    text: str
    certainty: str
    source: str
    phrase: str

    def __post_init__(self) -> None:
        for key in ("text", "certainty", "source", "phrase"):
            if not getattr(self, key).strip():
                raise ShapeError(f"a statement needs its {key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentile:
    """The share of a named group that lies below, as a median with its 80 % range, in 0..1."""

    norm: str
    n: int
    median: float
    low: float
    high: float
    text: str

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.median <= self.high <= 1:
            raise ShapeError("a percentile is a median inside its range, within 0..1")


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionReading:
    """One dimension in words and against its norms. `percentiles` is empty when too little is known.

    `place` is the posterior mean, `low` and `high` its middle 80 %, in SD of the reference population.
    """

    dimension: Dimension
    place: float
    low: float
    high: float
    title: str
    explanation: str
    statement: Statement
    percentiles: tuple[Percentile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a person reads after a sitting, the same in every medium (SAFETY P6).

    `first` comes before everything else when something matters more than the result. `most` is how
    many questions this form may ask. `estimate` is as wide as `belief` asks for.
    """

    help: HelpNote
    headline: Statement
    first: tuple[Statement, ...]
    plane: Plane
    estimate: Estimate
    region: Statement
    dimensions: tuple[DimensionReading, ...]
    steps: tuple[Statement, ...]
    adjustment: Adjustment
    sureness: tuple[str, ...]
    belief: Belief
    most: int
    asked: int
    answered: int
    stop_reason: str
    norm: str
    bank: str

    def statements(self) -> tuple[Statement, ...]:
        """Every statement about the person, in reading order."""
        return (
            self.headline,
            *self.first,
            self.region,
            *(reading.statement for reading in self.dimensions),
            *self.steps,
        )

    def sources(self) -> tuple[str, ...]:
        """The source keys of all statements, each once, in reading order."""
        return tuple(dict.fromkeys(statement.source for statement in self.statements()))

    def sentences(self) -> tuple[str, ...]:
        """Every sentence in reading order: what any medium must say, help included."""
        said = [self.headline.text, self.headline.certainty]
        said += [part for item in self.first for part in (item.text, item.certainty)]
        said += [self.plane.caption, self.region.text, self.region.certainty]
        for reading in self.dimensions:
            said += [
                reading.title,
                reading.explanation,
                reading.statement.text,
                reading.statement.certainty,
            ]
            said += [percentile.text for percentile in reading.percentiles]
        said += [part for step in self.steps for part in (step.text, step.certainty)]
        said += [*self.adjustment.said, *self.sureness]
        said += [self.help.not_a_diagnosis, self.help.lead]
        said += [line.say for line in self.help.lines]
        return tuple(said)
