"""Archives as they come: every good shape is read alike, every bad one is one error that names the place."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.calibrate.making import (
    HEADER,
    csv_of,
    made_up_recipe,
    recipe_data,
    rows_csv,
    simulated_answers,
    zip_of,
)

from undertow.bank.responses import MISSING
from undertow.calibrate import Recipe, Table, parse_recipe, read_archive
from undertow.calibrate import archive as archive_room
from undertow.calibrate.archive import parse_table
from undertow.calibrate.numbers_file import NO_NUMBER, Wanted, read_numbers
from undertow.errors import ArchiveError

GOOD = ("1,2,3,1,2,3,1,2,35,1,US", "3,3,0,1,1,1,2,2,17,0,IL")


def test_a_row_is_read_as_it_stands(recipe: Recipe) -> None:
    table = parse_table(rows_csv(*GOOD), recipe)
    assert table.categories.tolist() == [
        [0, 1, 2, 0, 1, 2, 0, 1],
        [2, 2, MISSING, 0, 0, 0, 1, 1],
    ]
    assert table.age is not None
    assert table.age.tolist() == [35, 17]
    assert table.gender is not None
    assert table.gender.tolist() == [1, 0]


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n", b"\n\r\n\n"])
def test_blank_lines_at_the_end_cost_nothing(end: bytes) -> None:
    data = b"a,b\n1,2\n3,-4" + end
    wanted = Wanted(positions=(0, 1), names=("a", "b"), columns=2)
    found = read_numbers(data, wanted, start=4, separator=",", file="data.csv")
    assert found.values.tolist() == [[1, 2], [3, -4]]
    # The careful way, cell by cell, would have kept the lines.
    assert found.lines is None


def same(one: Table, other: Table) -> bool:
    assert one.age is not None
    assert other.age is not None
    return np.array_equal(one.categories, other.categories) and np.array_equal(one.age, other.age)


@pytest.mark.parametrize(
    "data",
    [
        rows_csv(*GOOD).replace(b"\n", b"\r\n"),
        rows_csv(*GOOD).rstrip(b"\n"),
        b"\xef\xbb\xbf" + rows_csv(*GOOD),
        rows_csv(*GOOD).replace(b"US", b'"US"'),
        rows_csv(*GOOD).replace(b"US", b'"Un,ited\nStates"'),
        rows_csv(*GOOD).replace(b"\n3,3,", b"\n\n 3,+3,"),
        rows_csv(*GOOD).replace(b"US", "Côte d'Ivoire".encode()),
    ],
    ids=["crlf", "no last newline", "bom", "quoted", "quoted newline", "blanks", "utf-8"],
)
def test_other_ways_to_write_the_same_rows(recipe: Recipe, data: bytes) -> None:
    assert same(parse_table(data, recipe), parse_table(rows_csv(*GOOD), recipe))


def test_zip_bare_zip_and_folder_give_the_same(tmp_path: Path, recipe: Recipe) -> None:
    data = rows_csv(*GOOD)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "data.csv").write_bytes(data)
    tables = [read_archive(tmp_path / "deep", recipe)]
    for at, name in enumerate(("data.csv", "a/b/data.csv")):
        for packing in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
            path = tmp_path / f"{at}-{packing}.zip"
            path.write_bytes(zip_of(data, name=name, packing=packing))
            tables.append(read_archive(path, recipe))
    assert all(same(table, tables[0]) for table in tables)


def test_columns_may_stand_in_any_order_and_with_another_separator() -> None:
    data = recipe_data()
    data["file"]["separator"] = "\t"
    recipe = parse_recipe(data, "made-up.toml")
    plain = [line.split(",") for line in (HEADER, *GOOD)]
    turned = "\n".join("\t".join(reversed(cells)) for cells in plain) + "\n"
    assert same(
        parse_table(turned.encode(), recipe), parse_table(rows_csv(*GOOD), made_up_recipe())
    )


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_the_separator_is_found_from_the_header(separator: str) -> None:
    data = recipe_data()
    del data["file"]
    # More of another sign, within a name, is no reason to take that for the separator.
    other = ("|" if separator == ";" else ";") * 20
    data["other_columns"]["names"] = [other]
    lines = rows_csv(*GOOD, header=HEADER.replace("country", other))
    recipe = parse_recipe(data, "made-up.toml")
    table = parse_table(lines.replace(b",", separator.encode()), recipe)
    assert same(table, parse_table(rows_csv(*GOOD), made_up_recipe()))


def test_without_a_list_of_other_columns_any_may_stand_there() -> None:
    data = recipe_data()
    del data["other_columns"]
    recipe = parse_recipe(data, "made-up.toml")
    wider = rows_csv(*(f"{row},8,x y,9" for row in GOOD), header=f"{HEADER},shoe,shoe,")
    assert same(parse_table(wider, recipe), parse_table(rows_csv(*GOOD), made_up_recipe()))
    twice = rows_csv(*(f"{row},8" for row in GOOD), header=f"{HEADER},B1")
    assert message(twice, recipe).startswith("data.csv: column 'B1' is there twice")


def test_the_order_of_the_columns_is_told() -> None:
    turned = parse_table(
        rows_csv("1,2,3,1,2,3,1,2,35,1,US", header="B4,A1,B1,A2,B2,A3,B3,A4,age,gender,country"),
        made_up_recipe(),
    )
    assert turned.order == (7, 0, 4, 1, 5, 2, 6, 3)


def with_country(**answers: object) -> Recipe:
    data = recipe_data()
    del data["other_columns"]
    data["country"] = {"column": "country", "home": "US"}
    data["answers"].update(answers)
    return parse_recipe(data, "made-up.toml")


def test_country_is_a_short_text() -> None:
    shown = ("US", " US", "", "NONE", "Namibia", "x" * 60, "Côte d'Ivoire", "a\x07b", "NA")
    data = rows_csv(*(f"1,2,3,1,2,3,1,2,35,1,{text}" for text in shown))
    for written in (data, data.replace(b"\n", b"\r\n"), data.rstrip(b"\n")):
        table = parse_table(written, with_country())
        assert table.country is not None
        assert table.country.tolist() == [
            *("US", "US", "", "", "Namibia", "x" * 40, "Côte d'Ivoire", "a?b", "NA"),
        ]
    assert parse_table(data, made_up_recipe()).country is None


@given(
    texts=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters='",\r\n'), max_size=60),
        min_size=1,
        max_size=8,
    )
)
def test_a_country_is_the_same_on_both_ways(texts: list[str]) -> None:
    rows = rows_csv(*(f"1,2,3,1,2,3,1,2,35,1,{text}" for text in texts))
    careful = rows.replace(b",35,", b',"35",')
    found = [parse_table(data, with_country()).country for data in (rows, careful)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].tolist() == found[1].tolist()
    assert all(len(text) <= 40 and text.isprintable() for text in found[0].tolist())


def test_a_text_may_mean_no_answer() -> None:
    recipe = with_country(missing=[0, "NULL", ""])
    rows = ("NULL,,3,1,2,3,0,2,,NULL,NULL", "1,2,3,1,2,3,1,2,35,1,US")
    for data in (rows_csv(*rows), rows_csv(*rows).replace(b"US", b'"US"')):
        table = parse_table(data, recipe)
        assert table.categories.tolist() == [
            [MISSING, MISSING, 2, 0, 1, 2, MISSING, 1],
            [0, 1, 2, 0, 1, 2, 0, 1],
        ]
        assert table.age is not None
        assert table.age.tolist() == [NO_NUMBER, 35]
        assert table.country is not None
        assert table.country.tolist() == ["", "US"]
    for wrong in ("NUL", "NULLL", "null", "-NULL", "N"):
        said = message(rows_csv(f"1,{wrong},3,1,2,3,1,2,35,1,US"), recipe)
        assert said.startswith("data.csv, line 2, column A2: is not a whole number")
    assert "line 2, column B2: is outside" in message(
        rows_csv("NULL,2,3,1,2,7,1,2,35,1,US"), recipe
    )


@given(
    cells=st.lists(
        st.lists(st.sampled_from(["1", "2", "3", "0", "NA", "", "-9"]), min_size=8, max_size=8),
        min_size=1,
        max_size=6,
    )
)
def test_texts_that_mean_no_answer_are_the_same_on_both_ways(cells: list[list[str]]) -> None:
    recipe = with_country(missing=[0, -9, "NA", ""])
    rows = rows_csv(*(",".join([*row, "35", "1", "US"]) for row in cells))
    plain = parse_table(rows, recipe)
    assert same(plain, parse_table(rows.replace(b"US", b'"US"'), recipe))
    assert plain.categories.tolist() == [
        [int(cell) - 1 if cell in {"1", "2", "3"} else MISSING for cell in row] for row in cells
    ]


def test_where_gender_was_not_given_no_word_is_needed() -> None:
    data = recipe_data()
    data["gender"]["codes"] = {"man": 1, "woman": 2}
    recipe = parse_recipe(data, "made-up.toml")
    assert parse_table(rows_csv("1,2,3,1,2,3,1,2,35,0,US"), recipe).rows == 1
    assert "is a code that" in message(rows_csv("1,2,3,1,2,3,1,2,35,3,US"), recipe)


def test_a_negative_missing_code_is_read() -> None:
    data = recipe_data()
    data["answers"]["missing"] = [-1, 99]
    recipe = parse_recipe(data, "made-up.toml")
    table = parse_table(rows_csv("-1,99,3,1,2,3,1,2,35,1,US"), recipe)
    assert table.categories.tolist() == [[MISSING, MISSING, 2, 0, 1, 2, 0, 1]]


@given(
    rows=st.lists(
        st.tuples(
            st.lists(st.integers(0, 3), min_size=8, max_size=8),
            st.integers(-(2**31) + 1, 2**31 - 1),
            st.sampled_from([0, 1, 2, 3]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_the_fast_way_and_the_careful_way_read_the_same(
    rows: list[tuple[list[int], int, int]],
) -> None:
    lines = [",".join(map(str, [*items, age, gender, "XX"])) for items, age, gender in rows]
    plain = parse_table(rows_csv(*lines), made_up_recipe())
    careful = parse_table(rows_csv(*lines).replace(b"XX", b'"XX"'), made_up_recipe())
    assert same(plain, careful)
    assert plain.age is not None
    assert plain.age.tolist() == [age for _, age, _ in rows]


def test_many_blocks_are_put_together_in_order(recipe: Recipe) -> None:
    answers = simulated_answers(12_000, seed=3)
    table = parse_table(csv_of(answers, ages=range(18, 81)), recipe)
    assert np.array_equal(table.categories + 1, answers)
    assert table.age is not None
    assert table.age[:70].tolist() == [18 + at % 63 for at in range(70)]


def message(data: bytes, recipe: Recipe) -> str:
    with pytest.raises(ArchiveError) as caught:
        parse_table(data, recipe)
    said = str(caught.value)
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (
            rows_csv(GOOD[0], "1,2,3,1,2,7,1,2,35,1,US"),
            "data.csv, line 3, column B2: is outside 1..3",
        ),
        (rows_csv("1,2,3,-1,2,2,1,2,35,1,US"), "data.csv, line 2, column A4: is outside 1..3"),
        (rows_csv("1,2,3,1,2,9999999999,1,2,35,1,US"), "data.csv, line 2, column B2: is outside"),
        (
            rows_csv(f"1,2,3,1,2,{'9' * 9000},1,2,35,1,US"),
            "data.csv, line 2, column B2: is outside",
        ),
        (rows_csv(*GOOD, "1,2,3,1,2,2,1,2,35,8,US"), "data.csv, line 4, column gender: is a code"),
        (rows_csv("1,2,x,1,2,2,1,2,35,1,US"), "data.csv, line 2, column A3: is not a whole number"),
        (rows_csv("1,2,,1,2,2,1,2,35,1,US"), "data.csv, line 2, column A3: is not a whole number"),
        (
            rows_csv("1,2,nan,1,2,2,1,2,35,1,US"),
            "data.csv, line 2, column A3: is not a whole number",
        ),
        (
            rows_csv("1,2,2.5,1,2,2,1,2,35,1,US"),
            "data.csv, line 2, column A3: is not a whole number",
        ),
        (
            rows_csv("1,2,1_0,1,2,2,1,2,35,1,US"),
            "data.csv, line 2, column A3: is not a whole number",
        ),
        (rows_csv(*GOOD, "1,2,3,1,2,2,1,2,,1,US"), "data.csv, line 4, column age: is not a whole"),
        (rows_csv(*GOOD, "1,2,3"), "data.csv, line 4: has 3 cells where the header has 11"),
        (
            rows_csv(GOOD[0], GOOD[0] + ",1"),
            "data.csv, line 3: has 12 cells where the header has 11",
        ),
        (
            rows_csv("1,2,3,1,2,3,1,2,35,1", "1,2,3,1,2,3,1,2,35,1,7,7"),
            "data.csv, line 2: has 10 cells where the header has 11",
        ),
        (rows_csv(GOOD[0], "", "", "1,2"), "data.csv, line 5: has 2 cells"),
        (
            rows_csv(GOOD[0], "", "9,2,3,1,2,2,1,2,35,1,US"),
            "data.csv, line 4, column A1: is outside",
        ),
        (rows_csv(GOOD[0][:-2] + '"US'), "data.csv, line 2: a quotation mark is not closed"),
        (rows_csv(GOOD[0]) + b"\xff\n", "data.csv, line 3: is not text in UTF-8"),
        (b"\xff\xfe" + rows_csv(*GOOD), "data.csv, line 1: is not text in UTF-8"),
        (rows_csv(), "data.csv: has a header and no rows"),
        (rows_csv("", "", ""), "data.csv: has a header and no rows"),
        (b"", "data.csv: column A1 is missing"),
        (rows_csv(*GOOD, header=HEADER.replace("B3", "B9")), "data.csv: column B3 is missing"),
        (rows_csv(*GOOD, header=HEADER.replace("age", "years")), "data.csv: column age is missing"),
        (
            rows_csv(*(row + ",5" for row in GOOD), header=HEADER + ",shoe"),
            "data.csv: column 'shoe' is not in recipe 'made-up'",
        ),
        (
            rows_csv(*(row + ",5" for row in GOOD), header=HEADER + ",\x1b[31mred"),
            r"data.csv: column '\x1b[31mred' is not in recipe",
        ),
        (
            rows_csv(*(r + ",1" for r in GOOD), header=HEADER + ",A2"),
            "data.csv: column 'A2' is there twice",
        ),
        (rows_csv("1", header=HEADER + "," * 20_000), "data.csv, line 1: has 20,011 columns"),
        (rows_csv(*GOOD).replace(b",", b";"), "data.csv: column A1 is missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(recipe: Recipe, data: bytes, says: str) -> None:
    assert message(data, recipe).startswith(says)


def test_ten_million_columns_are_refused_at_once(recipe: Recipe) -> None:
    said = message(HEADER.encode() + b"," * 10_000_000 + b"\n1\n", recipe)
    assert said.startswith("data.csv, line 1: has 10,000,011 columns")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (HEADER.encode() + b"\n" + b"1," * 3_000_000, 2),
        (rows_csv(*GOOD) + b"1," * 3_000_000 + b"\n", 4),
        (rows_csv(*GOOD) + b'"1",' + b"1," * 3_000_000, 4),
        (rows_csv(*GOOD) + b'"1\n",' * 700_000, 4),
    ],
    ids=["one line", "a line with an end", "quoted", "quoted lines"],
)
def test_a_row_without_an_end_is_refused(recipe: Recipe, data: bytes, line: int) -> None:
    said = message(data, recipe)
    assert "the row is longer than 1 MB" in said
    at = re.match(r"data.csv, line (\d+):", said)
    assert at is not None
    assert int(at[1]) >= line


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_file_of_one_line_is_not_read_to_its_end(
    tmp_path: Path, recipe: Recipe, packing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ",".join(f"Q{number}" for number in range(1_000_000)).encode()
    path = tmp_path / "wide.zip"
    path.write_bytes(zip_of(names, packing=packing))
    folder = tmp_path / "wide"
    folder.mkdir()
    (folder / "data.csv").write_bytes(names)
    monkeypatch.setattr(archive_room, "parse_table", lambda *_: pytest.fail("was read whole"))
    for place in (path, folder):
        assert refused(place, recipe).startswith("data.csv, line 1: is longer than 1 MB")


def test_a_message_never_shows_what_was_answered(recipe: Recipe) -> None:
    assert "77" not in message(rows_csv("1,2,3,1,2,77,1,2,35,1,US"), recipe)
    assert "secret" not in message(rows_csv("1,2,secret,1,2,2,1,2,35,1,US"), recipe)


def refused(path: Path, recipe: Recipe) -> str:
    with pytest.raises(ArchiveError) as caught:
        read_archive(path, recipe)
    return str(caught.value)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_cut_off_zip_is_refused(tmp_path: Path, recipe: Recipe, share: float) -> None:
    whole = zip_of(csv_of(simulated_answers(400, seed=1)))
    path = tmp_path / "cut.zip"
    path.write_bytes(whole[: int(share * len(whole))])
    assert refused(path, recipe).startswith("cut.zip: is not a whole zip archive")


def test_a_zip_with_a_wrong_byte_in_its_data_is_refused(tmp_path: Path, recipe: Recipe) -> None:
    whole = bytearray(zip_of(csv_of(simulated_answers(400, seed=1)), packing=zipfile.ZIP_STORED))
    whole[200] ^= 1
    path = tmp_path / "flipped.zip"
    path.write_bytes(bytes(whole))
    assert refused(path, recipe).startswith("flipped.zip: is not a whole zip archive")


def test_a_bomb_that_says_so_is_refused(tmp_path: Path, recipe: Recipe) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(zip_of(HEADER.encode() + b"\n" + b"0" * 40_000_000))
    assert path.stat().st_size < 100_000
    assert refused(path, recipe).startswith("bomb.zip: data.csv unpacks to more than")


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path, recipe: Recipe) -> None:
    lying = bytearray(zip_of(HEADER.encode() + b"\n" + b"0" * 40_000_000))
    # The size after unpacking, in the central directory (offset 24 of its first entry).
    at = lying.index(b"PK\x01\x02") + 24
    lying[at : at + 4] = struct.pack("<I", 1000)
    path = tmp_path / "liar.zip"
    path.write_bytes(bytes(lying))
    # The library stops at the declared size, where the check sum does not fit.
    assert refused(path, recipe).startswith("liar.zip: ")


def test_a_declared_bomb_is_not_even_opened(
    tmp_path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(zip_of(HEADER.encode() + b"\n" + b"0" * 40_000_000))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("was opened"))
    assert refused(path, recipe).startswith("bomb.zip: data.csv unpacks to more than")


def test_more_than_was_declared_is_not_read_to_its_end(
    tmp_path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should a library ever hand out more than an archive declares."""
    stream = io.BytesIO(b"0" * 40_000_000)
    path = tmp_path / "liar.zip"
    path.write_bytes(zip_of(rows_csv(*GOOD)))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: stream)
    with pytest.raises(ArchiveError) as caught:
        read_archive(path, recipe)
    assert str(caught.value).startswith("liar.zip: data.csv unpacks to more than")


