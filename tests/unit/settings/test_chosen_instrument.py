"""Which instrument an instance asks: the built-in one, or one that is installed here."""

from __future__ import annotations

from pathlib import Path

import pytest

from undertow.errors import SettingsError
from undertow.settings import (
    Settings,
    chosen_instrument,
    installed_ids,
    instruments_folder,
    load_settings,
)

LONG = "x" * 32


def environment(state: Path, chosen: str | None = None) -> dict[str, str]:
    made = {"UNDERTOW_STATE_DIR": str(state), "UNDERTOW_SECRET": LONG}
    return made if chosen is None else {**made, "UNDERTOW_INSTRUMENT": chosen}


def install(state: Path, *names: str) -> Path:
    folder = instruments_folder(environment(state))
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "instrument.toml").write_text("")
    return folder


def test_they_lie_in_the_instances_own_folder() -> None:
    assert instruments_folder({"UNDERTOW_STATE_DIR": "/here"}) == Path("/here/instruments")
    assert instruments_folder({"HOME": "/home/op"}) == Path(
        "/home/op/.local/state/undertow/instruments"
    )


def test_only_whole_ones_count(tmp_path: Path) -> None:
    folder = install(tmp_path, "b", "a", ".adding-c")
    (folder / "without a file").mkdir()
    (folder / "file").write_text("")
    assert installed_ids(folder) == ("a", "b")
    assert installed_ids(tmp_path / "nowhere") == ()


@pytest.mark.parametrize("chosen", [None, "", "  "])
def test_the_built_in_one_is_asked_unless_another_is_chosen(
    tmp_path: Path, chosen: str | None
) -> None:
    install(tmp_path, "made-up")
    assert Settings(secret=b"").instrument is None
    assert load_settings(environment(tmp_path, chosen)).instrument is None


def test_an_installed_one_is_chosen_by_its_id(tmp_path: Path) -> None:
    folder = install(tmp_path, "made-up", "another")
    assert load_settings(environment(tmp_path, "made-up")).instrument == folder / "made-up"
    assert chosen_instrument(environment(tmp_path, " another ")) == folder / "another"


@pytest.mark.parametrize("chosen", ["unknown", "..", ".", "made-up/", "../instruments/made-up"])
def test_one_that_is_not_installed_is_told_with_what_is(tmp_path: Path, chosen: str) -> None:
    install(tmp_path, "made-up", "another")
    with pytest.raises(SettingsError) as refused:
        load_settings(environment(tmp_path, chosen))
    assert "UNDERTOW_INSTRUMENT" in str(refused.value)
    assert "Installed: another, made-up." in str(refused.value)


def test_where_nothing_is_installed_the_message_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"Installed: none\..*undertow instrument add"):
        load_settings(environment(tmp_path, "made-up"))


def test_choosing_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        chosen_instrument({"UNDERTOW_STATE_DIR": str(tmp_path / "s"), "UNDERTOW_INSTRUMENT": "a"})
    assert list(tmp_path.iterdir()) == []


def test_what_only_another_user_may_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "made-up")

    def locked(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", locked)
    with pytest.raises(SettingsError, match="UNDERTOW_STATE_DIR cannot be read"):
        chosen_instrument(environment(tmp_path, "made-up"))
