"""Reading bank files: a changed figure is noticed, and what cannot be right is refused by key."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from undertow.bank.checksum import content_checksum
from undertow.calibrate import Calibration, write_bank
from undertow.content.bank_files import load_bank_file, parse_bank
from undertow.errors import InstrumentError


@pytest.fixture
def data(content: Mapping[str, object]) -> dict[str, Any]:
    return copy.deepcopy(dict(content))


def sealed(data: dict[str, Any]) -> dict[str, Any]:
    """The data with a checksum that fits, as someone who knows how would leave it."""
    content = {key: value for key, value in data.items() if key != "checksum"}
    return {**content, "checksum": content_checksum(content)}


def refused(data: dict[str, Any]) -> InstrumentError:
    with pytest.raises(InstrumentError) as caught:
        parse_bank(data, file="bank.json")
    assert caught.value.file == "bank.json"
    return caught.value


def test_a_bank_as_it_was_made_is_read(data: dict[str, Any]) -> None:
    assert parse_bank(data, file="bank.json").id == "made-up"
    assert parse_bank(sealed(data), file="bank.json").checksum == data["checksum"]


def change_slope(data: dict[str, Any]) -> None:
    data["items"][0]["slope"] += 1e-6


def change_n(data: dict[str, Any]) -> None:
    data["norms"][1]["n"] += 1


def change_words(data: dict[str, Any]) -> None:
    data["sample"]["who"] = "Everyone."


def add_key(data: dict[str, Any]) -> None:
    data["more"] = None


@pytest.mark.parametrize("change", [change_slope, change_n, change_words, add_key])
def test_any_change_is_noticed(
    data: dict[str, Any], change: Callable[[dict[str, Any]], None]
) -> None:
    change(data)
    assert refused(data).key == "checksum"


def test_a_bank_without_checksum_is_refused(data: dict[str, Any]) -> None:
    del data["checksum"]
    assert refused(data).key == "checksum"


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        (("schema",), "undertow-bank/2", "schema"),
        (("licence",), " ", "licence"),
        (("source",), None, "source"),
        (("made_on",), 20261124, "made_on"),
        (("id",), "", "id"),
        (("dimensions",), ["avoidance", "anxiety"], "dimensions"),
        (("categories",), 4, "by_group.gender.groups.man.items.A1.intercepts"),
        (("categories",), "3", "categories"),
        (("correlation",), 1.0, "correlation"),
        (("correlation",), True, "correlation"),
        (("borders",), [0, 0], "borders"),
        (("borders", "avoidance"), None, "borders.avoidance"),
        (("borders", "avoidance"), 1e30, "borders.avoidance"),
        (("sample",), None, "sample"),
        (("recipe",), "ecr", "recipe"),
        (("items",), {}, "items"),
        (("items",), [1], "items"),
        (("items",), [], "items"),
        (("items", 1, "id"), "A1", "items"),
        (("items", 0, "id"), 1, "items.id"),
        (("items", 0, "dimension"), "joy", "items.A1.dimension"),
        (("items", 0, "keying"), 0, "items.A1.keying"),
        (("items", 0, "slope"), -1.0, "A1"),
        (("items", 0, "slope"), "1", "items.A1.slope"),
        (("items", 0, "intercepts"), [1.0, 2.0], "A1"),
        (("items", 0, "intercepts"), [1.0], "items.A1.intercepts"),
        (("items", 0, "intercepts"), [1.0, True], "items.A1.intercepts"),
        (("norms",), [], "norms"),
        (("norms", 0, "gender"), "man", "norms"),
        (("norms", 0, "n"), 0, "norms.adults who were made up.n"),
        (("norms", 0, "n"), 1.5, "norms.adults who were made up.n"),
        (("norms", 0, "theta", "step"), 0, "norms.adults who were made up.theta"),
        (("norms", 0, "theta", "step"), 1e-9, "norms.adults who were made up.theta"),
        (("norms", 0, "theta", "to"), -5, "norms.adults who were made up.theta"),
        (("norms", 0, "theta", "step"), 0.2, "norms.adults who were made up.cdf"),
        (("norms", 0, "cdf", "anxiety", 3), 0.9, "norms 'adults who were made up'"),
        (("norms", 0, "cdf", "anxiety"), None, "norms.adults who were made up.cdf.anxiety"),
        (("norms", 0, "name"), None, "norms.name"),
        (
            ("norms", 0, "standard_error", "anxiety"),
            [0.1],
            "norms.adults who were made up.standard_error",
        ),
        (("norms", 0, "standard_error", "anxiety", 3), 0.7, "norms 'adults who were made up'"),
        (("by_group",), [], "by_group"),
        (("by_group", "gender"), [], "by_group.gender"),
        (("by_group", "gender", 0, "prior_correlation"), None, "by_group.gender.prior_correlation"),
        (("by_group", "gender", 0, "prior_correlation"), 1.0, "by_group"),
        (("by_group", "gender", 0, "groups"), None, "by_group.gender.groups"),
        (
            ("by_group", "gender", 0, "groups", "man", "items", "A1", "slope"),
            "steep",
            "by_group.gender.groups.man.items.A1.slope",
        ),
        (("by_group", "gender", 0, "groups", "man", "items", "A1", "slope"), -1.0, "A1"),
        (
            ("by_group", "gender", 0, "groups", "man", "items", "A1", "intercepts"),
            [1.0],
            "by_group.gender.groups.man.items.A1.intercepts",
        ),
        (
            ("by_group", "gender", 0, "groups", "man", "items"),
            {},
            "by_group.gender.groups.man.items",
        ),
        (
            ("by_group", "gender", 0, "groups", "woman", "items", "Q99"),
            {"slope": 1.0, "intercepts": [1.0, 0.0]},
            "by_group.gender",
        ),
        (("fairness", "gender"), [], "fairness.gender"),
        (("fairness", "gender", 0, "groups"), ["men"], "fairness.gender.groups"),
        (("fairness", "gender", 0, "groups"), ["men", "men"], "fairness"),
        (
            ("fairness", "gender", 0, "anchor_rule"),
            "the best",
            "fairness.gender.dimensions.anxiety.rules",
        ),
        (
            ("fairness", "gender", 0, "dimensions", "avoidance", "range", "latent_difference"),
            [0.1],
            "fairness.gender.dimensions.avoidance.range.latent_difference",
        ),
        (
            ("fairness", "gender", 0, "dimensions", "avoidance", "range", "latent_difference"),
            [3.0, 4.0],
            "fairness",
        ),
    ],
)
def test_what_cannot_be_right_is_refused_even_when_it_is_sealed(
    data: dict[str, Any], path: tuple[str | int, ...], value: object, key: str
) -> None:
    here: Any = data
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    assert refused(sealed(data)).key == key


def test_a_tampered_file_is_refused(tmp_path: Path, calibration: Calibration) -> None:
    path = tmp_path / "bank.json"
    write_bank(calibration, path)
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace('"man"', '"woman"', 1), encoding="utf-8")
    with pytest.raises(InstrumentError, match=r"bank\.json: checksum: does not fit"):
        load_bank_file(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b"\xff\xfe{}", b"[" * 100_000, b'{"schema": NaN}', b"{} {}"],
)
def test_a_file_that_is_no_bank_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(InstrumentError) as caught:
        load_bank_file(path)
    assert (caught.value.file, caught.value.key) == ("other.json", "file")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match=r"none\.json: file: is not there"):
        load_bank_file(tmp_path / "none.json")


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path, data: dict[str, Any]) -> None:
    data["items"][0]["slope"] = float("nan")
    path = tmp_path / "bank.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InstrumentError, match="not finite"):
        load_bank_file(path)
    assert refused(data).key == "checksum"


# ---- what a bank of several groups and of near-paraphrases holds ----------------------------------


def test_figures_by_group_are_those_of_the_file(data: dict[str, Any]) -> None:
    bank = parse_bank(data, file="bank.json")
    (table,) = data["by_group"]["gender"]
    assert bank.groups == ("man", "woman")
    assert bank.group_correlation == table["prior_correlation"]
    for item in bank.items:
        for figures in item.by_group:
            own = table["groups"][figures.group]["items"][item.id]
            assert (figures.slope, list(figures.intercepts)) == (own["slope"], own["intercepts"])


def test_the_range_over_anchor_rules_is_that_of_the_file(data: dict[str, Any]) -> None:
    fairness = parse_bank(data, file="bank.json").fairness
    (table,) = data["fairness"]["gender"]
    assert fairness is not None
    assert fairness.groups == ("man", "woman")
    assert fairness.rule == table["anchor_rule"] == "purified"
    for dimension, own in (("anxiety", fairness.anxiety), ("avoidance", fairness.avoidance)):
        rules = table["dimensions"][dimension]["rules"]
        by_rule = {rule["rule"]: rule["latent_difference"] for rule in rules}
        assert len(by_rule) == 5
        assert (own.low, own.high) == (min(by_rule.values()), max(by_rule.values()))
        assert own.chosen == by_rule["purified"]


def test_a_bank_from_before_there_were_groups_is_read(data: dict[str, Any]) -> None:
    for key in ("by_group", "fairness", "dif"):
        del data[key]
    bank = parse_bank(sealed(data), file="bank.json")
    assert (bank.groups, bank.group_correlation, bank.fairness) == ((), None, None)


DRIFT = {
    "log_slope": {"sd": 0.1, "se": 0.03},
    "threshold": {"sd": 0.14, "se": 0.04},
    "families": [["A1", "A2"], ["B1", "B2"]],
    "factor": 2.0,
    "note": "",
}


def test_drift_is_read_with_all_its_families(data: dict[str, Any]) -> None:
    drift = parse_bank(sealed({**data, "drift": {**DRIFT, "note": "Few."}}), file="b").drift
    assert drift is not None
    assert drift.families == (("A1", "A2"), ("B1", "B2"))
    assert drift.carried.threshold == 0.28


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"families": [["A1", "A2"], ["B1", "Q99"]]}, "drift.families"),
        ({"families": "A1"}, "drift.families"),
        ({"families": [["A1"]]}, "drift.families"),
        ({"log_slope": {"sd": -0.1, "se": 0.0}}, "drift.log_slope"),
        ({"threshold": None}, "drift.threshold"),
        ({"factor": 0.0}, "drift.factor"),
    ],
)
def test_drift_that_cannot_be_right_is_refused(
    data: dict[str, Any], change: dict[str, Any], key: str
) -> None:
    drift = {**DRIFT, "note": "Few.", **change}
    assert refused(sealed({**data, "drift": drift})).key == key
