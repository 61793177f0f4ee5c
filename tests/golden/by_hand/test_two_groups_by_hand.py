"""Two items, two groups, three nodes that count: everything worked out by hand.

Nodes are -4, 0 and 4; those at -8 and 8, which keep the grid from ending in the middle, have a prior of
e^-32 and no say. One anxiety and one avoidance item, yes or no, slope log(3) / 4 for everybody. With
intercept 0 a yes has the odds 3^(theta / 4): chances 1/4, 1/2, 3/4. The anxiety item is easier for women:
intercept log 3, odds 3^(theta / 4 + 1), chances 1/2, 3/4, 9/10.

Without correlation the prior is e : 1 : e in each dimension, e = exp(-8).

After a yes to the anxiety item, avoidance stays as it was, and for anxiety, before both are weighed:

  men    e/4,  1/2,  3e/4    sum e + 1/2
  women  e/2,  3/4,  9e/10   sum 7e/5 + 3/4

Both groups weigh the same, so the mixture is their sum over the total T = 12e/5 + 5/4, and the share
of the men is (e + 1/2) / T.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.made_up_bank import ANXIETY, AVOIDANCE, bank_of

from undertow.bank.calibrated import Bank, CalibratedItem, GroupFigures
from undertow.bank.responses import Answer
from undertow.measure.batch import batch_standings
from undertow.measure.grid import Grid
from undertow.measure.model import Model, model_of
from undertow.measure.posterior import posterior
from undertow.measure.select import expected_variances

E = math.exp(-8)
TOTAL = 12 * E / 5 + 5 / 4
MEN = [E / 4, 1 / 2, 3 * E / 4]
WOMEN = [E / 2, 3 / 4, 9 * E / 10]
YES = (Answer(item_id="a", category=1),)
MEAN = 4 * (3 * E / 4 + 9 * E / 10 - E / 4 - E / 2) / TOTAL
"""Of anxiety, after the yes."""
VARIANCE = 16 * (12 * E / 5) / TOTAL - MEAN**2


def bank() -> Bank:
    items = [
        CalibratedItem(
            id=name,
            dimension=dimension,
            keying=1,
            slope=math.log(3) / 4,
            intercepts=(0.0,),
            by_group=(
                GroupFigures(group="man", slope=math.log(3) / 4, intercepts=(0.0,)),
                GroupFigures(group="woman", slope=math.log(3) / 4, intercepts=(for_women,)),
            ),
        )
        for name, dimension, for_women in (("a", ANXIETY, math.log(3)), ("v", AVOIDANCE, 0.0))
    ]
    plain = bank_of([replace(item, by_group=()) for item in items])
    return replace(plain, items=tuple(items), group_correlation=0.0)


@pytest.fixture
def model() -> Model:
    return model_of(
        bank(), grid=Grid(nodes=np.array([-8.0, -4.0, 0.0, 4.0, 8.0])), groups=("man", "woman")
    )


def test_the_tables_are_those_chances(model: Model) -> None:
    assert model.tables[0, 0, 1, 1:4].tolist() == pytest.approx([1 / 4, 1 / 2, 3 / 4])
    assert model.tables[1, 0, 1, 1:4].tolist() == pytest.approx([1 / 2, 3 / 4, 9 / 10])
    # Of whom no group is known, either may have answered.
    assert model.probabilities[0][1, 1:4].tolist() == pytest.approx([3 / 8, 5 / 8, 33 / 40])
    assert model.chances(0, 0.0).tolist() == pytest.approx([3 / 8, 5 / 8])


def test_the_likelihoods_of_both_groups(model: Model) -> None:
    found = np.exp(model.log_likelihoods(YES))

    assert found[0, 0, 1:4].tolist() == pytest.approx([1 / 4, 1 / 2, 3 / 4])
    assert found[1, 0, 1:4].tolist() == pytest.approx([1 / 2, 3 / 4, 9 / 10])
    assert found[:, 1].ravel().tolist() == pytest.approx([1.0] * 10)


def test_the_posterior_and_each_group_s_part(model: Model) -> None:
    now = posterior(model, YES)
    by_group = now.parts.sum(axis=2)

    assert by_group[0, 1:4].tolist() == pytest.approx([m / TOTAL for m in MEN], rel=1e-9)
    assert by_group[1, 1:4].tolist() == pytest.approx([w / TOTAL for w in WOMEN], rel=1e-9)
    assert now.parts[0].sum() == pytest.approx((E + 1 / 2) / TOTAL, rel=1e-9)
    assert now.marginal(AVOIDANCE)[1:4].tolist() == pytest.approx(
        [E / (2 * E + 1), 1 / (2 * E + 1), E / (2 * E + 1)], rel=1e-9
    )


def test_the_place(model: Model) -> None:
    estimate = posterior(model, YES).estimate()
    mean, psd = batch_standings(model, np.array([[1, -1]], dtype=np.int8))

    assert pytest.approx(3.6 * E / TOTAL) == MEAN
    for found, spread in ((estimate.mean, estimate.psd), (mean[0], psd[0])):
        assert found.tolist() == pytest.approx([MEAN, 0.0], rel=1e-9, abs=1e-15)
        assert spread[0] == pytest.approx(math.sqrt(VARIANCE), rel=1e-9)
        assert spread[1] == pytest.approx(math.sqrt(32 * E / (2 * E + 1)), rel=1e-9)


def test_the_figures_of_one_group_alone_say_something_else(model: Model) -> None:
    men = posterior(model_of(bank(), grid=model.grid, groups=("man",)), YES)

    assert men.marginal(ANXIETY)[1:4].tolist() == pytest.approx(
        [m / (E + 1 / 2) for m in MEN], rel=1e-9
    )


def test_the_variance_to_expect_after_the_avoidance_item(model: Model) -> None:
    # It works alike in both groups, so anxiety hears nothing. Avoidance: a yes has the chance 1/2 by
    # symmetry, and moves the mean by 4 * (3e/4 - e/4) / (e + 1/2) = 2e / (e + 1/2); so does a no.
    expected = expected_variances(model, posterior(model, YES), (1,))[0]

    moved = 2 * E / (E + 1 / 2)
    assert expected[0] == pytest.approx(VARIANCE, rel=1e-9)
    assert expected[1] == pytest.approx(32 * E / (2 * E + 1) - moved**2, rel=1e-9)
