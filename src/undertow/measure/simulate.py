"""Made-up people who take the test: for lengths, laws and recovery; real answers are left to replay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    """One answer drawn from the model at `theta` (2,), as the person would tap it (before keying)."""
    position = model.index(item_id)
    item = model.bank.items[position]
    place = theta[int(model.dimension_of[position])]
    boundaries = 1.0 / (1.0 + np.exp(-(item.slope * place + np.asarray(item.intercepts))))
    keyed = int((rng.random() < boundaries).sum())
    category = keyed if item.keying == 1 else item.categories - 1 - keyed
    return Answer(item_id=item_id, category=category)


def simulate_sitting(
    test: AdaptiveTest, theta: Array, rng: np.random.Generator
) -> SimulatedSitting:
    """A whole sitting of a person whose place is `theta` (2,)."""
    session = Session(test=test)
    step = session.step()
    while isinstance(step, Ask):
        drawn = simulate_answer(test.model, step.item_id, theta, rng)
        # The step was just computed, so the checks of `advance` would only do it twice.
        session = Session(test=test, answers=(*session.answers, drawn))
        step = session.step()
    return SimulatedSitting(theta=theta, session=session, reason=step.reason)


def draw_population(model: Model, n: int, rng: np.random.Generator) -> Array:
    """`n` places from the reference population; (n, 2)."""
    rho = model.bank.correlation
    return rng.multivariate_normal([0.0, 0.0], [[1.0, rho], [rho, 1.0]], size=n)
