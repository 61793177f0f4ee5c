"""Shows on stderr how far a long command is; what it does is left to the command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """A bar of the stages, with the log-likelihood of the fit that is running."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def stage(self, number: int, of: int, words: str) -> None:
        """The stage that begins: `number` counts from 1."""
        self._progress.update(
            self._task, total=of, completed=number - 1, description=words, reached=""
        )

    def cycle(self, number: int, log_likelihood: float) -> None:
        self._progress.update(
            self._task, reached=f"cycle {number}, log-likelihood {log_likelihood:,.2f}"
        )


@contextmanager
def bar_on_stderr() -> Iterator[Bar | None]:
    """A bar that is gone at the end, where someone watches; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    # Takes a tenth of a second to load, which nobody pays who does not see it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("{task.fields[reached]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress, progress.add_task("starting", total=None, reached=""))
