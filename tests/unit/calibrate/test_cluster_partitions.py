"""A sample as Parquet: what comes back is what went in, and what is not right is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.calibrate.making import made_up_recipe, recipe_data, simulated_answers

from undertow.calibrate import partitions as room
from undertow.calibrate.likelihood import sides_of
from undertow.calibrate.partitions import (
    MANIFEST,
    Partitions,
    empty_sides,
    read_part,
    write_partitions,
)
from undertow.calibrate.recipe import parse_recipe
from undertow.calibrate.sample import Sample, Step
from undertow.errors import ArchiveError, InputError

pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'undertow[cluster]'")

ROWS = 250
RECIPE = made_up_recipe()


def sample_of_rows(keyed: NDArray[np.int8]) -> Sample:
    steps = (Step(step="rows in the archive", rows=keyed.shape[0] + 3),)
    return Sample(keyed=keyed, age=None, gender=None, steps=steps, complete_cases=True)


SAMPLE = sample_of_rows((simulated_answers(ROWS, seed=8, missing=0.1) - 1).astype(np.int8))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BLOCK_ROWS", 100)


@pytest.fixture
def written(tmp_path: Path, small_blocks: None) -> Partitions:
    del small_blocks
    return write_partitions(SAMPLE, RECIPE, tmp_path / "parts")


@pytest.fixture
def folder(written: Partitions) -> Path:
    return written.folder


def test_what_comes_back_is_what_went_in(written: Partitions) -> None:
    found = written
    assert [part.rows for part in found.parts] == [100, 100, 50]
    whole = sides_of(SAMPLE.keyed, np.array(found.dimension_of), 3)
    parts = [read_part(found, number) for number in range(3)]
    for side in (0, 1):
        together = np.concatenate([part[side].indicators for part in parts])
        assert np.array_equal(together, whole[side].indicators)
        assert np.array_equal(parts[0][side].items, whole[side].items)
        assert empty_sides(found)[side].rows == 0


def test_the_counts_lie_beside(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["recipe"] == {"id": RECIPE.id, "sha256": RECIPE.sha256}
    assert (manifest["rows"], manifest["complete_cases"]) == (ROWS, True)
    assert manifest["steps"] == [{"step": "rows in the archive", "rows": ROWS + 3}]


def test_columns_are_whole_numbers_in_a_byte(folder: Path) -> None:
    import pyarrow.parquet  # noqa: PLC0415

    schema = pyarrow.parquet.read_schema(folder / "part-00000.parquet")
    assert schema.names == [item.column for item in RECIPE.items]
    assert {str(kind) for kind in schema.types} == {"int8"}


def test_a_part_where_nobody_chose_a_category_is_no_error(
    tmp_path: Path, small_blocks: None
) -> None:
    del small_blocks
    keyed = SAMPLE.keyed.copy()
    keyed[:100, 0] = 1
    written = write_partitions(sample_of_rows(keyed), RECIPE, tmp_path / "parts")
    assert read_part(written, 0)[0].category_counts()[0].tolist() == [0, 100, 0]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="new or empty"):
        write_partitions(SAMPLE, RECIPE, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_keeps_its_rules(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir(mode=0o750)
    write_partitions(SAMPLE, RECIPE, folder)
    assert folder.stat().st_mode & 0o777 == 0o750


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_partitions(SAMPLE, RECIPE, tmp_path / "no" / "parts")


def test_three_dimensions_do_not_go_over_a_cluster(tmp_path: Path) -> None:
    data = recipe_data()
    data["items"] = {"a": ["A1-A3"], "b": ["B1-B3"], "c": ["C1-C3"]}
    with pytest.raises(InputError, match="has 3 dimensions, and a cluster fits at most 2"):
        write_partitions(SAMPLE, parse_recipe(data, "three.toml"), tmp_path / "parts")
    assert not list(tmp_path.iterdir())


def test_one_dimension_leaves_the_second_side_empty(tmp_path: Path) -> None:
    data = recipe_data()
    data["items"] = {"only": ["A1-A4", "B1-B4"]}
    written = write_partitions(SAMPLE, parse_recipe(data, "one.toml"), tmp_path / "parts")
    assert written.dimension_of == (0,) * 8
    first, second = read_part(written, 0)
    assert (first.items.size, second.items.size) == (8, 0)
    assert (first.rows, second.rows) == (ROWS, ROWS)


def test_stopped_half_way_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: Path) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(room, "_sha256", stop)
    with pytest.raises(KeyboardInterrupt):
        write_partitions(SAMPLE, RECIPE, tmp_path / "parts")
    assert not list(tmp_path.iterdir())


def test_a_part_that_was_changed_is_refused(written: Partitions, folder: Path) -> None:
    (folder / "part-00000.parquet").write_bytes((folder / "part-00001.parquet").read_bytes())
    with pytest.raises(ArchiveError, match="not the file that was written"):
        read_part(written, 0)


def test_a_part_that_this_machine_does_not_see(written: Partitions, folder: Path) -> None:
    (folder / "part-00000.parquet").unlink()
    with pytest.raises(ArchiveError, match="Every worker must see"):
        read_part(written, 0)
