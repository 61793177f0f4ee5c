"""Simulated people: those whom the model describes are believed, those who don't read are seen.

Everyone answers words that drifted, scored by tables widened for it, as people do. The shares that
are asked for here are promises to people; how many careless ones are seen is what that leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.measure.belief import Belief, Verdict, believe
from undertow.measure.model import Model, model_of
from undertow.measure.person_fit import answered_set
from undertow.measure.simulate import drifted
from undertow.wiring import built_in_bank

Array = NDArray[np.float64]
Whole = NDArray[np.intp]
Taps = Callable[[np.random.Generator, Whole], Whole]
"""What someone taps who looks at no question: from chance and their own answers, (n,) each."""

BELIEVERS, CARELESS, ITEMS = 300, 40, 20
CARELESS_SHARE = 0.05


def same(rng: np.random.Generator, own: Whole) -> Whole:
    return np.full(own.size, rng.integers(5))


def any_answer(rng: np.random.Generator, own: Whole) -> Whole:
    return rng.integers(0, 5, own.size)


def ends_by_chance(rng: np.random.Generator, own: Whole) -> Whole:
    return rng.choice(np.array([0, 4], dtype=np.intp), own.size)


def always_agreeing(rng: np.random.Generator, own: Whole) -> Whole:
    return rng.integers(3, 5, own.size)


def every_other(rng: np.random.Generator, own: Whole) -> Whole:
    pair: Whole = rng.permutation(5)[:2]
    return np.resize(pair, own.size)


def half_of_them(rng: np.random.Generator, own: Whole) -> Whole:
    return np.where(rng.random(own.size) < 0.5, rng.integers(0, 5, own.size), own)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A belief, where the person truly is (2,), and whether a 95 % range holds it: before, after."""

    belief: Belief
    truth: Array
    held: tuple[float, float]

    @property
    def flagged(self) -> bool:
        return self.belief.verdict is not Verdict.FINE


