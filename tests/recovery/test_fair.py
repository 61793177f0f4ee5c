"""Men and women made up from figures of their own: what plain scoring loses is found again by fair scoring.

Answers come from the graded model with a logistic error, and copies from a pair's other item; nothing
here is drawn by the package.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.fair_bank import with_facets, with_groups, with_pairs
from tests.made_up_bank import large_bank

from undertow.bank.calibrated import Bank
from undertow.bank.person import Gender
from undertow.measure.batch import batch_sittings
from undertow.measure.fair import fair_test, plain_test
from undertow.measure.session import AdaptiveTest
from undertow.measure.stop import StopRule

Array = NDArray[np.float64]

PEOPLE = 3000
"""Of each group; the mean error of 3,000 people has a standard error of about .006."""
LEAN = 0.35
SHORT = StopRule(most=12)


def leaning_bank() -> Bank:
    """The steeper half of each dimension is harder for men to endorse, the flatter half for women.

    By equal amounts, so that over all items nobody is better off, and facets have some of both.
    """
    bank = with_facets(large_bank(correlation=0.2))
    steeper = {
        item.id
        for dimension in ("anxiety", "avoidance")
        for item in sorted(
            (one for one in bank.items if one.dimension == dimension), key=lambda one: -one.slope
        )[:9]
    }
    grouped, other = with_groups(bank, shift=LEAN), with_groups(bank, shift=-LEAN)
    items = []
    for one, two in zip(grouped.items, other.items, strict=True):
        men_lack = one.by_group[0].intercepts < two.by_group[0].intercepts
        items.append(one if men_lack == (one.id in steeper) else two)
    return replace(bank, items=tuple(items), group_correlation=bank.correlation)


def answers(
    bank: Bank,
    group: str | None,
    places: Array,
    rng: np.random.Generator,
    *,
    copied: tuple[tuple[str, str, float], ...] = (),
) -> NDArray[np.int8]:
    """As tapped; in a copied pair the second item repeats the first one's answer with that chance."""
    rows = np.empty((places.shape[0], len(bank.items)), dtype=np.int8)
    for number, item in enumerate(bank.items):
        slope, intercepts = item.slope, np.array(item.intercepts)
        for figures in item.by_group:
            if figures.group == group:
                slope, intercepts = figures.slope, np.array(figures.intercepts)
        own = places[:, 0 if item.dimension == "anxiety" else 1]
        reached = slope * own + rng.logistic(size=own.size)
        rows[:, number] = (reached[:, None] + intercepts > 0).sum(axis=1)
    at = {item.id: number for number, item in enumerate(bank.items)}
    for first, second, chance in copied:
        copies = rng.random(places.shape[0]) < chance
        rows[copies, at[second]] = rows[copies, at[first]]
    turned = np.array([item.keying == -1 for item in bank.items])
    return np.where(turned, 4 - rows, rows).astype(np.int8)


def population(rng: np.random.Generator, n: int, correlation: float) -> Array:
    return rng.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], size=n)


# ---- two groups ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Errors:
    """Estimate less truth, (PEOPLE, 2), of men and of women, and the psd that went with it."""

    men: Array
    women: Array
    men_psd: Array
    women_psd: Array

    def bias(self) -> Array:
        """Men's and women's, both dimensions; (2, 2)."""
        return np.stack([self.men.mean(axis=0), self.women.mean(axis=0)])


@pytest.fixture(scope="module")
def found() -> dict[str, Errors]:
    bank, rng = leaning_bank(), np.random.default_rng(20261125)
    men, women = population(rng, PEOPLE, 0.2), population(rng, PEOPLE, 0.2)
    said = answers(bank, "man", men, rng), answers(bank, "woman", women, rng)
    hidden = fair_test(bank, rule=SHORT)
    kinds = {
        "plain": (plain_test(bank, rule=SHORT),) * 2,
        "hidden": (hidden, hidden),
        "stated": (
            fair_test(bank, gender=Gender.MAN, rule=SHORT),
            fair_test(bank, gender=Gender.WOMAN, rule=SHORT),
        ),
    }
    errors = {}
    for name, tests in kinds.items():
        done = [
            batch_sittings(test, rows, early_stop=False)
            for test, rows in zip(tests, said, strict=True)
        ]
        errors[name] = Errors(
            men=done[0].mean - men,
            women=done[1].mean - women,
            men_psd=done[0].psd,
            women_psd=done[1].psd,
        )
    return errors


def test_the_plain_test_loses_men_and_finds_too_much_in_women(found: dict[str, Errors]) -> None:
    bias = found["plain"].bias()

    assert np.all(bias[0] < -0.08)
    assert np.all(bias[1] > 0.08)


