"""What a command does when something goes wrong: one line and an exit code; `errors` says what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from undertow.errors import InputError, SettingsError, UndertowError

EXIT_WRONG_INPUT = 2
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


@contextmanager
def errors_as_one_line() -> Iterator[None]:
    """Turns what goes wrong on purpose into one line on stderr and an exit code."""
    try:
        yield
    except UndertowError as error:
        typer.echo(f"undertow: {' '.join(str(error).split())}", err=True)
        wrong_input = isinstance(error, InputError | SettingsError)
        raise typer.Exit(EXIT_WRONG_INPUT if wrong_input else EXIT_FAILED) from None
    except KeyboardInterrupt:
        typer.echo("undertow: stopped. Nothing was kept.", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
