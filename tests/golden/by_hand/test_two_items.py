"""Two items, three categories, five nodes: every figure can be redone with a pocket calculator.

How the next question is chosen from such figures is left to `test_next_question`.

The set-up. Nodes lie at -6, -3, 0, 3, 6. Both items have slope ln(8)/3 and intercepts ln(8) and
-ln(8), so that a step of one node multiplies the odds by 8:

    odds of "at least 1" at node t steps from 0:  8^(t+1)
    odds of "at least 2":                         8^(t-1)

    t     P(>=1)           P(>=2)           P(0)    P(1)      P(2)
    -2    1/9              1/513            8/9     56/513    1/513
    -1    1/2              1/65             1/2     63/130    1/65
     0    8/9              1/9              1/9     7/9       1/9
     1    64/65            1/2              1/65    63/130    1/2
     2    512/513          8/9              1/513   56/513    8/9

The prior of one dimension, before it is made to sum to 1: exp(-x*x/2) is 1 at 0,
exp(-4.5) = 0.0111090 at -3 and 3, exp(-18) = 0.000000015 at -6 and 6.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.made_up_bank import ANXIETY, AVOIDANCE, bank_of

from undertow.bank.calibrated import CalibratedItem
from undertow.bank.item import Dimension, Keying
from undertow.bank.responses import MISSING, Answer
from undertow.measure.grid import Grid
from undertow.measure.grm import category_probabilities
from undertow.measure.model import Model, model_of
from undertow.measure.posterior import Posterior, posterior

NODES = (-6.0, -3.0, 0.0, 3.0, 6.0)


def item(item_id: str, dimension: Dimension, keying: Keying = 1) -> CalibratedItem:
    return CalibratedItem(
        id=item_id,
        dimension=dimension,
        keying=keying,
        slope=math.log(8) / 3,
        intercepts=(math.log(8), -math.log(8)),
    )


def model(*, correlation: float = 0.0) -> Model:
    bank = bank_of(
        [item("a", ANXIETY), item("v", AVOIDANCE, keying=-1), item("a too", ANXIETY)],
        correlation=correlation,
    )
    return model_of(bank, grid=Grid(nodes=np.array(NODES)))


def after(correlation: float = 0.0, **categories: int) -> Posterior:
    given = tuple(
        Answer(item_id=name.replace("_", " "), category=category)
        for name, category in categories.items()
    )
    return posterior(model(correlation=correlation), given)


def test_category_probabilities_are_the_fractions_of_the_table() -> None:
    table = category_probabilities(
        np.array(NODES), slope=math.log(8) / 3, intercepts=np.array([math.log(8), -math.log(8)])
    )

    assert table.tolist() == [
        pytest.approx([8 / 9, 1 / 2, 1 / 9, 1 / 65, 1 / 513], rel=1e-14),
        pytest.approx([56 / 513, 63 / 130, 7 / 9, 63 / 130, 56 / 513], rel=1e-14),
        pytest.approx([1 / 513, 1 / 65, 1 / 9, 1 / 2, 8 / 9], rel=1e-14),
    ]


def test_before_any_answer() -> None:
    # Sum: 1 + 2 * 0.0111090 + 2 * 0.000000015 = 1.0222180.
    # Weights: 0.0111090 / 1.0222180 = 0.0108675 at -3 and 3; 1 / 1.0222180 = 0.9782649 at 0.
    # Mean: 0, the weights are the same on both sides.
    # Variance: 2 * 9 * 0.0108675 + 2 * 36 * 0.000000015 = 0.1956153 + 0.0000011 = 0.195617
    # (small beside 1: so few nodes hardly see a normal's shoulders).
    before = after()

    assert before.marginal(ANXIETY).tolist() == pytest.approx(
        [0.000000015, 0.0108675, 0.9782649, 0.0108675, 0.000000015], abs=5e-8
    )
    estimate = before.estimate()
    assert estimate.mean.tolist() == pytest.approx([0.0, 0.0], abs=1e-12)
    assert estimate.covariance[0].tolist() == pytest.approx([0.195617, 0.0], abs=2e-6)
    assert estimate.covariance[1].tolist() == pytest.approx([0.0, 0.195617], abs=2e-6)


def test_one_item_of_each_dimension() -> None:
    # "a" is answered at the top, category 2. Prior times P(2):
    #   t = -1: 0.0111090 * 1/65 = 0.0001709
    #   t =  0: 1         * 1/9  = 0.1111111
    #   t =  1: 0.0111090 * 1/2  = 0.0055545
    #   t =  2: 0.000000015 * 8/9 = 0.0000000135      (t = -2: nothing left)
    #   sum 0.1168365
    # Weights: 0.0014628, 0.9509963, 0.0475408, 0.00000012.
    # Mean: -3 * 0.0014628 + 3 * 0.0475408 + 6 * 0.00000012 = 0.138235.
    # Mean square: 9 * (0.0014628 + 0.0475408) + 36 * 0.00000012 = 0.441036.
    # Variance: 0.441036 - 0.138235 * 0.138235 = 0.441036 - 0.019109 = 0.421927.
    #
    # "v" is reversed and answered at the top too: that counts as 2 - 2 = 0. P(0) is the mirror
    # image of P(2), so avoidance gets the same figures with the opposite sign.
    # With no correlation the two know nothing of each other: covariance 0.
    posterior_now = after(a=2, v=2)

    assert posterior_now.marginal(ANXIETY).tolist() == pytest.approx(
        [0.0, 0.0014628, 0.9509963, 0.0475408, 0.00000012], abs=6e-8
    )
    assert posterior_now.marginal(AVOIDANCE).tolist() == pytest.approx(
        [0.00000012, 0.0475408, 0.9509963, 0.0014628, 0.0], abs=6e-8
    )
    estimate = posterior_now.estimate()
    assert estimate.mean.tolist() == pytest.approx([0.138235, -0.138235], abs=1e-6)
    assert estimate.covariance[0].tolist() == pytest.approx([0.421927, 0.0], abs=2e-6)
    assert estimate.covariance[1].tolist() == pytest.approx([0.0, 0.421927], abs=2e-6)


def test_two_items_of_the_same_dimension() -> None:
    # Both anxiety items at the top: prior times P(2) times P(2).
    #   t = -1: 0.0111090 / 4225   = 0.00000263
    #   t =  0: 1         / 81     = 0.01234568
    #   t =  1: 0.0111090 / 4      = 0.00277725
    #   t =  2: 0.000000015 * 64/81 = 0.000000012
    #   sum 0.01512557
    # Weights: 0.0001738, 0.8162125, 0.1836129, 0.0000008.
    # Mean: 3 * (0.1836129 - 0.0001738) + 6 * 0.0000008 = 0.550322.
    # Mean square: 9 * (0.1836129 + 0.0001738) + 36 * 0.0000008 = 1.654109.
    # Variance: 1.654109 - 0.302854 = 1.351255.
    # It grew: the answers pull away from the prior, and five nodes leave only 0 or 3 to choose.
    estimate = after(a=2, a_too=2).estimate()

    assert estimate.mean.tolist() == pytest.approx([0.550322, 0.0], abs=1e-6)
    assert estimate.psd.tolist() == pytest.approx(
        [math.sqrt(1.351255), math.sqrt(0.195617)], abs=2e-6
    )


def test_a_missing_answer_leaves_the_other_alone() -> None:
    # As above with "a" alone, and avoidance as before any answer.
    estimate = after(a=2, a_too=MISSING, v=MISSING).estimate()

    assert estimate.mean.tolist() == pytest.approx([0.138235, 0.0], abs=1e-6)
    assert np.diag(estimate.covariance).tolist() == pytest.approx([0.421927, 0.195617], abs=2e-6)


def test_a_correlation_carries_one_dimension_to_the_other() -> None:
    # Correlation 0.6: 1 - 0.36 = 0.64, so the prior is exp(-(x*x - 1.2*x*y + y*y) / 1.28).
    #   (0, 0): 1
    #   (3, 3) and (-3, -3): exp(-7.2 / 1.28) = exp(-5.625)      = 0.00360656
    #   one of them 0, the other 3 or -3: exp(-9 / 1.28)         = 0.00088383
    #   (3, -3) and (-3, 3): exp(-28.8 / 1.28) = exp(-22.5)      = 0.0000000002
    #   (6, 3) and (3, 6): exp(-23.4 / 1.28)                     = 0.0000000115, the rest is less
    # "a" at the top multiplies a row by 1/65 (x = -3), 1/9 (x = 0), 1/2 (x = 3), 8/9 (x = 6):
    #              y = -3         y = 0          y = 3          y = 6
    #   x = -3     0.00005549     0.00001360     -              -
    #   x =  0     0.00009820     0.11111111     0.00009820     -
    #   x =  3     -              0.00044191     0.00180328     0.0000000057
    #   x =  6     -              -              0.0000000102   0.0000000002
    # Sum: 0.11362181.
    # Rows: x = -3: 0.00006908; x = 3: 0.00224520; x = 6: 0.0000000104.
    # Mean of x: (3 * (0.00224520 - 0.00006908) + 6 * 0.0000000104) / 0.11362181 = 0.057457.
    # Columns: y = -3: 0.00015369; y = 3: 0.00190149; y = 6: 0.0000000059.
    # Mean of y: (3 * (0.00190149 - 0.00015369) + 6 * 0.0000000059) / 0.11362181 = 0.046148.
    # Mean of x*x: (9 * 0.00231428 + 36 * 0.0000000104) / 0.11362181 = 0.183318.
    # Mean of y*y: (9 * 0.00205518 + 36 * 0.0000000059) / 0.11362181 = 0.162793.
    # Mean of x*y: (9 * (0.00005549 + 0.00180328) + 18 * 0.0000000159 + 36 * 0.0000000002)
    #              / 0.11362181 = 0.147236.
    # Variances: 0.183318 - 0.003301 = 0.180017 and 0.162793 - 0.002130 = 0.160664;
    # covariance: 0.147236 - 0.057457 * 0.046148 = 0.147236 - 0.002652 = 0.144584.
    estimate = after(correlation=0.6, a=2).estimate()

    assert estimate.mean.tolist() == pytest.approx([0.057457, 0.046148], abs=1e-6)
    assert estimate.covariance[0].tolist() == pytest.approx([0.180017, 0.144584], abs=2e-6)
    assert estimate.covariance[1].tolist() == pytest.approx([0.144584, 0.160664], abs=2e-6)
