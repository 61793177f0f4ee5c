"""Who hears how far a calibration is; showing it is left to the edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol


class Watch(Protocol):
    """Hears of every stage as it begins, and of every cycle of a fit over all rows."""

    def stage(self, number: int, of: int, words: str, /) -> None:
        """Stage `number` of `of` begins, counted from 1."""
        ...

    def cycle(self, number: int, log_likelihood: float, /) -> None: ...


class Silent:
    """Nobody listens."""

    def stage(self, number: int, of: int, words: str, /) -> None: ...

    def cycle(self, number: int, log_likelihood: float, /) -> None: ...


def stages(watch: Watch, names: Sequence[str]) -> Callable[[], None]:
    """What tells of the next of these stages each time it is called."""
    numbered = iter(enumerate(names, start=1))

    def following() -> None:
        number, words = next(numbered)
        watch.stage(number, len(names), words)

    return following
