"""Figures of a replay for ten people, worked out with pencil and paper; how each comes about stands beside it."""

from __future__ import annotations

import numpy as np
import pytest

from undertow.calibrate.replay_figures import (
    Drawn,
    Placed,
    difference_coverage,
    figures_of,
    means_of,
    nested_coverage,
)
from undertow.calibrate.replay_sections import Section, on_metric

# Five men, then five women.
STANDARD = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, -2.0, -1.5, 0.5, 1.5, 2.5])
SHORT = np.array([-0.5, 0.0, 2.6, 1.5, 2.0, -2.0, -1.0, 0.5, 1.0, 3.0])
PLAIN = SHORT - np.repeat([0.42, 0.05], 5)
MEMBERS = np.repeat(np.eye(2, dtype=bool), 5, axis=1)


def told(short: np.ndarray = SHORT, covered: np.ndarray | None = None) -> dict[str, Drawn]:
    placed = Placed(short=short, standard=STANDARD, covered=covered)
    return figures_of({"it": placed}, MEMBERS, draws=3)["it"]


def test_bias() -> None:
    # Men: (.5 + 0 + 1.6 - .5 - 1) / 5; women: (0 + .5 + 0 - .5 + .5) / 5.
    assert told()["bias"].value == pytest.approx([0.12, 0.1])


def test_found_and_specificity() -> None:
    # The .84 quantile of ten is .56 of the way from the eighth to the ninth: 2.28 of 2 and 2.5, 2.336
    # of 2 and 2.6. Above the first are a man at 3 and a woman at 2.5; above the second a man whose
    # standard is 1, and that woman. So no man of one is found, and one of four others is called.
    assert told()["found"].value == pytest.approx([0.0, 1.0])
    assert told()["specificity"].value == pytest.approx([0.75, 1.0])


def test_correlation() -> None:
    # Men: 6.5 / sqrt(6.988 * 10); women: 14.45 / sqrt(14.8 * 14.8).
    assert told()["correlation"].value == pytest.approx([0.777565, 0.976351], abs=1e-6)


def test_coverage() -> None:
    # sqrt(.25 - .09) * 1.96 = .784; men are off by .5 0 1.6 .5 1, women by at most .5.
    nested = nested_coverage(SHORT, np.full(10, 0.5), STANDARD, np.full(10, 0.3))
    assert told(covered=nested)["coverage"].value == pytest.approx([0.6, 1.0])
    # sqrt(.09 + .16) * 1.96 = .98.
    apart = difference_coverage(SHORT, np.full(10, 0.3), STANDARD, np.full(10, 0.4))
    assert told(covered=apart)["coverage"].value == pytest.approx([0.6, 1.0])


def test_coverage_where_nothing_was_left_to_ask() -> None:
    same = np.array([0.25])
    assert nested_coverage(np.array([1.0]), same, np.array([1.0]), same).all()
    assert not nested_coverage(np.array([1.01]), same, np.array([1.0]), same).any()


def test_against_plain_on_the_same_people() -> None:
    # Plain is lower by .42 for men and .05 for women: biases -.3 and .05.
    section = Section(own=told(), plain=told(PLAIN), coverage=None)
    bias = section.against_plain("bias")
    assert bias is not None
    assert bias.plain.value == pytest.approx([-0.3, 0.05])
    assert bias.difference.value == pytest.approx([0.42, 0.05])
    assert bias.improvement.value == pytest.approx([0.18, -0.05])


def test_gap_in_points() -> None:
    # Men 0 of 1, women 1 of 1: 100 points. Plain's men move down together, women too: 1.58 1.5 .95 and
    # 2.95 2.18 on top, ninth 2.18, eighth 1.58: cut 1.916. Called: the man at 1, the woman at 2.5.
    section = Section(own=told(), plain=told(PLAIN), coverage=None)
    gap, against = section.gap, section.gap_against_plain
    assert gap is not None
    assert against is not None
    assert gap.value == pytest.approx([100.0])
    assert against.plain.value == pytest.approx([100.0])
    assert against.difference.value == pytest.approx([0.0])


def test_means_by_group() -> None:
    members = np.array([[True, True, False], [False, False, True], [False, False, False]])
    found = means_of(np.array([12.0, 20.0, 9.0]), members)
    assert found[:2] == pytest.approx([16.0, 9.0])
    assert np.isnan(found[2])


def test_sums_on_the_metric_of_the_standard() -> None:
    # 10, 20, 30 have mean 20 and SD 8.165; 0, 1, 2 have mean 1 and SD .8165: a tenth of it.
    found = on_metric(np.array([10, 20, 30]), np.array([0.0, 2.0, 1.0]))
    assert found == pytest.approx([0.0, 1.0, 2.0])
    assert on_metric(np.array([7, 7]), np.array([0.0, 1.0])) == pytest.approx([0.5, 0.5])
