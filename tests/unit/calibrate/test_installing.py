"""Installing an archive's questionnaire: whole, for its owner alone, or not at all."""

from __future__ import annotations

import json
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.made_up_bank import large_bank, made_up_instrument
from tests.unit.calibrate.making import made_up_recipe, recipe_data
from tests.unit.calibrate.making_codebooks import (
    CATEGORIES,
    STEMS,
    answers,
    archive_zip,
    page,
    zip_with,
)

from undertow.bank.item import Instrument
from undertow.calibrate import installing as installing_module
from undertow.calibrate import parse_recipe
from undertow.calibrate.installing import Installed, install_instrument
from undertow.content.bank_files import load_bank_file
from undertow.content.instrument_files import load_instrument
from undertow.errors import ArchiveError, ConvergenceError, InputError, InstrumentError

LENGTH: Mapping[str, object] = {"items_median": 6}


@pytest.fixture(scope="module")
def beside() -> Instrument:
    """Stands for the built-in instrument."""
    return replace(
        made_up_instrument(large_bank(), categories=5),
        id="built-in",
        frames={"now": "Think of {now}.", "unstated": 'Think of "it".'},
    )


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "made-up.zip"
    path.write_bytes(archive_zip())
    return path


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "state" / "instruments"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A calibration that is there already, for tests of what happens around it."""
    fitted_with(monkeypatch, "sha256:made-up")


def fitted_with(monkeypatch: pytest.MonkeyPatch, checksum: str) -> None:
    def write(_: object, bank: Path) -> None:
        bank.write_text(json.dumps({"checksum": checksum}))
        bank.with_suffix(".md").write_text("A card.")

    fitted = SimpleNamespace(rows_read=900, rows_used=880)
    monkeypatch.setattr(installing_module, "calibrate_archive", lambda *_, **__: fitted)
    monkeypatch.setattr(installing_module, "write_bank", write)


def install(archive: Path, into: Path, beside: Instrument, **changes: Any) -> Installed:
    wanted: dict[str, Any] = {
        "recipe": made_up_recipe(),
        "instrument_id": "made-up",
        "length_of": lambda _: LENGTH,
        "made_on": "2026-11-24",
    }
    return install_instrument(archive, into=into, beside=beside, **{**wanted, **changes})


def left_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


# ---- what is installed ----------------------------------------------------------------------------


def test_the_whole_way(words: Path, into: Path, beside: Instrument) -> None:
    """From a zip, with a fit of its own, to files that the app's loaders take."""
    seen: list[Path] = []

    def length_of(folder: Path) -> Mapping[str, object]:
        seen.append(folder)
        assert load_instrument(folder / "instrument.toml").items
        return LENGTH

    made = install(words, into, beside, length_of=length_of)
    assert (made.id, made.title) == ("made-up", "Eight made-up items")
    assert (made.items, made.codebook, made.rows_read) == (8, "codebook.html", 900)
    assert left_in(into) == ["made-up"]
    folder = into / "made-up"
    assert {"bank.json", "bank.md", "instrument.toml", "length.json"} <= set(left_in(folder))
    assert seen[0] != folder
    assert json.loads((folder / "length.json").read_text()) == LENGTH

    instrument = load_instrument(folder / "instrument.toml")
    assert (instrument.id, instrument.title) == ("made-up", "Eight made-up items")
    assert instrument.categories == CATEGORIES
    assert [item.id for item in instrument.items] == list(STEMS)
    word = instrument.partner_words[0]
    assert [item.text(word) for item in instrument.items] == list(STEMS.values())
    assert [item.keying for item in instrument.items] == [1, 1, 1, -1, 1, -1, 1, 1]
    assert [str(item.dimension) for item in instrument.items] == ["anxiety"] * 4 + ["avoidance"] * 4
    assert all(item.adapts is None and item.scored for item in instrument.items)
    bank = load_bank_file(folder / "bank.json")
    assert {item.id for item in bank.items} == set(STEMS)
    assert {item.categories for item in bank.items} == {3}


@pytest.mark.usefixtures("quick")
def test_licence_and_source_are_said_as_they_are(
    words: Path, into: Path, beside: Instrument
) -> None:
    install(words, into, beside)
    instrument = load_instrument(into / "made-up" / "instrument.toml")
    assert "no open licence" in instrument.licence
    assert "this instance only" in instrument.licence
    assert "codebook.html of made-up.zip, installed on 2026-11-24" in instrument.source
    assert instrument.source.endswith("Figures: nowhere.")


@pytest.mark.usefixtures("quick")
def test_frames_and_the_neutral_word_are_the_built_in_ones(
    words: Path, into: Path, beside: Instrument
) -> None:
    install(words, into, beside)
    instrument = load_instrument(into / "made-up" / "instrument.toml")
    assert instrument.frames == beside.frames
    assert [(word.id, word.forms) for word in instrument.partner_words] == [("partner", {})]


