"""What a form sent, read within limits; what it means is left to the pages."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from undertow.bank.responses import MISSING
from undertow.errors import ResponseError
from undertow.web.guard import MOST_BODY_BYTES, is_own_form

_MOST_FIELDS = 50
_FORM_TYPE = "application/x-www-form-urlencoded"
SKIPPED = "skip"
"""The value of the button that says an item does not apply."""


class ForeignForm(HTTPException):
    """A form that another site sent along with this browser's cookie."""

    def __init__(self) -> None:
        super().__init__(status_code=403)


async def read_form(request: Request) -> Mapping[str, str]:
    """The form's fields; of a field that came twice, the last.

    Raises ForeignForm for another site's form, HTTPException 413 for one that is too large and
    ResponseError for anything that is not a form.
    """
    if not is_own_form(request):
        raise ForeignForm
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            raise HTTPException(status_code=413)
    kind = request.headers.get("content-type", _FORM_TYPE).partition(";")[0].strip().lower()
    if kind != _FORM_TYPE:
        raise ResponseError("Send the form as the page sends it.")
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise ResponseError("Send the form as the page sends it.") from None
    return dict(pairs)


def revision_of(form: Mapping[str, str]) -> int:
    """The revision of the sitting that the screen was drawn from. Raises ResponseError."""
    return _whole_number(
        form.get("revision", ""), "That screen was not complete. Please try again."
    )


def category_of(form: Mapping[str, str]) -> int:
    """The tapped category, or MISSING. Raises ResponseError for anything else."""
    tapped = form.get("category", "")
    if tapped == SKIPPED:
        return MISSING
    return _whole_number(tapped, "Choose one of the answers shown.")


def adjusted_of(form: Mapping[str, str]) -> bool:
    """Whether the result is wanted with what is adjusted. Raises ResponseError."""
    wanted = form.get("adjusted", "")
    if wanted not in ("on", "off"):
        raise ResponseError("That screen was not complete. Please try again.")
    return wanted == "on"


def _whole_number(value: str, message: str) -> int:
    # isascii: int() also reads digits of other scripts, which no screen of ours sends.
    if not (value.isascii() and value.isdecimal() and len(value) <= 6):
        raise ResponseError(message)
    return int(value)
