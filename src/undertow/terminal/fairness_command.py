"""The command that writes the fairness report of an archive; what is in it is left to the calibrating room."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

from undertow.errors import InputError
from undertow.terminal.calibrate_command import Archive, RecipeFile
from undertow.terminal.failing import errors_as_one_line
from undertow.terminal.watching import bar_on_stderr


def fairness(
    archive: Archive,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder for fairness.md; pictures go to pictures/."),
    ],
    bank: Annotated[
        Path | None,
        typer.Option(help="A bank file; by default the built-in figures for the built-in items."),
    ] = None,
    recipe: RecipeFile = None,
    folds: Annotated[
        str,
        typer.Option(
            help="5: fit each fifth's figures on the others. 0: the bank's as they are. auto: 5 "
            "only where the bank was made from this archive, or does not say."
        ),
    ] = "auto",
) -> None:
    """Write a report on what short tests do to men and to women, with tables and pictures.

    Plain and fair tests of several lengths are taken on the answers of an archive, with gender stated
    and hidden, and held beside all answers.
    """
    from undertow.calibrate import BUILT_IN_RECIPE, load_recipe  # noqa: PLC0415
    from undertow.calibrate.fairness_report import fairness_report, write_report  # noqa: PLC0415
    from undertow.calibrate.fairness_report_text import texts_of  # noqa: PLC0415
    from undertow.content.bank_files import load_bank_file  # noqa: PLC0415
    from undertow.wiring import built_in_bank, built_in_instrument  # noqa: PLC0415

    with errors_as_one_line():
        _check_folder(output)
        # Another bank's items may come in any order: nothing says which of them are mild.
        gentle = built_in_instrument().gentle_ids if bank is None else frozenset[str]()
        with bar_on_stderr() as watch:
            made = fairness_report(
                archive,
                built_in_bank() if bank is None else load_bank_file(bank),
                recipe=load_recipe(recipe or BUILT_IN_RECIPE),
                gentle=gentle,
                folds=folds,
                progress=watch,
            )
        texts = texts_of(
            made,
            made_on=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
            command=_typed(archive, output, bank=bank, recipe=recipe, folds=folds),
        )
        typer.echo(f"Report: {write_report(texts, output)}")


def _check_folder(folder: Path) -> None:
    """Whether the report could go there, asked before the work is done rather than after."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder that is there. Name one with -o.")


def _typed(
    archive: Path, output: Path, *, bank: Path | None, recipe: Path | None, folds: str
) -> str:
    """The command as someone else would type it: names without the folders of this machine."""
    parts = ["undertow fairness", archive.name, "-o", output.resolve().name]
    if bank is not None:
        parts += ["--bank", bank.name]
    if recipe is not None:
        parts += ["--recipe", recipe.name]
    if folds != "auto":
        parts += ["--folds", folds]
    return " ".join(parts)
