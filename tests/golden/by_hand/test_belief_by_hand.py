"""Person-fit and doubt worked out on paper, for tables that are the same at every place.

Such an item tells nothing of theta, so nothing has to be taken out and each figure is a short sum.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from undertow.measure.belief import believe, longest_run_against_keying
from undertow.measure.grid import standard_grid
from undertow.measure.person_fit import AnsweredSet, answered_set, person_fit

GRID = standard_grid()


def flat(
    chances: Sequence[float], keyed: Sequence[int], *, keying: Sequence[int] | None = None
) -> AnsweredSet:
    table = np.tile(np.array(chances)[:, None], GRID.nodes.size)
    return answered_set(
        [table] * len(keyed),
        keyed,
        keying=keying or [1] * len(keyed),
        dimension_of=[0] * len(keyed),
        nodes=GRID.nodes,
        log_prior=GRID.log_prior(0.0),
    )


def test_two_unlikely_answers() -> None:
    """Two answers of chance 0.2 where the other has 0.8.

    ln 0.2 = -1.609438, ln 0.8 = -0.223144; mean -0.500402, variance 0.2 * 0.8 * (ln 4)^2 = 0.307490.
    Two of them: -2.218071 off the mean, SD sqrt(0.614980) = 0.784207, so z = -2 sqrt 2 = -2.828427.
    Skewness of one is (0.2 - 0.8) / sqrt(0.16) = -1.5, of two -1.5 / sqrt 2 = -1.060660. The cube
    root: skew * z / 2 + 1 = 2.5, cbrt 1.357209; 6 / -1.060660 * 0.357209 - 0.176777 = -2.197455.
    """
    fit = person_fit(flat([0.2, 0.8], [0, 0]))
    assert fit.joint == pytest.approx(-2.197455, abs=2e-6)
    assert fit.by_dimension[0] == pytest.approx(-2.197455, abs=2e-6)
    assert fit.by_dimension[1] is None
    # The normal tail beyond -2.197455, from a table: 0.013903 at 2.20, 0.0355 the density there.
    assert fit.tail == pytest.approx(0.013903 + 0.002545 * 0.0356, abs=2e-6)


def test_two_likely_answers() -> None:
    """z = 2 * 0.277259 / 0.784207 = 0.707107; -1.060660 * 0.707107 / 2 + 1 = 0.625, cbrt 0.854988;
    -5.656854 * -0.145012 - 0.176777 = 0.643535."""
    assert person_fit(flat([0.2, 0.8], [1, 1])).joint == pytest.approx(0.643535, abs=5e-6)


def test_the_doubt_of_one_answer() -> None:
    """One answer of chance 0.2 under the model, of two categories.

    Habits give it: even 0.5; one category 0.975 or 0.025; both 0.5: a mean of 0.5. Attention of 0,
    1/4, 1/2, 3/4 mixes that with 0.2: 0.5, 0.425, 0.35, 0.275, a mean of 0.3875. So the doubt is
    0.05 * 0.3875 / (0.05 * 0.3875 + 0.95 * 0.2) = 0.0925373, and of its 0.05 * 0.3875 the parts with
    attention below a half are 0.05 * 0.925 / 4: 0.0552239.
    """
    belief = believe(flat([0.2, 0.8], [0]))
    assert belief.doubt == pytest.approx(0.0925373, abs=1e-7)
    assert belief.mostly == pytest.approx(0.0552239, abs=1e-7)


def test_times_raise_what_is_known_beforehand_to_even_odds() -> None:
    """0.3875 / (0.3875 + 0.2) = 0.659574."""
    belief = believe(flat([0.2, 0.8], [0]), seconds=[0.4, 0.5, 0.6, 2.0, 0.9])
    assert belief.doubt == pytest.approx(0.659574, abs=1e-6)
    assert belief.fast_share == 0.8


@pytest.mark.parametrize(
    ("keyed", "keying", "run"),
    [
        # As tapped: 1 1 1, of both keyings.
        ([1, 0, 1], [1, -1, 1], 3),
        # As tapped: 1 1 0 0, each stretch of one keying.
        ([1, 1, 1, 1], [1, 1, -1, -1], 0),
        # As tapped: 0 1 1 1 1 0; the four hold both keyings.
        ([0, 1, 1, 0, 1, 1], [1, 1, 1, -1, 1, -1], 4),
        ([], [], 0),
    ],
)
def test_runs(keyed: list[int], keying: list[int], run: int) -> None:
    assert longest_run_against_keying(flat([0.5, 0.5], keyed, keying=keying)) == run
