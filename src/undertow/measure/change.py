"""Two sittings of one person → whether a dimension moved by more than noise and ordinary ups and downs.

Which sittings belong together and what is said of a change are left to the edges and to `reading`.

The model, one dimension at a time, in SD of the reference population:

    theta_t = stable part T_t + state s_t,   Var(T) = stability, Var(s) = 1 - stability,
    what the answers show: x_t = theta_t + error,   x = mean / (1 - psd^2), Var(x) = 1 / (1 - psd^2).

`Estimate` is shrunk towards the mean of everyone; x takes that back, so that a short sitting and a long
one are comparable. A change is T_2 - T_1 = delta, and any delta is as likely beforehand as any other.
T of one sitting comes from the population, which is what regression to the mean rests on: of a first
result x_1 only c / Var(x_1) is expected again, where c = Cov(x_1, x_2) without change. So

    delta | x_1, x_2 ~ N(x_2 - c x_1 / Var(x_1),  Var(x_2) - c^2 / Var(x_1)).

That is right whatever made the person come the first time, a bad week for one. What if it made them
come back? Then the same holds with the sittings exchanged. Nobody knows which, so a verdict must hold
both ways; the more extreme sitting always asks more. It also must hold at both ends of the range of
published stability. Both rules cost power and are paid for on purpose.

How often a true fall of the stable part is told (in 100, stability .85, worry; `docs/change.md` has all).
In brackets: of those whose first result was 1 or higher, who are the likely ones to come.

    items   psd    none      0.5       1         1.5       2 SD
    12      .42    4 (10)    13 (23)   28 (45)   47 (69)   63 (89)
    20      .36    4 (11)    14 (24)   33 (50)   53 (76)   69 (93)
    36      .31    5  (8)    16 (28)   37 (58)   62 (84)   79 (95)

So no form shows what a few months are likely to bring: ordinary ups and downs hide it, not the length.

Assumed: normal posteriors; dimensions that are nearly uncorrelated; states of two sittings that have
nothing to do with each other, which several weeks make likely and which then stays so for long
(Source: fraley2011); ordinary ups and downs that are as large for everyone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import erfc, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank, CalibratedItem
from undertow.bank.drift import CarriedDrift
from undertow.bank.item import DIMENSIONS, Dimension
from undertow.errors import InputError
from undertow.measure.grm import widened_probabilities
from undertow.measure.posterior import Estimate

Array = NDArray[np.float64]

_STEP = 0.01
"""Half the step of a derivative, in SD of theta or in log-slope; the curves bend over 0.3 and more."""


class Verdict(StrEnum):
    """Which way a dimension's stable part went, as far as two sittings can tell."""

    MORE = "more"
    LESS = "less"
    CANT_TELL = "cant-tell"


