"""The same test over many people's recorded answers at once; one person's sitting is left to `session`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.errors import ShapeError
from undertow.measure import stop
from undertow.measure.asking import steps
from undertow.measure.model import Model
from undertow.measure.places import places_of
from undertow.measure.session import AdaptiveTest

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

REASONS = stop.REASONS
_PART = 512
"""People at once: enough that numpy's own time does not count, few enough for a processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchSittings:
    """What N people's sittings came to.

    `order` (N, most) has the places of the items asked, -1 after the last; `asked` (N, J) the same as
    a mask; `mean`, `psd` (N, 2); `reasons` (N,) count into REASONS.
    """

    order: NDArray[np.intp]
    asked: Mask
    mean: Array
    psd: Array
    reasons: NDArray[np.intp]

    @property
    def items(self) -> NDArray[np.intp]:
        """How many questions each was asked; (N,)."""
        count: NDArray[np.intp] = self.asked.sum(axis=1)
        return count


def batch_sittings(
    test: AdaptiveTest, categories: NDArray[np.int8], *, early_stop: bool = True
) -> BatchSittings:
    """Takes the test on `categories` (N, J), as shown, in the bank's order; MISSING where none is given.

    An item that comes and has no answer is left out, as in a sitting. Without `early_stop` only the
    length ends a sitting. Raises ShapeError for another shape or an unknown category.
    """
    keyed = keyed_rows(test.model, categories)
    people, items = keyed.shape
    done = BatchSittings(
        order=np.full((people, min(test.rule.most, items)), -1, dtype=np.intp),
        asked=np.zeros((people, items), dtype=bool),
        mean=np.empty((people, 2)),
        psd=np.empty((people, 2)),
        reasons=np.full(people, stop.GOES_ON, dtype=np.intp),
    )
    for part in _parts(people):
        _take(test, keyed, np.arange(people)[part], done, early_stop=early_stop)
    return done


def batch_standings(model: Model, categories: NDArray[np.int8]) -> tuple[Array, Array]:
    """Posterior mean and psd from every answer given; (N, 2) each.

    The same as `posterior` gives for each. Raises ShapeError for another shape or an unknown category.
    """
    keyed = keyed_rows(model, categories)
    mean, psd = np.empty((keyed.shape[0], 2)), np.empty((keyed.shape[0], 2))
    for part in _parts(keyed.shape[0]):
        places = places_of(model, keyed[part], model.weights(keyed[part] != MISSING))
        mean[part], psd[part] = places.mean.T, np.sqrt(places.variance).T
    return mean, psd


def keyed_rows(model: Model, categories: NDArray[np.int8]) -> NDArray[np.intp]:
    """Categories after keying; (N, J). Raises ShapeError for another shape or an unknown category."""
    items = model.bank.items
    if categories.ndim != 2 or categories.shape[1] != len(items):
        raise ShapeError(f"answers must be (N, {len(items)}), a column for each item of the bank")
    count = np.array([item.categories for item in items])
    if ((categories < MISSING) | (categories >= count)).any():
        raise ShapeError(f"answers must be 0..K-1, or {MISSING} for none")
    turned = np.where([item.keying == 1 for item in items], categories, count - 1 - categories)
    keyed: NDArray[np.intp] = np.where(categories == MISSING, MISSING, turned).astype(np.intp)
    return keyed


def _take(
    test: AdaptiveTest,
    keyed: NDArray[np.intp],
    going: NDArray[np.intp],
    done: BatchSittings,
    *,
    early_stop: bool,
) -> None:
    """Asks the people `going` question after question until all have ended, and fills in their rows."""
    for number in count():
        shown = done.asked[going]
        found = steps(
            test.model,
            test.rule,
            test.balance,
            keyed=np.where(shown, keyed[going], MISSING),
            shown=shown,
            early_stop=early_stop,
        )
        ended = found.reasons != stop.GOES_ON
        done.mean[going[ended]] = found.places.mean[:, ended].T
        done.psd[going[ended]] = np.sqrt(found.places.variance[:, ended]).T
        done.reasons[going[ended]] = found.reasons[ended]
        going, items = going[~ended], found.items[~ended]
        if not going.size:
            break
        done.asked[going, items] = True
        done.order[going, number] = items


def _parts(people: int) -> Iterator[slice]:
    return (slice(start, start + _PART) for start in range(0, people, _PART))
