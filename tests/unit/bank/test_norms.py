"""Norms: their rules, their two directions, and which one a person is shown."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.made_up_bank import ANXIETY, AVOIDANCE, normal_norm

from undertow.bank.norms import Norm, fitting_norms
from undertow.errors import InstrumentError

Array = NDArray[np.float64]

THETA = np.array([-2.0, 0.0, 1.0, 2.0])
CDF = np.array([[0.0, 0.5, 0.8, 1.0], [0.0, 0.2, 0.4, 1.0]])


def norm(theta: Array = THETA, cdf: Array = CDF) -> Norm:
    return Norm(
        name="four knots", who="made up", n=10, gender=None, age_band=None, theta=theta, cdf=cdf
    )


@pytest.mark.parametrize(
    ("place", "anxiety", "avoidance"),
    [
        (0.0, 0.5, 0.2),  # a knot
        (-1.0, 0.25, 0.1),  # half way between two
        (0.5, 0.65, 0.3),
        (-9.0, 0.0, 0.0),  # beyond the table nobody is left
        (9.0, 1.0, 1.0),
    ],
)
def test_the_share_below(place: float, anxiety: float, avoidance: float) -> None:
    assert norm().share_below(place, ANXIETY) == pytest.approx(anxiety)
    assert norm().share_below(place, AVOIDANCE) == pytest.approx(avoidance)


@pytest.mark.parametrize(
    ("share", "anxiety", "avoidance"), [(0.25, -1.0, 0.25), (0.5, 0.0, 1 + 1 / 6), (1.0, 2.0, 2.0)]
)
def test_the_place_of_a_share(share: float, anxiety: float, avoidance: float) -> None:
    assert norm().place(share, ANXIETY) == pytest.approx(anxiety)
    assert norm().place(share, AVOIDANCE) == pytest.approx(avoidance)


def test_a_stretch_where_no_one_is() -> None:
    flat = norm(cdf=np.array([[0.0, 0.5, 0.5, 1.0]] * 2))

    assert flat.share_below(0.7, ANXIETY) == 0.5
    assert 0.0 <= flat.place(0.5, ANXIETY) <= 1.0


@pytest.mark.parametrize(
    ("theta", "cdf", "rule"),
    [
        (THETA, CDF[0], "cdf must be (2, T)"),
        (THETA, CDF[:, :3], "cdf must be (2, T)"),
        (THETA[None, :], CDF, "cdf must be (2, T)"),
        (THETA[:1], CDF[:, :1], "cdf must be (2, T)"),
        (np.array([]), np.zeros((2, 0)), "cdf must be (2, T)"),
        (THETA[::-1], CDF, "theta must rise"),
        (np.array([-2.0, 0.0, 0.0, 2.0]), CDF, "theta must rise"),
        (THETA, CDF[:, ::-1], "cdf must not fall"),
        (THETA, CDF * 1.1, "cdf must lie within 0..1"),
        (THETA, CDF - 0.1, "cdf must lie within 0..1"),
        (np.array([-2.0, 0.0, 1.0, np.nan]), CDF, "must be numbers"),
        (THETA, np.array([[0.0, np.nan, 0.8, 1.0]] * 2), "must be numbers"),
        (np.array([-2.0, 0.0, 1.0, np.inf]), CDF, "must be numbers"),
    ],
)
def test_tables_that_cannot_be_right(theta: Array, cdf: Array, rule: str) -> None:
    with pytest.raises(InstrumentError) as caught:
        norm(theta, cdf)

    assert (caught.value.file, caught.value.key) == ("bank", "norms 'four knots'")
    assert rule in caught.value.rule


POOLED = normal_norm("pooled")
MEN = normal_norm("men", gender="man")
YOUNG = normal_norm("young", age_band="18-24")
YOUNG_MEN = normal_norm("young men", gender="man", age_band="18-24")
ALL = (YOUNG_MEN, MEN, YOUNG, POOLED)


@pytest.mark.parametrize(
    ("gender", "age_band", "names"),
    [
        ("man", "18-24", ["pooled", "young men"]),
        ("man", "35-44", ["pooled", "men"]),
        ("man", None, ["pooled", "men"]),
        ("woman", "18-24", ["pooled", "young"]),
        (None, "18-24", ["pooled", "young"]),
        ("woman", "35-44", ["pooled"]),
        ("unstated", "unstated", ["pooled"]),
        (None, None, ["pooled"]),
    ],
)
def test_the_pooled_norm_first_then_the_nearest_own_group(
    gender: str | None, age_band: str | None, names: list[str]
) -> None:
    assert [n.name for n in fitting_norms(ALL, gender=gender, age_band=age_band)] == names


def test_gender_goes_before_age_where_the_two_were_not_tabulated_together() -> None:
    names = [n.name for n in fitting_norms((POOLED, YOUNG, MEN), gender="man", age_band="18-24")]

    assert names == ["pooled", "men"]


@pytest.mark.parametrize("norms", [(), (MEN, YOUNG)])
def test_without_a_pooled_norm_there_is_nothing_to_name_first(norms: tuple[Norm, ...]) -> None:
    with pytest.raises(InstrumentError) as caught:
        fitting_norms(norms, gender="man", age_band=None)

    assert (caught.value.file, caught.value.key) == ("bank", "norms")
