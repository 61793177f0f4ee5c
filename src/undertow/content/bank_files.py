"""Bank files → banks, checked against their checksum; making them is left to `calibrate`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from undertow.bank.calibrated import Bank, CalibratedItem
from undertow.bank.checksum import content_checksum
from undertow.bank.item import DIMENSIONS, Dimension
from undertow.bank.norms import Norm
from undertow.errors import InstrumentError

SCHEMA = "undertow-bank/1"


def load_bank_file(path: Path) -> Bank:
    """A bank from its JSON file. Raises InstrumentError naming file, key and rule."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InstrumentError(file=path.name, key="file", rule="is not there") from None
    except (OSError, ValueError, RecursionError):
        raise InstrumentError(file=path.name, key="file", rule="is not readable JSON") from None
    if not isinstance(data, dict):
        raise InstrumentError(file=path.name, key="file", rule="is not a bank")
    return parse_bank(data, file=path.name)


def parse_bank(data: Mapping[str, object], *, file: str) -> Bank:
    """A bank from parsed JSON. Raises InstrumentError naming file, key and rule."""
    if data.get("schema") != SCHEMA:
        raise InstrumentError(file=file, key="schema", rule=f"must be '{SCHEMA}'")
    content = {key: value for key, value in data.items() if key != "checksum"}
    if data.get("checksum") != content_checksum(content):
        raise InstrumentError(
            file=file, key="checksum", rule="does not fit the content; calibrate again"
        )
    for key in ("licence", "source"):
        if not isinstance(data.get(key), str) or not str(data[key]).strip():
            # SAFETY P11: no figures without licence and source.
            raise InstrumentError(file=file, key=key, rule="is required and empty")
    read = _Reading(file)
    borders = read.mapping(data, "borders")
    return Bank(
        id=read.text(data, "id"),
        items=tuple(_item(row, read) for row in read.rows(data, "items")),
        correlation=read.number(data, "correlation"),
        borders=(
            read.number(borders, Dimension.ANXIETY.value),
            read.number(borders, Dimension.AVOIDANCE.value),
        ),
        norms=tuple(_norm(row, read) for row in read.rows(data, "norms")),
        checksum=str(data["checksum"]),
        provenance={
            key: data[key]
            for key in ("title", "instrument", "licence", "source", "sample", "fit", "made_on")
            if key in data
        },
    )


def _item(row: Mapping[str, object], read: _Reading) -> CalibratedItem:
    name = read.text(row, "id")
    try:
        dimension = Dimension(read.text(row, "dimension"))
    except ValueError:
        raise read.error(f"items.{name}.dimension", "is not one of the two dimensions") from None
    keying = row.get("keying")
    if keying not in (1, -1):
        raise read.error(f"items.{name}.keying", "must be 1 or -1")
    return CalibratedItem(
        id=name,
        dimension=dimension,
        keying=1 if keying == 1 else -1,
        slope=read.number(row, "slope"),
        intercepts=read.numbers(row, "intercepts"),
    )


def _norm(row: Mapping[str, object], read: _Reading) -> Norm:
    theta, cdf = read.mapping(row, "theta"), read.mapping(row, "cdf")
    low, high, step = (read.number(theta, key) for key in ("from", "to", "step"))
    if not step > 0 or not high > low:
        raise read.error("norms.theta", "must rise from `from` to `to`")
    knots = round((high - low) / step) + 1
    curves = [read.numbers(cdf, dimension.value) for dimension in DIMENSIONS]
    if any(len(curve) != knots for curve in curves):
        raise read.error("norms.cdf", f"must have {knots} values for each dimension")
    return Norm(
        name=read.text(row, "name"),
        who=read.text(row, "who"),
        n=round(read.number(row, "n")),
        gender=read.optional_text(row, "gender"),
        age_band=read.optional_text(row, "age_band"),
        theta=np.linspace(low, high, knots),
        cdf=np.array(curves),
    )


class _Reading:
    """Asks parsed JSON for values by kind; a wrong one names file, key and rule."""

    def __init__(self, file: str) -> None:
        self._file = file

    def error(self, key: str, rule: str) -> InstrumentError:
        return InstrumentError(file=self._file, key=key, rule=rule)

    def text(self, data: Mapping[str, object], key: str) -> str:
        value = data.get(key)
        if not isinstance(value, str) or not value:
            raise self.error(key, "must be text")
        return value

    def optional_text(self, data: Mapping[str, object], key: str) -> str | None:
        return None if data.get(key) is None else self.text(data, key)

    def number(self, data: Mapping[str, object], key: str) -> float:
        value = data.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, "must be a number")
        return float(value)

    def numbers(self, data: Mapping[str, object], key: str) -> tuple[float, ...]:
        value = data.get(key)
        if not isinstance(value, list) or not all(isinstance(v, int | float) for v in value):
            raise self.error(key, "must be a list of numbers")
        return tuple(float(v) for v in value)

    def mapping(self, data: Mapping[str, object], key: str) -> Mapping[str, object]:
        value = data.get(key)
        if not isinstance(value, dict):
            raise self.error(key, "must be a table")
        return value

    def rows(self, data: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
        value = data.get(key)
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.error(key, "must be a list of tables")
        return value
