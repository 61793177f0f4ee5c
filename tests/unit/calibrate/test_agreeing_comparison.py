"""What a comparison with a tendency to agree gives, says and refuses."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from tests.reading_grade import grade
from tests.unit.calibrate.agreeing_people import (
    CATEGORIES,
    DIMENSION_OF,
    GROUPS,
    KEYING,
    NAMES,
    MadeUp,
    answers_of,
    sides_by_group,
)

from undertow.calibrate.agreeing_card import as_table, card_lines, conclusions, explained_shares
from undertow.calibrate.agreeing_comparison import (
    ALL,
    SIMPLE,
    AgreeingComparison,
    HalfFigures,
    compare_with_agreeing,
)
from undertow.calibrate.agreeing_errors import agreeing_errors
from undertow.calibrate.agreeing_fit import fit_simple
from undertow.calibrate.agreeing_places import summed
from undertow.calibrate.likelihood import Answers, Sides, sides_of
from undertow.errors import NotReady, ShapeError

MEN = MadeUp(rows=600, theta=np.array([-0.4, 0.0]), mean=-0.5, deviation=0.7)
WOMEN = MadeUp(rows=800, deviation=0.7)
GRADE = 8.0


@pytest.fixture(scope="module")
def sides() -> tuple[Sides, Sides]:
    return sides_by_group((MEN, WOMEN), seed=21)


@pytest.fixture(scope="module")
def comparison(sides: tuple[Sides, Sides]) -> AgreeingComparison:
    return compare_with_agreeing(sides, GROUPS, NAMES, KEYING)


@pytest.fixture(scope="module")
def turned(sides: tuple[Sides, Sides]) -> AgreeingComparison:
    return compare_with_agreeing(sides[::-1], GROUPS[::-1], NAMES, KEYING)


def test_models_and_what_they_cost(comparison: AgreeingComparison) -> None:
    labels = [model.label for model in comparison.models]
    assert labels == [SIMPLE, ALL, "avoidance items only", "all but Q6"]
    # 12 items of 3 figures; means, deviations of the second group; two correlations; then the tendency.
    assert [model.parameters for model in comparison.models] == [42, 45, 45, 45]
    for model in comparison.models:
        assert model.aic == pytest.approx(2 * model.parameters - 2 * model.log_likelihood)
        assert model.bic == pytest.approx(
            model.parameters * np.log(1400) - 2 * model.log_likelihood
        )
    simple, agreeing = comparison.simple, comparison.agreeing
    # All items were made with it.
    assert agreeing.log_likelihood == max(model.log_likelihood for model in comparison.models)
    assert agreeing.bic < simple.bic - 100
    assert comparison.found


def test_what_was_planted_is_found(comparison: AgreeingComparison) -> None:
    agreeing = comparison.agreeing
    tendency = agreeing.tendency
    error = tendency.difference_error
    assert error is not None
    assert abs(tendency.difference + 0.5) < 3.5 * error
    assert 0.02 < error < 0.12
    for found, known in zip(tendency.deviations, tendency.deviation_errors, strict=True):
        assert known is not None
        assert abs(found - 0.7) < 3.5 * known
    anxiety, avoidance = agreeing.difference
    assert anxiety == pytest.approx(-0.4, abs=0.2)
    assert avoidance == pytest.approx(0.0, abs=0.2)
    # Men agree less, so the simple model sees them as too low where most items are straight.
    seen = comparison.simple.difference[0]
    assert seen is not None
    assert anxiety is not None
    assert seen < anxiety - 0.1


def test_the_split_of_the_halves_is_explained(comparison: AgreeingComparison) -> None:
    straight, reverse = comparison.half(1, 1), comparison.half(1, -1)
    assert straight is not None
    assert reverse is not None
    assert straight.items == reverse.items == 3
    assert straight.observed is not None
    assert reverse.observed is not None
    assert reverse.observed - straight.observed > 0.3
    shares = explained_shares(straight, reverse)
    assert shares is not None
    assert shares[0] == 0.0
    assert shares[1] == pytest.approx(1.0, abs=0.3)
    # What is left of single items is noise once the tendency is there.
    for item in comparison.items:
        assert abs(item.left[1]) < 4 * item.standard_error
    worst = max(abs(item.left[0]) / item.standard_error for item in comparison.items)
    assert worst > 4


def test_observed_differences_are_those_of_the_answers(comparison: AgreeingComparison) -> None:
    rng = np.random.default_rng(21)
    men, women = answers_of(MEN, rng), answers_of(WOMEN, rng)
    for position, item in enumerate(comparison.items):
        first, second = men[:, position].astype(float), women[:, position].astype(float)
        assert item.observed == pytest.approx(first.mean() - second.mean())
        assert item.standard_error == pytest.approx(np.sqrt(first.var() / 600 + second.var() / 800))
    straight = [j for j in range(12) if DIMENSION_OF[j] == 1 and KEYING[j] == 1]
    sums = men[:, straight].sum(axis=1), women[:, straight].sum(axis=1)
    spread = (599 * sums[0].var(ddof=1) + 799 * sums[1].var(ddof=1)) / 1398
    half = comparison.half(1, 1)
    assert half is not None
    assert half.observed == pytest.approx((sums[0].mean() - sums[1].mean()) / np.sqrt(spread))


def test_people_move_where_nearly_all_items_are_straight(comparison: AgreeingComparison) -> None:
    moves = {(one.model, one.dimension): one for one in comparison.moves}
    assert sorted(moves) == [(model, dimension) for model in (1, 2, 3) for dimension in (0, 1)]
    anxiety, avoidance = moves[1, 0], moves[1, 1]
    assert min(anxiety.share_far) > max(avoidance.share_far)
    assert anxiety.correlation < avoidance.correlation < 1
    # Men agreed less, so without the tendency they were placed too low.
    assert anxiety.mean_move[0] > 0 > anxiety.mean_move[1]
    assert max(moves[2, 0].share_far) == 0.0


def test_turning_the_groups_turns_the_signs(
    comparison: AgreeingComparison, turned: AgreeingComparison
) -> None:
    for one, other in zip(comparison.models, turned.models, strict=True):
        assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=0.01)
        assert one.tendency.difference == pytest.approx(-other.tendency.difference, abs=0.003)
        for gap, mirrored in zip(one.difference, other.difference, strict=True):
            assert gap == pytest.approx(-float(mirrored or 0.0), abs=3e-3)
        assert np.allclose(one.tendency.deviations, other.tendency.deviations[::-1], atol=3e-3)
    for own, opposite in zip(comparison.items, turned.items, strict=True):
        assert own.observed == pytest.approx(-opposite.observed)
        assert np.allclose(own.left, -np.array(opposite.left), atol=3e-3)


def test_one_dimension_alone_works(sides: tuple[Sides, Sides]) -> None:
    def alone(own: Sides) -> Sides:
        side = own[1]
        none = np.zeros((side.rows, 0), dtype=np.uint8)
        return (
            replace(side, items=np.arange(6)),
            Answers(indicators=none, items=np.arange(0, dtype=np.intp), categories=CATEGORIES),
        )

    found = compare_with_agreeing(
        [alone(own) for own in sides], GROUPS, NAMES[6:], KEYING[6:], dimension_names=("one", "two")
    )
    assert [model.label for model in found.models] == [SIMPLE, ALL]
    assert found.agreeing.parameters - found.simple.parameters == 3
    assert found.simple.parameters == 18 + 2
    assert found.agreeing.difference[1] is None
    assert found.agreeing.difference_errors[1] is None
    assert found.agreeing.correlation is None
    assert found.agreeing.tendency.difference == pytest.approx(-0.5, abs=0.25)
    assert {moves.dimension for moves in found.moves} == {0}
    assert json.loads(json.dumps(as_table(found)))
    assert not [line for line in card_lines(found) if "two" in line.split()]


@pytest.mark.parametrize("place", [0, 1])
def test_one_dimension_under_its_own_name_alone(sides: tuple[Sides, Sides], place: int) -> None:
    def alone(own: Sides) -> Sides:
        here = replace(own[1], items=np.arange(6))
        none = np.zeros((here.rows, 0), dtype=np.uint8)
        bare = Answers(indicators=none, items=np.arange(0, dtype=np.intp), categories=CATEGORIES)
        return (here, bare) if place == 0 else (bare, here)

    found = compare_with_agreeing(
        [alone(own) for own in sides], GROUPS, NAMES[6:], KEYING[6:], dimension_names=("trust",)
    )
    table = json.loads(json.dumps(as_table(found, ("man", "woman")), allow_nan=False))
    assert table["groups"] == ["man", "woman"]
    for model, own in zip(table["models"], found.models, strict=True):
        assert model["difference"] == {"trust": round(own.difference[place] or 0.0, 4)}
        assert list(model["difference_errors"]) == ["trust"]
    lines = list(card_lines(found, "trust"))
    assert lines[0] == "## Saying yes to anything, trust"
    assert any(line.startswith("| trust, men less women (SD) |") for line in lines)
    with pytest.raises(ShapeError, match="as many as the dimensions, 1"):
        compare_with_agreeing(
            [alone(own) for own in sides], GROUPS, NAMES[6:], KEYING[6:], dimension_names=()
        )


def test_answers_that_say_too_little_name_the_item() -> None:
    rng = np.random.default_rng(3)
    keyed = [answers_of(MadeUp(rows=400, deviation=0.7), rng) for _ in GROUPS]
    halves = [sides_of(own, DIMENSION_OF, CATEGORIES) for own in keyed]
    fit = fit_simple(halves, KEYING.astype(np.float64))
    # Of all people only so many are left that most parameters have nobody to tell them.
    few = [(own[0].part(slice(0, 9)), own[1].part(slice(0, 9))) for own in halves]
    with pytest.raises(NotReady, match=r"do not say enough about item Q\d+ to tell a tendency"):
        agreeing_errors(few, fit.parameters, np.zeros(12), fit.grid, items=NAMES)


@pytest.mark.parametrize(
    "keying", [np.ones(12, dtype=int), -np.ones(12, dtype=int), np.repeat([1, -1], 6)]
)
def test_items_keyed_one_way_cannot_tell(
    sides: tuple[Sides, Sides], keying: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> None:
    with pytest.raises(NotReady, match="2 straight and 2 reversed items"):
        compare_with_agreeing(sides, GROUPS, NAMES, keying)


def test_what_does_not_fit_together(sides: tuple[Sides, Sides]) -> None:
    with pytest.raises(ShapeError, match="two groups"):
        compare_with_agreeing(sides[:1], GROUPS[:1], NAMES, KEYING)
    with pytest.raises(ShapeError, match="as many as the items"):
        compare_with_agreeing(sides, GROUPS, NAMES[:5], KEYING)
    with pytest.raises(ShapeError, match=r"\+1 or -1"):
        compare_with_agreeing(sides, GROUPS, NAMES, 2 * KEYING)


def test_where_no_tendency_is_found_nothing_is_said_of_one() -> None:
    rng = np.random.default_rng(7)
    rows = 300
    felt = rng.standard_normal((2 * rows, 2))[:, DIMENSION_OF] * 1.5
    # Each straight item shares its error with a reversed one: the opposite of agreeing.
    felt += 1.5 * rng.standard_normal((2 * rows, 6)).repeat(2, axis=1)
    felt += rng.logistic(size=felt.shape)
    keyed = (felt[:, :, None] + np.array([1.0, -1.0]) > 0).sum(axis=2, dtype=np.int8)
    turned = np.tile([1, -1], 6)
    halves = [sides_of(keyed[at::2], DIMENSION_OF, CATEGORIES) for at in (0, 1)]
    found = compare_with_agreeing(halves, GROUPS, NAMES, turned)
    assert not found.found
    assert found.agreeing.log_likelihood == found.simple.log_likelihood
    assert found.agreeing.parameters == found.simple.parameters + 3
    assert found.agreeing.tendency.deviation_errors == (None, None)
    assert list(conclusions(found)) == [
        "No tendency to agree was found, so the bank stays with the simple model."
    ]
    assert json.loads(json.dumps(as_table(found), allow_nan=False))
    assert all(moves.share_far == (0.0, 0.0) for moves in found.moves)


def test_the_table_is_json_with_rounded_figures(comparison: AgreeingComparison) -> None:
    table = json.loads(json.dumps(as_table(comparison), allow_nan=False))
    assert table["groups"] == ["men", "women"]
    assert table["rows"] == [600, 800]
    assert [model["tendency_moves"] for model in table["models"]] == [
        model.label for model in comparison.models
    ]
    assert table["models"][1]["difference"]["anxiety"] == pytest.approx(
        comparison.agreeing.difference[0], abs=1e-4
    )
    assert table["models"][0]["tendency"]["difference_error"] is None
    assert len(table["items"]) == 12
    figures = re.findall(r"-?\d+\.(\d+)", json.dumps(table["models"]))
    assert max(map(len, figures)) <= 4


def test_the_card_is_plain_and_whole(comparison: AgreeingComparison) -> None:
    lines = list(card_lines(comparison))
    rows = [line for line in lines if line.startswith("|")]
    assert {line.count("|") for line in rows} == {6}
    prose = [line for line in lines if line and line[0] not in "|#"]
    assert {line: grade(line) for line in prose if grade(line) > GRADE} == {}
    text = "\n".join(prose)
    assert "Men tend to agree less than women" in text
    assert "1 of the 6 anxiety items is reversed" in text
    assert text.count("Our judgement") == 1
    assert "nan" not in "\n".join(lines)


def test_a_great_change_asks_for_a_second_look(comparison: AgreeingComparison) -> None:
    # The planted tendency moves the anxiety gap by more than a tenth.
    assert "needs a second look" in list(conclusions(comparison))[-1]
    calm = replace(
        comparison,
        models=tuple(
            replace(model, difference=comparison.simple.difference) for model in comparison.models
        ),
        moves=tuple(replace(moves, correlation=0.99) for moves in comparison.moves),
    )
    last = list(conclusions(calm))[-1]
    assert "the bank stays with the simple model, though it fits less well" in last
    assert "No gap moves by more than 0.00 SD" in last
    assert "place on anxiety" in last


def half(observed: float, *expected: float) -> HalfFigures:
    return HalfFigures(
        dimension=1,
        keying=1,
        items=3,
        slopes=(1.0, 1.0),
        observed=observed,
        expected=expected,
        left=(0.0, 0.0),
        left_size=(0.0, 0.0),
    )


def test_shares_of_a_split() -> None:
    # Seen apart by .30, .02 without and .16 with: .14 of the .28 that were left.
    shares = explained_shares(half(-0.2, -0.05, -0.13), half(0.1, -0.07, 0.03))
    assert shares == pytest.approx((0.0, (-0.16 - 0.02) / (-0.3 - 0.02)))
    assert explained_shares(half(0.1, 0.1, 0.0), half(0.1, 0.1, 0.2)) is None
    assert explained_shares(replace(half(0.1, 0.1), observed=None), half(0.2, 0.1)) is None


def test_sums_of_those_who_answered_all() -> None:
    keyed = np.array([[2, 1, 0], [-1, 2, 2], [1, -1, 1], [0, 0, 0]], dtype=np.int8)
    equal = keyed[:, :, None] == np.arange(3)
    side = Answers(
        indicators=equal.reshape(4, -1).astype(np.uint8), items=np.arange(3), categories=3
    )
    assert summed(side, np.array([True, True, False])).tolist() == [3.0, 0.0]
    assert summed(side, np.array([False, False, True])).tolist() == [0.0, 2.0, 1.0, 0.0]
