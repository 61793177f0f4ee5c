"""A sitting as a few hundred bytes and back; sealing them is left to the edge that carries them."""

from __future__ import annotations

import json

from undertow.bank.item import Instrument
from undertow.bank.person import AgeBand, Facts, Gender, Relationship
from undertow.bank.responses import MISSING, Answer
from undertow.errors import InputError
from undertow.measure.fair import Length
from undertow.service.sitting import Sitting

_VERSION = 2
_BEFORE_LENGTHS = 1
"""The version that knew neither length nor adjusting; its sittings go on, as long as is usual."""
_MISSING_MARK = "-"


def pack_sitting(sitting: Sitting, instrument: Instrument) -> bytes:
    """A compact form that `unpack_sitting` of the same instrument reads back unchanged."""
    facts = sitting.facts
    position = {item.id: index for index, item in enumerate(instrument.items)}
    answers = [
        f"{position[answer.item_id]}"
        f"{_MISSING_MARK if answer.category == MISSING else f'.{answer.category}'}"
        for answer in sitting.answers
    ]
    document = {
        "v": _VERSION,
        "i": _edition(instrument),
        "t": sitting.touched_at,
        "r": sitting.revision,
        "g": sitting.facts_given,
        "f": [
            facts.age_band.value,
            facts.gender.value,
            facts.gender_own_words,
            facts.relationship.value,
            facts.partner_word,
        ],
        "a": answers,
        "l": sitting.length.value,
        "p": int(not sitting.adjusted),
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def unpack_sitting(packed: bytes, instrument: Instrument) -> Sitting:
    """The sitting that was packed. Raises InputError for anything else."""
    try:
        document = json.loads(packed)
        version = document["v"]
        if version not in (_VERSION, _BEFORE_LENGTHS) or document["i"] != _edition(instrument):
            raise InputError("The questions have changed since. Please start again.")
        age_band, gender, own_words, relationship, partner_word = document["f"]
        return Sitting(
            facts=Facts(
                age_band=AgeBand(age_band),
                gender=Gender(gender),
                gender_own_words=str(own_words),
                relationship=Relationship(relationship),
                partner_word=str(partner_word),
            ),
            facts_given=int(document["g"]),
            answers=tuple(_answer(code, instrument) for code in document["a"]),
            revision=int(document["r"]),
            touched_at=int(document["t"]),
            length=Length.USUAL if version == _BEFORE_LENGTHS else Length(document["l"]),
            adjusted=version == _BEFORE_LENGTHS or not document["p"],
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise InputError("This sitting cannot be read. Please start again.") from None


def _edition(instrument: Instrument) -> str:
    return f"{instrument.id} {instrument.version}"


def _answer(code: str, instrument: Instrument) -> Answer:
    if code.endswith(_MISSING_MARK):
        return Answer(item_id=instrument.items[int(code[:-1])].id, category=MISSING)
    position, category = code.split(".")
    return Answer(item_id=instrument.items[int(position)].id, category=int(category))
