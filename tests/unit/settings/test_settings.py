"""Settings from an environment: each variable, each refusal, the secret's file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from undertow.errors import SettingsError
from undertow.settings import check_can_serve, load_settings, secret_is_given

LONG = "x" * 32


def test_a_local_start_makes_its_secret_once_and_for_this_user_alone(tmp_path: Path) -> None:
    environment = {"UNDERTOW_STATE_DIR": str(tmp_path / "state")}
    first = load_settings(environment)
    again = load_settings(environment)
    kept = tmp_path / "state" / "secret"
    assert first.secret == again.secret
    assert len(first.secret) >= 32
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    other = load_settings({"UNDERTOW_STATE_DIR": str(tmp_path / "other")})
    assert other.secret != first.secret


def test_a_secret_comes_from_a_variable_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(LONG + "\n")
    assert load_settings({"UNDERTOW_SECRET": LONG}).secret == LONG.encode()
    assert load_settings({"UNDERTOW_SECRET_FILE": str(file)}).secret == LONG.encode()
    assert secret_is_given({"UNDERTOW_SECRET_FILE": str(file)})
    assert not secret_is_given({})


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"UNDERTOW_SECRET": "short"}, "UNDERTOW_SECRET"),
        ({"UNDERTOW_SECRET_FILE": "/nowhere/at/all"}, "UNDERTOW_SECRET_FILE"),
        ({"UNDERTOW_SECRET": LONG, "UNDERTOW_HTTPS": "maybe"}, "UNDERTOW_HTTPS"),
        ({"UNDERTOW_SECRET": LONG, "UNDERTOW_SITTING_HOURS": "0"}, "UNDERTOW_SITTING_HOURS"),
        ({"UNDERTOW_SECRET": LONG, "UNDERTOW_SITTING_HOURS": "a day"}, "UNDERTOW_SITTING_HOURS"),
        ({"UNDERTOW_SECRET": LONG, "UNDERTOW_EXIT_URL": "http://x.example"}, "UNDERTOW_EXIT_URL"),
        ({"UNDERTOW_SECRET": LONG, "UNDERTOW_EXIT_URL": "https://"}, "UNDERTOW_EXIT_URL"),
        (
            {"UNDERTOW_SECRET": LONG, "UNDERTOW_EXIT_URL": "https://x.example; script-src *"},
            "UNDERTOW_EXIT_URL",
        ),
    ],
)
def test_a_wrong_variable_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(environment)


def test_an_unwritable_state_folder_is_named(tmp_path: Path) -> None:
    file = tmp_path / "not a folder"
    file.write_text("")
    with pytest.raises(SettingsError, match="UNDERTOW_STATE_DIR"):
        load_settings({"UNDERTOW_STATE_DIR": str(file)})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "[::1]", "localhost"])
def test_ones_own_computer_needs_nothing(host: str) -> None:
    check_can_serve(load_settings({"UNDERTOW_SECRET": LONG}), host=host, secret_given=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "undertow.example"])  # noqa: S104
def test_elsewhere_people_must_know_who_runs_it(host: str) -> None:
    with pytest.raises(SettingsError) as refused:
        check_can_serve(load_settings({"UNDERTOW_SECRET": LONG}), host=host, secret_given=False)
    for named in ("UNDERTOW_OPERATOR", "UNDERTOW_SECRET", "UNDERTOW_HTTPS"):
        assert named in str(refused.value)


def test_elsewhere_with_everything_set_is_served() -> None:
    settings = load_settings(
        {"UNDERTOW_SECRET": LONG, "UNDERTOW_OPERATOR": "Op", "UNDERTOW_HTTPS": "1"}
    )
    check_can_serve(settings, host="0.0.0.0", secret_given=True)  # noqa: S104


def test_settings_never_print_the_secret() -> None:
    assert LONG not in repr(load_settings({"UNDERTOW_SECRET": LONG}))
