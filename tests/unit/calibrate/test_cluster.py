"""Rows on a cluster: whatever is wrong with it, one clear sentence says so, and nothing hangs."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.unit.calibrate.making import made_up_recipe, simulated_answers

from undertow.calibrate import cluster as room
from undertow.calibrate import workers
from undertow.calibrate.blocks import blocks_of
from undertow.calibrate.cluster import on_cluster
from undertow.calibrate.likelihood import sides_of
from undertow.calibrate.partitions import Partitions, write_partitions
from undertow.calibrate.placing import Scheduler, placed
from undertow.calibrate.sample import Sample
from undertow.calibrate.source import category_counts
from undertow.errors import ArchiveError, InputError, UndertowError

if TYPE_CHECKING:
    from distributed import LocalCluster

WHY = "dask is not installed: pip install 'undertow[cluster]'"
distributed = pytest.importorskip("distributed", reason=WHY)
pytest.importorskip("pyarrow", reason=WHY)

# A cluster that is broken on purpose complains on its way out, in its own threads.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

ROWS = 300
KEYED = (simulated_answers(ROWS, seed=8) - 1).astype(np.int8)
SIDES = sides_of(KEYED, np.array([0, 0, 0, 0, 1, 1, 1, 1]), 3)
BLOCKS = blocks_of(KEYED, np.array([0, 0, 0, 0, 1, 1, 1, 1]), 3)


@contextmanager
def local_cluster(workers: int, **options: Any) -> Iterator[LocalCluster]:
    """A scheduler here and workers as processes, with no page of its own and no chatter."""
    import dask  # noqa: PLC0415

    with (
        # One death is enough.
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            silence_logs=60,
            **options,
        ) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with local_cluster(1) as made:
        yield made.scheduler_address


@pytest.fixture
def parts(tmp_path: Path) -> Partitions:
    sample = Sample(keyed=KEYED, age=None, gender=None, steps=(), complete_cases=True)
    return write_partitions(sample, made_up_recipe(), tmp_path / "parts")


def test_rows_on_a_worker_are_counted_as_they_are_here(address: str, parts: Partitions) -> None:
    with on_cluster(address, parts) as source:
        assert source.rows == ROWS
        first, second = category_counts(source)
    by_hand = [[int((column == k).sum()) for k in range(3)] for column in KEYED.T]
    assert [*first.tolist(), *second.tolist()] == by_hand


def test_afterwards_the_workers_hold_nothing(address: str, parts: Partitions) -> None:
    with on_cluster(address, parts):
        pass
    with distributed.Client(address, set_as_default=False) as client:
        assert not any(client.has_what().values())


def test_an_error_at_the_work_comes_through(address: str, parts: Partitions) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with on_cluster(address, parts) as source, pytest.raises(ZeroDivisionError):
        list(source.blocks(fails))


def test_a_folder_that_the_workers_do_not_see(address: str, parts: Partitions) -> None:
    (parts.folder / parts.parts[0].file).unlink()
    with pytest.raises(ArchiveError, match="Every worker must see"), on_cluster(address, parts):
        pass


def test_another_version_at_a_worker(
    address: str, parts: Partitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "fingerprint", lambda: "0.0.1-0123456789abcdef")
    with pytest.raises(InputError, match="another version of undertow"), on_cluster(address, parts):
        pass


def test_without_dask_it_says_what_to_install(
    parts: Partitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(InputError, match=r"undertow\[cluster\]"),
        on_cluster("tcp://127.0.0.1:8786", parts),
    ):
        pass


def test_nobody_at_the_address(parts: Partitions) -> None:
    with socket.socket() as taken:
        # Bound and not listening: nobody else gets the port, and nobody answers.
        taken.bind(("127.0.0.1", 0))
        silent = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with (
            pytest.raises(InputError, match=r"No scheduler answered at tcp.*within 1 seconds"),
            on_cluster(silent, parts, patience_seconds=1),
        ):
            pass


@pytest.mark.parametrize("address", ["", "no address", "127.0.0.1:8786", "tcp://127.0.0.1:x"])
def test_what_is_no_address(parts: Partitions, address: str) -> None:
    with pytest.raises(InputError, match="must be an address"), on_cluster(address, parts):
        pass


def test_a_protocol_that_dask_does_not_speak(parts: Partitions) -> None:
    with (
        pytest.raises(InputError, match="No scheduler answered"),
        on_cluster("nonsense://127.0.0.1:1", parts, patience_seconds=1),
    ):
        pass


def test_a_scheduler_without_workers(parts: Partitions) -> None:
    with (
        local_cluster(0) as made,
        pytest.raises(InputError, match="has no worker"),
        on_cluster(made.scheduler_address, parts, patience_seconds=1),
    ):
        pass


def test_a_worker_that_dies_at_its_work(parts: Partitions) -> None:
    def dies(*_: object, **__: object) -> None:
        os._exit(1)

    with (
        local_cluster(1) as made,
        pytest.raises(UndertowError, match="died at their work"),
        on_cluster(made.scheduler_address, parts) as source,
    ):
        list(source.blocks(dies))


def test_no_worker_is_left(parts: Partitions) -> None:
    with (
        local_cluster(1) as made,
        on_cluster(made.scheduler_address, parts, patience_seconds=2) as source,
    ):
        made.scale(0)
        while source.client.nthreads():
            time.sleep(0.05)
        with pytest.raises(UndertowError, match="No worker of the cluster is left"):
            category_counts(source)


def test_the_scheduler_goes_away(parts: Partitions) -> None:
    with ExitStack() as stack:
        made = stack.enter_context(local_cluster(1))
        source = stack.enter_context(on_cluster(made.scheduler_address, parts, patience_seconds=2))
        made.close()
        with pytest.raises(UndertowError, match="scheduler of the cluster went away"):
            category_counts(source)


def test_a_worker_that_goes_loses_nothing(parts: Partitions) -> None:
    with local_cluster(2) as made, on_cluster(made.scheduler_address, parts) as source:
        before = category_counts(source)
        source.client.retire_workers([source.homes[0]])
        after = category_counts(source)
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True))


def made_up_sample() -> Sample:
    return Sample(keyed=KEYED, age=None, gender=None, steps=(), complete_cases=True)


@pytest.mark.parametrize("folder", [None, "parts"])
def test_rows_are_placed_where_it_was_asked(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str | None
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    scheduler = Scheduler(address=address, folder=None if folder is None else tmp_path / folder)
    with placed(made_up_sample(), BLOCKS, made_up_recipe(), scheduler) as ((source,), _):
        there = category_counts(source)
    with placed(made_up_sample(), BLOCKS, made_up_recipe(), None) as ((source,), _):
        here = category_counts(source)
    assert all(np.array_equal(*pair) for pair in zip(here, there, strict=True))
    assert not list((tmp_path / "temporary").iterdir())
    assert (folder is None) == (not (tmp_path / "parts").exists())


def test_an_error_leaves_no_answers_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scheduler = Scheduler(address="nowhere")
    with (
        pytest.raises(InputError, match="must be an address"),
        placed(made_up_sample(), BLOCKS, made_up_recipe(), scheduler),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_products_keep_one_thread() -> None:
    controls = workers._thread_controls()
    if controls is None:
        pytest.skip("this numpy does not come with OpenBLAS, so its threads are left alone")
    get_threads, set_threads = controls
    before = get_threads()
    set_threads(2)
    try:
        workers.keep_one_thread_for_products()
        assert get_threads() == 1
    finally:
        set_threads(before)


def test_another_numpy_is_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    here = room.fingerprint()
    numbered = {"undertow": "1", "numpy": "1"}
    monkeypatch.setattr(room, "version", numbered.__getitem__)
    first = room.fingerprint()
    numbered["numpy"] = "2"
    assert len({here, first, room.fingerprint()}) == 3
