"""Keying of single answers; what answers do to a place is left to the laws."""

from __future__ import annotations

import pytest

from undertow.bank.item import Keying
from undertow.bank.responses import MISSING, keyed_category
from undertow.errors import ResponseError


@pytest.mark.parametrize(
    ("category", "keying", "keyed"),
    [(0, 1, 0), (3, 1, 3), (4, 1, 4), (0, -1, 4), (1, -1, 3), (4, -1, 0)],
)
def test_five_categories(category: int, keying: Keying, keyed: int) -> None:
    assert keyed_category(category, keying=keying, categories=5) == keyed


@pytest.mark.parametrize("keying", [1, -1])
def test_missing_stays_missing(keying: Keying) -> None:
    assert keyed_category(MISSING, keying=keying, categories=5) == MISSING


@pytest.mark.parametrize("category", [-2, 5, 6, 10**9])
@pytest.mark.parametrize("keying", [1, -1])
def test_a_category_that_is_not_shown(category: int, keying: Keying) -> None:
    with pytest.raises(ResponseError) as caught:
        keyed_category(category, keying=keying, categories=5)

    assert str(caught.value) == ("That is not one of the 5 answers. Choose one of those shown.")
