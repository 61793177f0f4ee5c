"""Item by item: what is planted is found with its sign, and everything a row says hangs together."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.calibrate.groups.conftest import GROUPS, Compared
from tests.unit.calibrate.making_groups import groups_of, names_of, truth

from undertow.calibrate.anchors import ALL
from undertow.calibrate.comparison import compare
from undertow.calibrate.dif import EffectClass, item_difs, latent_differences
from undertow.calibrate.group_information import group_errors, held_moments, score_sums
from undertow.calibrate.multigroup import fit_groups
from undertow.errors import NotReady


@pytest.mark.parametrize(("item", "sign"), [(0, 1), (3, -1)])
def test_a_planted_difference_is_found_with_its_sign(two: Compared, item: int, sign: int) -> None:
    found = two.difs[item]
    assert found.between == GROUPS
    assert sign * found.difference > 0.15
    assert found.effect_class is not EffectClass.NEGLIGIBLE
    assert found.p_adjusted < 1e-6
    assert not found.anchor
    assert found.df == 3


def test_nothing_else_is_found(two: Compared) -> None:
    others = [one for one in two.difs if one.item not in (0, 3)]
    assert all(one.effect_class is EffectClass.NEGLIGIBLE for one in others)
    assert sum(one.p_adjusted < 0.05 for one in others) <= 1


def test_rows_hang_together(two: Compared) -> None:
    assert [one.item for one in two.difs] == list(range(12))
    for one in two.difs:
        assert one.low <= one.difference <= one.high
        assert one.p <= one.p_adjusted <= 1
        assert one.anchor == two.comparison.chosen.rule.items[one.item]
        # About sqrt(2 variances / people): each group's score is known to about .7 / sqrt(1200).
        assert 0.01 < one.standard_error < 0.08


def test_the_other_order_of_groups_turns_every_sign(two: Compared, turned: Compared) -> None:
    for here, there in zip(two.difs, turned.difs, strict=True):
        # Wald's statistic hangs a little on the metric, which the first group names.
        assert there.difference == pytest.approx(-here.difference, abs=1e-4)
        assert there.statistic == pytest.approx(here.statistic, rel=0.1, abs=0.05)
        assert (there.low, there.high) == pytest.approx((-here.high, -here.low), abs=1e-4)


def test_an_anchors_test_is_near_the_likelihood_ratio(two: Compared) -> None:
    chosen = two.comparison.chosen
    for item in np.flatnonzero(chosen.rule.items)[:4]:
        free = chosen.rule.items.copy()
        free[item] = False
        fit = fit_groups(two.sides, chosen.fit.parameters, free)
        ratio = 2 * (fit.log_likelihood - chosen.fit.log_likelihood)
        assert two.difs[item].statistic == pytest.approx(ratio, rel=0.15, abs=0.2)


def test_latent_differences_under_every_rule(two: Compared) -> None:
    found = latent_differences(two.comparison, two.sides)
    assert [one.rule for one in found] == [one.rule.name for one in two.comparison.rules]
    purified = found[1]
    for at in (0, 1):
        # The truth is -.4 in SD of all people, whose variance is 1.01 within and .04 between.
        assert purified.difference[at] == pytest.approx(-0.4 / np.sqrt(1.05), abs=0.15)
        assert 0.03 < purified.standard_error[at] < 0.08


def test_more_groups_are_told_as_the_pair_that_differs_most() -> None:
    true = truth(6, seed=9, means=(0.0, 0.3, -0.3), deviations=(1.0, 1.0, 1.0), planted={2: 1.2})
    sides = groups_of(true, (600, 500, 550), seed=2)
    names = ["18-24", "25-34", "35-80"]
    comparison = compare(sides, names, names_of(true))
    found = item_difs(comparison, sides)
    assert found[2].between[0] == "18-24"
    assert found[2].difference > 0.2
    assert found[2].df == 6
    assert found[2].p_adjusted < 1e-4
    assert min(one.p_adjusted for one in found if one.item != 2) > 0.01
    gaps = latent_differences(comparison, sides)
    assert [one.between for one in gaps[:2]] == [("18-24", "25-34"), ("18-24", "35-80")]
    assert gaps[2].difference[0] == pytest.approx(-0.3, abs=0.2)
    assert gaps[3].difference[0] == pytest.approx(0.3, abs=0.2)


def test_one_dimension_has_no_second_figure(one: Compared) -> None:
    assert one.difs[0].difference > 0.15
    assert one.difs[0].effect_class is not EffectClass.NEGLIGIBLE
    for found in latent_differences(one.comparison, one.sides):
        assert len(found.difference) == len(found.standard_error) == 1
        assert np.isfinite(found.standard_error[0])
    assert held_moments(one.sides[0]) == (1, 3, 4)
    assert held_moments((one.sides[0][1], one.sides[0][0])) == (0, 2, 4)


def test_no_moment_is_held_where_both_dimensions_have_items(two: Compared) -> None:
    assert held_moments(two.sides[0]) == ()


def test_answers_that_say_too_little_name_item_and_group(two: Compared) -> None:
    linked = two.comparison.chosen
    sums = score_sums(two.sides, linked.fit.parameters)
    # Nobody of the second group says anything about the last slope of Q4, which is free.
    sums[1].products[9] = sums[1].products[:, 9] = 0.0
    with pytest.raises(NotReady, match=r"enough about item Q4 among woman .* larger groups"):
        group_errors(sums, linked.rule.items, 3, items=two.items, names=GROUPS)


def test_items_that_repeat_each_other_are_named(two: Compared) -> None:
    linked = two.comparison.rule(ALL)
    sums = score_sums(two.sides, linked.fit.parameters)
    for one in sums:
        one.products[15:18] = one.products[12:15]
        one.products[:, 15:18] = one.products[:, 12:15]
    with pytest.raises(NotReady, match=r"enough about item Q[56] to give standard errors"):
        group_errors(sums, linked.rule.items, 3, items=two.items, names=GROUPS)
    with pytest.raises(NotReady, match=r"item number [56] "):
        group_errors(sums, linked.rule.items, 3)
