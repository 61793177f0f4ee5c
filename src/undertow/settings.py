"""The environment as frozen settings; what they are used for is left to `wiring` and the edges.

A secret also comes from a file named by the variable with _FILE behind it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from undertow.errors import SettingsError

_SECRET_LEAST = 32
_HOUR_SECONDS = 3600
_NEUTRAL_SITE = "https://www.wikipedia.org/"
_INSTRUMENT_FILE = "instrument.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator decides. `secret` seals the sitting cookie; `repr` never shows it.

    `instrument` is the folder of the installed instrument that is asked; None for the built-in one.
    """

    secret: bytes
    operator: str = ""
    exit_url: str = _NEUTRAL_SITE
    https: bool = False
    sitting_seconds: int = 6 * _HOUR_SECONDS
    instrument: Path | None = None

    def __repr__(self) -> str:
        return (
            f"Settings(operator={self.operator!r}, exit_url={self.exit_url!r}, https={self.https})"
        )


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from UNDERTOW_* variables, with defaults that suit one's own computer.

    Raises SettingsError naming the variable.
    """
    env = os.environ if environment is None else environment
    exit_url = env.get("UNDERTOW_EXIT_URL", _NEUTRAL_SITE)
    parts = urlsplit(exit_url)
    if parts.scheme != "https" or not parts.netloc or any(c in exit_url for c in " ;,'\""):
        raise SettingsError("UNDERTOW_EXIT_URL must be a full https address, such as a news page.")
    return Settings(
        secret=_secret(env),
        operator=env.get("UNDERTOW_OPERATOR", "").strip(),
        exit_url=exit_url,
        https=_yes_or_no(env, "UNDERTOW_HTTPS"),
        sitting_seconds=_hours(env, "UNDERTOW_SITTING_HOURS", 6) * _HOUR_SECONDS,
        instrument=chosen_instrument(env),
    )


def instruments_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where installed instruments lie, each in a folder with its id for a name; it may not be there yet."""
    return _state_directory(os.environ if environment is None else environment) / "instruments"


def installed_ids(folder: Path) -> tuple[str, ...]:
    """The instruments in that folder, by name. Raises SettingsError when it cannot be read."""
    try:
        if not folder.is_dir():
            return ()
        return tuple(
            sorted(
                each.name
                for each in folder.iterdir()
                # What begins with a dot is on its way in or out.
                if not each.name.startswith(".") and (each / _INSTRUMENT_FILE).is_file()
            )
        )
    except OSError:
        raise SettingsError(
            "The instruments in UNDERTOW_STATE_DIR cannot be read. Only who installed them may: "
            "start Undertow as the same user."
        ) from None


def chosen_instrument(environment: Mapping[str, str] | None = None) -> Path | None:
    """The folder of the instrument that UNDERTOW_INSTRUMENT names; None for the built-in one.

    Unlike `load_settings` it writes nothing. Raises SettingsError when none of that name is installed.
    """
    env = os.environ if environment is None else environment
    chosen = env.get("UNDERTOW_INSTRUMENT", "").strip()
    if not chosen:
        return None
    folder = instruments_folder(env)
    installed = installed_ids(folder)
    if chosen not in installed:
        raise SettingsError(
            "UNDERTOW_INSTRUMENT names an instrument that is not installed. Installed: "
            f"{', '.join(installed) or 'none'}. Install one with `undertow instrument add`, or "
            "leave the variable out to ask the built-in questions."
        )
    return folder / chosen


def check_can_serve(settings: Settings, *, host: str, secret_given: bool) -> None:
    """Whether these settings may answer on `host`.

    On one's own computer anything goes. Elsewhere people must know who runs the instance, and
    the way there must be encrypted. Raises SettingsError with all that is missing.
    """
    if _is_loopback(host):
        return
    missing = []
    if not settings.operator:
        missing.append("UNDERTOW_OPERATOR (who runs this, and how to reach them)")
    if not secret_given:
        missing.append("UNDERTOW_SECRET or UNDERTOW_SECRET_FILE (at least 32 characters)")
    if not settings.https:
        missing.append("UNDERTOW_HTTPS=1 (a proxy in front that speaks https)")
    if missing:
        raise SettingsError(f"To serve on {host}, set: " + "; ".join(missing) + ".")


def secret_is_given(environment: Mapping[str, str] | None = None) -> bool:
    env = os.environ if environment is None else environment
    return bool(env.get("UNDERTOW_SECRET") or env.get("UNDERTOW_SECRET_FILE"))


def _secret(env: Mapping[str, str]) -> bytes:
    given = env.get("UNDERTOW_SECRET", "")
    path = env.get("UNDERTOW_SECRET_FILE", "")
    if path:
        try:
            given = Path(path).read_text(encoding="utf-8").strip()
        except OSError:
            raise SettingsError("UNDERTOW_SECRET_FILE names a file that cannot be read.") from None
    if given:
        if len(given) < _SECRET_LEAST:
            raise SettingsError(f"UNDERTOW_SECRET needs at least {_SECRET_LEAST} characters.")
        return given.encode()
    return _own_secret(_state_directory(env) / "secret")


def _state_directory(env: Mapping[str, str]) -> Path:
    if env.get("UNDERTOW_STATE_DIR"):
        return Path(env["UNDERTOW_STATE_DIR"])
    base = env.get("XDG_STATE_HOME") or str(Path(env.get("HOME", ".")) / ".local" / "state")
    return Path(base) / "undertow"


def _own_secret(path: Path) -> bytes:
    """The secret of a local start, made once and readable by this user alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
        kept = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            "UNDERTOW_STATE_DIR cannot be written or read; name another folder, "
            "or set UNDERTOW_SECRET."
        ) from None
    if len(kept) < _SECRET_LEAST:
        raise SettingsError(
            "The secret in UNDERTOW_STATE_DIR is too short; delete the file to have a new one made."
        )
    return kept.encode()


def _yes_or_no(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value in {"1", "yes", "true", "on"}:
        return True
    if value in {"", "0", "no", "false", "off"}:
        return False
    raise SettingsError(f"{name} must be 1 or 0.")


def _hours(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal() or not 1 <= int(value) <= 24:
        raise SettingsError(f"{name} must be a whole number of hours from 1 to 24.")
    return int(value)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