def test_what_comes_out_is_counted_whatever_was_declared(
    tmp_path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.zip"
    path.write_bytes(zip_of(csv_of(simulated_answers(2000, seed=1)), packing=zipfile.ZIP_STORED))
    monkeypatch.setattr(archive_room, "MOST_BYTES", 30_000)
    assert refused(path, recipe).startswith("large.zip: data.csv unpacks to more than")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "data.csv").write_bytes(csv_of(simulated_answers(2000, seed=1)))
    assert refused(folder, recipe).startswith("folder: data.csv unpacks to more than")


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ({6: b"\x01\x00"}, "locked.zip: data.csv is locked with a password"),
        ({8: b"\x0c\x00"}, "locked.zip: data.csv is packed in an unusual way"),
        ({8: b"\x63\x00"}, "locked.zip: data.csv is packed in an unusual way"),
    ],
)
def test_a_locked_or_strangely_packed_zip_is_refused(
    tmp_path: Path, recipe: Recipe, patch: dict[int, bytes], says: str
) -> None:
    whole = bytearray(zip_of(csv_of(simulated_answers(50, seed=1))))
    central = whole.index(b"PK\x01\x02")
    for at, value in patch.items():
        whole[at : at + 2] = value
        whole[central + at + 2 : central + at + 4] = value
    path = tmp_path / "locked.zip"
    path.write_bytes(bytes(whole))
    assert refused(path, recipe).startswith(says)