class Doubt(StrEnum):
    """Why it can't be told."""

    TOO_SOON = "too-soon"
    """Too few days lie between the sittings: a mood would pass for a change."""
    TOO_FEW = "too-few"
    """One sitting had too few answers, or a posterior too wide, to be compared."""
    NOISE = "noise"
    """The difference is within what noise and ordinary ups and downs make of no change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRule:
    """When a change may be said.

    `stability` is the range of the correlation of theta with itself some weeks later when nothing
    lasting has changed. Two studies, over three and six weeks, found 85 and 86 % shared variance of
    the latent dimensions. Read as the share that is stable, that is a correlation of .85; read as a
    squared correlation, it is .93 (Source: sibley2004, sibley2005). They asked a revised form of the
    questionnaire, so both readings are kept and a verdict must hold under both.

    `at_least` is the probability from which a verdict is said. Of people who have not changed, whatever
    their first result, at most about one in ten is then told a wrong `more` or `less`.

    `least_days`: below that the studies say nothing, and a bad week can outlast both sittings.
    `least_answers` on the dimension and `least_in_all` in each sitting leave out 12-item forms. That is
    caution, not a border that figures draw: see the table above, where twelve items show little less
    than twenty. But six answers leave out most facets of a dimension, and other facets are no change.
    `widest_psd`: a wider posterior is not compared.

    Raises InputError for a rule under which more doubt could make a verdict surer.
    """

    stability: tuple[float, float] = (0.85, 0.93)
    at_least: float = 0.90
    least_days: int = 28
    least_answers: int = 6
    least_in_all: int = 13
    widest_psd: float = 0.60

    def __post_init__(self) -> None:
        low, high = self.stability
        if not 0.5 < low <= high < 1:
            raise InputError("A change rule's stability must be a range between 0.5 and 1.")
        if not 0.5 < self.at_least < 1:
            raise InputError("A change rule's at_least must lie between 0.5 and 1.")
        if self.least_days < 0 or min(self.least_answers, self.least_in_all) < 1:
            raise InputError("A change rule needs least_days from 0 and least answers from 1.")
        # With Var(x) above 2 c, a wider posterior of the same mean can only come from answers so
        # extreme that they would outweigh its width: true of the model, but nothing to build on.
        if not (0 < self.widest_psd < 1 and _variance(self.widest_psd) <= 2 * low):
            raise InputError(
                "A change rule's widest_psd must be above 0 and at most "
                f"{sqrt(1 - 1 / (2 * low)):.3f} for that stability."
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TakenSitting:
    """A sitting that has ended: where it put the person, the items that were answered, on which bank.

    `answered` are ids of items, MISSING answers left out; `bank` is the bank's checksum. Both sittings
    must have been scored by the same model, since other figures for the same answers are no change.
    """

    estimate: Estimate
    answered: tuple[str, ...]
    bank: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionChange:
    """One dimension's change. `verdict` never comes without its probability (SAFETY P4).

    `more` is (low, high): the range of P(the stable part went up) over both ends of stability and
    both directions of time; P(down) is one less it. `difference` is that of the posterior means.
    `smallest` is the true change that this pair of sittings shows four times in five, see
    `smallest_change`; both in SD of the reference population. `doubt` is None beside `more` and `less`.
    """

    dimension: Dimension
    difference: float
    more: tuple[float, float]
    smallest: float
    verdict: Verdict
    doubt: Doubt | None

    def __post_init__(self) -> None:
        low, high = self.more
        if not 0 <= low <= high <= 1:
            raise InputError("The chance of a change is a range within 0 to 1.")
        if (self.verdict is Verdict.CANT_TELL) != (self.doubt is not None):
            raise InputError("A change that can't be told needs its reason, any other has none.")

    @property
    def sure(self) -> float:
        """The least probability of the direction that the verdict names; for none, of the likelier."""
        low, high = self.more
        return {Verdict.MORE: low, Verdict.LESS: 1 - high}.get(self.verdict, max(low, 1 - high))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What two sittings say about both dimensions, anxiety first, and the days between them."""

    days: int
    dimensions: tuple[DimensionChange, DimensionChange]


def change_between(
    first: TakenSitting,
    second: TakenSitting,
    *,
    days: int,
    bank: Bank,
    drift: CarriedDrift | None,
    rule: ChangeRule | None = None,
) -> Change:
    """What changed from the first sitting to the second, `days` later.

    `drift` is what scoring widened adapted items by (`Model.drift`): for items that were answered
    both times it moved both results alike. Exchanging the sittings exchanges `more` and `less`.
    Raises InputError for negative days, for sittings on different banks, and for items that the bank
    does not have or that are there twice.
    """
    by = rule or ChangeRule()
    if days < 0:
        raise InputError(
            "The second sitting must not be earlier than the first. Give them in the order taken."
        )
    if not first.bank == second.bank == bank.checksum:
        raise InputError(
            "Only sittings on the same bank can be compared: other figures make another result "
            "of the same answers. Score both sittings on one bank first."
        )
    place = (first.estimate.mean + second.estimate.mean) / 2
    shared = shared_drift(bank, first.answered, second.answered, place=place, drift=drift)
    in_all = min(len(taken.answered) for taken in (first, second))
    counts = [
        min(_count(bank, taken.answered, dimension) for taken in (first, second))
        for dimension in DIMENSIONS
    ]
    anxiety, avoidance = (
        _dimension_change(
            dimension,
            (first.estimate, second.estimate),
            days=days,
            enough=count >= by.least_answers and in_all >= by.least_in_all,
            shared=float(common),
            rule=by,
        )
        for dimension, count, common in zip(DIMENSIONS, counts, shared, strict=True)
    )
    return Change(days=days, dimensions=(anxiety, avoidance))


