"""One step of many sittings at once: what each asks next, or why it ends.

One person's sitting is left to `session`, recorded answers to `batch`; both decide by this alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.measure.balance import Balance
from undertow.measure.model import Model
from undertow.measure.places import Places, places_of
from undertow.measure.select import balanced, savings, sharpest, values_of
from undertow.measure.stop import EXHAUSTED, GOES_ON, SETTLED, StopRule

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """The `items` (N,) that come next, and where a sitting ends its reason instead.

    `reasons` (N,) count into REASONS, GOES_ON where there is none; `places` are where everyone stands.
    """

    items: NDArray[np.intp]
    reasons: NDArray[np.intp]
    places: Places


def steps(
    model: Model,
    rule: StopRule,
    balance: Balance | None,
    *,
    keyed: NDArray[np.intp],
    shown: Mask,
    early_stop: bool = True,
) -> Steps:
    """What comes next after the `keyed` (N, J) categories of the items `shown` (N, J).

    MISSING where an item that came was left out or none came. Without `early_stop` only the length and
    the end of the items end a sitting. The same answers give the same step, whatever their order.
    """
    layout = model.layout
    answered = shown & (keyed != MISSING)
    weights, left = model.worth(answered)
    places = places_of(model, keyed, weights)
    counts, came = answered @ layout.sides, shown @ layout.sides
    asked = came.sum(axis=1)
    psd = np.sqrt(places.variance).T
    # A dimension that is known well enough asks nothing more while the other still needs answers.
    wanted = rule.wanted(psd, counts) if early_stop else np.ones(psd.shape, dtype=bool)
    may = ~shown & wanted[:, model.dimension_of]
    reasons = rule.ended(wanted, asked=asked, left=np.logical_or.reduce(may, axis=1))
    if (reasons != GOES_ON).all():
        return Steps(items=np.zeros(reasons.shape, dtype=np.intp), reasons=reasons, places=places)
    saved = savings(model, places)
    if early_stop and rule.borders is not None and (counts >= rule.least_settled).any():
        variance = places.variance[:, :, None]
        gains = (1.0 / (variance - saved[:, 0]) - 1.0 / variance) * layout.by_slot(left * may)
        settled = rule.settled(
            wanted,
            mean=places.mean.T,
            psd=psd,
            answered=counts,
            gains=gains.transpose(1, 0, 2),
            asked=asked,
        )
        wanted = wanted & ~settled
        may &= wanted[:, model.dimension_of]
        # What is still wanted may have no question left, where only the settled dimension had any.
        over = np.where(np.logical_or.reduce(wanted, axis=1), EXHAUSTED, SETTLED)
        stuck = (reasons == GOES_ON) & ~np.logical_or.reduce(may, axis=1)
        reasons = np.where(stuck, over, reasons)
    may = rule.kept(may, came=came, sides=layout.sides)
    # How likely an item of each dimension is answered: its share so far, starting from sure. Without
    # it, someone who leaves out one dimension would be asked little else.
    chances = (counts + 1.0) / (came + 1.0)
    values = np.where(may, layout.by_item(values_of(saved, wanted, chances)), -np.inf)
    items = (
        sharpest(values)
        if balance is None
        else balanced(balance, values, left, keyed=keyed, shown=shown)
    )
    return Steps(items=items, reasons=reasons, places=places)
