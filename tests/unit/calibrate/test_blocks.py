"""Blocks: which dimensions go together, everything back in its order, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.calibrate.blocks import (
    Block,
    BlocksFit,
    alone,
    blocks_of,
    by_dimension,
    fit_blocks,
    in_order,
    tally_blocks,
)
from undertow.calibrate.em import fit_graded, settle
from undertow.calibrate.source import InMemory
from undertow.errors import ConvergenceError, ShapeError

ROWS, CATEGORIES = 1500, 3
# Dimensions are mixed on purpose, so that places within a block and among all can't be confused.
DIMENSION_OF = np.array([2, 0, 1, 0, 1, 2, 0, 2, 1, 0, 1, 2, 0])
NAMES = [f"Q{number}" for number in range(1, DIMENSION_OF.size + 1)]


def made_up(dimension_of: NDArray[np.intp], *, seed: int = 4) -> NDArray[np.int8]:
    rng = np.random.default_rng(seed)
    size = int(dimension_of.max()) + 1
    correlations = np.full((size, size), 0.4)
    np.fill_diagonal(correlations, 1.0)
    theta = rng.multivariate_normal(np.zeros(size), correlations, ROWS)[:, dimension_of]
    reached = 1.6 * theta + rng.logistic(size=theta.shape)
    keyed: NDArray[np.int8] = (reached[:, :, None] > [-0.9, 0.9]).sum(axis=2, dtype=np.int8)
    keyed[rng.random(keyed.shape) < 0.03] = -1
    return keyed


KEYED = made_up(DIMENSION_OF)


@pytest.fixture(scope="module")
def three() -> tuple[Block, ...]:
    return blocks_of(KEYED, DIMENSION_OF, CATEGORIES)


@pytest.fixture(scope="module")
def fit(three: tuple[Block, ...]) -> BlocksFit:
    return fit_blocks(three, members=np.ones((1, ROWS), dtype=bool))


def test_three_dimensions_are_three_blocks(three: tuple[Block, ...], fit: BlocksFit) -> None:
    assert [block.dimensions for block in three] == [(0,), (1,), (2,)]
    assert three[2].items.tolist() == [0, 5, 7, 11]
    for block, own in zip(three, fit.fits, strict=True):
        again = fit_graded(KEYED[:, block.items], np.zeros(block.items.size, dtype=int), CATEGORIES)
        assert again.parameters.slope.tolist() == own.parameters.slope.tolist()
        assert fit.slope[block.items].tolist() == own.parameters.slope.tolist()
        assert fit.intercepts[block.items].tolist() == own.parameters.intercepts.tolist()
    assert fit.log_likelihood == pytest.approx(sum(own.log_likelihood for own in fit.fits))
    assert "each alone" in fit.likelihood_of
    assert fit.iterations == sum(own.iterations for own in fit.fits)
    assert len(fit.trace) == sum(len(own.trace) for own in fit.fits)
    assert fit.mass.shape == (1, 3, 131)
    assert np.allclose(fit.mass.sum(axis=2), ROWS)
    assert fit.correlations.shape == (3, 3)
    assert np.allclose(fit.correlations, fit.correlations.T)
    assert fit.correlations_moved == 0.0


def test_two_dimensions_are_one_block_as_before() -> None:
    dimension_of = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    keyed = made_up(dimension_of)
    (block,) = blocks_of(keyed, dimension_of, CATEGORIES)
    assert block.dimensions == (0, 1)
    found = fit_blocks([block], members=np.ones((2, ROWS), dtype=bool))
    before = fit_graded(keyed, dimension_of, CATEGORIES)
    assert found.slope.tolist() == before.parameters.slope.tolist()
    assert found.correlations[0, 1] == found.correlations[1, 0] == before.parameters.correlation
    assert found.log_likelihood == before.log_likelihood
    assert found.likelihood_of == "all answers together"
    assert found.mass.shape == (2, 2, 131)


def test_one_dimension_is_one_block() -> None:
    one = np.zeros(5, dtype=np.intp)
    (block,) = blocks_of(KEYED[:, :5], one, CATEGORIES)
    found = fit_blocks([block])
    assert found.correlations.tolist() == [[1.0]]
    assert found.mass.shape == (0, 1, 131)
    assert found.likelihood_of == "all answers together"


def test_the_order_of_items_does_not_matter(fit: BlocksFit) -> None:
    order = np.random.default_rng(3).permutation(DIMENSION_OF.size)
    other = fit_blocks(blocks_of(KEYED[:, order], DIMENSION_OF[order], CATEGORIES))
    assert np.allclose(other.slope, fit.slope[order], atol=1e-6)
    assert np.allclose(other.intercepts, fit.intercepts[order], atol=1e-6)
    assert np.allclose(other.correlations, fit.correlations, atol=1e-5)


def test_the_order_of_dimensions_only_names_them(fit: BlocksFit) -> None:
    turn = np.array([1, 2, 0])
    other = fit_blocks(blocks_of(KEYED, turn[DIMENSION_OF], CATEGORIES))
    assert np.allclose(other.slope, fit.slope, atol=1e-6)
    assert np.allclose(other.correlations[np.ix_(turn, turn)], fit.correlations, atol=1e-5)


def test_progress_counts_on_over_the_blocks(three: tuple[Block, ...]) -> None:
    heard: list[int] = []
    found = fit_blocks(three, progress=lambda cycle, _: heard.append(cycle))
    assert heard == sorted(set(heard))
    assert heard[-1] == found.iterations


def test_rows_of_a_source(three: tuple[Block, ...], fit: BlocksFit) -> None:
    sources = [InMemory(sides=block.sides) for block in three]
    assert fit_blocks(three, sources=sources).slope.tolist() == fit.slope.tolist()


def test_norms_of_all_dimensions(three: tuple[Block, ...], fit: BlocksFit) -> None:
    members = np.stack([np.ones(ROWS, dtype=bool), np.arange(ROWS) < 700])
    found = tally_blocks(three, fit, members)
    assert found.mass.shape == (2, 3, 131)
    assert found.squares.shape == (2, 3, 81)
    assert np.allclose(found.mass[:1], fit.mass, atol=1e-7)
    assert found.log_likelihood[0] == pytest.approx(fit.log_likelihood, abs=1e-6)


def test_figures_go_back_to_their_places(three: tuple[Block, ...]) -> None:
    assert in_order(three, [block.items.astype(float) for block in three]).tolist() == list(
        range(13)
    )
    by_side = [np.full((1, 2), float(block.dimensions[0])) for block in three]
    assert by_dimension(three, by_side).tolist() == [[0.0, 1.0, 2.0]]


def test_an_item_is_named_by_its_name_among_all() -> None:
    keyed = KEYED.copy()
    keyed[:, 7] = np.where(keyed[:, 7] < 0, -1, 2 - keyed[:, 7])
    with pytest.raises(ConvergenceError, match="Item Q8 does not go with the other items"):
        fit_blocks(blocks_of(keyed, DIMENSION_OF, CATEGORIES), names=NAMES)


def test_only_blocks_of_one_dimension_stand_alone() -> None:
    dimension_of = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    (block,) = blocks_of(made_up(dimension_of), dimension_of, CATEGORIES)
    settled = settle(block.sides)
    assert settled.parameters.slope.shape == (8,)
    with pytest.raises(ShapeError, match="one dimension"):
        alone([block], [fit_graded(made_up(dimension_of), dimension_of, CATEGORIES)])


@pytest.mark.parametrize(
    ("dimension_of", "said"),
    [
        ([0, 0, 0, 2, 2, 2], "number 2 has no items"),
        ([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3], "number 4 has 2 items"),
        ([0, 0], "number 1 has 2 items"),
        ([0, -1, 0], "0..D-1"),
        ([0, 0, 0, 0, 0, 0], r"\(N, J\)"),
    ],
)
def test_dimensions_that_cannot_be_fitted(dimension_of: list[int], said: str) -> None:
    keyed = KEYED[:, : min(len(dimension_of), 5) if set(dimension_of) == {0} else None]
    keyed = keyed[:, : len(dimension_of)]
    with pytest.raises(ShapeError, match=said):
        blocks_of(keyed, np.array(dimension_of), CATEGORIES)