def shared_drift(
    bank: Bank,
    first: tuple[str, ...],
    second: tuple[str, ...],
    *,
    place: Array,
    drift: CarriedDrift | None,
) -> Array:
    """How much drift of wording moves two results of one person alike: Cov(x_1, x_2) by it; (2,).

    `first` and `second` are the items answered, `place` (2,) is where the person is about. To first
    order x is moved by the drift of an item as far as that item's widened table leans on it: by h / H
    of a shift of thresholds, h its information and H the sitting's sum, and by g / H of a drift of the
    log-slope, g the product of P' / P with its derivative. So the common items share
    sum(h^2 threshold^2 + g^2 log_slope^2) / (H_1 H_2). Drawn wording shares as much or up to a fifth
    more, so what is said errs towards doubt. Without drift, and without common items, it is 0. Raises
    InputError for items that the bank lacks.
    """
    known = {item.id: item for item in bank.items}
    for ids in (first, second):
        if len(set(ids)) != len(ids) or not known.keys() >= set(ids):
            raise InputError(
                "A sitting names an item twice, or one that its bank does not have. Only sittings of "
                "the same questions can be compared."
            )
    value = np.zeros(len(DIMENSIONS))
    if drift is None:
        return value
    common = set(first) & set(second)
    for at, dimension in enumerate(DIMENSIONS):
        told = {
            item.id: _told(item, float(place[at]), drift)
            for item in bank.items
            if item.dimension is dimension and item.id in {*first, *second}
        }
        sums = [sum(told[i][0] for i in ids if i in told) for ids in (first, second)]
        if min(sums) > 0:
            value[at] = sum(told[i][1] for i in sorted(common) if i in told) / (sums[0] * sums[1])
    return value


def smallest_change(
    psd: tuple[float, float], *, rule: ChangeRule | None = None, power: float = 0.80
) -> float:
    """The true change that a pair of sittings with these psd shows with probability `power`.

    (z_at_least + z_power) * SD(x_2 | x_1) at the low end of stability, where the first result is the
    more extreme one, as when someone came at their worst; with power .5 it is the smallest difference
    that is told. A move away from the middle has to be larger. In SD of the reference population. The
    larger of both directions of time. Raises InputError for a power or psd outside 0 to 1.
    """
    by = rule or ChangeRule()
    if not (0 < power < 1 and all(isfinite(one) and 0 < one < 1 for one in psd)):
        raise InputError("The smallest change needs a power and psd between 0 and 1.")
    wanted = max(0.0, _quantile(by.at_least) + _quantile(power))
    before, after = (_variance(one) for one in psd)
    stable = by.stability[0]
    return wanted * sqrt(max(after - stable**2 / before, before - stable**2 / after))


