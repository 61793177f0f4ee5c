"""Correlations of dimensions fitted alone: pairs that don't fit together, ends, errors, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.calibrate import correlations
from undertow.calibrate.correlations import (
    LARGEST,
    Alone,
    correlation_errors,
    correlations_between,
    nearest,
)
from undertow.calibrate.em import fit_graded
from undertow.calibrate.likelihood import sides_of, working_grid
from undertow.calibrate.standard_errors import standard_errors
from undertow.calibrate.workers import workers
from undertow.errors import ConvergenceError, ShapeError

ITEMS = 6
ONE = np.zeros(ITEMS, dtype=np.intp)


def answers(theta: NDArray[np.float64], seed: int) -> NDArray[np.int8]:
    noise = np.random.default_rng(seed).logistic(size=(theta.size, ITEMS))
    reached = 1.7 * theta[:, None] + noise
    keyed: NDArray[np.int8] = (reached[:, :, None] > [-0.9, 0.9]).sum(axis=2, dtype=np.int8)
    return keyed


def fitted(keyed: NDArray[np.int8]) -> Alone:
    return Alone(
        answers=sides_of(keyed, ONE, 3)[0], parameters=fit_graded(keyed, ONE, 3).parameters
    )


def people(rows: int, rho: float, seed: int = 1) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    theta: NDArray[np.float64] = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], rows)
    return theta


THETA = people(2000, -0.5)
KEYED = answers(THETA[:, 0], 2), answers(THETA[:, 1], 3)


@pytest.fixture(scope="module")
def pair() -> tuple[Alone, Alone]:
    return fitted(KEYED[0]), fitted(KEYED[1])


def test_a_pair_is_near_its_joint_fit(pair: tuple[Alone, Alone]) -> None:
    joint = fit_graded(np.concatenate(KEYED, axis=1), np.repeat([0, 1], ITEMS), 3)
    found = correlations_between(pair)
    assert found.matrix[0, 1] == pytest.approx(joint.parameters.correlation, abs=0.005)
    assert found.matrix[0, 1] == pytest.approx(-0.5, abs=0.08)


def test_errors_are_near_those_of_the_joint_fit(pair: tuple[Alone, Alone]) -> None:
    both = np.concatenate(KEYED, axis=1)
    dimension_of = np.repeat([0, 1], ITEMS)
    joint = fit_graded(both, dimension_of, 3).parameters
    expected = standard_errors(sides_of(both, dimension_of, 3), joint, working_grid())
    errors = correlation_errors(pair, correlations_between(pair).matrix, working_grid())
    assert errors[0, 1] == errors[1, 0] == pytest.approx(expected.correlation, rel=0.1)
    assert errors[0, 0] == errors[1, 1] == 0.0


def test_turning_one_dimension_turns_the_sign(pair: tuple[Alone, Alone]) -> None:
    turned = fitted((2 - KEYED[1]).astype(np.int8))
    here = correlations_between(pair).matrix[0, 1]
    assert correlations_between([pair[0], turned]).matrix[0, 1] == pytest.approx(-here, abs=1e-5)
    assert correlations_between(pair[::-1]).matrix[0, 1] == pytest.approx(here, abs=1e-7)


def test_many_rows_start_from_a_few_and_end_at_the_same(pair: tuple[Alone, Alone]) -> None:
    many = [
        Alone(answers=sides_of(np.tile(keyed, (9, 1)), ONE, 3)[0], parameters=one.parameters)
        for keyed, one in zip(KEYED, pair, strict=True)
    ]
    few = correlations_between(pair).matrix
    with workers() as mapper:
        shared = correlations_between(many, mapper=mapper).matrix
        assert np.array_equal(shared, correlations_between(many).matrix)
    assert np.allclose(shared, few, atol=2e-6)


def test_two_dimensions_that_are_one_end_at_the_limit() -> None:
    theta = people(1500, 0.0)[:, 0]
    same = [fitted(answers(theta, 5)), fitted(answers(theta, 5))]
    found = correlations_between(same)
    assert found.matrix[0, 1] == pytest.approx(LARGEST, abs=1e-5)
    assert found.moved == 0.0


def test_pairs_that_do_not_fit_together_are_moved_no_further_than_needed() -> None:
    # If 1 goes with 2, and 2 with 3, then 1 can't go against 3.
    apart = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    found = nearest(apart)
    assert np.linalg.eigvalsh(found.matrix)[0] > 0
    assert np.allclose(np.diag(found.matrix), 1.0)
    # By symmetry all three meet half-way at 1/2, the largest that three such can share.
    assert np.allclose(np.abs(found.matrix[np.triu_indices(3, 1)]), 0.5, atol=1e-3)
    assert found.moved == pytest.approx(0.4, abs=1e-3)
    fine = np.array([[1.0, 0.3], [0.3, 1.0]])
    assert nearest(fine).moved == 0.0
    assert np.array_equal(nearest(fine).matrix, fine)


def test_one_that_does_not_settle(
    pair: tuple[Alone, Alone], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correlations, "_MOST_CYCLES", 2)
    with pytest.raises(ConvergenceError, match="had not settled after 2 cycles") as caught:
        correlations_between(pair)
    assert len(caught.value.trace) == 2


def test_what_has_no_correlation(pair: tuple[Alone, Alone]) -> None:
    fewer = Alone(answers=pair[1].answers.part(slice(9)), parameters=pair[1].parameters)
    for wrong in ([pair[0]], [pair[0], fewer]):
        with pytest.raises(ShapeError, match="with the same rows"):
            correlations_between(wrong)
