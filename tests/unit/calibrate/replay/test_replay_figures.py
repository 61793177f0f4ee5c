"""Bootstrap errors are those that theory gives, and a difference on the same people is a small one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from undertow.calibrate.replay_figures import Drawn, Placed, figures_of
from undertow.calibrate.workers import workers
from undertow.errors import ShapeError

PEOPLE = 2000
EVERYONE = np.ones((1, PEOPLE), dtype=bool)
# The SD of 500 draws is known to 1 / sqrt(1000) of itself, 3 %; four times that.
NEAR = 0.13


def figures(
    short: np.ndarray, standard: np.ndarray, covered: np.ndarray | None = None
) -> dict[str, Drawn]:
    placed = Placed(short=short, standard=standard, covered=covered)
    return figures_of({0: placed}, EVERYONE)[0]


def test_the_error_of_a_mean() -> None:
    rng = np.random.default_rng(1)
    standard = rng.normal(size=PEOPLE)
    short = standard + rng.normal(0.1, 0.5, PEOPLE)
    bias = figures(short, standard)["bias"]
    theory = (short - standard).std() / math.sqrt(PEOPLE)
    assert bias.se[0] == pytest.approx(theory, rel=NEAR)
    low, high = bias.interval[0]
    assert high - low == pytest.approx(2 * 1.96 * theory, rel=2 * NEAR)
    assert low < bias.value[0] < high


def test_the_error_of_a_share() -> None:
    rng = np.random.default_rng(2)
    standard = rng.normal(size=PEOPLE)
    covered = rng.random(PEOPLE) < 0.9
    told = figures(standard + 0.0, standard, covered)["coverage"]
    share = covered.mean()
    assert told.se[0] == pytest.approx(math.sqrt(share * (1 - share) / PEOPLE), rel=NEAR)


def test_the_error_of_a_correlation() -> None:
    rng = np.random.default_rng(3)
    standard = rng.normal(size=PEOPLE)
    short = 0.8 * standard + 0.6 * rng.normal(size=PEOPLE)
    told = figures(short, standard)["correlation"]
    # Of a bivariate normal: (1 - r^2) / sqrt(n).
    assert told.se[0] == pytest.approx((1 - 0.8**2) / math.sqrt(PEOPLE), rel=0.2)


def test_the_error_of_a_difference_is_that_of_the_same_people() -> None:
    """Two tests that err alike are told apart far better than either is known."""
    rng = np.random.default_rng(4)
    standard = rng.normal(size=PEOPLE)
    together = rng.normal(0.0, 0.5, PEOPLE)
    apart = rng.normal(0.0, 0.05, PEOPLE)
    placed = {
        "own": Placed(short=standard + together, standard=standard),
        "plain": Placed(short=standard + together + apart - 0.02, standard=standard),
    }
    told = figures_of(placed, EVERYONE)
    difference = told["own"]["bias"].less(told["plain"]["bias"])
    assert difference.se[0] == pytest.approx(0.05 / math.sqrt(PEOPLE), rel=NEAR + 0.05)
    assert difference.se[0] < told["own"]["bias"].se[0] / 5


def test_a_test_against_itself_differs_by_nothing() -> None:
    rng = np.random.default_rng(5)
    standard = rng.normal(size=PEOPLE)
    one = Placed(short=standard + rng.normal(size=PEOPLE), standard=standard)
    told = figures_of({"own": one, "plain": one}, EVERYONE)
    for name, drawn in told["own"].items():
        assert not drawn.less(told["plain"][name]).rows.any()
        assert not drawn.nearer_zero_than(told["plain"][name]).rows.any()


def test_improvement_is_how_much_nearer_to_zero_whichever_way() -> None:
    own, plain = Drawn(rows=np.array([[0.1, -0.1]])), Drawn(rows=np.array([[-0.3, 0.05]]))
    assert own.nearer_zero_than(plain).value == pytest.approx([0.2, -0.05])


def test_workers_change_nothing() -> None:
    rng = np.random.default_rng(6)
    standard = rng.normal(size=PEOPLE)
    placed = {0: Placed(short=standard + rng.normal(size=PEOPLE), standard=standard)}
    alone = figures_of(placed, EVERYONE, draws=60)[0]
    with workers() as mapper:
        shared = figures_of(placed, EVERYONE, draws=60, mapper=mapper)[0]
    for name, drawn in alone.items():
        assert np.array_equal(drawn.rows, shared[name].rows)


def test_a_group_of_nobody_above_the_cut_has_no_found() -> None:
    standard = np.concatenate([np.linspace(-2.0, 0.0, 50), np.linspace(0.5, 2.0, 50)])
    members = np.repeat(np.eye(2, dtype=bool), 50, axis=1)
    told = figures_of({0: Placed(short=standard, standard=standard)}, members, draws=4)[0]
    assert np.isnan(told["found"].value[0])
    assert np.isnan(told["found"].se[0])
    assert np.isnan(told["found"].interval[0]).all()
    assert told["found"].value[1] == pytest.approx(1.0)


def test_what_is_the_same_for_everyone_has_no_correlation() -> None:
    standard = np.full(PEOPLE, 1.0 / 3.0)
    told = figures(np.random.default_rng(7).normal(size=PEOPLE), standard)
    assert np.isnan(told["correlation"].value[0])


@pytest.mark.parametrize(
    ("short", "standard", "covered"),
    [
        (np.zeros(3), np.zeros(4), None),
        (np.zeros(3), np.zeros(3), np.ones(2, dtype=bool)),
        (np.zeros((3, 1)), np.zeros((3, 1)), None),
        (np.zeros(0), np.zeros(0), None),
        (np.array([0.0, np.nan]), np.zeros(2), None),
        (np.zeros(2), np.array([0.0, np.inf]), None),
    ],
)
def test_what_does_not_belong_together_is_refused(
    short: np.ndarray, standard: np.ndarray, covered: np.ndarray | None
) -> None:
    with pytest.raises(ShapeError):
        Placed(short=short, standard=standard, covered=covered)


@pytest.mark.parametrize(
    "members", [np.ones((1, 3), dtype=bool), np.ones(2, dtype=bool), np.array([[True, False]])]
)
def test_members_must_be_the_people_and_everyone_in_a_group(members: np.ndarray) -> None:
    placed = {0: Placed(short=np.zeros(2), standard=np.zeros(2))}
    with pytest.raises(ShapeError):
        figures_of(placed, members)
