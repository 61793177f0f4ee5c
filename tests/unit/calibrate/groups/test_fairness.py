"""Fairness figures: every rule and test is there, what they say is right, and no figure goes without its range."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.calibrate.groups.conftest import DIMENSIONS, GROUPS, Compared
from tests.unit.calibrate.making_groups import groups_of, names_of, truth

from undertow.calibrate.anchors import STEEPEST
from undertow.calibrate.comparison import compare
from undertow.calibrate.fairness import (
    BY_GROUP,
    NOTE,
    PLAIN,
    Fairness,
    as_table,
    fairness,
    fairness_range,
    reason_of,
)
from undertow.calibrate.likelihood import Parameters
from undertow.calibrate.short_tests import (
    agreement,
    answered_all,
    lengths,
    most_informative,
)
from undertow.errors import InputError, NotReady, ShapeError


def test_every_rule_and_every_test_is_there(table: Fairness, two: Compared) -> None:
    assert table.groups == GROUPS
    assert [one.dimension for one in table.dimensions] == list(DIMENSIONS)
    for one in table.dimensions:
        assert [rule.rule for rule in one.rules] == [own.rule.name for own in two.comparison.rules]
        for rule in one.rules:
            asked = [(len(test.asked), test.scored) for test in rule.tests]
            assert asked == [(2, PLAIN), (2, BY_GROUP), (4, PLAIN), (4, BY_GROUP), (6, PLAIN)]
        # The short tests are the plain program's, whatever the rule.
        assert len({tuple(t.asked for t in rule.tests) for rule in one.rules}) == 1
    assert table.dimensions[0].rules[1].anchors == tuple(
        item for item in range(0, 12, 2) if two.comparison.chosen.rule.items[item]
    )


def test_a_plain_test_of_an_item_that_men_endorse_more_puts_men_too_high(
    table: Fairness,
) -> None:
    for at, (item, sign) in enumerate(((0, 1), (3, -1))):
        purified = table.dimensions[at].rules[1]
        short, aware = purified.tests[2:4]
        assert item in short.asked
        assert sign * short.agreement.bias[0] > 0.02
        assert sign * short.agreement.bias[1] < -0.01
        assert abs(aware.agreement.bias[0]) < abs(short.agreement.bias[0])
        assert abs(aware.agreement.bias[0]) < 4 * aware.agreement.bias_error[0]
        # Where men are put too high, more of them are found.
        assert sign * (short.agreement.gap - aware.agreement.gap) < 0


def test_all_items_as_yardstick_leave_plain_full_scores_unbiased(table: Fairness) -> None:
    for one in table.dimensions:
        full = one.rules[0].tests[-1].agreement
        assert np.abs(full.bias).max() < 0.012
        # The same scores by another yardstick are not.
        assert max(abs(rule.tests[-1].agreement.bias[0]) for rule in one.rules) > 0.02


def test_with_all_items_as_yardstick_groups_still_have_their_own_parameters(
    table: Fairness,
) -> None:
    for one in table.dimensions:
        plain, aware = one.rules[0].tests[2:4]
        assert plain.asked == aware.asked
        assert abs(aware.agreement.bias[0] - plain.agreement.bias[0]) > 0.01


def test_the_range_holds_every_rule(table: Fairness) -> None:
    for one, span in zip(table.dimensions, fairness_range(table), strict=True):
        assert span.dimension == one.dimension
        latents = [rule.latent_difference for rule in one.rules]
        assert (span.latent_difference.low, span.latent_difference.high) == (
            min(latents),
            max(latents),
        )
        assert span.latent_difference.high - span.latent_difference.low > 0.1
        for at, own in enumerate(span.tests):
            tests = [rule.tests[at] for rule in one.rules]
            assert own.asked == len(tests[0].asked)
            assert own.scored == tests[0].scored
            for group in (0, 1):
                bias = [test.agreement.bias[group] for test in tests]
                assert (own.bias[group].low, own.bias[group].high) == (min(bias), max(bias))
            gaps = [test.agreement.gap for test in tests]
            assert (own.gap.low, own.gap.high) == (min(gaps), max(gaps))


def test_the_table_is_json_and_says_whose_figures_these_are(table: Fairness) -> None:
    told = json.loads(json.dumps(as_table(table), allow_nan=False))
    assert told["note"] == NOTE
    assert "In-sample" in told["note"]
    assert told["anchor_rule"] == "purified"
    assert told["groups"] == list(GROUPS)
    anxiety = told["dimensions"]["anxiety"]
    assert anxiety["rows"] == {"man": 1300, "woman": 1200}
    rule = anxiety["rules"][1]
    own = table.dimensions[0].rules[1]
    assert rule["latent_difference"] == round(own.latent_difference, 3)
    first = rule["tests"][0]
    assert first["asked"] == [table.items[item] for item in own.tests[0].asked]
    assert first["bias"]["man"] == round(own.tests[0].agreement.bias[0], 3)
    assert first["found"]["woman"] == round(own.tests[0].agreement.found[1], 1)
    assert first["gap"] == round(own.tests[0].agreement.gap, 1)
    low, high = anxiety["range"]["latent_difference"]
    assert low <= rule["latent_difference"] <= high
    assert low == min(one["latent_difference"] for one in anxiety["rules"])
    assert anxiety["range"]["tests"][0]["gap"][0] <= first["gap"]


def test_the_reason_is_that_of_the_rule(two: Compared) -> None:
    assert "when they themselves are the yardstick" in reason_of(two.comparison)
    circles = replace(two.comparison, settled=False)
    assert "round in circles" in reason_of(circles)
    asked = replace(circles, chosen=circles.rule(STEEPEST))
    assert reason_of(asked).startswith("This rule was asked for.")
    for one in (two.comparison, circles, asked):
        assert "No outside criterion" in reason_of(one)


def test_one_dimension_has_one_table(one: Compared) -> None:
    found = fairness(one.comparison, one.sides, ["worry"])
    assert [own.dimension for own in found.dimensions] == ["worry"]
    assert len(found.dimensions[0].rules[0].tests[0].asked) == 2
    json.dumps(as_table(found), allow_nan=False)
    with pytest.raises(ShapeError, match="must name 1"):
        fairness(one.comparison, one.sides, DIMENSIONS)


def test_three_groups_have_no_gap() -> None:
    true = truth(6, seed=9, means=(0.0, 0.1, 0.2), deviations=(1.0, 1.0, 1.0))
    sides = groups_of(true, (400, 400, 400), seed=3)
    found = compare(sides, ["a", "b", "c"], names_of(true))
    with pytest.raises(InputError, match="told of two groups"):
        fairness(found, sides, ["worry"])


@pytest.mark.parametrize(
    ("items", "asked"), [(18, (6, 10)), (3, (1, 2)), (10, (3, 6)), (2, (1, 2))]
)
def test_how_many_a_short_test_asks(items: int, asked: tuple[int, int]) -> None:
    assert lengths(items) == asked


def test_a_short_test_asks_what_says_most_of_the_average_person(two: Compared) -> None:
    # All thresholds in the middle: the steepest say most, however near.
    parameters = Parameters(
        slope=np.array([1.0, 9.0, 3.0, 9.0, 2.0, 9.0, 1.5, 9.0, 0.5, 9.0, 2.5, 9.0]),
        intercepts=np.tile([0.1, -0.1], (12, 1)),
        correlation=0.0,
    )
    assert most_informative(parameters, two.sides[0][0], 3).tolist() == [2, 4, 10]
    # A steep item far from the middle says little there.
    far = replace(
        parameters, intercepts=np.where(np.arange(12) == 2, 30.0, 0.0)[:, None] + [0.1, -0.1]
    )
    assert most_informative(far, two.sides[0][0], 3).tolist() == [4, 6, 10]


def test_who_left_an_answer_out_is_left_out(two: Compared) -> None:
    first = two.sides[0][0].part(slice(0, 30))
    # A copy: a part looks at the rows that all tests here share.
    side = replace(first, indicators=first.indicators.copy())
    side.indicators[4, 3:6] = 0
    assert answered_all(side).sum() == 29
    assert not answered_all(side)[4]


def test_too_few_above_the_cut_are_named() -> None:
    few, many = np.linspace(-3, 3, 60), np.linspace(-3, 3, 600)
    with pytest.raises(NotReady, match=r"Only \d+ of man lie in the upper sixth"):
        agreement([few, many], [few, many], GROUPS)


def test_people_at_one_place_right_at_the_cut_are_told_as_such() -> None:
    # A third of each group has the highest score there is, so that nobody lies above the cut.
    tied = np.minimum(np.linspace(-2, 2, 600), 0.7)
    with pytest.raises(NotReady, match=r"Only 0 of man .*: 195 more lie right at its border"):
        agreement([tied, tied], [tied, tied], GROUPS)
    with pytest.raises(NotReady, match="few items") as caught:
        agreement([tied, tied], [tied, tied], GROUPS)
    assert "Use more rows" not in str(caught.value)


def test_the_table_can_go_by_words_for_programs(table: Fairness) -> None:
    told = json.loads(json.dumps(as_table(table, ("m", "w")), allow_nan=False))
    assert told["groups"] == ["m", "w"]
    plain = json.loads(json.dumps(as_table(table), allow_nan=False))
    assert json.dumps(plain).replace('"man"', '"m"').replace('"woman"', '"w"').replace(
        "leaning to man", "leaning to m"
    ).replace("leaning to woman", "leaning to w") == json.dumps(told)
