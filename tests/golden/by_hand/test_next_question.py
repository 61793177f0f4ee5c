"""Nine weights in twentieths, two items, three categories: the choice, worked out on paper.

How such weights come from answers is left to `test_two_items`.

The set-up. Nodes lie at -2, -1, 0, 1, 2; the outer ones hold nothing. Weights, in twentieths:

                avoidance
    anxiety     -1    0    1    sum
      -1         1    2    1      4
       0         2    5    3     10
       1         0    2    4      6
     sum         3    9    8     20

Both items have slope ln(2) and intercepts ln(4) and -ln(4): the odds of "at least 1" are 4 * 2^t,
those of "at least 2" are 2^t / 4.

      t     P(>=1)    P(>=2)    P(0)    P(1)    P(2)
     -1     2/3       1/9       1/3     5/9     1/9
      0     4/5       1/5       1/5     3/5     1/5
      1     8/9       1/3       1/9     5/9     1/3
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.made_up_bank import ANXIETY, AVOIDANCE, bank_of

from undertow.bank.calibrated import CalibratedItem
from undertow.bank.item import Dimension
from undertow.measure.grid import Grid
from undertow.measure.model import Model, model_of
from undertow.measure.posterior import Posterior
from undertow.measure.select import criterion, expected_variances, select

TWENTIETHS = (
    (0, 0, 0, 0, 0),
    (0, 1, 2, 1, 0),
    (0, 2, 5, 3, 0),
    (0, 0, 2, 4, 0),
    (0, 0, 0, 0, 0),
)


def item(item_id: str, dimension: Dimension) -> CalibratedItem:
    return CalibratedItem(
        id=item_id,
        dimension=dimension,
        keying=1,
        slope=math.log(2),
        intercepts=(math.log(4), -math.log(4)),
    )


@pytest.fixture
def now() -> Posterior:
    nodes = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    return Posterior(grid=Grid(nodes=nodes), weights=np.array(TWENTIETHS) / 20)


@pytest.fixture
def model(now: Posterior) -> Model:
    return model_of(bank_of([item("a", ANXIETY), item("v", AVOIDANCE)]), grid=now.grid)


def test_the_estimate(now: Posterior) -> None:
    # Means: (6 - 4) / 20 = 0.1 and (8 - 3) / 20 = 0.25.
    # Mean squares: (6 + 4) / 20 = 0.5 and (8 + 3) / 20 = 0.55; mean product: (1 - 1 + 4) / 20 = 0.2.
    # Variances: 0.5 - 0.01 = 0.49 and 0.55 - 0.0625 = 0.4875; covariance: 0.2 - 0.025 = 0.175.
    estimate = now.estimate()

    assert estimate.mean.tolist() == pytest.approx([0.1, 0.25], rel=1e-13)
    assert estimate.covariance[0].tolist() == pytest.approx([0.49, 0.175], rel=1e-13)
    assert estimate.covariance[1].tolist() == pytest.approx([0.175, 0.4875], rel=1e-13)
    assert estimate.spread(ANXIETY) == pytest.approx(0.7, rel=1e-13)


def test_quantiles(now: Posterior) -> None:
    # Anxiety: 0.2 in the cell -1.5..-0.5, 0.5 in -0.5..0.5, 0.3 in 0.5..1.5.
    # 10 %: half of the first cell's 0.2, so its middle, -1.
    # 50 %: 0.3 into the second cell's 0.5, so -0.5 + 0.3 / 0.5 = 0.1.
    # 85 %: 0.15 into the third cell's 0.3, so its middle, 1.
    assert [now.quantile(ANXIETY, share) for share in (0.1, 0.5, 0.85)] == pytest.approx(
        [-1.0, 0.1, 1.0], abs=1e-12
    )
    # Avoidance: 0.15, 0.45, 0.4. 50 %: 0.35 into 0.45, so -0.5 + 0.7778 = 0.2778.
    assert now.quantile(AVOIDANCE, 0.5) == pytest.approx(0.277778, abs=1e-6)


def test_shares_above_a_border(now: Posterior) -> None:
    # Above anxiety 0.1: of the cell -0.5..0.5 0.4, of 0.5..1.5 all: 0.4 * 0.5 + 0.3 = 0.5.
    assert now.share_above(ANXIETY, 0.1) == pytest.approx(0.5, abs=1e-12)
    # Above avoidance -1: half of the lowest cell: 0.075 + 0.45 + 0.4 = 0.925.
    assert now.share_above(AVOIDANCE, -1.0) == pytest.approx(0.925, abs=1e-12)


def test_the_four_parts_of_the_plane(now: Posterior) -> None:
    # Borders: anxiety 0 (half of the middle row is above), avoidance 0.5 (nothing of the middle
    # column is above, all of the last is).
    # Both above, in twentieths: half of 3, and 4: 5.5. Anxiety alone above: half of 2 + 5, and
    # 0 + 2: 5.5. Avoidance alone: 1 and half of 3: 2.5. Neither: 1 + 2 and half of 7: 6.5.
    masses = now.region_masses((0.0, 0.5))

    assert masses[0].tolist() == pytest.approx([6.5 / 20, 2.5 / 20], abs=1e-12)
    assert masses[1].tolist() == pytest.approx([5.5 / 20, 5.5 / 20], abs=1e-12)


def test_the_variance_to_expect_after_the_anxiety_item(now: Posterior, model: Model) -> None:
    # Own dimension. Masses of x = -1, 0, 1: 0.2, 0.5, 0.3.
    #   k = 0: P = 0.2/3 + 0.5/5 + 0.3/9         = 0.0667 + 0.1 + 0.0333     = 0.200000
    #          mean x = (-0.0667 + 0.0333) / 0.2                              = -0.166667
    #          mean x*x = (0.0667 + 0.0333) / 0.2 = 0.5;  variance            = 0.472222
    #   k = 1: P = 0.2*5/9 + 0.5*3/5 + 0.3*5/9   = 0.1111 + 0.3 + 0.1667     = 0.577778
    #          mean x = 0.055556 / 0.577778 = 0.096154; mean x*x = 0.480769;
    #          variance                                                       = 0.471524
    #   k = 2: P = 0.2/9 + 0.5/5 + 0.3/3         = 0.0222 + 0.1 + 0.1        = 0.222222
    #          mean x = 0.077778 / 0.222222 = 0.35; mean x*x = 0.55; variance = 0.427500
    #   expected: 0.2 * 0.472222 + 0.577778 * 0.471524 + 0.222222 * 0.4275
    #           = 0.094444 + 0.272436 + 0.095000                              = 0.461880
    #
    # Other dimension. Mass times y at x = -1, 0, 1: 0, 0.05, 0.2; times y*y: 0.1, 0.25, 0.2.
    #   k = 0: mean y = (0.05/5 + 0.2/9) / 0.2 = 0.161111; y*y: 0.105556 / 0.2 = 0.527778;
    #          variance 0.501821
    #   k = 1: mean y = (0.05*3/5 + 0.2*5/9) / 0.577778 = 0.244231; y*y: 0.316667 / 0.577778;
    #          variance 0.548077 - 0.059649 = 0.488428
    #   k = 2: mean y = (0.05/5 + 0.2/3) / 0.222222 = 0.345; y*y: 0.127778 / 0.222222 = 0.575;
    #          variance 0.455975
    #   expected: 0.100364 + 0.282203 + 0.101328                              = 0.483895
    expected = expected_variances(model, now, (0,))

    assert expected[0].tolist() == pytest.approx([0.461880, 0.483895], abs=1e-6)


def test_the_variance_to_expect_after_the_avoidance_item(now: Posterior, model: Model) -> None:
    # Own dimension. Masses of y = -1, 0, 1: 0.15, 0.45, 0.4.
    #   k = 0: P = 0.05 + 0.09 + 0.044444 = 0.184444; mean y = -0.005556 / 0.184444 = -0.030120;
    #          y*y: 0.094444 / 0.184444 = 0.512048; variance 0.511141
    #   k = 1: P = 0.083333 + 0.27 + 0.222222 = 0.575556; mean y = 0.138889 / 0.575556 = 0.241313;
    #          y*y: 0.305556 / 0.575556 = 0.530888; variance 0.472656
    #   k = 2: P = 0.016667 + 0.09 + 0.133333 = 0.24; mean y = 0.116667 / 0.24 = 0.486111;
    #          y*y: 0.15 / 0.24 = 0.625; variance 0.388696
    #   expected: 0.094277 + 0.272040 + 0.093287                              = 0.459604
    #
    # Other dimension. Mass times x at y = -1, 0, 1: -0.05, 0, 0.15; times x*x: 0.05, 0.2, 0.25.
    #   k = 0: mean x = (-0.05/3 + 0.15/9) / 0.184444 = 0; x*x: 0.084444 / 0.184444 = 0.457831
    #   k = 1: mean x = 0.055556 / 0.575556 = 0.096525; x*x: 0.286667 / 0.575556 = 0.498069;
    #          variance 0.488752
    #   k = 2: mean x = 0.044444 / 0.24 = 0.185185; x*x: 0.128889 / 0.24 = 0.537037;
    #          variance 0.502743
    #   expected: 0.084444 + 0.281304 + 0.120658                              = 0.486407
    expected = expected_variances(model, now, (1,))

    assert expected[0].tolist() == pytest.approx([0.486407, 0.459604], abs=1e-6)


def test_the_choice(now: Posterior, model: Model) -> None:
    # Variance taken away, from 0.49 and 0.4875:
    #   "a": 0.49 - 0.461880 = 0.028120 of anxiety, 0.4875 - 0.483895 = 0.003605 of avoidance
    #   "v": 0.49 - 0.486407 = 0.003593 of anxiety, 0.4875 - 0.459604 = 0.027896 of avoidance
    # Both dimensions wanted: 0.031725 beats 0.031489, so "a". One wanted: its own item.
    both = criterion(model, now, (0, 1), wanted=(True, True))

    assert both.tolist() == pytest.approx([0.031725, 0.031489], abs=2e-6)
    assert select(model, now, (0, 1), wanted=(True, True)) == 0
    assert select(model, now, (1, 0), wanted=(True, True)) == 0
    assert select(model, now, (0, 1), wanted=(True, False)) == 0
    assert select(model, now, (0, 1), wanted=(False, True)) == 1
