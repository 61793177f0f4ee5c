"""The commands for installed instruments: add one from an archive, list them, remove one.

Reading archives is left to the calibrating room, which loads only here, inside the command.
"""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from typing import Annotated

import typer

from undertow.errors import InputError, InstrumentError
from undertow.terminal.failing import errors_as_one_line
from undertow.terminal.watching import bar_on_stderr

instrument_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Install the questionnaire of an archive, in its own words, and see what is installed.",
)


@instrument_app.command()
def add(
    archive: Annotated[Path, typer.Argument(help="Zip or folder with data.csv and a codebook.")],
    recipe: Annotated[
        Path | None, typer.Option(help="How the archive is laid out; the ECR's by default.")
    ] = None,
    as_id: Annotated[
        str | None, typer.Option("--as", help="Its id here; the recipe's by default.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace one that has this id already.")
    ] = False,
) -> None:
    """Calibrate an archive and install its questionnaire with the words of its codebook.

    The words stay in this instance's folder, where only you can read them.
    """
    # The one named exception: only here does the command line load the calibrating room.
    from undertow.calibrate import BUILT_IN_RECIPE, load_recipe  # noqa: PLC0415
    from undertow.calibrate.installing import install_instrument  # noqa: PLC0415
    from undertow.settings import instruments_folder  # noqa: PLC0415
    from undertow.wiring import build_house, built_in_instrument, simulated_length  # noqa: PLC0415

    with errors_as_one_line():
        into = instruments_folder()
        layout = load_recipe(recipe or BUILT_IN_RECIPE)
        with bar_on_stderr() as watch:
            made = install_instrument(
                archive,
                recipe=layout,
                instrument_id=layout.id if as_id is None else as_id,
                into=into,
                beside=built_in_instrument(),
                length_of=simulated_length,
                made_on=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
                replace=replace,
                progress=watch,
            )
        length = build_house(instrument=into / made.id).length
        typer.echo(
            f"Installed {made.id}: {made.items} items in the words of {made.codebook}, figures from "
            f"{made.rows_used:,} of {made.rows_read:,} rows."
        )
        typer.echo(
            f"A sitting takes about {length.minutes} minutes: {length.items_low} to "
            f"{length.items_high} questions for most people."
        )
        typer.echo(
            "We know of no open licence for the words. They are for this instance; do not pass "
            "them on."
        )
        typer.echo(f"To ask it, set UNDERTOW_INSTRUMENT={made.id}.")


@instrument_app.command(name="list")
def list_installed() -> None:
    """Print which instruments can be asked here."""
    from undertow.settings import installed_ids, instruments_folder  # noqa: PLC0415
    from undertow.wiring import built_in_instrument, load_installed  # noqa: PLC0415

    with errors_as_one_line():
        built_in = built_in_instrument()
        typer.echo(f"{built_in.id}   {built_in.title}   (built in)")
        into = instruments_folder()
        for instrument_id in installed_ids(into):
            try:
                title = load_installed(into / instrument_id)[0].title
            except InstrumentError as error:
                title = f"broken: {error}; install it again with --replace"
            typer.echo(f"{instrument_id}   {title}")


@instrument_app.command()
def remove(
    instrument_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` prints it.")],
) -> None:
    """Remove an installed instrument from this instance."""
    from undertow.settings import installed_ids, instruments_folder  # noqa: PLC0415

    with errors_as_one_line():
        into = instruments_folder()
        installed = installed_ids(into)
        if instrument_id not in installed:
            raise InputError(
                f"There is no such instrument to remove. Installed: {', '.join(installed) or 'none'}."
            )
        leaving = into / f".leaving-{instrument_id}"
        try:
            # Gone in one step for whoever starts meanwhile, even if deleting is cut short.
            shutil.rmtree(leaving, ignore_errors=True)
            (into / instrument_id).rename(leaving)
            shutil.rmtree(leaving)
        except OSError:
            raise InputError(
                "The folder of UNDERTOW_STATE_DIR cannot be written to. Remove it as who installed it."
            ) from None
        typer.echo(f"Removed {instrument_id}.")
