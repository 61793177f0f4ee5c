"""Whoever is replayed had no part in the figures that serve them, however rows are dealt."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from undertow.calibrate.replay_folds import fold_of, folds_of

ROWS = st.integers(min_value=2, max_value=60)


@st.composite
def lists_of_rows(draw: st.DrawFn) -> tuple[int, NDArray[np.intp], NDArray[np.intp]]:
    """An archive's length, the rows that figures come from, the rows that are replayed."""
    rows = draw(ROWS)
    kept = [draw(st.lists(st.booleans(), min_size=rows, max_size=rows)) for _ in range(2)]
    training, replayed = (np.flatnonzero(np.array(own)) for own in kept)
    return rows, training, replayed


@given(lists_of_rows(), st.integers(min_value=2, max_value=7))
def test_folds_never_overlap_and_everyone_is_replayed_once(
    given_rows: tuple[int, NDArray[np.intp], NDArray[np.intp]], folds: int
) -> None:
    rows, training, replayed = given_rows
    parts = list(folds_of(rows, training, replayed, folds))
    assert len(parts) == folds
    for part in parts:
        assert not np.intersect1d(training[part.training], replayed[part.replayed]).size
    everyone = np.concatenate([part.replayed for part in parts])
    assert sorted(everyone.tolist()) == list(range(replayed.size))
    # Each row makes figures in all folds but its own.
    made = np.concatenate([part.training for part in parts])
    assert np.bincount(made, minlength=training.size).tolist() == [folds - 1] * training.size


@given(ROWS, st.integers(min_value=2, max_value=7))
def test_folds_are_as_large_as_each_other(rows: int, folds: int) -> None:
    sizes = np.bincount(fold_of(rows, folds), minlength=folds)
    assert sizes.sum() == rows
    assert sizes.max() - sizes.min() <= 1
    assert np.array_equal(fold_of(rows, folds), fold_of(rows, folds))