class People:
    """Sittings of 20 questions, ten a dimension, in any order."""

    def __init__(self) -> None:
        self.bank: Bank = built_in_bank()
        self.model: Model = model_of(self.bank)
        self.keying = np.array([item.keying for item in self.bank.items])

    def one(self, rng: np.random.Generator, taps: Taps | None = None) -> Told:
        truth = rng.standard_normal(2)
        own = [rng.permutation(np.flatnonzero(self.model.dimension_of == d)) for d in (0, 1)]
        asked = rng.permutation(np.concatenate([places[: ITEMS // 2] for places in own]))
        really = drifted(self.bank, rng)
        keyed = np.empty(ITEMS, dtype=np.intp)
        for number, place in enumerate(asked):
            item = really.items[place]
            theta = truth[DIMENSIONS.index(item.dimension)]
            passed = 1 / (1 + np.exp(-(item.slope * theta + np.array(item.intercepts))))
            keyed[number] = (rng.random() < passed).sum()
        keying = self.keying[asked]
        if taps is not None:
            tapped = taps(rng, np.where(keying == 1, keyed, 4 - keyed))
            keyed = np.where(keying == 1, tapped, 4 - tapped)
        belief = believe(
            answered_set(
                [self.model.tables[:, place] for place in asked],
                keyed,
                keying=keying,
                dimension_of=self.model.dimension_of[asked],
                nodes=self.model.grid.nodes,
                log_prior=self.model.log_prior,
            )
        )
        before = self.posterior(asked, keyed)
        doubt = 0.0 if belief.verdict is Verdict.FINE else belief.doubt
        after = (1 - doubt) * before + doubt * belief.otherwise
        held = (self.holds(before, truth), self.holds(after, truth))
        return Told(belief=belief, truth=truth, held=held)

    def posterior(self, asked: Whole, keyed: Whole) -> Array:
        logs = self.model.log_prior.copy()
        for place, category in zip(asked, keyed, strict=True):
            row = np.log(self.model.probabilities[place][category])
            logs += row[:, None] if self.model.dimension_of[place] == 0 else row[None, :]
        weights: Array = np.exp(logs - logs.max())
        weights /= weights.sum()
        return weights

    def holds(self, weights: Array, truth: Array) -> float:
        """The share of dimensions whose middle 95 % holds the truth."""
        found = []
        for axis in (0, 1):
            margin = weights.sum(axis=1 - axis)
            middle = np.cumsum(margin) - margin / 2
            low, high = np.interp([0.025, 0.975], middle, self.model.grid.nodes)
            found.append(low <= truth[axis] <= high)
        return float(np.mean(found))


@pytest.fixture(scope="module")
def people() -> People:
    return People()


@pytest.fixture(scope="module")
def believers(people: People) -> list[Told]:
    rng = np.random.default_rng(20261124)
    return [people.one(rng) for _ in range(BELIEVERS)]


HABITS = (same, any_answer, ends_by_chance, always_agreeing, every_other, half_of_them)


@pytest.fixture(scope="module")
def careless(people: People) -> dict[str, list[Told]]:
    rng = np.random.default_rng(20261125)
    return {habit.__name__: [people.one(rng, habit) for _ in range(CARELESS)] for habit in HABITS}


def share(told: list[Told], verdict: Verdict | None = None) -> float:
    return float(
        np.mean([one.flagged if verdict is None else one.belief.verdict is verdict for one in told])
    )


def test_people_of_the_model_are_believed(believers: list[Told]) -> None:
    """At most 1 in 100 withheld and 5 in 100 widened, with room for chance in 300 people."""
    assert share(believers, Verdict.WITHHOLD) <= 0.01 + 2 * np.sqrt(0.01 * 0.99 / BELIEVERS)
    assert share(believers, Verdict.WIDEN) <= 0.05


def test_high_worry_is_doubted_no_more_than_any_other(believers: list[Told]) -> None:
    worried = [one for one in believers if one.truth[0] > 1.0]
    assert len(worried) >= 30
    assert share(worried) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / len(worried))


def test_fit_is_a_standard_normal_deviate(believers: list[Told]) -> None:
    deviates = np.array([one.belief.fit.joint for one in believers], dtype=float)
    tails = np.array([one.belief.fit.tail for one in believers], dtype=float)
    error = 1 / np.sqrt(BELIEVERS)
    assert abs(deviates.mean()) <= 3 * error + 0.05
    assert deviates.std() == pytest.approx(1.0, abs=3 * error / np.sqrt(2) + 0.05)
    for level in (0.05, 0.2, 0.5):
        spread = np.sqrt(level * (1 - level) / BELIEVERS)
        assert (tails <= level).mean() == pytest.approx(level, abs=3 * spread + 0.01)


@pytest.mark.parametrize(
    ("habit", "least"),
    [
        ("same", 0.95),
        ("any_answer", 0.7),
        ("ends_by_chance", 0.95),
        ("always_agreeing", 0.85),
        ("every_other", 0.55),
        ("half_of_them", 0.3),
    ],
)
def test_careless_answers_are_seen(
    careless: dict[str, list[Told]], habit: str, least: float
) -> None:
    assert share(careless[habit]) >= least


def test_where_it_was_widened_the_range_holds_as_often_as_it_says(
    believers: list[Told], careless: dict[str, list[Told]]
) -> None:
    """Of a crowd with 5 careless in 100: those flagged, weighted by how many of each kind there are."""
    crowd = [(one, (1 - CARELESS_SHARE) / BELIEVERS) for one in believers]
    others = [one for told in careless.values() for one in told]
    crowd += [(one, CARELESS_SHARE / len(others)) for one in others]
    flagged = [(one.held, weight) for one, weight in crowd if one.flagged]
    before, after = np.average(
        [held for held, _ in flagged], axis=0, weights=[w for _, w in flagged]
    )
    assert before < 0.8
    assert after == pytest.approx(0.95, abs=0.035)
