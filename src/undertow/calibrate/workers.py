"""Shares rows out among the processor's cores; what is done with them is left to `likelihood`.

Matrix products get one thread each and the rows are shared out instead. Threads inside small
products wait for each other by spinning, so one busy core makes them tens of times slower.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

import numpy as np

Result = TypeVar("Result")

_MOST_WORKERS = 8
_BLAS_NAMES = (
    "scipy_openblas_{}_num_threads64_",
    "scipy_openblas_{}_num_threads",
    "openblas_{}_num_threads64_",
    "openblas_{}_num_threads",
)


class Mapper(Protocol):
    """Does a piece of work for each part of the rows; results come in the parts' order."""

    def __call__(
        self, work: Callable[[slice], Result], parts: Iterable[slice], /
    ) -> Iterable[Result]: ...


def one_by_one(work: Callable[[slice], Result], parts: Iterable[slice], /) -> Iterable[Result]:
    """The mapper that needs no workers."""
    return map(work, parts)


@contextmanager
def workers() -> Iterator[Mapper]:
    """A mapper with a thread for each core that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with (
        _one_thread_for_products(),
        ThreadPoolExecutor(max_workers=min(cores or 1, _MOST_WORKERS)) as pool,
    ):

        def share_out(
            work: Callable[[slice], Result], parts: Iterable[slice], /
        ) -> Iterable[Result]:
            return pool.map(work, parts)

        yield share_out


@contextmanager
def _one_thread_for_products() -> Iterator[None]:
    """One thread inside numpy's matrix products where its library is OpenBLAS; else nothing changes."""
    found = _thread_controls()
    if found is None:
        yield
        return
    get_threads, set_threads = found
    before = get_threads()
    set_threads(1)
    try:
        yield
    finally:
        set_threads(before)


def keep_one_thread_for_products() -> None:
    """The same for good, in a process whose pieces of work overlap, so that none gives it back."""
    found = _thread_controls()
    if found is not None:
        found[1](1)


def _thread_controls() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    try:
        # A library's handle also finds what the libraries hold that it was linked against.
        library = ctypes.CDLL(np.linalg._umath_linalg.__file__)
        for name in _BLAS_NAMES:
            if hasattr(library, name.format("set")):
                return getattr(library, name.format("get")), getattr(library, name.format("set"))
    except (OSError, AttributeError):
        # Another build of numpy: its own way with threads stands.
        return None
    return None
