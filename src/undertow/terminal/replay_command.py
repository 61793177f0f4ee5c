"""The command that takes the adaptive test on recorded answers; what it does is left to the calibrating room."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from undertow.terminal.calibrate_command import Archive, RecipeFile
from undertow.terminal.failing import errors_as_one_line
from undertow.terminal.places import check_place
from undertow.terminal.watching import bar_on_stderr


def replay(
    archive: Archive,
    items: Annotated[int, typer.Option(help="How many questions a sitting may have.")] = 20,
    early_stop: Annotated[
        bool,
        typer.Option(
            "--early-stop/--no-early-stop", help="End a sitting when enough is known, or never."
        ),
    ] = True,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain", help="The sharpest question next, one set of figures: for comparison."
        ),
    ] = False,
    hide_gender: Annotated[
        bool, typer.Option("--hide-gender", help="As if nobody stated a gender.")
    ] = False,
    by: Annotated[
        str | None,
        typer.Option(
            help="Groups of the tables: gender, age, country or everyone; gender by default."
        ),
    ] = None,
    folds: Annotated[
        str,
        typer.Option(
            help="5: fit each fifth's figures on the others. 0: the bank's as they are. auto: 5 "
            "only where the bank was made from this archive, or does not say."
        ),
    ] = "auto",
    bank: Annotated[
        Path | None,
        typer.Option(help="A bank file; by default the built-in figures for the built-in items."),
    ] = None,
    recipe: RecipeFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A CSV file for each person's places; no answers."),
    ] = None,
) -> None:
    """Take the adaptive test on the answers of an archive and compare it with all answers.

    Everyone of 18 to 80 who answered every item is asked what the test would ask, and the recorded
    answers are given. By group: bias, who is found, and how far plain testing is off.
    """
    from undertow.calibrate import BUILT_IN_RECIPE, load_recipe  # noqa: PLC0415
    from undertow.calibrate.replay import replay_archive  # noqa: PLC0415
    from undertow.calibrate.replay_table import lines_of, table_of, write_people  # noqa: PLC0415
    from undertow.calibrate.replay_taking import Kind  # noqa: PLC0415
    from undertow.content.bank_files import load_bank_file  # noqa: PLC0415
    from undertow.wiring import built_in_bank, built_in_instrument  # noqa: PLC0415

    with errors_as_one_line():
        check_place(output, example="people.csv")
        # Another bank's items may come in any order: nothing says which of them are mild.
        gentle = built_in_instrument().gentle_ids if bank is None else frozenset[str]()
        with bar_on_stderr() as watch:
            made = replay_archive(
                archive,
                built_in_bank() if bank is None else load_bank_file(bank),
                Kind(items=items, early_stop=early_stop, plain=plain, gentle=gentle),
                recipe=load_recipe(recipe or BUILT_IN_RECIPE),
                hidden=hide_gender,
                by=by,
                folds=folds,
                progress=watch,
            )
        if output is not None:
            write_people(made, output)
        if as_json:
            typer.echo(json.dumps(table_of(made)))
            return
        for line in lines_of(made):
            typer.echo(line)
