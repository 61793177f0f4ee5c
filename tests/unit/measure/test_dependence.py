"""What near-duplicates are worth, worked by hand; the slow twin is in `reference`, laws in `property`."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.fair_bank import with_pairs
from tests.made_up_bank import bank_of, calibrated_item, large_bank, small_bank

from undertow.bank.item import Dimension
from undertow.bank.responses import Answer
from undertow.measure.dependence import Dependence
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior

Array = NDArray[np.float64]

TWINS = Dependence(covariance=np.array([[2.0, 0.8, 0.0], [0.8, 2.0, 0.0], [0.0, 0.0, 1.0]]))
"""Two alike with r = 0.4, and one that has nothing to do with them."""


def masks(*rows: tuple[int, ...]) -> NDArray[np.bool_]:
    return np.array(rows, dtype=bool)


def test_two_alike_are_worth_two_over_one_and_r() -> None:
    # C = 2 [[1, .4], [.4, 1]], d = 2 (1, 1): w = 1 / 1.4 each, and d'w = 4 / 1.4 = 2 * (2 / 1.4).
    weights = TWINS.weights(masks((1, 1, 0)))[0]

    assert weights.tolist() == pytest.approx([1 / 1.4, 1 / 1.4, 0.0])
    assert 2.0 * weights.sum() == pytest.approx(2.0 * 2 / 1.4)


def test_one_alone_counts_in_full_whatever_it_goes_with() -> None:
    assert TWINS.weights(masks((1, 0, 0), (0, 1, 1), (0, 0, 0))).tolist() == [
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 1.0],
        [0.0, 0.0, 0.0],
    ]


def test_what_a_twin_leaves() -> None:
    # Together they are worth 4 / 1.4, one alone 2: the second adds 4 / 1.4 - 2 = 6 / 7, of its 2 that
    # is 3 / 7.
    left = TWINS.left(masks((1, 0, 0), (0, 0, 0), (0, 0, 1)))

    assert left[0].tolist() == pytest.approx([0.02, 3 / 7, 1.0])
    assert left[1].tolist() == [1.0, 1.0, 1.0]
    assert left[2].tolist() == pytest.approx([1.0, 1.0, 0.02])


def test_a_weak_item_beside_a_strong_one_counts_a_tenth_at_least() -> None:
    # C = [[4, .9], [.9, .25]] has determinant .19; w1 = (4 - .9) * .25 / .19 = 4.1, and
    # w2 = 4 * (.25 - .9) / .19 = -13.7.
    strong = Dependence(covariance=np.array([[4.0, 0.9], [0.9, 0.25]]))

    weights, left = strong.worth(masks((1, 1), (1, 0)))

    assert weights[0].tolist() == [1.0, 0.1]  # clipped from above and from below
    assert left[1, 1] == 0.02


def test_a_cluster_is_a_chain_and_what_is_apart_stays_apart() -> None:
    # 0-2-4 hang together by 2, 1-3 do, 5 is alone: what 0 leaves of 4 hangs on 2 being there.
    covariance = np.eye(6)
    for a, b in ((0, 2), (2, 4), (1, 3)):
        covariance[a, b] = covariance[b, a] = 0.3
    found = Dependence(covariance=covariance).left(masks((1, 0, 0, 0, 0, 0), (1, 0, 1, 0, 0, 0)))

    assert found[0, [1, 3, 4, 5]].tolist() == [1.0, 1.0, 1.0, 1.0]
    assert found[0, 2] == pytest.approx((1 - 0.3) ** 2 / (1 - 0.09))
    assert found[1, 4] < 1.0
    assert found[1, [1, 3, 5]].tolist() == [1.0, 1.0, 1.0]


def bank_with(*pairs: tuple[str, str, float]) -> Dependence:
    found = model_of(with_pairs(small_bank(), *pairs), discounts=True).dependence
    assert found is not None
    return found


def relation(of: Dependence) -> Array:
    root = np.sqrt(np.diag(of.covariance))
    return np.asarray(of.covariance / np.outer(root, root))


def same_slopes(*pairs: tuple[str, str, float]) -> Dependence:
    """Three anxiety items with the same figures, so that relations are what the pairs say."""
    bank = bank_of(
        [
            *(
                calibrated_item(f"a{n}", Dimension.ANXIETY, slope=1.5, thresholds=(-1, 1))
                for n in (1, 2, 3)
            ),
            calibrated_item("v", Dimension.AVOIDANCE, slope=1.5, thresholds=(-1, 1)),
        ]
    )
    found = model_of(with_pairs(bank, *pairs), discounts=True).dependence
    assert found is not None
    return found


def test_relations_that_agree_are_taken_as_they_are() -> None:
    found = relation(same_slopes(("a1", "a2", 0.6), ("a2", "a3", 0.5)))

    assert found[0, 1] == pytest.approx(0.6)
    assert found[1, 2] == pytest.approx(0.5)
    assert found[0, 2] == 0.0


def test_relations_that_contradict_themselves_shrink_until_they_do_not() -> None:
    # With r = .9, .9 and 0 the smallest eigenvalue is 1 - .9 * sqrt(2) = -.2728.
    found = relation(same_slopes(("a1", "a2", 0.9), ("a2", "a3", 0.9)))
    smallest = 1 - 0.9 * np.sqrt(2)
    share = (0.1 - smallest) / (1 - smallest)

    assert found[0, 1] == pytest.approx(0.9 * (1 - share))
    assert np.linalg.eigvalsh(found[:3, :3])[0] == pytest.approx(0.1)


def test_shrinking_one_dimension_leaves_the_other_alone() -> None:
    both = bank_with(("a1", "a2", 0.9), ("a2", "a3", 0.9), ("v1", "v2", 0.5))
    one = bank_with(("v1", "v2", 0.5))

    assert both.covariance[1, 3] == one.covariance[1, 3] != 0.0


def test_without_pairs_or_discounts_every_answer_counts_in_full() -> None:
    bank, some = small_bank(), masks((1, 0, 1, 0, 0, 1))
    paired = with_pairs(bank, ("a1", "a2", 0.5))
    for model in (model_of(bank, discounts=True), model_of(paired)):
        assert model.dependence is None
        assert model.weights(some).tolist() == some.astype(float).tolist()
        assert model.left(some).tolist() == [[1.0] * 6]
        weights, left = model.worth(some)
        assert (weights.tolist(), left.tolist()) == (some.astype(float).tolist(), [[1.0] * 6])
    assert model_of(paired, discounts=True).weights(some)[0, 0] < 1.0


def test_a_twin_answered_alike_makes_less_sure_than_it_would_alone() -> None:
    bank = with_pairs(large_bank(), ("a1", "a2", 0.6))
    answers = (Answer(item_id="a1", category=3), Answer(item_id="a2", category=3))
    full, less = (
        posterior(model_of(bank, discounts=discounts), answers).estimate()
        for discounts in (False, True)
    )
    one = posterior(model_of(bank), answers[:1]).estimate()

    assert full.psd[0] < less.psd[0] < one.psd[0]
    assert one.mean[0] < less.mean[0] < full.mean[0]
