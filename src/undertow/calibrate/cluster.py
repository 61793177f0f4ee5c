"""Rows in partitions, held by the workers of a dask cluster; what is done with them is left to `source`.

Each worker keeps its blocks in memory. A cycle sends the parameters out and gets back each block's
sums, which are added here in the blocks' order, so the number of workers changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from numpy.typing import NDArray

from undertow.calibrate.likelihood import Sides, parts_of
from undertow.calibrate.partitions import Partitions, empty_sides, read_part
from undertow.calibrate.source import BLOCK_ROWS
from undertow.calibrate.workers import keep_one_thread_for_products, one_by_one
from undertow.errors import InputError, UndertowError

if TYPE_CHECKING:
    from distributed import Client, Future

Result = TypeVar("Result")

PATIENCE_SECONDS = 30.0
"""How long to wait for a scheduler that does not answer, and for a worker when none is left."""
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OnCluster:
    """A `Source` whose blocks are the parts of a folder, each `loaded` by the worker that is its home."""

    partitions: Partitions
    client: Client
    loaded: Sequence[Future[Sides]]
    homes: Sequence[str]
    patience_seconds: float

    @property
    def rows(self) -> int:
        return self.partitions.rows

    @property
    def layout(self) -> Sides:
        return empty_sides(self.partitions)

    def blocks(self, work: Callable[..., Result], /, *by_row: NDArray[Any]) -> Iterable[Result]:
        """Raises UndertowError when workers die at it, none is left, or the scheduler goes away."""
        blocks = zip(self.loaded, self.homes, parts_of(self.rows, BLOCK_ROWS), strict=True)
        results = [
            self.client.submit(
                _do, work, sides, *(array[..., rows] for array in by_row), **_at(home)
            )
            for sides, home, rows in blocks
        ]
        for result in results:
            yield _wait_for(result, self.client, self.patience_seconds)


@contextmanager
def on_cluster(
    address: str, partitions: Partitions, *, patience_seconds: float = PATIENCE_SECONDS
) -> Iterator[OnCluster]:
    """The partitions' rows on the workers of the scheduler at `address`, such as tcp://10.0.0.5:8786.

    Raises InputError when dask is missing here, nobody answers at the address, no worker comes, or
    a worker has another undertow, and what `read_part` raises on a worker.
    """
    with _connected(address, patience_seconds) as client:
        workers = _checked_workers(client, address, patience_seconds)
        homes = [workers[number % len(workers)] for number in range(len(partitions.parts))]
        loaded = [
            client.submit(read_part, partitions, number, **_at(home))
            for number, home in enumerate(homes)
        ]
        for one in loaded:
            _until_done(one, client, patience_seconds)
        yield OnCluster(
            partitions=partitions,
            client=client,
            loaded=loaded,
            homes=homes,
            patience_seconds=patience_seconds,
        )


@contextmanager
def _connected(address: str, patience_seconds: float) -> Iterator[Client]:
    try:
        from distributed import Client  # noqa: PLC0415
    except ImportError:
        raise InputError(
            "--scheduler needs a package that is not installed here: "
            "pip install 'undertow[cluster]'."
        ) from None
    if not re.fullmatch(r"[a-z]+://[^\s/]+:\d{1,5}", address):
        # An empty one would start a cluster of dask's own here.
        raise InputError("--scheduler must be an address such as tcp://10.0.0.5:8786.")
    try:
        client = Client(address, timeout=patience_seconds, set_as_default=False)
    except (OSError, ValueError):
        # An unknown protocol comes as a ValueError, silence as an OSError.
        raise InputError(
            f"No scheduler answered at {address} within {patience_seconds:g} seconds. "
            "Start one with `dask scheduler` and give the tcp:// address that it prints."
        ) from None
    try:
        yield client
    finally:
        # Also lets go of the answers that the workers hold.
        client.close(timeout=_LOOK_SECONDS)


def _at(home: str) -> dict[str, Any]:
    """How a piece of work is handed in: done where its rows are, or elsewhere once that is gone.

    Each is new (not pure): the scheduler is not to look for an old result.
    """
    return {"workers": [home], "allow_other_workers": True, "pure": False}


def _checked_workers(client: Client, address: str, patience_seconds: float) -> list[str]:
    """The workers' addresses, one for each core that they offer, so that who has more gets more."""
    try:
        client.wait_for_workers(1, timeout=patience_seconds)
    except TimeoutError:
        raise InputError(
            f"The scheduler at {address} has no worker. Start some with `dask worker {address}`."
        ) from None
    here = fingerprint()
    for worker, there in client.run(_look, on_error="return").items():
        if there != here:
            raise InputError(
                f"The worker at {worker} has another version of undertow or numpy, or lacks pyarrow. "
                "Install the same undertow[cluster] there as here."
            )
    threads: dict[str, int] = client.nthreads()
    # In turns, so that the last, smaller round is shared as well.
    return [
        worker
        for turn in range(max(threads.values()))
        for worker in sorted(threads)
        if turn < threads[worker]
    ]


def _look() -> str | None:
    # An undertow from before there were clusters, or none at all, shows itself by failing here.
    from importlib.util import find_spec  # noqa: PLC0415

    return fingerprint() if find_spec("pyarrow") else None


def fingerprint() -> str:
    """The versions and a digest of every file that sums are made with: equal ones add up the same.

    numpy's is among them, since it brings the library that multiplies matrices.
    """
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for room in ("bank", "calibrate", "measure"):
        for path in sorted((root / room).glob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return f"{version('undertow')}-{digest.hexdigest()[:16]}-numpy-{version('numpy')}"


def _do(work: Callable[..., Any], sides: Sides, *own: NDArray[Any]) -> Any:
    """A worker's piece of work, on the one core that its scheduler counts with."""
    keep_one_thread_for_products()
    return work(sides, *own, mapper=one_by_one)


def _wait_for(result: Future[Any], client: Client, patience_seconds: float) -> Any:
    _until_done(result, client, patience_seconds)
    try:
        return result.result()
    except (CancelledError, OSError):
        raise _gone() from None


def _until_done(result: Future[Any], client: Client, patience_seconds: float) -> None:
    """Waits as long as there are workers to wait for: a block may take its time.

    Raises what the work raised, and UndertowError when it can't come to an end.
    """
    from distributed import KilledWorker  # noqa: PLC0415

    alone_seconds = 0.0
    while True:
        try:
            # Waits for the end of the work and not for what it gives, which may travel for longer.
            raised = result.exception(timeout=_LOOK_SECONDS)
        except TimeoutError:
            alone_seconds = 0.0 if _has_workers(client) else alone_seconds + _LOOK_SECONDS
            if alone_seconds > patience_seconds:
                raise UndertowError(
                    "No worker of the cluster is left. Start some, then calibrate again."
                ) from None
        except (CancelledError, OSError):
            raise _gone() from None
        else:
            break
    if isinstance(raised, KilledWorker):
        raise UndertowError(
            "Workers of the cluster died at their work, most often for want of memory. "
            "Give them more of it or start more of them, then calibrate again."
        )
    if isinstance(raised, CancelledError):
        raise _gone()
    if raised is not None:
        raise raised


def _has_workers(client: Client) -> bool:
    try:
        return bool(client.nthreads())
    except (CancelledError, OSError, ValueError):
        raise _gone() from None


def _gone() -> UndertowError:
    return UndertowError(
        "The scheduler of the cluster went away. Start it again, then calibrate again."
    )
