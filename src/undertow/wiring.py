"""The only place that knows every room: data files, bank and words become one self-check."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from undertow.bank.calibrated import Bank, adapted_bank
from undertow.bank.item import Instrument
from undertow.content.bank_files import load_bank_file
from undertow.content.instrument_files import load_instrument
from undertow.content.length_files import TypicalLength, load_typical_length
from undertow.content.phrase_files import load_help, load_phrases
from undertow.content.screen_files import load_screens
from undertow.measure.model import model_of
from undertow.measure.session import AdaptiveTest
from undertow.measure.stop import StopRule
from undertow.service.screens import Screens
from undertow.service.sitting import SelfCheck

CONTENT = Path(__file__).parent / "content"
BUILT_IN_BANK = CONTENT / "banks" / "ecr-2018.json"
BUILT_IN_INSTRUMENT = CONTENT / "instruments" / "undertow.toml"
TYPICAL_LENGTH = CONTENT / "banks" / "undertow-length.json"


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


def build_house(*, language: str = "en") -> House:
    """The built-in self-check. Raises InstrumentError when a data file is broken."""
    check = SelfCheck(
        instrument=built_in_instrument(),
        test=AdaptiveTest(model=model_of(built_in_bank()), rule=StopRule()),
        phrases=load_phrases(CONTENT / "phrases" / language / "position.toml"),
        help_note=load_help(CONTENT / "help" / f"{language}.toml"),
    )
    return House(
        check=check,
        screens=load_screens(
            CONTENT / "phrases" / language / "screens.toml", CONTENT / "sources.toml"
        ),
        length=load_typical_length(TYPICAL_LENGTH),
    )
