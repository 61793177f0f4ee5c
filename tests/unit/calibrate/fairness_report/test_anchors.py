"""A bank laid where a rule puts the groups: by hand, against the fits' own way, and what it does to standards."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.calibrate.fairness_report.conftest import Told, faceted_bank

from undertow.bank.item import DIMENSIONS
from undertow.calibrate import compare_groups
from undertow.calibrate.anchors import PURIFIED, leaning_to
from undertow.calibrate.fairness_report_anchors import NAMES, RULES, relaid
from undertow.calibrate.fairness_report_figures import told_of
from undertow.calibrate.groups import moved
from undertow.calibrate.likelihood import Parameters
from undertow.calibrate.scores import Latent


def latent(means: tuple[float, float], deviations: tuple[float, float]) -> Latent:
    return Latent(means=np.array(means), deviations=np.array(deviations), correlation=0.0)


STANDARD = latent((0, 0), (1, 1))
BEFORE = latent((-0.1, 0.2), (1.1, 0.9))
AFTER = latent((0.3, -0.2), (0.8, 1.2))


def test_by_hand() -> None:
    """a = 2.4 and d = -2.4 * (b + .35): moved up by .3 and stretched to 1.2 its spread."""
    bank = faceted_bank()
    laid = relaid(bank, (STANDARD, STANDARD), (latent((0.3, 0.0), (1.2, 1.0)), STANDARD))
    man, woman = laid.items[0].by_group
    before = bank.items[0].by_group
    assert man.slope == pytest.approx(2.0)
    # A threshold at b is now at .3 + 1.2 b.
    old = [-d / before[0].slope for d in before[0].intercepts]
    assert [-d / man.slope for d in man.intercepts] == pytest.approx([0.3 + 1.2 * b for b in old])
    assert woman == before[1]
    # Avoidance stayed where it was, and figures of everyone did.
    assert laid.items[-1] == bank.items[-1]
    assert laid.items[0].intercepts == bank.items[0].intercepts


def test_it_is_the_fits_own_way_of_moving() -> None:
    """Own figures laid before and then moved are own figures laid after; `groups.moved` is other code."""
    bank = faceted_bank()
    dimension_of = np.array([DIMENSIONS.index(item.dimension) for item in bank.items])
    own = Parameters(
        slope=np.array([item.by_group[0].slope for item in bank.items]),
        intercepts=np.array([item.by_group[0].intercepts for item in bank.items]),
        correlation=0.0,
    )
    start = relaid(bank, (STANDARD, STANDARD), (BEFORE, BEFORE))
    laid = relaid(start, (BEFORE, BEFORE), (AFTER, AFTER))
    slope, intercepts = moved(own, AFTER, dimension_of)
    assert [item.by_group[0].slope for item in laid.items] == pytest.approx(slope.tolist())
    assert np.array([item.by_group[0].intercepts for item in laid.items]) == pytest.approx(
        intercepts
    )


def test_the_rule_that_counts_leaves_the_standard_alone(told: Told) -> None:
    outcomes = told.report.outcomes
    assert set(outcomes.rules) == set(RULES)
    assert outcomes.rules[PURIFIED].means == pytest.approx(outcomes.full.means, abs=1e-12)


def test_a_rule_that_puts_men_lower_makes_every_test_lean_up(told: Told) -> None:
    """With what men say more as the yardstick, men are the higher ones, and a test loses more of them."""
    report = told.report
    latents = {one.rule: one for one in report.latents}
    for at in range(len(DIMENSIONS)):
        toward_men = latents[leaning_to(NAMES[0])].difference[at]
        toward_women = latents[leaning_to(NAMES[1])].difference[at]
        assert toward_women < -0.4 < 0 < toward_men
        for cell in told_of(report.usual):
            bias = {rule: report.figures.rules[rule, cell, at].own["bias"].value for rule in RULES}
            men, women = (bias[leaning_to(name)] for name in NAMES)
            assert men[0] < women[0]
            assert men[1] > women[1]


def test_a_rule_moves_every_test_alike(told: Told) -> None:
    figures, usual = told.report.figures, told.report.usual
    for at in range(len(DIMENSIONS)):
        moves = {
            cell: figures.rules[leaning_to(NAMES[0]), cell, at].own["bias"].value
            - figures.rules[PURIFIED, cell, at].own["bias"].value
            for cell in told_of(usual)
        }
        first, *others = moves.values()
        for other in others:
            assert other == pytest.approx(first, abs=1e-12)


def test_items_differ_as_the_dif_command_says(told: Told) -> None:
    """The same rows, grouped another way and in the recipe's order."""
    found = compare_groups(told.archive, "gender", recipe=told.recipe)
    rows = {row["item"]: row for row in found.rows}
    assert len(rows) == len(told.bank.items) == len(told.report.items)
    for one in told.report.items:
        row = rows[told.bank.items[one.item].id]
        assert row["expected_score_difference"] == pytest.approx(one.difference, abs=2e-3)
        assert row["low"] == pytest.approx(one.low, abs=2e-3)
        assert row["high"] == pytest.approx(one.high, abs=2e-3)
        assert row["effect_class"] == one.effect_class
