"""Bank files → banks, checked against their checksum; making them is left to `calibrate`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from undertow.bank.calibrated import Bank
from undertow.bank.checksum import content_checksum
from undertow.bank.item import DIMENSIONS, Dimension
from undertow.content.bank_parts import (
    by_group_of,
    drift_of,
    fairness_of,
    item_of,
    norm_of,
    pairs_of,
)
from undertow.content.json_reading import Reading
from undertow.errors import InstrumentError

SCHEMA = "undertow-bank/1"

_REQUIRED_TEXT = ("title", "instrument", "licence", "source", "made_on")
_REQUIRED_TABLES = ("recipe", "model", "sample", "fit")
_MOST_BYTES = 64 * 1024**2


def load_bank_file(path: Path) -> Bank:
    """A bank from its JSON file. Raises InstrumentError naming file, key and rule."""

    def no_number(_: str) -> NoReturn:
        raise InstrumentError(
            file=path.name, key="file", rule="holds a number that is not finite; calibrate again"
        )

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InstrumentError(file=path.name, key="file", rule="is far too large for a bank")
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=no_number)
    except FileNotFoundError:
        raise InstrumentError(file=path.name, key="file", rule="is not there") from None
    except (OSError, ValueError, RecursionError):
        raise InstrumentError(file=path.name, key="file", rule="is not readable JSON") from None
    if not isinstance(data, dict):
        raise InstrumentError(file=path.name, key="file", rule="is not a bank")
    return parse_bank(data, file=path.name)


def parse_bank(data: Mapping[str, object], *, file: str) -> Bank:
    """A bank from parsed JSON; what no computation needs goes to its provenance.

    Raises InstrumentError naming file, key and rule: another schema, a checksum that does not fit,
    shapes that do not belong together, figures that cannot be right.
    """
    read = Reading(file)
    if data.get("schema") != SCHEMA:
        raise read.error("schema", f"must be '{SCHEMA}'")
    _check_seal(data, read)
    for key in _REQUIRED_TEXT:
        # SAFETY P11: no figures without licence and source.
        read.text(data, key)
    for key in _REQUIRED_TABLES:
        read.mapping(data, key)
    if data.get("dimensions") != [dimension.value for dimension in DIMENSIONS]:
        raise read.error("dimensions", "must be anxiety and avoidance, in that order")
    borders = read.mapping(data, "borders")
    categories = read.whole(data, "categories")
    by_group, group_correlation = by_group_of(data, categories, read)
    try:
        bank = Bank(
            id=read.text(data, "id"),
            items=tuple(
                item_of(row, categories, by_group, read) for row in read.rows(data, "items")
            ),
            correlation=read.number(data, "correlation"),
            borders=(
                read.number(borders, Dimension.ANXIETY.value, inside="borders."),
                read.number(borders, Dimension.AVOIDANCE.value, inside="borders."),
            ),
            norms=tuple(norm_of(row, read) for row in read.rows(data, "norms")),
            pairs=pairs_of(data, read),
            group_correlation=group_correlation,
            fairness=fairness_of(data, read),
            drift=None
            if data.get("drift") is None
            else drift_of(read.mapping(data, "drift"), read),
            checksum=read.text(data, "checksum"),
            provenance={key: data[key] for key in (*_REQUIRED_TEXT, *_REQUIRED_TABLES)},
        )
    except InstrumentError as error:
        # The values check themselves without knowing which file they come from.
        raise read.error(error.key, error.rule) from None
    if not any(norm.gender is None and norm.age_band is None for norm in bank.norms):
        raise read.error("norms", "needs a pooled group, without gender and age_band")
    known = {item.id for item in bank.items}
    if not known.issuperset(by_group):
        raise read.error("by_group.gender", "names an item that the bank does not have")
    if bank.drift is not None and not set().union(*bank.drift.families) <= known:
        raise read.error("drift.families", "names an item that the bank does not have")
    return bank


def _check_seal(data: Mapping[str, object], read: Reading) -> None:
    content = {key: value for key, value in data.items() if key != "checksum"}
    try:
        seal = content_checksum(content)
    except (TypeError, ValueError, ArithmeticError, RecursionError):
        raise read.error("checksum", "cannot be checked: the content is not plain JSON") from None
    if data.get("checksum") != seal:
        raise read.error("checksum", "does not fit the content; calibrate again")
