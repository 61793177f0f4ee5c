"""A bank laid where each anchor rule puts the groups, for standards beside the one that counts.

Which items a rule takes as fair is left to `anchors`, the fits to `comparison`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from undertow.bank.calibrated import Bank, CalibratedItem, GroupFigures
from undertow.bank.item import DIMENSIONS
from undertow.calibrate.anchors import rule_names
from undertow.calibrate.comparison import Comparison, compare
from undertow.calibrate.groups import sides_of_groups
from undertow.calibrate.likelihood import Sides, sides_of
from undertow.calibrate.replay_folds import Training
from undertow.calibrate.replay_people import STATED
from undertow.calibrate.scores import Latent
from undertow.calibrate.workers import Mapper, one_by_one

NAMES = ("men", "women")
"""How the groups of STATED are spoken of, in their order."""
RULES = rule_names(NAMES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """Men and women of some rows (`sides`), compared under every anchor rule, items in the bank's order."""

    sides: tuple[Sides, ...]
    comparison: Comparison


def compared(bank: Bank, training: Training, *, mapper: Mapper = one_by_one) -> Compared:
    """Men's and women's own fits, and what each anchor rule makes of them.

    An item goes by the name of the one that it adapts. Raises NotReady where a group is too small,
    ConvergenceError where a fit does not settle.
    """
    dimension_of = np.array([DIMENSIONS.index(item.dimension) for item in bank.items], np.intp)
    stated = np.stack([training.gender == word for word in STATED])
    own = sides_of(training.keyed, dimension_of, bank.items[0].categories)
    sides = sides_of_groups(own, stated)
    names = [item.adapts or item.id for item in bank.items]
    return Compared(sides=sides, comparison=compare(sides, NAMES, names, mapper=mapper))


def banks_by_rule(
    bank: Bank, training: Training, *, mapper: Mapper = one_by_one
) -> dict[str, Bank]:
    """The bank under each anchor rule: its figures by group, moved as the rule moves the groups.

    The rule that purifies, which the figures by group come from, leaves them as they are.
    """
    found = compared(bank, training, mapper=mapper).comparison
    return {
        linked.rule.name: relaid(bank, found.chosen.latents, linked.latents)
        for linked in found.rules
    }


def relaid(bank: Bank, before: tuple[Latent, ...], after: tuple[Latent, ...]) -> Bank:
    """The bank with each group of STATED moved from one place to another on the metric.

    A group's people stay apart as they are, z = (theta - mean) / deviation; so
    a theta + d = a' theta' + d' with a' = a s / s' and d' = d + a m - a' m', for its mean m and
    deviation s on the item's dimension before, m' and s' after.
    """
    moves = {word: (before[number], after[number]) for number, word in enumerate(STATED)}
    return replace(
        bank,
        items=tuple(
            replace(
                item,
                by_group=tuple(
                    _moved(item, own, *moves[own.group]) if own.group in moves else own
                    for own in item.by_group
                ),
            )
            for item in bank.items
        ),
    )


def _moved(item: CalibratedItem, own: GroupFigures, before: Latent, after: Latent) -> GroupFigures:
    at = DIMENSIONS.index(item.dimension)
    slope = own.slope * float(before.deviations[at] / after.deviations[at])
    shift = own.slope * float(before.means[at]) - slope * float(after.means[at])
    return GroupFigures(
        group=own.group,
        slope=slope,
        intercepts=tuple(d + shift for d in own.intercepts),
    )
