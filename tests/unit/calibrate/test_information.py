"""An information matrix is inverted, or the parameter it says nothing about is named."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from undertow.calibrate.information import inverted
from undertow.errors import NotReady


def too_little(place: int) -> NotReady:
    return NotReady(f"nothing of number {place}")


def test_an_inverse_by_hand() -> None:
    found = inverted(np.array([[4.0, 1.0], [1.0, 0.5]]), too_little)
    # The determinant is 1.
    assert found == pytest.approx(np.array([[0.5, -1.0], [-1.0, 4.0]]))


def test_scales_far_apart_are_no_trouble() -> None:
    found = inverted(np.diag([1e-14, 1e14]), too_little)
    assert np.diag(found) == pytest.approx([1e14, 1e-14])


@pytest.mark.parametrize(
    ("information", "place"),
    [
        (np.diag([1.0, 0.0, 2.0]), 1),
        (np.diag([1.0, 2.0, -1.0]), 2),
        (np.diag([1.0, np.nan, 2.0]), 1),
        # The first two are one.
        (np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), (0, 1)),
        (np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.1], [0.0, 1.1, 1.0]]), (1, 2)),
    ],
)
def test_what_is_not_told_is_named(
    information: NDArray[np.float64], place: int | tuple[int, int]
) -> None:
    with pytest.raises(NotReady, match="nothing of number") as caught:
        inverted(information, too_little)
    named = int(str(caught.value).rsplit(maxsplit=1)[-1])
    assert named in (place if isinstance(place, tuple) else (place,))