def _dimension_change(
    dimension: Dimension,
    estimates: tuple[Estimate, Estimate],
    *,
    days: int,
    enough: bool,
    shared: float,
    rule: ChangeRule,
) -> DimensionChange:
    means = tuple(estimate.place(dimension) for estimate in estimates)
    psd = tuple(estimate.spread(dimension) for estimate in estimates)
    # A wider posterior gives no verdict; its number stands for one as wide as can be compared.
    before, after = (_variance(min(one, rule.widest_psd)) for one in psd)
    ways = [
        way
        for stable in rule.stability
        # c stays below 1 <= Var(x), or the two results could not be told apart from each other.
        for way in _both_ways(
            (means[0], means[1]), (before, after), stable + min(shared, (1 - stable) / 2)
        )
    ]
    low, high = (_share_below(z) for z in (min(ways), max(ways)))
    doubt = None
    if days < rule.least_days:
        doubt = Doubt.TOO_SOON
    elif not enough or max(psd) > rule.widest_psd:
        doubt = Doubt.TOO_FEW
    elif max(low, 1 - high) < rule.at_least:
        doubt = Doubt.NOISE
    told = Verdict.MORE if low >= rule.at_least else Verdict.LESS
    return DimensionChange(
        dimension=dimension,
        difference=means[1] - means[0],
        more=(low, high),
        smallest=smallest_change(
            (min(psd[0], rule.widest_psd), min(psd[1], rule.widest_psd)), rule=rule
        ),
        verdict=told if doubt is None else Verdict.CANT_TELL,
        doubt=doubt,
    )


def _both_ways(
    means: tuple[float, float], variances: tuple[float, float], common: float
) -> tuple[float, float]:
    """z of delta with the first result given, and with the second; Var(x) is `variances`.

    Where both are above 0, both fall with every psd and with less stability, the smaller one for any
    Var(x) up to 2 c; where both are below, the same mirrored.
    """
    (m1, m2), (u1, u2) = means, variances
    forward = (m2 * u2 - common * m1) / sqrt(u2 - common**2 / u1)
    backward = (common * m2 - m1 * u1) / sqrt(u1 - common**2 / u2)
    return forward, backward


def _share_below(z: float) -> float:
    """The standard normal's distribution function."""
    return erfc(-z / sqrt(2)) / 2


def _quantile(share: float) -> float:
    """Its inverse, by halving: asked for twice a page, so it may be as slow as it is plain."""
    low, high = -10.0, 10.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _share_below(middle) < share else (low, middle)
    return (low + high) / 2


def _variance(psd: float) -> float:
    """Var(x) over people: that of theta, 1, and of the error, psd^2 / (1 - psd^2)."""
    return 1 / (1 - psd**2)


def _count(bank: Bank, answered: tuple[str, ...], dimension: Dimension) -> int:
    ids = set(answered)
    return sum(item.id in ids and item.dimension is dimension for item in bank.items)


def _told(item: CalibratedItem, place: float, drift: CarriedDrift) -> tuple[float, float]:
    """(h, h^2 threshold^2 + g^2 log_slope^2) of an item, as `shared_drift` names them."""
    step = np.array([-_STEP, 0.0, _STEP])
    if item.adapts is None:
        return _lean(_chances(item, place + step, CarriedDrift(log_slope=0, threshold=0)))[0], 0.0
    told, leanings = _lean(_chances(item, place + step, drift))
    at = np.array([place])
    steeper, flatter = (
        _chances(item, at, drift, times=float(np.exp(by)))[:, 0] for by in (_STEP, -_STEP)
    )
    by_slope = float((steeper - flatter) / (2 * _STEP) @ leanings)
    return told, (told * drift.threshold) ** 2 + (by_slope * drift.log_slope) ** 2


def _lean(table: Array) -> tuple[float, Array]:
    """Information at the middle column of a (K, 3) table, and each category's leaning P' / P (K,)."""
    derivative = (table[:, 2] - table[:, 0]) / (2 * _STEP)
    leanings = derivative / table[:, 1]
    return float(derivative @ leanings), leanings


def _chances(item: CalibratedItem, theta: Array, drift: CarriedDrift, times: float = 1.0) -> Array:
    """P(X = k) of an item that is `times` as steep around its thresholds; (K, Q)."""
    return widened_probabilities(
        theta,
        slope=item.slope * times,
        intercepts=np.asarray(item.intercepts) * times,
        drift=drift,
    )