def test_with_gender_stated_nobody_is_moved(found: dict[str, Errors]) -> None:
    # The places are drawn from the prior, so the right scoring has no bias: 3.5 standard errors.
    own = found["stated"]
    for errors in (own.men, own.women):
        assert np.all(np.abs(errors.mean(axis=0)) < 3.5 * errors.std(axis=0) / math.sqrt(PEOPLE))


def test_with_gender_hidden_balance_takes_most_of_the_tilt_away(found: dict[str, Errors]) -> None:
    plain, hidden = found["plain"].bias(), found["hidden"].bias()

    assert np.all(np.abs(hidden) < 0.3 * np.abs(plain))


def test_with_gender_hidden_both_groups_are_treated_alike(found: dict[str, Errors]) -> None:
    # What is left is the mirror image: nothing is moved on the whole.
    bias = found["hidden"].bias()
    assert np.all(np.abs(bias.sum(axis=0)) < 0.04)


@pytest.mark.parametrize("kind", ["stated", "hidden"])
def test_rings_hold_the_truth_as_often_as_they_say(found: dict[str, Errors], kind: str) -> None:
    own = found[kind]
    for errors, psd in ((own.men, own.men_psd), (own.women, own.women_psd)):
        held = (np.abs(errors) <= 1.96 * psd).mean(axis=0)
        # Hidden: the tilt that is left costs a little.
        assert np.all(np.abs(held - 0.95) < (0.02 if kind == "stated" else 0.035))


# ---- near-duplicates -----------------------------------------------------------------------------

COPIED = (
    *(("a1", "a3", 0.6), ("a2", "a4", 0.6), ("a9", "a11", 0.6), ("a5", "a7", 0.6)),
    *(("v4", "v5", 0.6), ("v7", "v9", 0.6), ("v2", "v3", 0.6), ("v6", "v12", 0.6)),
)


@pytest.fixture(scope="module")
def held() -> dict[str, tuple[Array, Array]]:
    """Share of rings that hold the truth and mean squared error over variance; plain and fair.

    The fair test's bank knows how much each pair's answers go together beyond theta: as found from
    other people's answers, by the correlation of what is left of them given their places.
    """
    bank = large_bank(correlation=0.2)
    rng = np.random.default_rng(20261126)
    known = population(rng, 8000, 0.2)
    paired = with_pairs(
        bank, *dependences(bank, answers(bank, None, known, rng, copied=COPIED), known)
    )
    places = population(rng, PEOPLE, 0.2)
    rows = answers(bank, None, places, rng, copied=COPIED)
    return {
        name: told(test, rows, places)
        for name, test in (
            ("plain", plain_test(bank, rule=SHORT)),
            ("fair", fair_test(paired, rule=SHORT)),
        )
    }


def dependences(bank: Bank, rows: NDArray[np.int8], places: Array) -> list[tuple[str, str, float]]:
    """Correlations of the copied pairs' scores at people's true places: P'_k / P_k by differences."""
    numbers = {item.id: number for number, item in enumerate(bank.items)}

    def score(item_id: str) -> Array:
        item = bank.items[numbers[item_id]]
        own = places[:, 0 if item.dimension == "anxiety" else 1]
        keyed = rows[:, numbers[item_id]]
        keyed = keyed if item.keying == 1 else 4 - keyed
        padded = np.array([np.inf, *item.intercepts, -np.inf])

        def log_chance(at: Array) -> Array:
            reach = 1 / (1 + np.exp(-(item.slope * at + padded[keyed])))
            beyond = 1 / (1 + np.exp(-(item.slope * at + padded[keyed + 1])))
            return np.asarray(np.log(reach - beyond))

        return np.asarray((log_chance(own + 1e-4) - log_chance(own - 1e-4)) / 2e-4)

    return [
        (first, second, float(np.corrcoef(score(first), score(second))[0, 1]))
        for first, second, _ in COPIED
    ]


def told(test: AdaptiveTest, rows: NDArray[np.int8], places: Array) -> tuple[Array, Array]:
    done = batch_sittings(test, rows, early_stop=False)
    errors = done.mean - places
    inside = (np.abs(errors) <= 1.96 * done.psd).mean(axis=0)
    return inside, (errors**2).mean(axis=0) / (done.psd**2).mean(axis=0)


def test_plain_rings_are_too_sure_of_themselves(held: dict[str, tuple[Array, Array]]) -> None:
    inside, ratio = held["plain"]

    assert np.all(inside < 0.93)
    assert np.all(ratio > 1.15)


def test_fair_rings_are_about_right(held: dict[str, tuple[Array, Array]]) -> None:
    inside, ratio = held["fair"]

    assert np.all(np.abs(inside - 0.95) < 0.015)
    assert np.all(np.abs(ratio - 1) < 0.12)
