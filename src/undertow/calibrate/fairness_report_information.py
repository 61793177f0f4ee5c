"""How much a bank's questions tell about men and about women by place; drawing it is left to the pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.measure.grm import item_information
from undertow.measure.model import figures_of, model_of

Array = NDArray[np.float64]

PLACES = np.linspace(-3.0, 3.0, 61)
PLACES.setflags(write=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Information:
    """Information on each dimension at `places` (T,) under each group's figures; (G, D, T) each.

    `whole` is of all items, `typical` of what a sitting asks of someone of the group on average.
    Near-duplicates count for what they are worth together.
    """

    places: Array
    whole: Array
    typical: Array


def information_by_group(
    bank: Bank, groups: tuple[str, ...], asked: NDArray[np.bool_], members: NDArray[np.bool_]
) -> Information:
    """From the items `asked` (N, J) of people who belong to `groups` by `members` (G, N).

    Items weigh as their answers do in scoring, w' I for the set asked, averaged over people.
    Source: samejima1969.
    """
    side = np.array([[item.dimension == one for item in bank.items] for one in DIMENSIONS], float)
    whole, typical = [], []
    for group, member in zip(groups, members, strict=True):
        own = np.stack([_information(bank, at, group) for at in range(len(bank.items))])
        model = model_of(bank, drift=False, groups=(group,), discounts=True)
        every = model.weights(np.ones((1, len(bank.items)), dtype=bool))[0]
        usual = model.weights(asked[member]).mean(axis=0)
        whole.append(side @ (every[:, None] * own))
        typical.append(side @ (usual[:, None] * own))
    return Information(places=PLACES, whole=np.stack(whole), typical=np.stack(typical))


def _information(bank: Bank, at: int, group: str) -> Array:
    ((slope, intercepts),) = figures_of(bank.items[at], (group,))
    return item_information(PLACES, slope=slope, intercepts=intercepts)
