"""Made-up people who take the test: for lengths, laws and recovery; real answers are left to replay."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.responses import Answer
from undertow.measure.model import Model
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

    Where the model's items have drifted by who knows how much, so have these: each answer comes from
    a drift of its own, which for a single sitting is the same as wording that drifted once.
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
    rho = model.bank.correlation
    return rng.multivariate_normal([0.0, 0.0], [[1.0, rho], [rho, 1.0]], size=n)
