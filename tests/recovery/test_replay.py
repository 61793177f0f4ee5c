"""People whose places and differences we made up: a replay shows the tilt, and that the fair test has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from tests.unit.calibrate.making_replay import (
    MEN,
    WOMEN,
    answers_of,
    archive_of,
    planted_bank,
    recipe_of,
)

from undertow.calibrate.replay import replay_archive
from undertow.calibrate.replay_table import table_of
from undertow.calibrate.replay_taking import Kind

DIMENSIONS = ("anxiety", "avoidance")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Mapping[bool, Mapping[str, Any]]:
    """By whether gender is hidden: 2,400 people, half men, who agree .7 SD later on the steep items.

    Places are alike in both groups.
    """
    bank = planted_bank()
    genders = np.where(np.arange(2400) % 2, MEN, WOMEN)
    answers = answers_of(bank, genders, np.random.default_rng(23))
    archive = archive_of(tmp_path_factory.mktemp("recovery") / "archive", bank, answers, genders)
    kind = Kind(items=8, early_stop=False, plain=False)
    return {
        hidden: table_of(
            replay_archive(archive, bank, kind, recipe=recipe_of(bank), hidden=hidden, folds="0")
        )
        for hidden in (False, True)
    }


@pytest.fixture(params=[False, True], ids=["stated", "hidden"])
def table(
    tables: Mapping[bool, Mapping[str, Any]], request: pytest.FixtureRequest
) -> Mapping[str, Any]:
    return tables[request.param]


@pytest.fixture
def stated(tables: Mapping[bool, Mapping[str, Any]]) -> Mapping[str, Any]:
    return tables[False]


def test_plain_testing_tilts_against_men_and_the_replay_says_so(table: Mapping[str, Any]) -> None:
    for dimension in DIMENSIONS:
        against = table["dimensions"][dimension]["against_plain"]
        # Steep items first: three of four asked ones are planted.
        assert against["man"]["bias_plain"] < -0.1
        assert against["woman"]["bias_plain"] > 0.1


def test_the_improvement_is_sure(table: Mapping[str, Any]) -> None:
    for dimension in DIMENSIONS:
        against = table["dimensions"][dimension]["against_plain"]
        for word in ("man", "woman"):
            low, high = against[word]["improvement_interval_95"]
            assert 0 < low < against[word]["improvement"] < high
        assert against["man"]["bias_difference"] > 0 > against["woman"]["bias_difference"]


def test_with_the_true_figures_of_ones_group_nothing_tilts_and_the_psd_is_honest(
    stated: Mapping[str, Any],
) -> None:
    for dimension in DIMENSIONS:
        for word in ("man", "woman"):
            told = stated["dimensions"][dimension][word]
            # 1,200 people each: four standard errors.
            assert abs(told["bias"]) < 4 * told["bias_se"]
            # With four of nine items it is somewhat below .95: where the other five move a place far
            # they leave a larger psd too, and the figure takes that as having had less to move.
            assert 0.88 < told["nested_coverage_95"] < 0.97
        assert (
            abs(stated["dimensions"][dimension]["gap"])
            < 4 * stated["dimensions"][dimension]["gap_se"]
        )


def test_two_tests_without_a_common_item_agree_somewhat_better_than_their_psds_say(
    stated: Mapping[str, Any],
) -> None:
    for dimension in DIMENSIONS:
        for word in ("man", "woman"):
            told = stated["standards"]["items_not_asked"][dimension][word]
            assert 0.94 < told["difference_coverage_95"] <= 1.0
            assert abs(told["bias"]) < 4 * told["bias_se"]