def test_a_place_without_its_file_is_refused(tmp_path: Path, recipe: Recipe) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert refused(empty, recipe).startswith("empty: there is no data.csv in it")
    assert refused(tmp_path / "nowhere.zip", recipe).startswith(
        "nowhere.zip: there is no such file"
    )
    other = tmp_path / "other.zip"
    other.write_bytes(zip_of(b"1", name="folder/numbers.csv"))
    assert refused(other, recipe).startswith("other.zip: there is no data.csv in it")
    text = tmp_path / "text.zip"
    text.write_text("no zip at all")
    assert refused(text, recipe).startswith("text.zip: is not a whole zip archive")
    (empty / "data.csv").mkdir()
    assert refused(empty, recipe).startswith("empty: data.csv cannot be read")


def test_two_files_of_the_name_are_refused(tmp_path: Path, recipe: Recipe) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for folder in ("a", "b"):
            archive.writestr(f"{folder}/data.csv", rows_csv(*GOOD))
    assert refused(path, recipe).startswith("two.zip: there are 2 files named data.csv in it")


def test_a_name_that_climbs_out_of_the_archive_writes_nothing(
    tmp_path: Path, recipe: Recipe
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    path = inner / "climbing.zip"
    path.write_bytes(zip_of(rows_csv(*GOOD), name="../../data.csv"))
    assert read_archive(path, recipe).rows == 2
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["climbing.zip", "inner"]


@given(at=st.integers(0, 10**6), value=st.integers(0, 255), cut=st.integers(0, 40))
def test_a_damaged_zip_is_read_or_refused_and_nothing_else(
    tmp_path: Path, at: int, value: int, cut: int
) -> None:
    whole = bytearray(zip_of(rows_csv(*GOOD)))
    whole[at % len(whole)] = value
    path = tmp_path / "damaged.zip"
    path.write_bytes(bytes(whole[: len(whole) - cut]))
    try:
        table = read_archive(path, made_up_recipe())
    except ArchiveError:
        return
    assert table.rows == 2


@given(
    data=st.binary(max_size=200)
    | st.text(alphabet='0123,-"\n\r xé', max_size=200).map(lambda text: text.encode())
)
def test_any_bytes_after_the_header_are_rows_or_one_error(data: bytes) -> None:
    try:
        rows = parse_table(HEADER.encode() + b"\n" + data, made_up_recipe()).rows
    except ArchiveError:
        return
    assert rows >= 1
