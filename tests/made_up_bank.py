"""Banks, a norm and an instrument made up for tests; no figure here was estimated from anyone.

Drawing random banks is left to `tests.property.drawing`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from undertow.bank.calibrated import Bank, CalibratedItem
from undertow.bank.item import Dimension, Instrument, Item, Keying, PartnerWord
from undertow.bank.norms import Norm

ANXIETY = Dimension.ANXIETY
AVOIDANCE = Dimension.AVOIDANCE


def calibrated_item(
    item_id: str,
    dimension: Dimension,
    *,
    slope: float,
    thresholds: Sequence[float],
    keying: Keying = 1,
) -> CalibratedItem:
    """An item by its thresholds b, which are easier to read than intercepts d = -a * b."""
    return CalibratedItem(
        id=item_id,
        dimension=dimension,
        keying=keying,
        slope=slope,
        intercepts=tuple(-slope * threshold for threshold in thresholds),
    )


def normal_norm(
    name: str = "everyone in the made-up sample",
    *,
    gender: str | None = None,
    age_band: str | None = None,
    means: tuple[float, float] = (0.0, 0.0),
) -> Norm:
    """A group that is normal with SD 1 on both dimensions, anxiety first."""
    theta = np.linspace(-5.0, 5.0, 201)
    cdf = np.array(
        [[0.5 * (1 + math.erf((t - mean) / math.sqrt(2))) for t in theta] for mean in means]
    )
    return Norm(name=name, who=name, n=1000, gender=gender, age_band=age_band, theta=theta, cdf=cdf)


def bank_of(items: Sequence[CalibratedItem], *, correlation: float = 0.0) -> Bank:
    """A bank with borders at 0 and one pooled norm."""
    return Bank(
        id="made-up",
        items=tuple(items),
        correlation=correlation,
        borders=(0.0, 0.0),
        norms=(normal_norm(),),
        checksum="sha256:made-up",
    )


def small_bank(*, correlation: float = 0.0) -> Bank:
    """Three items a dimension, three categories, one of each dimension reversed."""
    return bank_of(
        [
            calibrated_item("a1", ANXIETY, slope=1.5, thresholds=(-0.8, 0.6)),
            calibrated_item("v1", AVOIDANCE, slope=2.0, thresholds=(-0.3, 1.1)),
            calibrated_item("a2", ANXIETY, slope=2.2, thresholds=(-1.2, 0.4), keying=-1),
            calibrated_item("v2", AVOIDANCE, slope=1.1, thresholds=(-1.0, 0.9)),
            calibrated_item("a3", ANXIETY, slope=0.9, thresholds=(-0.2, 1.7)),
            calibrated_item("v3", AVOIDANCE, slope=1.7, thresholds=(-0.6, 0.5), keying=-1),
        ],
        correlation=correlation,
    )


# (slope, middle of the thresholds); the four thresholds lie around the middle.
_ANXIETY_36 = (
    *((2.2, -0.4), (1.9, -0.3), (2.1, -0.5), (2.3, -0.1), (1.8, 0.1), (1.3, 0.7)),
    *((1.7, -0.2), (1.4, 0.8), (2.0, -0.4), (1.5, 0.2), (1.9, -0.3), (1.6, 0.0)),
    *((1.4, 0.6), (1.1, 0.5), (1.5, -0.3), (1.2, -0.5), (1.3, -0.8), (1.0, 0.9)),
)
_AVOIDANCE_36 = (
    *((1.7, 0.4), (2.1, 0.8), (2.0, 0.3), (2.4, 0.5), (2.6, 0.4), (1.9, 0.3)),
    *((2.5, 0.4), (1.8, 0.6), (2.4, 0.5), (1.8, 0.7), (1.5, -0.2), (2.3, 0.9)),
    *((1.8, 0.4), (1.9, 1.0), (1.4, 0.3), (1.7, 1.1), (1.6, 1.3), (1.2, -0.6)),
)
_AROUND = (-1.4, -0.4, 0.3, 1.4)
_REVERSED_36 = frozenset({"v2", "v8", "v10", "v13", "v14", "v15", "v16", "v17", "a9"})


def large_bank(*, correlation: float = 0.1) -> Bank:
    """36 items, 18 a dimension in turn, five categories, slopes from 1.0 to 2.6."""
    items = []
    for number, pair in enumerate(zip(_ANXIETY_36, _AVOIDANCE_36, strict=True), start=1):
        for letter, dimension, (slope, middle) in zip(
            "av", (ANXIETY, AVOIDANCE), pair, strict=True
        ):
            item_id = f"{letter}{number}"
            items.append(
                calibrated_item(
                    item_id,
                    dimension,
                    slope=slope,
                    thresholds=[middle + around for around in _AROUND],
                    keying=-1 if item_id in _REVERSED_36 else 1,
                )
            )
    return bank_of(items, correlation=correlation)


def swapped(bank: Bank) -> Bank:
    """The same bank with the dimensions' names exchanged."""
    other = {ANXIETY: AVOIDANCE, AVOIDANCE: ANXIETY}
    return replace(
        bank,
        items=tuple(replace(item, dimension=other[item.dimension]) for item in bank.items),
        borders=(bank.borders[1], bank.borders[0]),
    )


def made_up_instrument(bank: Bank, *, categories: int, prefix: str = "u-") -> Instrument:
    """An instrument whose items adapt the bank's, in reverse order, with one unscored item."""
    items = [
        Item(
            id=f"{prefix}{item.id}",
            dimension=item.dimension,
            keying=item.keying,
            stem=f"made-up sentence {item.id} about {{partner}}",
            facet="made up",
            adapts=item.id,
        )
        for item in reversed(bank.items)
    ]
    seed = Item(
        id=f"{prefix}seed",
        dimension=ANXIETY,
        keying=-1,
        stem="a made-up sentence that is not scored",
        facet="made up",
        scored=False,
    )
    return Instrument(
        id="made-up",
        title="Made up",
        version="1",
        language="en",
        licence="CC0-1.0",
        source="made up for tests",
        categories=tuple(f"answer {k}" for k in range(categories)),
        items=(*items, seed),
        partner_words=(
            PartnerWord(id="partner", label="my partner", forms={"partner": "my partner"}),
            PartnerWord(id="they", label="they", forms={"partner": "them"}),
        ),
        file="made-up.toml",
    )
