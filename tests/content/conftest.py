"""The instrument that is shipped, and every stem as a person may see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from undertow.bank.item import Instrument
from undertow.content.instrument_files import load_instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One stem with one partner word in it."""

    item_id: str
    word_id: str
    text: str


@pytest.fixture(scope="session")
def instrument_file(repository: Path) -> Path:
    return repository / "src" / "undertow" / "content" / "instruments" / "undertow.toml"


@pytest.fixture(scope="session")
def instrument(instrument_file: Path) -> Instrument:
    return load_instrument(instrument_file)


@pytest.fixture(scope="session")
def shown(instrument: Instrument) -> list[Shown]:
    return [
        Shown(item_id=item.id, word_id=word.id, text=item.text(word))
        for item in instrument.items
        for word in instrument.partner_words
    ]
