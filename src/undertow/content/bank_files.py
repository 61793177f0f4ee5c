"""Bank files → banks, checked against their checksum; making them is left to `calibrate`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn, TypeGuard

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank, CalibratedItem
from undertow.bank.checksum import content_checksum
from undertow.bank.drift import Spread, WordingDrift
from undertow.bank.item import DIMENSIONS, Dimension
from undertow.bank.norms import Norm
from undertow.errors import InstrumentError

SCHEMA = "undertow-bank/1"

_REQUIRED_TEXT = ("title", "instrument", "licence", "source", "made_on")
_REQUIRED_TABLES = ("recipe", "model", "sample", "fit")
_MOST_KNOTS = 10_000
_LARGEST = 1e12
"""No figure of a bank comes near; what lies beyond, NaN included, is no number here."""
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
    read = _Reading(file)
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
    try:
        bank = Bank(
            id=read.text(data, "id"),
            items=tuple(_item(row, categories, read) for row in read.rows(data, "items")),
            correlation=read.number(data, "correlation"),
            borders=(
                read.number(borders, Dimension.ANXIETY.value, inside="borders."),
                read.number(borders, Dimension.AVOIDANCE.value, inside="borders."),
            ),
            norms=tuple(_norm(row, read) for row in read.rows(data, "norms")),
            drift=None if data.get("drift") is None else _drift(read.mapping(data, "drift"), read),
            checksum=read.text(data, "checksum"),
            provenance={key: data[key] for key in (*_REQUIRED_TEXT, *_REQUIRED_TABLES)},
        )
    except InstrumentError as error:
        # The values check themselves without knowing which file they come from.
        raise read.error(error.key, error.rule) from None
    if not any(norm.gender is None and norm.age_band is None for norm in bank.norms):
        raise read.error("norms", "needs a pooled group, without gender and age_band")
    if bank.drift is not None:
        known = {item.id for item in bank.items}
        if not known.issuperset(*bank.drift.families):
            raise read.error("drift.families", "names an item that the bank does not have")
    return bank


def _check_seal(data: Mapping[str, object], read: _Reading) -> None:
    content = {key: value for key, value in data.items() if key != "checksum"}
    try:
        seal = content_checksum(content)
    except (TypeError, ValueError, ArithmeticError, RecursionError):
        raise read.error("checksum", "cannot be checked: the content is not plain JSON") from None
    if data.get("checksum") != seal:
        raise read.error("checksum", "does not fit the content; calibrate again")


def _item(row: Mapping[str, object], categories: int, read: _Reading) -> CalibratedItem:
    name = read.text(row, "id", inside="items.")
    inside = f"items.{name}."
    try:
        dimension = Dimension(read.text(row, "dimension", inside=inside))
    except ValueError:
        raise read.error(f"{inside}dimension", "is not one of the two dimensions") from None
    keying = row.get("keying")
    if keying not in (1, -1):
        raise read.error(f"{inside}keying", "must be 1 or -1")
    intercepts = read.numbers(row, "intercepts", inside=inside)
    if len(intercepts) != categories - 1:
        raise read.error(f"{inside}intercepts", f"must have {categories - 1} numbers")
    return CalibratedItem(
        id=name,
        dimension=dimension,
        keying=1 if keying == 1 else -1,
        slope=read.number(row, "slope", inside=inside),
        intercepts=intercepts,
    )


def _norm(row: Mapping[str, object], read: _Reading) -> Norm:
    name = read.text(row, "name", inside="norms.")
    inside = f"norms.{name}."
    theta = read.mapping(row, "theta", inside=inside)
    low, high, step = (
        read.number(theta, key, inside=f"{inside}theta.") for key in ("from", "to", "step")
    )
    if not step > 0 or not low < high <= low + _MOST_KNOTS * step:
        raise read.error(f"{inside}theta", "must rise from `from` to `to` in few enough steps")
    knots = round((high - low) / step) + 1
    n = read.whole(row, "n", inside=inside)
    if n < 1:
        raise read.error(f"{inside}n", "must be at least 1")
    return Norm(
        name=name,
        who=read.text(row, "who", inside=inside),
        n=n,
        gender=read.optional_text(row, "gender", inside=inside),
        age_band=read.optional_text(row, "age_band", inside=inside),
        theta=np.linspace(low, high, knots),
        cdf=_curves(row, "cdf", knots, read, inside=inside),
        # Banks made before there were any have none.
        standard_error=None
        if row.get("standard_error") is None
        else _curves(row, "standard_error", knots, read, inside=inside),
        collected=read.optional_text(row, "collected", inside=inside) or "",
        how=read.optional_text(row, "how", inside=inside) or "",
    )


def _curves(
    row: Mapping[str, object], key: str, knots: int, read: _Reading, *, inside: str
) -> NDArray[np.float64]:
    """Figures at each knot for each dimension; (D, T)."""
    table = read.mapping(row, key, inside=inside)
    curves = [
        read.numbers(table, dimension.value, inside=f"{inside}{key}.") for dimension in DIMENSIONS
    ]
    if any(len(curve) != knots for curve in curves):
        raise read.error(f"{inside}{key}", f"must have {knots} numbers for each dimension")
    return np.array(curves)


def _drift(table: Mapping[str, object], read: _Reading) -> WordingDrift:
    families = table.get("families")
    if not isinstance(families, list) or not all(
        isinstance(family, list) and all(isinstance(name, str) for name in family)
        for family in families
    ):
        raise read.error("drift.families", "must be a list of lists of items")
    log_slope, threshold = (_spread(table, key, read) for key in ("log_slope", "threshold"))
    spacing, gender = (
        None if table.get(key) is None else _spread(table, key, read)
        for key in ("threshold_spacing", "gender_difference")
    )
    return WordingDrift(
        log_slope=log_slope,
        threshold=threshold,
        threshold_spacing=spacing,
        gender_difference=gender,
        families=tuple(tuple(family) for family in families),
        factor=read.number(table, "factor", inside="drift."),
        note=read.optional_text(table, "note", inside="drift.") or "",
    )


def _spread(table: Mapping[str, object], key: str, read: _Reading) -> Spread:
    row = read.mapping(table, key, inside="drift.")
    sd, se = (read.number(row, name, inside=f"drift.{key}.") for name in ("sd", "se"))
    if sd < 0 or se < 0:
        raise read.error(f"drift.{key}", "sd and se must be 0 or more")
    return Spread(sd=sd, se=se)


class _Reading:
    """Asks parsed JSON for values by kind; a wrong one names file, key and rule."""

    def __init__(self, file: str) -> None:
        self._file = file

    def error(self, key: str, rule: str) -> InstrumentError:
        return InstrumentError(file=self._file, key=key, rule=rule)

    def text(self, data: Mapping[str, object], key: str, *, inside: str = "") -> str:
        value = data.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{inside}{key}", "must be text")
        return value

    def optional_text(
        self, data: Mapping[str, object], key: str, *, inside: str = ""
    ) -> str | None:
        return None if data.get(key) is None else self.text(data, key, inside=inside)

    def number(self, data: Mapping[str, object], key: str, *, inside: str = "") -> float:
        value = data.get(key)
        if not _is_number(value):
            raise self.error(f"{inside}{key}", "must be a number")
        return float(value)

    def whole(self, data: Mapping[str, object], key: str, *, inside: str = "") -> int:
        value = data.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(f"{inside}{key}", "must be a whole number")
        return value

    def numbers(
        self, data: Mapping[str, object], key: str, *, inside: str = ""
    ) -> tuple[float, ...]:
        value = data.get(key)
        if not isinstance(value, list) or not all(_is_number(v) for v in value):
            raise self.error(f"{inside}{key}", "must be a list of numbers")
        return tuple(float(v) for v in value)

    def mapping(
        self, data: Mapping[str, object], key: str, *, inside: str = ""
    ) -> Mapping[str, object]:
        value = data.get(key)
        if not isinstance(value, Mapping):
            raise self.error(f"{inside}{key}", "must be a table")
        return value

    def rows(self, data: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
        value = data.get(key)
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            raise self.error(key, "must be a list of tables")
        return value


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST
