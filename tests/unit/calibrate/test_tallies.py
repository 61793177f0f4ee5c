"""Sums behind norms: everyone keeps the standard prior, other groups get moments of their own."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.calibrate.likelihood import Answers, Parameters, Sides, evaluate, sides_of
from undertow.calibrate.norming import KNOTS, Group, norms_from
from undertow.calibrate.scores import Latent
from undertow.calibrate.tallies import Tally, latent_of_group, tally, tally_by_group
from undertow.calibrate.workers import workers
from undertow.errors import ShapeError

DIMENSION_OF = np.repeat([0, 1], 4)
SLOPE = np.array([1.2, 1.8, 1.5, 1.0, 1.4, 2.0, 1.1, 1.6])
INTERCEPTS = np.tile([1.0, -0.8], (8, 1))
PARAMETERS = Parameters(slope=SLOPE, intercepts=INTERCEPTS, correlation=0.3)
MEANS, DEVIATIONS = np.array([-0.5, 0.4]), np.array([0.8, 1.2])
ROWS = 300


def answers(rows: int, *, seed: int) -> NDArray[np.int8]:
    rng = np.random.default_rng(seed)
    theta = MEANS + DEVIATIONS * rng.standard_normal((rows, 2))
    felt = SLOPE * theta[:, DIMENSION_OF] + rng.logistic(size=(rows, 8))
    keyed: NDArray[np.int8] = (felt[:, :, None] + INTERCEPTS > 0).sum(axis=2, dtype=np.int8)
    keyed[rng.random(keyed.shape) < 0.05] = -1
    return keyed


KEYED = answers(2 * ROWS, seed=3)
EVERYONE, HALF = np.ones(2 * ROWS, dtype=bool), np.arange(2 * ROWS) < ROWS


@pytest.fixture(scope="module")
def sides() -> Sides:
    return sides_of(KEYED, DIMENSION_OF, 3)


@pytest.fixture(scope="module")
def found(sides: Sides) -> Tally:
    return tally_by_group(sides, PARAMETERS, np.stack([EVERYONE, HALF]))


def rows_of(sides: Sides, keep: NDArray[np.bool_]) -> Sides:
    first, second = (
        Answers(indicators=side.indicators[keep], items=side.items, categories=side.categories)
        for side in sides
    )
    return first, second


def test_everyone_keeps_the_standard_prior(sides: Sides, found: Tally) -> None:
    evaluation = evaluate(sides, PARAMETERS, EVERYONE[None])
    assert found.log_likelihood[0] == pytest.approx(evaluation.log_likelihood, abs=1e-8)
    assert np.allclose(found.mass[0], evaluation.mass[0], atol=1e-9)


def test_another_group_is_where_its_answers_put_it(sides: Sides, found: Tally) -> None:
    own = rows_of(sides, HALF)
    latent = latent_of_group(own, PARAMETERS)
    # Standard errors of a mean are about 1.2 / sqrt(300), of a deviation half as much and more.
    assert np.abs(latent.means - MEANS).max() < 0.25
    assert np.abs(latent.deviations - DEVIATIONS).max() < 0.2
    plain = tally(own, PARAMETERS, np.ones((1, ROWS), dtype=bool), latent=latent)
    assert np.allclose(found.mass[1], plain.mass[0], atol=1e-6)
    assert found.log_likelihood[1] > tally(own, PARAMETERS, EVERYONE[None, :ROWS]).log_likelihood[0]


def test_its_moments_cannot_be_bettered(sides: Sides) -> None:
    own = rows_of(sides, HALF)
    best = latent_of_group(own, PARAMETERS)
    inside = np.ones((1, ROWS), dtype=bool)
    top = tally(own, PARAMETERS, inside, latent=best).log_likelihood[0]
    at = np.concatenate([best.means, best.deviations, [best.correlation]])
    for moment in range(5):
        for step in (-0.02, 0.02):
            moved = at.copy()
            moved[moment] += step
            other = Latent(means=moved[:2], deviations=moved[2:4], correlation=float(moved[4]))
            assert tally(own, PARAMETERS, inside, latent=other).log_likelihood[0] < top


def test_the_standard_error_is_that_of_leaving_one_out(sides: Sides) -> None:
    """The jackknife does all of it again without each person; the formula must come near."""
    own = rows_of(sides, HALF)
    few = rows_of(own, np.arange(ROWS) < 120)

    def curve(part: Sides) -> Tally:
        # One row in front that is left out: a group that is not everyone.
        front = rows_of(own, np.arange(ROWS) == ROWS - 1)
        joined = tuple(
            Answers(
                indicators=np.concatenate([a.indicators, b.indicators]),
                items=a.items,
                categories=a.categories,
            )
            for a, b in zip(front, part, strict=True)
        )
        members = np.ones((1, joined[0].rows), dtype=bool)
        members[0, 0] = False
        return tally_by_group((joined[0], joined[1]), PARAMETERS, members)

    def group_of(size: int) -> Group:
        return Group(name="g", gender=None, age_band=None, member=np.ones(size, dtype=bool))

    whole = curve(few)
    (norm,) = norms_from((group_of(120),), whole.mass, whole.squares)
    at = [int(np.argmin(np.abs(KNOTS - place))) for place in (-1.5, -0.5, 0.5, 1.5)]
    without = []
    for person in range(120):
        part = curve(rows_of(few, np.arange(120) != person))
        (one,) = norms_from((group_of(119),), part.mass)
        without.append(one.cdf[:, at])
    left = np.array(without)
    slow = np.sqrt(119 / 120 * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    assert norm.standard_error is not None
    assert norm.standard_error[:, at] == pytest.approx(slow, rel=0.1)


def test_one_dimension_has_moments_of_its_own() -> None:
    one = sides_of(KEYED[:, :4], np.zeros(4, dtype=np.intp), 3)
    parameters = Parameters(slope=SLOPE[:4], intercepts=INTERCEPTS[:4], correlation=0.0)
    latent = latent_of_group(one, parameters)
    assert latent.means[0] == pytest.approx(MEANS[0], abs=0.2)
    assert (latent.means[1], latent.deviations[1], latent.correlation) == (0, 1, 0)
    found = tally_by_group(one, parameters, HALF[None])
    assert np.isfinite(found.squares[0, 0]).all()
    assert np.isnan(found.squares[0, 1]).all()


def test_a_handful_of_people_is_no_trouble(sides: Sides) -> None:
    found = tally_by_group(sides, PARAMETERS, (np.arange(2 * ROWS) < 3)[None])
    assert np.isfinite(found.squares).all()
    assert np.isfinite(found.mass).all()


def test_workers_change_nothing(sides: Sides) -> None:
    many = rows_of(sides, np.ones(2 * ROWS, dtype=bool))
    many = (
        Answers(indicators=np.tile(many[0].indicators, (5, 1)), items=many[0].items, categories=3),
        Answers(indicators=np.tile(many[1].indicators, (5, 1)), items=many[1].items, categories=3),
    )
    members = np.stack([np.tile(EVERYONE, 5), np.tile(HALF, 5)])
    with workers() as mapper:
        alone = tally_by_group(many, PARAMETERS, members)
        shared = tally_by_group(many, PARAMETERS, members, mapper)
    assert np.array_equal(alone.squares, shared.squares)
    assert np.array_equal(alone.mass, shared.mass)


def test_members_are_those_of_the_rows(sides: Sides) -> None:
    with pytest.raises(ShapeError, match="members must be"):
        tally(sides, PARAMETERS, HALF[None, :5])
    with pytest.raises(ShapeError, match="members must be"):
        tally_by_group(sides, PARAMETERS, HALF[None, :5])
