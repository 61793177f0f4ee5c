"""The commands. Heavy rooms load inside the command that needs them, so that each starts at once."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from undertow.terminal.calibrate_command import calibrate, dif
from undertow.terminal.failing import EXIT_INTERRUPTED, errors_as_one_line
from undertow.terminal.fairness_command import fairness
from undertow.terminal.instrument_command import instrument_app
from undertow.terminal.replay_command import replay

# PRIVACY P1: a pretty traceback shows local variables, and those may hold answers.
app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: quicker, and easier on a screen reader
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A private self-check for anxious attachment. It is not a diagnosis.",
)


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
    length: Annotated[
        Literal["usual", "short", "full"],
        typer.Option(help="At most 20 questions, at most 12, or every one."),
    ] = "usual",
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Show the result without what is adjusted for."),
    ] = False,
) -> None:
    """Take the self-check here. Nothing is kept."""
    from undertow.terminal.check import Ending, run_check  # noqa: PLC0415

    with errors_as_one_line():
        outcome = run_check(as_json=as_json, draws=chart, length=length, adjusted=not plain)
        if outcome.ending is Ending.STOPPED:
            raise typer.Exit(EXIT_INTERRUPTED)


app.command()(calibrate)
app.command()(dif)
app.command()(replay)
app.command()(fairness)
app.add_typer(instrument_app, name="instrument")


def main() -> None:
    """The console command."""
    app()
