"""The only place that knows every room: data files, bank and words become one self-check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from undertow.bank.calibrated import Bank, adapted_bank
from undertow.bank.item import Instrument
from undertow.content.bank_files import load_bank_file
from undertow.content.changed_screens import change_screens, unweighed_screens
from undertow.content.instrument_files import load_instrument
from undertow.content.length_files import TypicalLength, TypicalLengths, load_typical_lengths
from undertow.content.phrase_files import load_help, load_phrases
from undertow.content.screen_files import load_screens
from undertow.errors import InstrumentError
from undertow.measure.fair import Length
from undertow.service.offered import OfferedTests
from undertow.service.screens import Screens
from undertow.service.sitting import SelfCheck
from undertow.service.typical_length import typical_lengths

CONTENT = Path(__file__).parent / "content"
BUILT_IN_BANK = CONTENT / "banks" / "ecr-2018.json"
BUILT_IN_INSTRUMENT = CONTENT / "instruments" / "undertow.toml"
TYPICAL_LENGTH = CONTENT / "banks" / "undertow-length.json"
# The files of an installed instrument, in its folder.
_INSTRUMENT_FILE, _BANK_FILE, _LENGTH_FILE = "instrument.toml", "bank.json", "length.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLength:
    """A length besides the usual one: the most questions it asks and its typical minutes."""

    length: Length
    most: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class House:
    """What the edges need: the self-check, the words of its screens and its typical lengths."""

    check: SelfCheck
    screens: Screens
    lengths: TypicalLengths

    @property
    def length(self) -> TypicalLength:
        """The typical length of a usual sitting."""
        return self.lengths.usual

    @property
    def other_lengths(self) -> tuple[OtherLength, ...]:
        """The other lengths that are offered, the shorter one first."""
        return tuple(
            OtherLength(
                length=length,
                most=self.check.tests.most(length),
                minutes=self.lengths.by_length[length].minutes,
            )
            for length in self.check.tests.lengths
            if length is not Length.USUAL and length in self.lengths.by_length
        )


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
        lengths = load_typical_lengths(TYPICAL_LENGTH)
    else:
        asked, bank = load_installed(instrument)
        lengths = load_typical_lengths(instrument / _LENGTH_FILE)
        screens = change_screens(screens, CONTENT / "phrases" / language / "installed.toml")
    if not bank.groups:
        screens = unweighed_screens(screens)
    check = SelfCheck(
        instrument=asked,
        tests=offered_tests(asked, bank),
        phrases=load_phrases(
            *(CONTENT / "phrases" / language / f"{name}.toml" for name in ("position", "belief"))
        ),
        help_note=load_help(CONTENT / "help" / f"{language}.toml"),
    )
    return House(check=check, screens=screens, lengths=lengths)


def offered_tests(instrument: Instrument, bank: Bank) -> OfferedTests:
    """The tests on an instrument's bank; the instrument says which of its items are gentle."""
    return OfferedTests(bank=bank, gentle=instrument.gentle_ids)


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
    return length_document(*load_installed(folder), sittings=sittings)


def length_document(
    instrument: Instrument, bank: Bank, *, sittings: int, seed: int = 20261124
) -> Mapping[str, object]:
    """What a length file holds: every length that is offered, and on which bank it was simulated."""
    carried = bank.carried_drift
    return {
        "what": "items asked over simulated sittings of the reference population, no gender stated",
        "bank": bank.id,
        "bank_checksum": bank.checksum,
        "carried_drift": None
        if carried is None
        else {
            "log_slope": round(carried.log_slope, 4),
            "threshold": round(carried.threshold, 4),
        },
        "seed": seed,
        "sittings": sittings,
        "lengths": typical_lengths(offered_tests(instrument, bank), sittings=sittings, seed=seed),
    }
