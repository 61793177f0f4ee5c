"""Sharing rows out: results keep their order, errors come through, threads are as they were before."""

from __future__ import annotations

import threading
from typing import NoReturn

import pytest

from undertow.calibrate import workers as room
from undertow.calibrate.workers import one_by_one, workers

PARTS = [slice(at, at + 10) for at in range(0, 200, 10)]


def test_results_come_in_the_order_of_the_parts() -> None:
    with workers() as mapper:
        shared = list(mapper(lambda part: part.start, PARTS))
    assert shared == list(one_by_one(lambda part: part.start, PARTS)) == list(range(0, 200, 10))


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_error_comes_through_and_no_thread_is_left(error: type[BaseException]) -> None:
    def work(_: slice) -> NoReturn:
        raise error

    before = threading.active_count()
    with pytest.raises(error), workers() as mapper:
        list(mapper(work, PARTS))
    assert threading.active_count() == before


def test_products_have_one_thread_inside_and_as_many_as_before_outside() -> None:
    controls = room._thread_controls()
    if controls is None:
        pytest.skip("this numpy does not come with OpenBLAS, so its threads are left alone")
    get_threads, set_threads = controls
    before = get_threads()
    set_threads(2)
    try:
        with workers():
            assert get_threads() == 1
        assert get_threads() == 2
    finally:
        set_threads(before)


def test_another_build_of_numpy_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_thread_controls", lambda: None)
    with workers() as mapper:
        assert list(mapper(lambda part: part.stop, PARTS[:2])) == [10, 20]
