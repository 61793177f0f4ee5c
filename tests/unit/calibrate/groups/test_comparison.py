"""Groups side by side: rules, signs, more groups than two, one dimension, and groups that say too little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.calibrate.groups.conftest import GROUPS, Compared
from tests.unit.calibrate.making_groups import answers_of, groups_of, names_of, truth

from undertow.calibrate.anchors import ALL, NAMED, PURIFIED, STEEPEST, AnchorRule
from undertow.calibrate.comparison import compare
from undertow.calibrate.groups import GroupParameters, shares_of, sides_of_groups, stacked
from undertow.calibrate.likelihood import Sides, sides_of
from undertow.calibrate.multigroup import climb_groups, fit_groups
from undertow.calibrate.scores import Latent
from undertow.errors import ConvergenceError, InputError, NotReady, ShapeError


def test_two_groups_have_five_rules_and_the_purified_one_is_chosen(two: Compared) -> None:
    names = [one.rule.name for one in two.comparison.rules]
    assert names == [ALL, PURIFIED, STEEPEST, "leaning to man", "leaning to woman"]
    assert two.comparison.chosen is two.comparison.rule(PURIFIED)
    assert two.comparison.settled
    assert two.comparison.rows == (1300, 1200)
    with pytest.raises(ShapeError, match="no anchor rule named"):
        two.comparison.rule("fairest")


def test_anchors_are_equal_and_the_others_free(two: Compared) -> None:
    for linked in two.comparison.rules:
        own = linked.fit.parameters
        apart = np.ptp(own.slope, axis=0) + np.ptp(own.intercepts, axis=0).max(axis=1)
        assert np.all(apart[linked.rule.items] == 0)
        assert np.all(apart[~linked.rule.items] > 0)


def test_the_planted_items_are_no_purified_anchors(two: Compared) -> None:
    chosen = two.comparison.chosen.rule.items
    assert not chosen[0]
    assert not chosen[3]
    assert chosen.sum() >= 8


def test_leaning_rules_take_what_the_group_endorses_more(two: Compared) -> None:
    first = two.comparison.rule(ALL)
    for group, name in enumerate(GROUPS):
        leaning = two.comparison.rule(f"leaning to {name}").rule.items
        assert leaning.sum() == 4
        for dimension in (0, 1):
            own = two.true.dimension_of == dimension
            inside = first.standardised[group, leaning & own]
            assert inside.min() > first.standardised[group, ~leaning & own].max()
    assert two.comparison.rule("leaning to man").rule.items[0]
    assert two.comparison.rule("leaning to woman").rule.items[3]


def test_the_rules_move_the_groups_apart_as_their_anchors_lean(two: Compared) -> None:
    def gap(rule: str, dimension: int) -> float:
        means = [one.means[dimension] for one in two.comparison.rule(rule).latents]
        return float(means[0] - means[1])

    # Men seem lower when items that they endorse less are taken as fair, and the other way round.
    for dimension in (0, 1):
        assert gap("leaning to woman", dimension) < gap(PURIFIED, dimension)
        assert gap(PURIFIED, dimension) < gap("leaning to man", dimension)


def test_the_other_order_of_groups_turns_every_sign(two: Compared, turned: Compared) -> None:
    for name in (ALL, PURIFIED, STEEPEST, "leaning to man"):
        here, there = two.comparison.rule(name), turned.comparison.rule(name)
        assert np.array_equal(here.rule.items, there.rule.items)
        assert np.allclose(here.differences, there.differences[::-1], atol=1e-4)
        assert np.allclose(here.differences[0], -here.differences[1], atol=1e-12)
        assert here.latents[0].means == pytest.approx(there.latents[1].means, abs=1e-4)


def test_a_rule_can_be_asked_for(one: Compared) -> None:
    wanted = np.isin(np.arange(7), [1, 2, 4])
    named = compare(one.sides, GROUPS, one.items, chosen=AnchorRule(name=NAMED, items=wanted))
    assert len(named.rules) == 6
    assert np.array_equal(named.chosen.rule.items, wanted)
    with pytest.raises(InputError, match="no anchor rule 'fairest'"):
        compare(one.sides, GROUPS, one.items, chosen="fairest")


def test_own_fits_laid_out_keep_their_likelihood(two: Compared) -> None:
    linked = two.comparison.chosen
    laid = linked.laid(two.comparison.own, two.true.dimension_of)
    free = ~linked.rule.items
    # Where items are free the linked fit says nearly the same as the groups' own fits.
    assert np.allclose(laid.slope[:, free], linked.fit.parameters.slope[:, free], atol=0.15)
    assert laid.latents == linked.latents


def test_three_groups_are_compared_at_once() -> None:
    true = truth(6, seed=9, means=(0.0, 0.3, -0.3), deviations=(1.0, 1.0, 1.0), planted={2: 1.0})
    sides = groups_of(true, (600, 500, 550), seed=2)
    found = compare(sides, ["18-24", "25-34", "35-80"], names_of(true))
    assert [one.rule.name for one in found.rules] == [ALL, PURIFIED, STEEPEST]
    assert found.chosen.differences.shape == (3, 6)
    assert np.allclose(found.chosen.differences.sum(axis=0), 0)
    assert not found.chosen.rule.items[2]
    assert found.chosen.differences[0, 2] > 0.1
    means = [one.means[0] for one in found.chosen.latents]
    assert means[1] - means[2] == pytest.approx(0.6, abs=0.2)


def test_one_dimension_holds_the_other(one: Compared) -> None:
    for linked in one.comparison.rules:
        for latent in linked.latents:
            assert latent.means[1] == 0
            assert latent.deviations[1] == 1
            assert latent.correlation == 0
    assert not one.comparison.chosen.rule.items[0]


def bare(groups: tuple[Sides, ...]) -> list[str]:
    return [f"Q{item + 1}" for item in range(sum(side.items.size for side in groups[0]))]


def test_a_group_that_is_too_small_is_named() -> None:
    groups = groups_of(truth(6, seed=1), (300, 90), seed=1)
    with pytest.raises(NotReady, match=r"Only 90 of woman answered item Q1; .* needs 100\. Put"):
        compare(groups, GROUPS, bare(groups))


def test_an_item_that_too_few_of_a_group_answered_is_named() -> None:
    true = truth(6, seed=1)
    rng = np.random.default_rng(2)
    keyed = np.concatenate([answers_of(true, group, 300, rng) for group in (0, 1)])
    keyed[310:, 3] = -1
    sides = sides_of(keyed, true.dimension_of, 3)
    groups = sides_of_groups(sides, np.arange(600) // 300 == np.array([[0], [1]]))
    with pytest.raises(NotReady, match="Only 10 of woman answered item Q4"):
        compare(groups, GROUPS, bare(groups))


def test_an_answer_that_nobody_of_a_group_gave_is_named() -> None:
    true = truth(6, seed=1)
    rng = np.random.default_rng(2)
    keyed = np.concatenate([answers_of(true, group, 300, rng) for group in (0, 1)])
    keyed[:300, 4] = np.minimum(keyed[:300, 4], 1)
    sides = sides_of(keyed, true.dimension_of, 3)
    groups = sides_of_groups(sides, np.arange(600) // 300 == np.array([[0], [1]]))
    with pytest.raises(NotReady, match=r"Among man, nobody gave .* item Q5, .* leave the item out"):
        compare(groups, GROUPS, bare(groups))


def test_a_group_whose_own_fit_fails_is_named() -> None:
    true = truth(6, seed=1)
    rng = np.random.default_rng(2)
    keyed = np.concatenate([answers_of(true, group, 300, rng) for group in (0, 1)])
    keyed[300:, 1] = rng.integers(0, 3, 300)
    keyed[300:, 1] = np.where(rng.random(300) < 0.5, 2 - keyed[300:, 0], keyed[300:, 1])
    sides = sides_of(keyed, true.dimension_of, 3)
    groups = sides_of_groups(sides, np.arange(600) // 300 == np.array([[0], [1]]))
    with pytest.raises(ConvergenceError, match="Among woman: Item Q2 does not go with the other"):
        compare(groups, GROUPS, bare(groups))


def test_what_does_not_go_together_is_refused(two: Compared) -> None:
    with pytest.raises(InputError, match="two groups or more"):
        compare(two.sides[:1], ["man"], two.items)
    with pytest.raises(InputError, match="a name of its own"):
        compare(two.sides, ["man", "man"], two.items)
    with pytest.raises(ShapeError, match="need a name each"):
        compare(two.sides, GROUPS, two.items[:-1])
    with pytest.raises(ShapeError, match="members must be"):
        sides_of_groups(two.sides[0], np.ones((2, 7), dtype=bool))


def test_without_an_equal_item_nothing_ties_the_groups(two: Compared) -> None:
    start = two.comparison.chosen.fit.parameters
    common = two.true.dimension_of == 0
    with pytest.raises(ShapeError, match="each dimension needs at least one item"):
        fit_groups(two.sides, start, common)


def test_a_fit_that_does_not_settle_says_so_with_its_trace(two: Compared) -> None:
    start = two.comparison.rule(ALL).fit.parameters
    far = GroupParameters(
        slope=np.ones_like(start.slope),
        intercepts=np.tile([1.0, -1.0], (2, 12, 1)),
        latents=(Latent.standard(0.0), Latent.standard(0.0)),
    )
    with pytest.raises(ConvergenceError, match="2 groups had not settled after 3") as raised:
        climb_groups(two.sides, far, np.ones(12, dtype=bool), most_cycles=3)
    assert len(raised.value.trace) == 3
    assert list(raised.value.trace) == sorted(raised.value.trace)


def test_stacked_rows_are_all_rows(two: Compared) -> None:
    whole = stacked(two.sides)
    assert whole[0].rows == 2500
    assert shares_of(two.sides) == pytest.approx([0.52, 0.48])
    assert np.array_equal(whole[1].indicators[1300:], two.sides[1][1].indicators)


def test_a_wild_leap_is_no_guess(two: Compared) -> None:
    own = two.comparison.chosen.fit.parameters
    assert own.ordered()
    crossed = replace(own, intercepts=own.intercepts[:, :, ::-1])
    assert not crossed.ordered()
