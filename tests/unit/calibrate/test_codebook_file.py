"""Which file of an archive is the codebook, and what is refused about it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from tests.unit.calibrate.making_codebooks import zip_with

from undertow.calibrate.codebook_file import MOST_BYTES, read_codebook_file
from undertow.errors import ArchiveError


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    path.write_bytes(zip_with(files))
    return path


def refused(path: Path) -> str:
    with pytest.raises(ArchiveError) as error:
        read_codebook_file(path)
    assert str(error.value).startswith(f"{path.name}: ")
    return str(error.value)


@pytest.mark.parametrize("name", ["codebook.html", "Codebook.TXT", "a/b/CODEBOOK.htm"])
def test_it_is_found_by_its_name(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", {name: "words", "data.csv": "x", "codebook.pdf": "y"})
    assert read_codebook_file(path) == (name.rpartition("/")[2], "words")


def test_it_is_found_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "archive" / "deep").mkdir(parents=True)
    (tmp_path / "archive" / "deep" / "codebook.txt").write_text("words")
    assert read_codebook_file(tmp_path / "archive") == ("codebook.txt", "words")


def test_what_a_mac_adds_does_not_count(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"codebook.txt": "words", "__MACOSX/codebook.txt": "x"}
    assert read_codebook_file(zipped(tmp_path / "a.zip", files))[1] == "words"


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b"\xef\xbb\xbfcaf\xc3\xa9", "café"),
        (b"it\x92s caf\xe9", "it\u2019s café"),
        (b"caf\xe9 \x81", "café \ufffd"),
    ],
)
def test_letters_of_old_files(tmp_path: Path, data: bytes, read: str) -> None:
    assert read_codebook_file(zipped(tmp_path / "a.zip", {"codebook.txt": data}))[1] == read


def test_none_and_two(tmp_path: Path) -> None:
    assert "no codebook" in refused(zipped(tmp_path / "none.zip", {"data.csv": "x"}))
    two: dict[str, str | bytes] = {"codebook.html": "x", "folder/codebook.txt": "y"}
    assert "2 codebooks" in refused(zipped(tmp_path / "two.zip", two))


def test_one_that_is_far_too_large(tmp_path: Path) -> None:
    just = zipped(tmp_path / "just.zip", {"codebook.txt": b"x" * MOST_BYTES})
    assert len(read_codebook_file(just)[1]) == MOST_BYTES
    assert "1 MB" in refused(
        zipped(tmp_path / "more.zip", {"codebook.txt": b"x" * (MOST_BYTES + 1)})
    )


def test_one_that_is_no_text(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"codebook.txt": "words".encode("utf-16")})
    with pytest.raises(ArchiveError, match=r"codebook\.txt: is not plain text"):
        read_codebook_file(path)


def test_an_archive_that_is_not_there_or_no_zip(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "nowhere.zip")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and then nothing of use")
    assert "cannot be read" in refused(broken)


def test_one_that_is_cut_off_inside(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    whole = bytearray(zip_with({"codebook.txt": "words " * 500}))
    whole[45] ^= 0xFF
    path.write_bytes(bytes(whole))
    assert "cannot be read" in refused(path)


def test_one_that_is_packed_in_an_unusual_way(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("codebook.txt", "words")
    assert "unusual way" in refused(path)


def test_one_that_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    locked = bytearray(zip_with({"codebook.txt": "words"}))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(locked))
    assert "password" in refused(path)
