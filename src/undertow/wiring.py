"""The only place that knows every room: data files, bank and words become one self-check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from undertow.bank.calibrated import Bank, adapted_bank
from undertow.bank.item import Instrument
from undertow.content.bank_files import load_bank_file
from undertow.content.changed_screens import change_screens
from undertow.content.instrument_files import load_instrument
from undertow.content.length_files import TypicalLength, load_typical_length
from undertow.content.phrase_files import load_help, load_phrases
from undertow.content.screen_files import load_screens
from undertow.errors import InstrumentError
from undertow.measure.model import model_of
from undertow.measure.session import AdaptiveTest
from undertow.measure.simulate import draw_population, simulate_sitting
from undertow.measure.stop import StopRule
from undertow.service.screens import Screens
from undertow.service.sitting import SelfCheck

CONTENT = Path(__file__).parent / "content"
BUILT_IN_BANK = CONTENT / "banks" / "ecr-2018.json"
BUILT_IN_INSTRUMENT = CONTENT / "instruments" / "undertow.toml"
TYPICAL_LENGTH = CONTENT / "banks" / "undertow-length.json"
# The files of an installed instrument, in its folder.
_INSTRUMENT_FILE, _BANK_FILE, _LENGTH_FILE = "instrument.toml", "bank.json", "length.json"
_SEED = 20261124


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class House:
    """What the edges need: the self-check, the words of its screens and its typical length."""

    check: SelfCheck
    screens: Screens
    length: TypicalLength


def built_in_instrument() -> Instrument:
    return load_instrument(BUILT_IN_INSTRUMENT)


def built_in_bank() -> Bank:
    """The shipped figures, each standing for the built-in item that adapts it."""
    return adapted_bank(load_bank_file(BUILT_IN_BANK), built_in_instrument())


def build_house(*, instrument: Path | None = None, language: str = "en") -> House:
    """The built-in self-check, or the one of an installed instrument's folder.

    Raises InstrumentError when a data file is broken.
    """
    screens = load_screens(
        CONTENT / "phrases" / language / "screens.toml", CONTENT / "sources.toml"
    )
    if instrument is None:
        asked, bank = built_in_instrument(), built_in_bank()
        length = load_typical_length(TYPICAL_LENGTH)
    else:
        asked, bank = load_installed(instrument)
        length = load_typical_length(instrument / _LENGTH_FILE)
        screens = change_screens(screens, CONTENT / "phrases" / language / "installed.toml")
    check = SelfCheck(
        instrument=asked,
        test=AdaptiveTest(model=model_of(bank), rule=StopRule()),
        phrases=load_phrases(CONTENT / "phrases" / language / "position.toml"),
        help_note=load_help(CONTENT / "help" / f"{language}.toml"),
    )
    return House(check=check, screens=screens, length=length)


def load_installed(folder: Path) -> tuple[Instrument, Bank]:
    """An installed instrument with the figures of its own words, which carry no drift.

    Raises InstrumentError when a file is broken, and when an item borrows another one's figures.
    """
    try:
        instrument = load_instrument(folder / _INSTRUMENT_FILE)
    except OSError:
        raise InstrumentError(file=_INSTRUMENT_FILE, key="file", rule="cannot be read") from None
    if any(item.adapts is not None for item in instrument.items):
        raise InstrumentError(
            file=_INSTRUMENT_FILE, key="original", rule="must be true; install it again"
        )
    return instrument, adapted_bank(load_bank_file(folder / _BANK_FILE), instrument)


def simulated_length(folder: Path, *, sittings: int = 300) -> Mapping[str, object]:
    """How long the check is on an installed instrument, as its length file holds it.

    Simulates so many sittings of the bank's reference population; a few hundred place the median
    within half an item. Raises InstrumentError as `load_installed`.
    """
    _, bank = load_installed(folder)
    test = AdaptiveTest(model=model_of(bank), rule=StopRule())
    rng = np.random.default_rng(_SEED)
    taken = [
        simulate_sitting(test, theta, rng) for theta in draw_population(test.model, sittings, rng)
    ]
    low, median, high = (
        int(items)
        for items in np.percentile([len(one.session.answers) for one in taken], [10, 50, 90])
    )
    return {
        "what": "items asked over simulated sittings of the reference population",
        "bank": bank.id,
        "bank_checksum": bank.checksum,
        "seed": _SEED,
        "sittings": sittings,
        "items_p10": low,
        "items_median": median,
        "items_p90": high,
        "stops": dict(sorted(Counter(one.reason.value for one in taken).items())),
    }
