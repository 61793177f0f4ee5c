"""Published short forms of a questionnaire by their items' names; how they do is left to the fairness report."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.calibrate.reliability import Standings
from undertow.calibrate.replay_taking import standings_by
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import InstrumentError

BUILT_IN_FORMS = Path(__file__).parent.parent / "content" / "short-forms" / "ecr.toml"

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedForm:
    """A form that asks everyone the same items; `items` are their names in the full questionnaire."""

    name: str
    source: str
    items: frozenset[str]

    def asked(self, bank: Bank) -> Mask:
        """Which of the bank's items it asks; (J,). One that adapts another stands for it."""
        return np.array([(item.adapts or item.id) in self.items for item in bank.items])


def load_forms(path: Path = BUILT_IN_FORMS) -> tuple[FixedForm, ...]:
    """The forms of a file. Raises InstrumentError, naming the form, for one that is not whole."""
    found = []
    for name, told in tomllib.loads(path.read_text(encoding="utf-8")).items():
        lists = [told.get(dimension.value) for dimension in DIMENSIONS]
        if set(told) != {"source", *(one.value for one in DIMENSIONS)} or not all(
            isinstance(own, list) and own for own in lists
        ):
            raise InstrumentError(
                file=path.name, key=name, rule="needs source, anxiety and avoidance, and no more"
            )
        items = [item for own in lists for item in own]
        if len(set(items)) < len(items):
            raise InstrumentError(file=path.name, key=name, rule="names an item twice")
        found.append(FixedForm(name=name, source=told["source"], items=frozenset(items)))
    return tuple(found)


def forms_for(bank: Bank, forms: Sequence[FixedForm]) -> tuple[FixedForm, ...]:
    """Those all of whose items the bank has."""
    return tuple(form for form in forms if form.asked(bank).sum() == len(form.items))


def form_standings(
    form: FixedForm,
    bank: Bank,
    shown: NDArray[np.int8],
    genders: NDArray[np.str_] | None,
    *,
    mapper: Mapper = one_by_one,
) -> Standings:
    """Places from the form's answers alone, under the figures of each one's group or, None, of everyone."""
    others = np.broadcast_to(~form.asked(bank), shown.shape)
    return standings_by(bank, shown, genders, leaving_out=others, mapper=mapper)