@pytest.mark.usefixtures("quick")
def test_only_the_owner_can_read_it(words: Path, into: Path, beside: Instrument) -> None:
    install(words, into, beside)
    folder = into / "made-up"
    for private in (into.parent, into, folder):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_version_tells_words_and_figures_apart(
    words: Path,
    into: Path,
    beside: Instrument,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sitting under one of them must not go on under another."""

    def version(archive: Path, figures: str) -> str:
        fitted_with(monkeypatch, figures)
        install(archive, into, beside, replace=True)
        return load_instrument(into / "made-up" / "instrument.toml").version

    other_words = tmp_path / "other.zip"
    other_words.write_bytes(archive_zip(page({**STEMS, "A1": "The weather keeps me still."})))
    first = version(words, "sha256:one")
    assert version(words, "sha256:one") == first
    assert len({first, version(other_words, "sha256:one"), version(words, "sha256:two")}) == 3


@pytest.mark.usefixtures("quick")
def test_items_are_counted_as_people_do(into: Path, beside: Instrument, tmp_path: Path) -> None:
    """Q2 before Q10, whatever their dimension; braces and quotes stay what they are."""
    columns = [f"Q{number}" for number in range(1, 13)]
    stems = {column: f'Sentence "{column}" has {{braces}} and \\ too.' for column in columns}
    data = recipe_data()
    data["items"] = {"anxiety": columns[1::2], "avoidance": columns[::2], "reversed": ["Q3"]}
    archive = tmp_path / "twelve.zip"
    archive.write_bytes(zip_with({"codebook.html": page(stems)}))
    install(archive, into, beside, recipe=parse_recipe(data, "twelve.toml"))
    instrument = load_instrument(into / "made-up" / "instrument.toml")
    assert [item.id for item in instrument.items] == columns
    word = instrument.partner_words[0]
    assert [item.text(word) for item in instrument.items] == list(stems.values())
    assert [item.id for item in instrument.items if item.keying == -1] == ["Q3"]


@pytest.mark.usefixtures("quick")
def test_the_file_is_toml_whatever_the_words_hold(
    words: Path, into: Path, beside: Instrument
) -> None:
    nasty = {**STEMS, "A1": 'Rain = ["wet"] \'\'\' # sun "now" ]', "A2": "A tab \\t and \\u0041."}
    words.write_bytes(archive_zip(page(nasty)))
    install(words, into, beside)
    read = tomllib.loads((into / "made-up" / "instrument.toml").read_text(encoding="utf-8"))
    assert [item["stem"] for item in read["items"]][:2] == [nasty["A1"], nasty["A2"]]


# ---- one that is there already --------------------------------------------------------------------


@pytest.mark.usefixtures("quick")
def test_one_that_is_there_stays_unless_it_is_to_be_replaced(
    words: Path, into: Path, beside: Instrument
) -> None:
    install(words, into, beside)
    mark = into / "made-up" / "mark"
    mark.write_text("the first one")
    with pytest.raises(InputError, match=r"installed already.*--replace"):
        install(words, into, beside)
    assert mark.exists()
    install(words, into, beside, replace=True)
    assert not mark.exists()
    assert left_in(into) == ["made-up"]


@pytest.mark.usefixtures("quick")
def test_two_lie_beside_each_other(words: Path, into: Path, beside: Instrument) -> None:
    install(words, into, beside)
    install(words, into, beside, instrument_id="another")
    assert left_in(into) == ["another", "made-up"]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("replacing", [False, True])
def test_one_that_came_meanwhile(
    words: Path, into: Path, beside: Instrument, replacing: bool
) -> None:
    """Somebody else installs the same id while the fit runs."""

    def slow(_: Path) -> Mapping[str, object]:
        (into / "made-up").mkdir()
        (into / "made-up" / "theirs").write_text("")
        return LENGTH

    if replacing:
        install(words, into, beside, length_of=slow, replace=True)
        assert "instrument.toml" in left_in(into / "made-up")
    else:
        with pytest.raises(InputError, match="installed already"):
            install(words, into, beside, length_of=slow)
        assert left_in(into / "made-up") == ["theirs"]
    assert left_in(into) == ["made-up"]


@pytest.mark.usefixtures("quick")
def test_a_replacing_that_fails_brings_the_former_one_back(
    words: Path, into: Path, beside: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(words, into, beside)
    (into / "made-up" / "mark").write_text("")
    moved = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if self.name.startswith(".adding-"):
            raise KeyboardInterrupt
        return moved(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        install(words, into, beside, replace=True)
    assert left_in(into) == ["made-up"]
    assert "mark" in left_in(into / "made-up")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("arrived", [False, True])
def test_a_power_cut_in_the_middle_of_replacing_is_put_right(
    words: Path, into: Path, beside: Instrument, arrived: bool
) -> None:
    former = into / ".former-made-up"
    former.mkdir(parents=True)
    (former / "mark").write_text("")
    if arrived:
        (into / "made-up").mkdir()
    with pytest.raises(InputError, match="installed already"):
        install(words, into, beside)
    assert left_in(into) == ["made-up"]
    assert left_in(into / "made-up") == ([] if arrived else ["mark"])


# ---- nothing is left ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stops", [KeyboardInterrupt(), ConvergenceError("no", trace=()), ArchiveError("no")]
)
def test_a_calibration_that_stops_leaves_nothing(
    words: Path,
    into: Path,
    beside: Instrument,
    stops: BaseException,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopping(*_: object, **__: object) -> None:
        raise stops

    monkeypatch.setattr(installing_module, "calibrate_archive", stopping)
    with pytest.raises(type(stops)):
        install(words, into, beside)
    assert left_in(into) == []


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "stops", [KeyboardInterrupt(), InstrumentError(file="bank.json", key="items", rule="broken")]
)
def test_what_the_app_cannot_open_is_not_installed(
    words: Path, into: Path, beside: Instrument, stops: BaseException
) -> None:
    def stopping(folder: Path) -> Mapping[str, object]:
        assert left_in(folder)
        raise stops

    with pytest.raises(type(stops)):
        install(words, into, beside, length_of=stopping)
    assert left_in(into) == []


def test_an_archive_whose_answers_cannot_be_used(
    into: Path, beside: Instrument, tmp_path: Path
) -> None:
    archive = tmp_path / "made-up.zip"
    archive.write_bytes(zip_with({"codebook.html": page(), "data.csv": answers(3)[:30]}))
    with pytest.raises(ArchiveError, match=r"data\.csv"):
        install(archive, into, beside)
    assert left_in(into) == []


@pytest.mark.parametrize("codebook", ["none", "two", "no words"])
def test_words_are_asked_for_before_the_work_is_done(
    codebook: str,
    into: Path,
    beside: Instrument,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(installing_module, "calibrate_archive")
    books: dict[str, str | bytes] = {
        "none": {},
        "two": {"a/codebook.html": page(), "b/codebook.html": page()},
        "no words": {"codebook.html": page({**STEMS, "B3": "INTEGER"})},
    }[codebook]  # type: ignore[assignment]
    archive = tmp_path / "made-up.zip"
    archive.write_bytes(zip_with({"data.csv": answers(20), **books}))
    said = {"none": "no codebook", "two": "2 codebooks", "no words": "column B3 has no words"}
    with pytest.raises(ArchiveError, match=said[codebook]):
        install(archive, into, beside)
    assert not into.exists()


# ---- what cannot be had ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "instrument_id", ["", "..", ".hidden", "a/b", "Made-Up", "a b", "-a", "a" * 41, "é", "a\n"]
)
def test_an_id_is_a_plain_name(
    words: Path, into: Path, beside: Instrument, instrument_id: str
) -> None:
    with pytest.raises(InputError, match="--as"):
        install(words, into, beside, instrument_id=instrument_id)
    assert not into.exists()


def test_the_built_in_id_is_not_to_be_had(words: Path, into: Path, beside: Instrument) -> None:
    with pytest.raises(InputError, match=r"built-in is the built-in instrument.*--as"):
        install(words, into, beside, instrument_id="built-in", replace=True)


@pytest.mark.parametrize(
    "dimensions",
    [
        {"mood": ["A1", "A2", "A3", "A4"], "avoidance": ["B1", "B2", "B3", "B4"]},
        {"anxiety": ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"]},
        {
            "anxiety": ["A1", "A2", "A3"],
            "avoidance": ["A4", "B1", "B2"],
            "mood": ["B3", "B4"],
        },
    ],
)
def test_other_dimensions_are_refused_with_the_reason(
    words: Path, into: Path, beside: Instrument, dimensions: dict[str, list[str]]
) -> None:
    recipe = made_up_recipe()
    of = {column: name for name, columns in dimensions.items() for column in columns}
    items = tuple(replace(item, dimension=of[item.column]) for item in recipe.items)
    with pytest.raises(InstrumentError, match="anxiety and avoidance, since results speak of"):
        install(words, into, beside, recipe=replace(recipe, items=items))
    assert not into.exists()


def test_too_few_items_for_a_result_are_refused(
    words: Path, into: Path, beside: Instrument
) -> None:
    recipe = made_up_recipe()
    with pytest.raises(InstrumentError, match=r"items\.avoidance: needs at least 4"):
        install(words, into, beside, recipe=replace(recipe, items=recipe.items[:7]))


def test_a_place_that_cannot_be_written_to(
    words: Path, into: Path, beside: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(installing_module, "calibrate_archive")
    into.parent.write_text("a file where the folder should be")
    with pytest.raises(InputError, match="UNDERTOW_STATE_DIR cannot be written to"):
        install(words, into, beside)
