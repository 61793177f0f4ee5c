"""Figures from weights agree with those of people drawn and listed one by one, in every draw."""

from __future__ import annotations

import numpy as np
import pytest
from tests.reference import slow_replay

from undertow.calibrate.replay_figures import Placed, figures_of

SEED = 7


@pytest.mark.parametrize("people", [40, 3000])
@pytest.mark.parametrize("steps", [None, 0.1, 1.0], ids=["no ties", "ties", "few values"])
def test_every_draw_is_that_of_the_slow_twin(people: int, steps: float | None) -> None:
    """With 3,000 only those near the cuts are looked at anew; ties reach beyond them."""
    rng = np.random.default_rng(people)
    standard = rng.normal(size=people)
    short = standard + rng.normal(0.0, 0.4, people)
    if steps is not None:
        short, standard = (np.round(values / steps) * steps for values in (short, standard))
    covered = rng.random(people) < 0.9
    members = np.stack([rng.random(people) < 0.4] * 2)
    members[1] = ~members[0]
    placed = Placed(short=short, standard=standard, covered=covered)
    fast = figures_of({0: placed}, members, draws=6, seed=SEED)[0]
    for draw in range(7):
        listed = slow_replay.drawn_people(people, SEED, draw)
        for group in (0, 1):
            slow = slow_replay.figures(
                short[listed], standard[listed], covered[listed], members[group][listed]
            )
            for name, value in slow.items():
                assert fast[name].rows[draw, group] == pytest.approx(value, abs=1e-9, nan_ok=True)
