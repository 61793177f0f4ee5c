"""Which items tie the groups' metrics together, by five rules; what follows from each is left to `dif`.

Differential item functioning is relative: whatever items are taken as fair decide how far the
groups are apart. So no rule is used without the others beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.errors import InputError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

ALL = "all items"
PURIFIED = "purified"
STEEPEST = "steepest"
NAMED = "named items"

SMALL_DIFFERENCE = 0.05
"""In SD of the item's score. An anchor that differs by less moves the groups by less than .02 SD."""
LEAST_ANCHORS = 2
"""In each dimension: with one alone there would be nothing to test it against."""
_SHARE = 3
"""A leaning or steepest set is one in three of a dimension's items: six of eighteen."""
_MOST_ROUNDS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnchorRule:
    """A named choice of anchor items; `items` is (J,)."""

    name: str
    items: Mask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Purified:
    """The anchors (J,) that purifying ended with; `settled` is False where it went round in circles."""

    items: Mask
    settled: bool


def leaning_to(group: str) -> str:
    """The name of the rule that takes the items which a group endorses more at the same place."""
    return f"leaning to {group}"


def rule_names(groups: Sequence[str]) -> tuple[str, ...]:
    """The rules that there are for groups of these names; leaning ones only where there are two."""
    leaning = tuple(leaning_to(name) for name in groups) if len(groups) == 2 else ()
    return (ALL, PURIFIED, STEEPEST, *leaning)


def rule_in_words(rule: str, groups: Sequence[str], words: Sequence[str]) -> str:
    """A rule's name with the groups' `words` for programs in place of their names."""
    leaning = {leaning_to(name): leaning_to(word) for name, word in zip(groups, words, strict=True)}
    return leaning.get(rule, rule)


def parse_anchors(
    text: str,
    groups: Sequence[str],
    items: Sequence[str],
    dimension_of: NDArray[np.intp],
    *,
    words: Sequence[str] = (),
) -> str | AnchorRule:
    """A rule's name, as `leaning-to-man` or `all`, or the rule of items named with commas between.

    Groups go by their names and by their `words` for programs; what is given has the names.
    `dimension_of` is (J,). Raises InputError for a name that is neither and for fewer than two
    anchors in a dimension.
    """
    by_name, by_word = rule_names(groups), rule_names(words or groups)
    known = {word.replace(" ", "-"): name for word, name in zip(by_word, by_name, strict=True)} | {
        "all": ALL
    }
    spoken = {name.replace(" ", "-"): name for name in by_name} | known
    wanted = "-".join(text.strip().split())
    if wanted in spoken:
        return spoken[wanted]
    named = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [name for name in named if name not in items]
    if unknown or not named:
        rules = ", ".join(["all", *(name for name in known if not name.startswith("all"))])
        raise InputError(
            f"'{unknown[0] if unknown else text}' is no anchor rule and no item. The rules are {rules}; "
            "or name the items that count as fair, with commas between them."
        )
    chosen = np.isin(np.array(items), named)
    for dimension in np.unique(dimension_of):
        if chosen[dimension_of == dimension].sum() < LEAST_ANCHORS:
            own = ", ".join(np.array(items)[dimension_of == dimension])
            raise InputError(f"Name at least {LEAST_ANCHORS} anchors among {own}.")
    return AnchorRule(name=NAMED, items=chosen)


def extreme_items(values: Array, dimension_of: NDArray[np.intp]) -> Mask:
    """In each dimension, the third of the items with the largest `values` (J,)."""
    chosen = np.zeros(values.size, dtype=bool)
    for dimension in np.unique(dimension_of):
        own = np.flatnonzero(dimension_of == dimension)
        count = max(LEAST_ANCHORS, round(own.size / _SHARE))
        # A stable sort, so that ties are broken by the items' order on every machine.
        chosen[own[np.argsort(-values[own], kind="stable")[:count]]] = True
    return chosen


def small_effects(standardised: Array, dimension_of: NDArray[np.intp]) -> Mask:
    """Items whose effect (J,), in SD of their score, is small; at least two in each dimension."""
    return with_least(np.abs(standardised) < SMALL_DIFFERENCE, standardised, dimension_of)


def with_least(chosen: Mask, standardised: Array, dimension_of: NDArray[np.intp]) -> Mask:
    """The items chosen (J,) and in each dimension the two that differ least."""
    filled = chosen.copy()
    for dimension in np.unique(dimension_of):
        own = np.flatnonzero(dimension_of == dimension)
        if filled[own].sum() < LEAST_ANCHORS:
            least = np.argsort(np.abs(standardised[own]), kind="stable")[:LEAST_ANCHORS]
            filled[own[least]] = True
    return filled


def purify(
    first: Array, dimension_of: NDArray[np.intp], effects_with: Callable[[Mask], Array]
) -> Purified:
    """Anchors that stay small when they themselves are the yardstick.

    Starts from `first` (J,), the effects with all items as anchors, and asks `effects_with` for
    those under each next choice. Where the choice goes round in circles, no set is right by its own
    measure; then the first choice stands, and it is said. Source: candelldrasgow1988.
    """
    chosen = small_effects(first, dimension_of)
    begun, seen = chosen, {chosen.tobytes()}
    for _ in range(_MOST_ROUNDS):
        after = small_effects(effects_with(chosen), dimension_of)
        if np.array_equal(after, chosen):
            return Purified(items=chosen, settled=True)
        if after.tobytes() in seen:
            break
        seen.add(after.tobytes())
        chosen = after
    return Purified(items=begun, settled=False)
