"""The web app from a house and settings; serving it is left to the command line."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from undertow.errors import InputError
from undertow.settings import Settings
from undertow.web.cookie import SittingCookie
from undertow.web.guard import HeadersMiddleware, headers_of
from undertow.web.pages import EndedSitting, NoSitting, Pages
from undertow.wiring import House

_HERE = Path(__file__).parent


def wall_clock() -> int:
    """Seconds since 1970, UTC."""
    return int(time.time())


def create_app(
    house: House, settings: Settings, *, clock: Callable[[], int] = wall_clock
) -> ASGIApp:
    """The ASGI app. It keeps nothing between requests, so any number of workers may serve it."""
    pages = Pages(
        house=house,
        settings=settings,
        cookie=SittingCookie(
            secret=settings.secret,
            secure=settings.https,
            lifetime_seconds=settings.sitting_seconds,
        ),
        environment=_environment(),
        clock=clock,
    )
    app = Starlette(
        routes=routes_of(pages),
        exception_handlers={
            NoSitting: pages.on_no_sitting,
            EndedSitting: pages.on_ended_sitting,
            InputError: pages.on_input_error,
            HTTPException: pages.on_http,
            Exception: pages.on_failure,
        },
    )
    # Outermost, so that even the answer to a failure carries the headers.
    return HeadersMiddleware(
        app, headers=headers_of(exit_url=settings.exit_url, https=settings.https)
    )


def routes_of(pages: Pages) -> list[Route | Mount]:
    """Every address with its method; tests walk this list, so that no page can be forgotten."""
    return [
        Route("/", pages.start),
        Route("/before", pages.before),
        Route("/before/short", pages.before_short),
        Route("/before/full", pages.before_full),
        Route("/begin", pages.begin, methods=["POST"]),
        Route("/check", pages.check),
        Route("/check/age", pages.age, methods=["POST"]),
        Route("/check/gender", pages.gender, methods=["POST"]),
        Route("/check/relationship", pages.relationship, methods=["POST"]),
        Route("/check/answer", pages.answer, methods=["POST"]),
        Route("/check/back", pages.back, methods=["POST"]),
        Route("/check/adjust", pages.adjust, methods=["POST"]),
        Route("/result", pages.result),
        Route("/numbers", pages.numbers),
        Route("/help", pages.help),
        Route("/young", pages.young),
        Route("/leave", pages.leave, methods=["POST"]),
        Route("/healthz", pages.health),
        Mount("/static", _Static(directory=_HERE / "static")),
    ]


class _Static(StaticFiles):
    """Style, script and picture: the same for everyone, so a browser may keep them for an hour."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=3600"
        return response


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
