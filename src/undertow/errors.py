"""What can go wrong, as types; how it is shown is left to the edges.

A message says what is wrong, what was expected and what to do. It never holds an
answer, a note or a codename (PRIVACY P1), since messages end up in logs.
"""

from __future__ import annotations


class UndertowError(Exception):
    """Anything this project raises on purpose."""


class InputError(UndertowError):
    """What came in cannot be used. The web answers 400, the command line exits with 2."""


class ResponseError(InputError):
    """An answer that does not belong to the question it came with."""


class StaleAnswer(ResponseError):
    """An answer to a question that was already answered, for instance from a second tab."""


class InstrumentError(InputError):
    """An instrument, bank or recipe file breaks a rule; names file, key and rule."""

    def __init__(self, *, file: str, key: str, rule: str) -> None:
        self.file = file
        self.key = key
        self.rule = rule
        super().__init__(f"{file}: {key}: {rule}")


class ArchiveError(InputError):
    """An archive of answers cannot be read; names file, row or column."""


class ShapeError(InputError):
    """An array does not have the shape that its axes ask for."""


class NotReady(UndertowError):
    """Asked for something that needs more answers first."""


class NotFound(UndertowError):
    """Not there, or not yours: the same answer for both."""


class ConvergenceError(UndertowError):
    """A fit did not settle; `trace` has the log-likelihood of every cycle."""

    def __init__(self, message: str, *, trace: tuple[float, ...]) -> None:
        self.trace = trace
        super().__init__(message)


class SettingsError(UndertowError):
    """The environment asks for something that cannot be served; names the variable."""
