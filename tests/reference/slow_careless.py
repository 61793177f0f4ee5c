"""Careless answers found row by row in plain Python: what the fast way must agree with."""

from __future__ import annotations

from collections.abc import Sequence

Item = tuple[str, int]
"""Dimension and keying."""


def same_answers(row: Sequence[int | None], *, least: int) -> bool:
    given = [answer for answer in row if answer is not None]
    return len(given) >= least and len(set(given)) == 1


def longest_run_against_keying(row: Sequence[int | None], items: Sequence[Item]) -> int:
    """Looks at every stretch of the row there is; an item left out is as if it had not been asked."""
    asked = [(answer, item) for answer, item in zip(row, items, strict=True) if answer is not None]
    longest = 0
    for start in range(len(asked)):
        for end in range(start + 1, len(asked) + 1):
            stretch = asked[start:end]
            if len({answer for answer, _ in stretch}) > 1:
                continue
            held = {item for _, item in stretch}
            if any((dimension, -keying) in held for dimension, keying in held):
                longest = max(longest, len(stretch))
    return longest
