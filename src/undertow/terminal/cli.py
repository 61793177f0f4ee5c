"""The commands. Heavy rooms load inside the command that needs them, so that each starts at once."""

from __future__ import annotations

import datetime
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from undertow.errors import InputError, SettingsError, UndertowError

# PRIVACY P1: a pretty traceback shows local variables, and those may hold answers.
app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: quicker, and easier on a screen reader
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A private self-check for anxious attachment. It is not a diagnosis.",
)

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


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"undertow {version('undertow')}")
        raise typer.Exit


@app.callback()
def undertow(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and end.")
    ] = False,
) -> None:
    """A private self-check for anxious attachment. It is not a diagnosis."""


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to answer on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
) -> None:
    """Start the web app. Settings come from UNDERTOW_* variables."""
    from undertow.terminal.serve import serve_web  # noqa: PLC0415

    with errors_as_one_line():
        serve_web(host=host, port=port, announce=typer.echo)


@app.command()
def check(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object.")
    ] = False,
    chart: Annotated[
        bool,
        typer.Option("--chart/--no-chart", help="Draw the chart; its words are there either way."),
    ] = True,
) -> None:
    """Take the self-check here. Nothing is kept."""
    from undertow.terminal.check import Ending, run_check  # noqa: PLC0415

    with errors_as_one_line():
        outcome = run_check(as_json=as_json, draws=chart)
        if outcome.ending is Ending.STOPPED:
            raise typer.Exit(EXIT_INTERRUPTED)


@app.command()
def calibrate(
    archive: Annotated[Path, typer.Argument(help="Zip or folder with data.csv and a codebook.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where the bank goes; its card lies beside."),
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="How the archive is laid out; the ECR's by default.")
    ] = None,
    complete_cases: Annotated[
        bool, typer.Option("--complete-cases", help="Only rows with every item; no other cleaning.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures as JSON.")] = False,
    date: Annotated[
        str | None, typer.Option(help="Date on the bank (YYYY-MM-DD); today by default.")
    ] = None,
) -> None:
    """Fit item parameters to an archive of answers and write a bank file with its card."""
    # The one named exception: only here does the command line load the calibrating room.
    from undertow.calibrate import calibrate_archive, load_recipe, write_bank  # noqa: PLC0415
    from undertow.calibrate.recipe import BUILT_IN_RECIPE  # noqa: PLC0415

    with errors_as_one_line():
        _check_output(output)
        made_on = _date(date)
        started = time.perf_counter()
        with _progress() as progress:
            made = calibrate_archive(
                archive,
                recipe=load_recipe(recipe or BUILT_IN_RECIPE),
                complete_cases=complete_cases,
                made_on=made_on,
                progress=progress,
            )
        if output is not None:
            write_bank(made, output)
        figures = {
            "rows_read": made.rows_read,
            "rows_used": made.rows_used,
            "items": made.items,
            "log_likelihood": round(made.fit.log_likelihood, 4),
            "iterations": made.fit.iterations,
            "seconds": round(time.perf_counter() - started, 3),
            "converged": True,
            "correlation": round(made.fit.parameters.correlation, 6),
        }
        if as_json:
            typer.echo(json.dumps(figures))
        else:
            typer.echo(
                f"{made.rows_used:,} of {made.rows_read:,} rows, {made.items} items, "
                f"log-likelihood {made.fit.log_likelihood:,.2f} after {made.fit.iterations} cycles"
            )
            typer.echo(
                "No bank was written; name one with -o BANK.json."
                if output is None
                else f"Bank: {output}   card: {output.with_suffix('.md')}"
            )


def _date(given: str | None) -> str:
    if given is None:
        return datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    try:
        return datetime.date.fromisoformat(given).isoformat()
    except ValueError:
        raise InputError("--date must be a date such as 2026-11-24.") from None


def _check_output(output: Path | None) -> None:
    """Whether the bank could be written there, asked before the work is done rather than after."""
    if output is None:
        return
    if output.is_dir():
        raise InputError(f"{output} is a folder. Name a file in it with -o BANK.json.")
    if not output.parent.is_dir():
        raise InputError(f"{output.parent} is not there. Name a folder that exists with -o.")


@contextmanager
def _progress() -> Iterator[Callable[[int, float], None] | None]:
    """One line on stderr that is written over, where someone watches; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(cycle: int, log_likelihood: float) -> None:
        sys.stderr.write(f"\rcycle {cycle}   log-likelihood {log_likelihood:,.2f}   ")
        sys.stderr.flush()

    try:
        yield show
    finally:
        # The line has done its work; what comes next starts on a clean one.
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def main() -> None:
    """The console command."""
    app()
