"""Answers as they arrive and as they are scored; choosing the next question is left to `measure`."""

from __future__ import annotations

from dataclasses import dataclass

from undertow.bank.item import Keying
from undertow.errors import ResponseError

MISSING = -1
"""'Doesn't apply': widens what can be said and moves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as it arrived: the category as shown, 0..K-1 from disagreement up, or MISSING."""

    item_id: str
    category: int


def keyed_category(category: int, *, keying: Keying, categories: int) -> int:
    """The category counted towards the dimension; reversal happens here and nowhere else.

    MISSING stays MISSING. Raises ResponseError for a category that the item does not have.
    """
    if category == MISSING:
        return MISSING
    if not 0 <= category < categories:
        raise ResponseError(
            f"That is not one of the {categories} answers. Choose one of those shown."
        )
    return category if keying == 1 else categories - 1 - category
