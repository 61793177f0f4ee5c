"""`undertow instrument`: add, list and remove, what each prints, and the check on what was added."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.made_up_installed import Typed, copied, installed_state, instrument, made_up_archive
from tests.terminal.typed import FACTS, one_line, run_check
from tests.unit.calibrate.making_codebooks import CATEGORIES, STEMS, archive_zip, page, text
from typer.testing import CliRunner

from undertow.calibrate import BUILT_IN_RECIPE, installing, load_recipe
from undertow.errors import ConvergenceError, InstrumentError
from undertow.terminal.check import Conversation, Ending
from undertow.terminal.cli import app
from undertow.terminal.voice import open_voice
from undertow.wiring import BUILT_IN_BANK, build_house, load_installed

WORDS = ("weather", "rain", "Clouds", "Umbrellas", "puddles", "Boots", "fog", "half me", "Half me")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed_state(tmp_path_factory)


def wrong(typed: Typed) -> str:
    """The one line of a refused command; none of the words may be in it."""
    assert (typed.code, typed.out) == (2, "")
    (line,) = typed.err.splitlines()
    assert line.startswith("undertow: ")
    assert not any(word in line for word in WORDS)
    return line


# ---- add ------------------------------------------------------------------------------------------


def test_add_says_what_it_did_and_what_comes_next(tmp_path: Path) -> None:
    archive, recipe = made_up_archive(tmp_path)
    done = instrument("add", archive, "--recipe", recipe, "--as", "mine", state=tmp_path / "state")
    assert (done.code, done.err) == (0, "")
    assert "Installed mine: 8 items in the words of codebook.html, figures from" in done.out
    assert "of 900 rows." in done.out
    assert "about 2 minutes: 8 to 8 questions" in done.out
    assert "no open licence" in done.out
    assert done.out.splitlines()[-1] == "To ask it, set UNDERTOW_INSTRUMENT=mine."
    assert not any(word in done.out for word in WORDS)
    assert [each.name for each in (tmp_path / "state" / "instruments").iterdir()] == ["mine"]


def test_the_id_is_the_recipes_by_default(state: Path) -> None:
    assert load_installed(state / "instruments" / "made-up")[0].id == "made-up"


def test_a_text_will_do_for_a_codebook(tmp_path: Path) -> None:
    archive, recipe = made_up_archive(tmp_path)
    Path(archive).write_bytes(archive_zip(text(), name="codebook.txt"))
    done = instrument("add", archive, "--recipe", recipe, state=tmp_path)
    assert "in the words of codebook.txt" in done.out
    found, _ = load_installed(tmp_path / "instruments" / "made-up")
    assert [item.stem.replace("{{", "{").replace("}}", "}") for item in found.items] == list(
        STEMS.values()
    )
    assert found.categories == CATEGORIES


def test_one_that_is_there_is_replaced_only_when_asked(state: Path, tmp_path: Path) -> None:
    archive, recipe = made_up_archive(tmp_path)
    add = ("add", archive, "--recipe", recipe)
    copied(state, tmp_path, "made-up")
    file = tmp_path / "instruments" / "made-up" / "instrument.toml"
    before = file.read_bytes()
    assert "made-up is installed already" in wrong(instrument(*add, state=tmp_path))
    Path(archive).write_bytes(archive_zip(page({**STEMS, "B4": "Fog is for other people."})))
    assert file.read_bytes() == before
    assert instrument(*add, "--replace", state=tmp_path).code == 0
    assert b"Fog is for other people." in file.read_bytes()


@pytest.mark.parametrize(
    ("codebook", "said"),
    [
        ("Nothing of use.", "column A1 has no words there"),
        (page({**STEMS, "B1": ""}), "column B1 has no words there"),
        (page(rated="rated"), "what the answers 1 to 3 were called is not there"),
    ],
)
def test_what_a_codebook_lacks_is_told_in_one_line(
    tmp_path: Path, codebook: str, said: str
) -> None:
    archive, recipe = made_up_archive(tmp_path, codebook)
    done = instrument("add", archive, "--recipe", recipe, state=tmp_path / "state")
    assert said in wrong(done)
    assert not (tmp_path / "state").exists()


def test_other_dimensions_are_told_in_one_line(tmp_path: Path) -> None:
    archive, recipe = made_up_archive(tmp_path)
    written = Path(recipe).read_text()
    Path(recipe).write_text(written.replace("avoidance = [", "calm = ["))
    line = wrong(instrument("add", archive, "--recipe", recipe, state=tmp_path))
    assert "avoidance" in line


@pytest.mark.parametrize(
    ("stops", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "stopped. Nothing was kept."),
        (ConvergenceError("The fit did not settle.", trace=(1.0,)), 1, "did not settle"),
    ],
)
def test_what_stops_on_its_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: BaseException, code: int, said: str
) -> None:
    def stopping(*_: object, **__: object) -> None:
        raise stops

    monkeypatch.setattr(installing, "calibrate_archive", stopping)
    archive, recipe = made_up_archive(tmp_path)
    done = instrument("add", archive, "--recipe", recipe, state=tmp_path / "state")
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert list((tmp_path / "state" / "instruments").iterdir()) == []


# ---- list and remove ------------------------------------------------------------------------------


def test_list_without_any_names_the_built_in_one(tmp_path: Path) -> None:
    done = instrument("list", state=tmp_path)
    assert (done.code, done.err) == (0, "")
    (line,) = done.out.splitlines()
    assert line.startswith("undertow ")
    assert line.endswith("(built in)")
    assert list(tmp_path.iterdir()) == []


def test_list_names_what_was_added(state: Path) -> None:
    lines = instrument("list", state=state).out.splitlines()
    assert lines[1:] == ["made-up   Eight made-up items"]


def test_list_says_which_is_broken_and_goes_on(state: Path, tmp_path: Path) -> None:
    copied(state, tmp_path, "broken", "whole")
    bank = tmp_path / "instruments" / "broken" / "bank.json"
    bank.write_text(bank.read_text().replace('"slope": 1', '"slope": 2'))
    lines = instrument("list", state=tmp_path).out.splitlines()
    assert lines[1].startswith("broken   broken: bank.json: checksum: ")
    assert lines[1].endswith("install it again with --replace")
    assert lines[2] == "whole   Eight made-up items"


def test_remove(state: Path, tmp_path: Path) -> None:
    copied(state, tmp_path, "made-up")
    assert "no such instrument" in wrong(instrument("remove", "another", state=tmp_path))
    assert "Installed: made-up." in wrong(instrument("remove", "..", state=tmp_path))
    done = instrument("remove", "made-up", state=tmp_path)
    assert (done.code, done.out) == (0, "Removed made-up.\n")
    assert list((tmp_path / "instruments").iterdir()) == []
    assert "Installed: none." in wrong(instrument("remove", "made-up", state=tmp_path))


# ---- around it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [(), ("add",), ("list",), ("remove",)])
def test_help_is_plain(command: tuple[str, ...], tmp_path: Path) -> None:
    done = instrument(*command, "--help", state=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.isascii()


def test_the_command_itself_loads_nothing_heavy() -> None:
    heavy = "rich uvicorn starlette jinja2 cryptography undertow.calibrate undertow.web"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, undertow\nbefore = set(sys.modules)\n"
            "import undertow.terminal.instrument_command\n"
            f"print(sorted(set({heavy.split()!r}) & (set(sys.modules) - before)))",
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ},
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_an_item_that_borrows_is_not_asked_as_an_original(state: Path, tmp_path: Path) -> None:
    """A file that somebody wrote by hand: its figures would be said to be those of its words."""
    folder = copied(state, tmp_path, "made-up") / "instruments" / "made-up"
    file = folder / "instrument.toml"
    written = file.read_text().replace("original = true\n", "")
    file.write_text(written.replace('facet = "', 'adapts = "A1"\nfacet = "'))
    with pytest.raises(InstrumentError, match=r"instrument\.toml: original: must be true"):
        load_installed(folder)


def test_a_folder_without_its_length_cannot_be_asked(state: Path, tmp_path: Path) -> None:
    folder = copied(state, tmp_path, "made-up") / "instruments" / "made-up"
    (folder / "length.json").unlink()
    with pytest.raises(InstrumentError, match=r"length\.json"):
        build_house(instrument=folder)


def test_the_check_asks_it_to_the_end(state: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    # No word for the partner is asked, since the stems have no place for one.
    typed = "".join(f"{line}\n" for line in [*FACTS[:-1], *(["2"] * len(STEMS))])
    house = build_house(instrument=state / "instruments" / "made-up")
    voice = open_voice(io.StringIO(typed), out, err, result_on_out=True)
    outcome = Conversation(house=house, voice=voice, clock=lambda: 0).run()
    assert outcome.ending is Ending.FINISHED
    assert outcome.report is not None
    assert outcome.report.bank == "made-up"
    assert outcome.report.answered == len(STEMS)
    said = one_line(out.getvalue())
    for words in (*STEMS.values(), *CATEGORIES):
        assert words in said
    assert "our own wording" not in said


def test_check_asks_what_the_environment_chooses(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERTOW_STATE_DIR", str(state))
    monkeypatch.setenv("UNDERTOW_INSTRUMENT", "made-up")
    done = run_check([*FACTS[:-1], *(["2"] * len(STEMS))], "--json")
    assert (done.code, json.loads(done.out)["bank"]) == (0, "made-up")
    monkeypatch.setenv("UNDERTOW_INSTRUMENT", "another")
    refused = run_check(FACTS)
    assert (refused.code, refused.out) == (2, "")
    assert "Installed: made-up." in refused.err


def test_the_commands_are_there(state: Path) -> None:
    done = CliRunner().invoke(app, ["instrument", "list"], env={"UNDERTOW_STATE_DIR": str(state)})
    assert done.stdout.splitlines()[1:] == ["made-up   Eight made-up items"]


@pytest.mark.real_data
def test_the_published_words_go_with_the_shipped_figures(
    ecr_sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts only: the wording must not get anywhere. The figures are there already, to save the fit."""
    shipped = json.loads(BUILT_IN_BANK.read_text(encoding="utf-8"))
    fitted = SimpleNamespace(
        recipe=load_recipe(BUILT_IN_RECIPE), content=shipped, rows_read=2, rows_used=1
    )
    monkeypatch.setattr(installing, "calibrate_archive", lambda *_, **__: fitted)
    monkeypatch.setattr(installing, "write_bank", lambda _, path: shutil.copy(BUILT_IN_BANK, path))
    done = instrument("add", str(ecr_sample), state=tmp_path)
    assert done.code == 0, done.err
    assert "Installed ecr-2018: 36 items in the words of codebook.html" in done.out
    house = build_house(instrument=tmp_path / "instruments" / "ecr-2018")
    asked = house.check.instrument
    assert len(asked.items) == len({item.stem for item in asked.items}) == 36
    assert len(asked.categories) == 5
    bank = house.check.test.model.bank
    assert [item.id for item in bank.items] == [f"Q{number}" for number in range(1, 37)]
    assert bank.carried_drift is None
    assert 8 <= house.length.items_low <= house.length.items_high <= 20
