"""Pairs and facets as a bank file holds them; that they fit the bank is left to `unit/bank`."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from undertow.bank.calibrated import DependentPair
from undertow.content.bank_parts import item_of, pairs_of
from undertow.content.json_reading import Reading
from undertow.errors import InstrumentError
from undertow.wiring import built_in_bank

READ = Reading("made-up.json")
FIT: dict[str, Any] = {
    "fit": {
        "blocks": [
            {
                "pairs": [
                    {"items": ["A1", "A2"], "dependence": 0.31},
                    {"items": ["A1", "A3"], "dependence": -0.05},
                ]
            },
            {
                "pairs": [
                    {"items": ["V1", "V2"], "dependence": 0.2},
                    {"items": ["V1", "V3"], "dependence": 0},
                ]
            },
        ]
    }
}


def test_pairs_are_those_of_every_block_that_go_together() -> None:
    # What goes together less than theta explains is no near-duplicate.
    assert pairs_of(FIT, READ) == (
        DependentPair(first="A1", second="A2", dependence=0.31),
        DependentPair(first="V1", second="V2", dependence=0.2),
    )


def test_a_bank_whose_fit_was_not_looked_at_has_none() -> None:
    assert pairs_of({"fit": {}}, READ) == ()
    assert pairs_of({"fit": {"blocks": None}}, READ) == ()


@pytest.mark.parametrize(
    "items", [None, "A1", ["A1"], ["A1", "A2", "A3"], ["A1", 2], [["A1"], "A2"]]
)
def test_a_pair_that_names_no_two_items(items: object) -> None:
    data = copy.deepcopy(FIT)
    data["fit"]["blocks"][0]["pairs"][0]["items"] = items

    with pytest.raises(InstrumentError) as caught:
        pairs_of(data, READ)

    assert (caught.value.key, caught.value.rule) == (
        "fit.blocks.pairs.items",
        "must name two items",
    )


@pytest.mark.parametrize("dependence", [None, "0.3", True, 1.0, 7.0])
def test_a_dependence_that_cannot_be(dependence: object) -> None:
    data = copy.deepcopy(FIT)
    data["fit"]["blocks"][0]["pairs"][0]["dependence"] = dependence

    with pytest.raises(InstrumentError, match="pairs"):
        pairs_of(data, READ)


def test_an_item_s_facet_is_read_where_there_is_one() -> None:
    row = {"id": "A1", "dimension": "anxiety", "keying": 1, "slope": 1.5, "intercepts": [1.0, -1.0]}

    assert item_of(row, 3, {}, READ).facet is None
    assert item_of({**row, "facet": "worry"}, 3, {}, READ).facet == "worry"
    with pytest.raises(InstrumentError, match=r"items\.A1\.facet"):
        item_of({**row, "facet": 7}, 3, {}, READ)


def test_the_shipped_bank_knows_its_near_duplicates() -> None:
    bank = built_in_bank()
    items = {item.id: item for item in bank.items}

    assert bank.pairs
    # Items that say nearly the same in other words are among them.
    adapted = {frozenset((items[p.first].adapts, items[p.second].adapts)) for p in bank.pairs}
    assert frozenset(("Q5", "Q11")) in adapted
    assert all(0 < pair.dependence < 1 for pair in bank.pairs)
