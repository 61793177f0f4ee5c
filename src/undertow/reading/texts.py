"""Fixed sentences by id with named placeholders; where they come from is left to `content`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from undertow.errors import InstrumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Sentences of one language, by id. `file` is named when one is missing."""

    sentences: Mapping[str, str]
    file: str

    def say(self, text_id: str, **values: object) -> str:
        """The sentence with its values filled in.

        Raises InstrumentError when it is not there or asks for a value that is not given.
        """
        try:
            return self.sentences[text_id].format(**values)
        except (KeyError, IndexError):
            raise InstrumentError(
                file=self.file, key=text_id, rule="is missing, or asks for a value not given"
            ) from None
