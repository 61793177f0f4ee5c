"""Which coverages lie outside 93 to 97 %, by more than chance, and why; the tables are left to `report`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.recovery.figures import Figure

LOWEST, HIGHEST = 0.93, 0.97
_CHANCE = 2.0
"""Monte Carlo standard errors: within these of the bounds a figure may be right."""

ONE = "parameters of one group"
LATENT = "latent difference"
BY_GROUP = "parameters by group"
FAIR_ITEMS = "difference of items that are equal"
OTHER_ITEMS = "difference of items that differ"
NORMS_OF_PART = "norms of a part of the people"
NORMS_OF_ALL = "norms of the people who make the metric"

_METRIC = (
    "The metric is that of these very people, so drawing others hardly moves where they lie on it, "
    "while the standard error counts as if the metric were given. So the intervals are too wide, "
    "never too narrow."
)
REASONS = {
    LATENT: "Which items are anchors is chosen by the same answers, and all items together are a "
    "wrong yardstick where their differences do not add up to 0; the standard error knows neither.",
    FAIR_ITEMS: "An anchor's difference is taken with itself as one of the anchors, which draws it "
    "towards 0 by about one in so many anchors of its dimension; its standard error is that of an "
    "item left free. So the intervals are a little too wide.",
    NORMS_OF_PART: f"They have their part in the metric. {_METRIC}",
    NORMS_OF_ALL: _METRIC,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A coverage, what kind it is of and where it stands."""

    kind: str
    where: str
    coverage: Figure
    replications: int

    @property
    def beyond(self) -> float:
        """How far it is outside."""
        return max(LOWEST - self.coverage.value, self.coverage.value - HIGHEST, 0.0)

    @property
    def far(self) -> bool:
        """Whether that is more than chance. Where all replications agree, one other could still not."""
        error = self.coverage.error or 1 / self.replications
        return self.beyond > _CHANCE * error


def outside(judged: Iterable[Judged]) -> str:
    """A line for each kind that lies outside, with its worst case and the reason where one is known."""
    every = list(judged)
    far = [one for one in every if one.far]
    near = sum(one.beyond > 0 for one in every) - len(far)
    lines = [
        f"Of {len(every)} coverages below, {len(far)} are outside 93 to 97 % by more than two Monte "
        f"Carlo standard errors, and {near} by less, which may be chance."
    ]
    for kind in dict.fromkeys(one.kind for one in far):
        own = [one for one in far if one.kind == kind]
        worst = max(own, key=lambda one: one.beyond)
        reason = REASONS.get(kind, "No reason is known.")
        lines.append(
            f"- **{kind[0].upper()}{kind[1:]}**: {len(own)}, the furthest {worst.coverage.percent()} "
            f"% ({worst.where}). {reason}"
        )
    return "\n".join([lines[0], "", *lines[1:]])


def alarms(unadjusted: Sequence[tuple[str, Figure]]) -> str:
    """What to say of items that are equal and have p below .05, sample by sample."""
    far = [(where, one) for where, one in unadjusted if one.value - 0.05 > _CHANCE * one.error]
    if not far:
        return "Before the adjustment the test calls 5 % of the items that are equal different, as it should."
    where, worst = max(far, key=lambda pair: pair[1].value)
    return (
        f"Before the adjustment the test calls more than 5 % of the items that are equal different, at "
        f"most {worst.percent()} % ({where}). It rests on sums of products of people's scores. "
        "With P parameters and N people these make an anchor's statistic about 1 + P / N times as large "
        "as the likelihood ratio would be, 5 % with 4,000 people, and less with more."
    )
