"""Starts the web app in this process; what it answers is left to `web`."""

from __future__ import annotations

import errno
import logging
import socket
import traceback
from collections.abc import Callable
from types import TracebackType

import uvicorn

from undertow.errors import SettingsError
from undertow.settings import check_can_serve, load_settings, secret_is_given

# By name, as any ASGI server would start it: the terminal knows where the web app is, not what.
_APP = "undertow.web.asgi:app"
_KEEP_ALIVE_SECONDS = 15
_LAST_REQUESTS_SECONDS = 5
"""How long Ctrl-C waits for answers that are on their way."""
_WAITING_CONNECTIONS = 2048
_ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class PlacesOnly(logging.Formatter):
    """Formats a failure as its kind and the places in the code that led there.

    PRIVACY P1: an exception's own message may quote what a person sent, so it is left out.
    """

    # The name and the type are those of the standard library.
    def formatException(self, ei: _ExceptionInfo) -> str:  # noqa: N802
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            places = traceback.format_tb(error.__traceback__)
            lines = [f"{type(error).__qualname__} at", *(p.rstrip() for p in places), *lines]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)


def serve_web(*, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serves until stopped. Raises SettingsError when it may not or cannot answer there."""
    settings = load_settings()
    check_can_serve(settings, host=host, secret_given=secret_is_given())
    listening = _listen(host, port)
    config = uvicorn.Config(
        _APP,
        factory=True,
        # PRIVACY P1: not even the times and addresses of single requests are written down.
        access_log=False,
        log_level="warning",
        log_config=_log_config(),
        server_header=False,
        # Only a proxy in front may say where a request came from, and only https means that one is there.
        proxy_headers=settings.https,
        http="httptools",
        ws="none",
        lifespan="off",
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_LAST_REQUESTS_SECONDS,
    )
    with listening:
        # Loaded before anything is announced, so that a broken data file is told first.
        config.load()
        announce(f"Undertow runs at {_address(host, listening)}   (Ctrl-C stops it)")
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            announce("Undertow stopped.")


def _address(host: str, listening: socket.socket) -> str:
    bare = host.strip("[]")
    shown = f"[{bare}]" if ":" in bare else bare
    return f"http://{shown}:{listening.getsockname()[1]}"


def _listen(host: str, port: int) -> socket.socket:
    """A socket that is already listening: whoever reads the address can open it at once."""
    bare = host.strip("[]")
    listening = socket.socket(socket.AF_INET6 if ":" in bare else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((bare, port))
        listening.listen(_WAITING_CONNECTIONS)
    except OSError as error:
        listening.close()
        raise SettingsError(_why_not(error, bare, port)) from None
    return listening


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken. "
            "Stop what answers there, or choose another port with --port."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} may not be opened. Choose one above 1023 with --port."
    return f"{host} is not an address of this computer. Try --host 127.0.0.1."


def _log_config() -> dict[str, object]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"places": {"()": PlacesOnly}},
        "handlers": {
            "err": {
                "class": "logging.StreamHandler",
                "formatter": "places",
                "stream": "ext://sys.stderr",
            }
        },
        "loggers": {
            name: {"handlers": ["err"], "level": "WARNING", "propagate": False}
            for name in ("uvicorn", "asyncio")
        },
    }
