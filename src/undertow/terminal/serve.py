"""Starts the web app in this process; what it answers is left to `web`."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from undertow.errors import SettingsError
from undertow.settings import check_can_serve, load_settings, secret_is_given

# By name, as any ASGI server would start it: the terminal knows where the web app is, not what.
_APP = "undertow.web.asgi:app"


def serve_web(*, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serves until stopped. Raises SettingsError when it may not or cannot answer there."""
    settings = load_settings()
    check_can_serve(settings, host=host, secret_given=secret_is_given())
    config = uvicorn.Config(
        _APP,
        factory=True,
        # PRIVACY P1: not even the times and addresses of single requests are written down.
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=settings.https,
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=32 * 1024,
        lifespan="off",
    )
    config.load()
    listening = _listen(host, port)
    taken = listening.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    announce(f"Undertow runs at http://{shown}:{taken}   (Ctrl-C stops it)")
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        announce("Undertow stopped.")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), port))
    except OSError:
        listening.close()
        raise SettingsError(
            f"{host}:{port} cannot be used; something else may answer there. "
            "Choose another port with --port."
        ) from None
    return listening
