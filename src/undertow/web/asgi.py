"""The app as ASGI servers ask for it: `uvicorn --factory undertow.web.asgi:app`."""

from __future__ import annotations

from starlette.types import ASGIApp

from undertow.settings import load_settings
from undertow.web.app import create_app
from undertow.wiring import build_house


def app() -> ASGIApp:
    """The house that the environment's settings choose. Raises UndertowError when one is wrong."""
    settings = load_settings()
    return create_app(build_house(instrument=settings.instrument), settings)
