"""Person-fit and doubt agree with their slow twins, and the tail with answers drawn many times."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.reference import slow_belief as slow

from undertow.measure.belief import CARELESS_SHARE, believe
from undertow.measure.grid import Grid
from undertow.measure.grm import category_probabilities
from undertow.measure.person_fit import AnsweredSet, answered_set, person_fit

Array = NDArray[np.float64]
FEW = Grid(nodes=np.linspace(-3.0, 3.0, 7))
MANY = Grid(nodes=np.linspace(-6.0, 6.0, 61))
SHARES = (0.3, 0.7)


def made_up(grid: Grid, items: int, seed: int, *, weighted: bool = True) -> list[slow.Asked]:
    """Items of three categories, each with two groups' figures, answered any way."""
    rng = np.random.default_rng(seed)
    asked = []
    for number in range(items):
        groups = [
            category_probabilities(
                grid.nodes,
                slope=float(rng.uniform(0.8, 2.2)),
                intercepts=np.sort(rng.uniform(-1.5, 1.5, 2))[::-1],
            )
            for _ in SHARES
        ]
        asked.append(
            slow.Asked(
                table=np.stack(groups),
                keyed=int(rng.integers(3)),
                keying=1 if number % 3 else -1,
                dimension=number % 2,
                weight=float(rng.uniform(0.3, 1.0)) if weighted else 1.0,
            )
        )
    return asked


def as_set(asked: list[slow.Asked], grid: Grid, log_prior: Array) -> AnsweredSet:
    return answered_set(
        [one.table for one in asked],
        [one.keyed for one in asked],
        keying=[one.keying for one in asked],
        dimension_of=[one.dimension for one in asked],
        nodes=grid.nodes,
        log_prior=log_prior,
        group_shares=np.array(SHARES),
        weights=np.array([one.weight for one in asked]),
    )


def normalised(moments: slow.Moments) -> float:
    if moments.variance < 1e-12:
        return 0.0
    z = moments.value / math.sqrt(moments.variance)
    skew = moments.third / math.sqrt(moments.variance) ** 3
    root = math.copysign(abs(skew * z / 2 + 1) ** (1 / 3), skew * z / 2 + 1)
    return 6 / skew * (root - 1) + skew / 6


@pytest.mark.parametrize("seed", range(4))
def test_person_fit_one_node_at_a_time(seed: int) -> None:
    asked = made_up(FEW, 6, seed)
    log_prior = FEW.log_prior(0.3)
    weights = slow.posterior(asked, SHARES, log_prior)
    own = [[one for one in asked if one.dimension == d] for d in (0, 1)]
    each = {
        (g, d, q): slow.moments(own[d], g, q, FEW.nodes)
        for g in range(2)
        for d in range(2)
        for q in range(7)
    }
    joint = tail = 0.0
    apart = [0.0, 0.0]
    for (g, x, y), weight in weights.items():
        first, second = each[g, 0, x], each[g, 1, y]
        z = normalised(
            slow.Moments(
                value=first.value + second.value,
                variance=first.variance + second.variance,
                third=first.third + second.third,
            )
        )
        joint += weight * z
        tail += weight * (1 + math.erf(z / math.sqrt(2))) / 2
        apart[0] += weight * normalised(first)
        apart[1] += weight * normalised(second)
    fit = person_fit(as_set(asked, FEW, log_prior))
    assert fit.joint == pytest.approx(joint, abs=1e-6)
    assert fit.by_dimension == pytest.approx(apart, abs=1e-6)
    assert fit.tail == pytest.approx(tail, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_doubt_one_model_at_a_time(seed: int) -> None:
    asked = made_up(FEW, 4, seed + 10)
    log_prior = FEW.log_prior(-0.2)
    doubt, mostly = slow.doubt(asked, SHARES, log_prior, CARELESS_SHARE)
    belief = believe(as_set(asked, FEW, log_prior))
    assert belief.doubt == pytest.approx(doubt, rel=1e-9)
    assert belief.mostly == pytest.approx(mostly, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_tail_is_the_share_of_drawn_answers_that_fit_as_badly(seed: int) -> None:
    """No formula for the distribution: places drawn from the posterior, and answers at each of them."""
    asked = made_up(MANY, 12, seed + 20, weighted=False)
    log_prior = MANY.log_prior(0.0)
    tail = person_fit(as_set(asked, MANY, log_prior)).tail
    rng = np.random.default_rng(seed)
    places = slow.posterior(asked, SHARES, log_prior)
    drawn = rng.choice(len(places), size=150, p=np.array(list(places.values())))
    own = [[one for one in asked if one.dimension == d] for d in (0, 1)]
    worse = []
    for g, *place in (list(places)[at] for at in drawn):
        observed = 0.0
        replicated = np.zeros(200)
        for d in (0, 1):
            c = slow.along(own[d], g, place[d], MANY.nodes)
            for one in own[d]:
                rows = slow.terms(one, g, place[d], MANY.nodes)
                residual = np.array([a - c * s for _, a, s in rows])
                chance = np.array([p for p, _, _ in rows])
                observed += residual[one.keyed]
                replicated += rng.choice(residual, size=replicated.size, p=chance / chance.sum())
        worse.append((replicated <= observed + 1e-12).mean())
    error = np.std(worse) / math.sqrt(len(worse))
    # A cube root for the distribution is right to about 0.02 with a dozen answers.
    assert tail == pytest.approx(np.mean(worse), abs=0.02 + 3 * error)
    assert 0.001 < np.mean(worse) < 0.999
