"""The commands for people with an archive of answers: calibrate it, and compare groups in it.

What they do is left to the calibrating room, which loads only here, inside the command.
"""

from __future__ import annotations

import datetime
import json
import time
from pathlib import Path
from typing import Annotated

import typer

from undertow.errors import InputError
from undertow.terminal.failing import errors_as_one_line
from undertow.terminal.places import check_place
from undertow.terminal.watching import bar_on_stderr

Archive = Annotated[Path, typer.Argument(help="Zip or folder with data.csv and a codebook.")]
RecipeFile = Annotated[
    Path | None,
    typer.Option("--recipe", help="How the archive is laid out; the ECR's by default."),
]
CompleteCases = Annotated[
    bool, typer.Option("--complete-cases", help="Only rows with every item; no other cleaning.")
]


def calibrate(
    archive: Archive,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where the bank goes; its card lies beside."),
    ] = None,
    recipe: RecipeFile = None,
    complete_cases: CompleteCases = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures as JSON.")] = False,
    date: Annotated[
        str | None, typer.Option(help="Date on the bank (YYYY-MM-DD); today by default.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Fit on the dask cluster at this address, such as tcp://10.0.0.5:8786."),
    ] = None,
    partitions: Annotated[
        Path | None,
        typer.Option(help="New or empty folder that all its workers see, for the answers."),
    ] = None,
) -> None:
    """Fit item parameters to an archive of answers and write a bank file with its card.

    With --complete-cases only the fit, in one group. Without it the whole recipe: cleaning,
    standard errors, fit, groups, norms and the drift of wording.
    """
    # The one named exception: only here does the command line load the calibrating room.
    from undertow.calibrate import (  # noqa: PLC0415
        BUILT_IN_RECIPE,
        Scheduler,
        calibrate_archive,
        load_recipe,
        write_bank,
    )
    from undertow.calibrate.chances import check_chances  # noqa: PLC0415

    with errors_as_one_line():
        _check_output(output, archive, recipe)
        made_on = _date(date)
        if partitions is not None and scheduler is None:
            raise InputError("--partitions goes with --scheduler, which names the cluster.")
        if not complete_cases:
            check_chances("The whole recipe", otherwise="--complete-cases does without.")
        started = time.perf_counter()
        with bar_on_stderr() as watch:
            made = calibrate_archive(
                archive,
                recipe=load_recipe(recipe or BUILT_IN_RECIPE),
                complete_cases=complete_cases,
                made_on=made_on,
                progress=watch,
                scheduler=None
                if scheduler is None
                else Scheduler(address=scheduler, folder=partitions),
            )
        if output is not None:
            write_bank(made, output)
        figures = made.figures
        if as_json:
            seconds = round(time.perf_counter() - started, 3)
            typer.echo(json.dumps({**figures, "seconds": seconds}))
            return
        typer.echo(
            f"{figures['rows_used']:,} of {figures['rows_read']:,} rows, {figures['items']} items, "
            f"log-likelihood {figures['log_likelihood']:,.2f} after {figures['iterations']} cycles"
        )
        typer.echo(
            "No bank was written; name one with -o BANK.json."
            if output is None
            else f"Bank: {output}   card: {output.with_suffix('.md')}"
        )


def dif(
    archive: Archive,
    group: Annotated[
        str, typer.Option(help="What to compare by: gender, age or country.")
    ] = "gender",
    recipe: RecipeFile = None,
    anchors: Annotated[
        str,
        typer.Option(
            help="The items taken as fair: purified, all, steepest, leaning-to-GROUP (as in "
            "leaning-to-man), or items by name with commas between."
        ),
    ] = "purified",
    complete_cases: CompleteCases = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON list with an object for each item.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the differences into this SVG file.")
    ] = None,
) -> None:
    """Ask of every item whether groups answer it differently at the same place.

    Differences are relative to the anchors, the items taken as fair; the range over all rules for
    choosing them stands beside each.
    """
    from undertow.calibrate import (  # noqa: PLC0415
        BUILT_IN_RECIPE,
        compare_groups,
        load_recipe,
        write_plots,
    )

    with errors_as_one_line():
        _check_plot(plot)
        with bar_on_stderr() as watch:
            compared = compare_groups(
                archive,
                group,
                recipe=load_recipe(recipe or BUILT_IN_RECIPE),
                anchors=anchors,
                complete_cases=complete_cases,
                # Told in the text, item rows have none.
                with_fairness=not as_json,
                progress=watch,
            )
        if plot is not None:
            write_plots(compared, plot)
        if as_json:
            typer.echo(json.dumps(compared.rows))
        else:
            for line in compared.lines:
                typer.echo(line)


def _date(given: str | None) -> str:
    if given is None:
        return datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    try:
        return datetime.date.fromisoformat(given).isoformat()
    except ValueError:
        raise InputError("--date must be a date such as 2026-11-24.") from None


def _check_output(output: Path | None, *inputs: Path | None) -> None:
    """Whether the bank could be written there, asked before the work is done rather than after.

    Nothing that was named as an input is overwritten, nor a page that is no card.
    """
    if output is None:
        return
    check_place(output, example="BANK.json")
    if output.suffix.lower() == ".md":
        raise InputError(f"{output.name}: the card takes .md. Name the bank something.json.")
    card = output.with_suffix(".md")
    written = {output.resolve(), card.resolve()}
    for given in inputs:
        if given is not None and given.exists() and given.resolve() in written:
            raise InputError(f"{given.name} would be overwritten. Name another file with -o.")
    if card.is_file() and not _is_card(card):
        raise InputError(
            f"{card.name} is there and is no card, and the bank's card would take its place. "
            "Name another file with -o."
        )


def _is_card(page: Path) -> bool:
    try:
        return "checksum of the bank's content:" in page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _check_plot(plot: Path | None) -> None:
    if plot is None:
        return
    if plot.suffix.lower() != ".svg" or plot.is_dir():
        raise InputError("--plot draws an SVG file. Name one, such as dif.svg.")
    check_place(plot, example="dif.svg", option="--plot")
