"""Made-up people who take the test: for lengths, laws and recovery; real answers are left to replay."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.responses import Answer
from undertow.measure.batch import BatchSittings, batch_sittings
from undertow.measure.model import Model, figures_of
from undertow.measure.session import AdaptiveTest, Ask, Session
from undertow.measure.stop import StopReason

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedSitting:
    """A true place (2,) and the session that its answers made, with the reason it ended."""

    theta: Array
    session: Session
    reason: StopReason


def simulate_answer(model: Model, item_id: str, theta: Array, rng: np.random.Generator) -> Answer:
    """One answer drawn from the model at `theta` (2,), as the person would tap it (before keying).

    Of a model of several groups every answer may come from any. Where the model's items have drifted by
    who knows how much, so have these: each answer comes from a drift of its own, which for a single
    sitting is the same as wording that drifted once.
    """
    position = model.index(item_id)
    item = model.bank.items[position]
    place = float(theta[int(model.dimension_of[position])])
    at_least = np.cumsum(model.chances(position, place)[::-1])[::-1][1:]
    keyed = int((rng.random() < at_least).sum())
    category = keyed if item.keying == 1 else item.categories - 1 - keyed
    return Answer(item_id=item_id, category=category)


def simulate_sitting(
    test: AdaptiveTest,
    theta: Array,
    rng: np.random.Generator,
    *,
    truth: Model | None = None,
) -> SimulatedSitting:
    """A whole sitting of a person whose place is `theta` (2,).

    The answers follow `truth` where it is given (the same items with other figures, `drifted` for
    one), else the test's own model.
    """
    answering = truth or test.model
    session = Session(test=test)
    step = session.step()
    while isinstance(step, Ask):
        drawn = simulate_answer(answering, step.item_id, theta, rng)
        # The step was just computed, so the checks of `advance` would only do it twice.
        session = Session(test=test, answers=(*session.answers, drawn))
        step = session.step()
    return SimulatedSitting(theta=theta, session=session, reason=step.reason)


def drifted(bank: Bank, rng: np.random.Generator) -> Bank:
    """The bank as it might truly be: each adapted item's figures moved once by the carried drift.

    log a' = log a + N(0, log_slope^2), all thresholds by N(0, threshold^2): thresholds that moved
    apart would make the same single answers as likely. The bank itself where it carries none.
    What comes out carries no drift: its figures are then the truth.
    """
    carried = bank.carried_drift
    if carried is None:
        return bank
    items = []
    for item in bank.items:
        moved = item
        if item.adapts is not None:
            times = float(np.exp(rng.normal(0.0, carried.log_slope)))
            shift = rng.normal(0.0, carried.threshold)
            slope = item.slope * times
            moved = replace(
                item,
                slope=slope,
                intercepts=tuple(float(d * times - slope * shift) for d in item.intercepts),
            )
        items.append(moved)
    return replace(bank, items=tuple(items), drift=None)


def draw_population(model: Model, n: int, rng: np.random.Generator) -> Array:
    """`n` places from the reference population; (n, 2)."""
    rho = model.correlation
    return rng.multivariate_normal([0.0, 0.0], [[1.0, rho], [rho, 1.0]], size=n)


def simulate_categories(model: Model, places: Array, rng: np.random.Generator) -> NDArray[np.int8]:
    """Answers of people at `places` (N, 2) to every item, as they would tap them; (N, J).

    Where the model has several groups, each person is of one of them, drawn by their shares, and keeps
    to its figures. Where items have drifted by who knows how much, each answer comes from a drift of
    its own, as in `simulate_answer`.
    """
    people = places.shape[0]
    group = rng.choice(model.shares.size, size=people, p=model.shares)
    categories = np.empty((people, len(model.bank.items)), dtype=np.int8)
    for position, item in enumerate(model.bank.items):
        slopes, intercepts = (
            np.stack(figures) for figures in zip(*figures_of(item, model.groups), strict=True)
        )
        reached = slopes[group] * places[:, model.dimension_of[position]]
        thresholds = intercepts[group]
        if model.drift is not None and item.adapts is not None:
            times = np.exp(rng.normal(0.0, model.drift.log_slope, size=people))
            shift = slopes[group] * rng.normal(0.0, model.drift.threshold, size=people)
            reached, thresholds = times * (reached - shift), times[:, None] * thresholds
        # A logistic error on what is reached gives the graded model's chances.
        reached += rng.logistic(size=people)
        keyed = (reached[:, None] + thresholds > 0).sum(axis=1)
        categories[:, position] = keyed if item.keying == 1 else item.categories - 1 - keyed
    return categories


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedSittings:
    """True `places` (N, 2), the answers that people would give to every item, and what was `taken`."""

    places: Array
    categories: NDArray[np.int8]
    taken: BatchSittings


def simulate_sittings(
    test: AdaptiveTest,
    n: int,
    rng: np.random.Generator,
    *,
    truth: Model | None = None,
    early_stop: bool = True,
) -> SimulatedSittings:
    """Whole sittings of `n` people of the reference population at once, each as `simulate_sitting`.

    Places and answers follow `truth` where it is given, else the test's own model.
    """
    answering = truth or test.model
    places = draw_population(answering, n, rng)
    categories = simulate_categories(answering, places, rng)
    taken = batch_sittings(test, categories, early_stop=early_stop)
    return SimulatedSittings(places=places, categories=categories, taken=taken)
