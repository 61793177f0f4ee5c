"""Where a sample's rows are to be added up: here, or on a cluster; what is added up is left to `source`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from undertow.calibrate.blocks import Block
from undertow.calibrate.cluster import on_cluster
from undertow.calibrate.partitions import write_partitions
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.sample import Sample
from undertow.calibrate.source import InMemory, Source
from undertow.calibrate.workers import Mapper, workers
from undertow.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduler:
    """A dask scheduler's address, and the folder through which its workers get their rows.

    The folder is new or empty and seen by all under the same name. Without one, rows go through a
    folder of this machine for as long as the work takes, which serves workers on this machine only.
    """

    address: str
    folder: Path | None = None


@contextmanager
def placed(
    sample: Sample, blocks: Sequence[Block], recipe: Recipe, scheduler: Scheduler | None
) -> Iterator[tuple[Sequence[Source], Mapper]]:
    """Each block's rows as a source, and a mapper over this machine's cores for what is done here.

    `blocks` are those of the sample. Raises what `write_partitions` and `on_cluster` raise.
    """
    with workers() as mapper:
        if scheduler is None:
            yield [InMemory(sides=block.sides, mapper=mapper) for block in blocks], mapper
        elif scheduler.folder is not None:
            partitions = write_partitions(sample, recipe, scheduler.folder)
            with on_cluster(scheduler.address, partitions) as source:
                yield [source], mapper
        else:
            try:
                home = tempfile.TemporaryDirectory(prefix="undertow-")
            except OSError:
                raise InputError("No folder for temporary files can be written here.") from None
            with home as name:
                partitions = write_partitions(sample, recipe, Path(name) / "partitions")
                with on_cluster(scheduler.address, partitions) as source:
                    yield [source], mapper
