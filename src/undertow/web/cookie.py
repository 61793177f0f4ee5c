"""The sealed cookie that carries a sitting; what is in a sitting is left to `service`.

PRIVACY P2: the server keeps nothing of a sitting; the browser carries it, sealed and unreadable.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from starlette.requests import Request
from starlette.responses import Response

from undertow.bank.item import Instrument
from undertow.errors import InputError
from undertow.service.sitting import Sitting
from undertow.service.sitting_code import pack_sitting, unpack_sitting

_NONCE_BYTES = 12
_CLOCK_SKEW_SECONDS = 300
MOST_BYTES = 3500
"""Browsers promise 4,096 bytes a cookie, name and attributes included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SittingCookie:
    """Seals a sitting into a cookie value and opens it again.

    AES-GCM-SIV under a key derived from the instance's secret: a nonce that came twice by chance
    would show only that two sittings were equal. The name is bound in, so that a value cannot be
    moved to another cookie.
    """

    secret: bytes
    secure: bool
    lifetime_seconds: int

    def __repr__(self) -> str:
        return "SittingCookie()"

    @property
    def name(self) -> str:
        # __Host- binds the cookie to this host and path; browsers take it over https only.
        return "__Host-undertow" if self.secure else "undertow"

    def seal(self, sitting: Sitting, instrument: Instrument) -> str:
        """The cookie's value. Raises InputError when it would not fit a cookie."""
        nonce = os.urandom(_NONCE_BYTES)
        packed = pack_sitting(sitting, instrument)
        sealed = nonce + self._cipher().encrypt(nonce, packed, self._bound())
        value = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
        if len(value) > MOST_BYTES:
            raise InputError("That is more than one sitting can hold. Shorten your own words.")
        return value

    def open(self, value: str, instrument: Instrument, *, now: int) -> Sitting:
        """The sitting in a cookie's value. Raises InputError when it was changed or is too old."""
        try:
            sealed = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
            nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            packed = self._cipher().decrypt(nonce, body, self._bound())
        except (InvalidTag, ValueError, binascii.Error):
            raise InputError("This sitting cannot be read. Please start again.") from None
        sitting = unpack_sitting(packed, instrument)
        age = now - sitting.touched_at
        if not -_CLOCK_SKEW_SECONDS <= age <= self.lifetime_seconds:
            raise InputError("This sitting is too old. Please start again.")
        return sitting

    def read(self, request: Request, instrument: Instrument, *, now: int) -> Sitting | None:
        """The request's sitting, None without one. Raises InputError as `open` does."""
        value = request.cookies.get(self.name)
        return None if not value else self.open(value, instrument, now=now)

    def write(self, response: Response, sitting: Sitting, instrument: Instrument) -> None:
        """Lets the browser carry the sitting until it is closed: no lifetime, so a session cookie."""
        response.set_cookie(
            self.name,
            self.seal(sitting, instrument),
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="strict",
        )

    def clear(self, response: Response) -> None:
        response.delete_cookie(
            self.name, path="/", secure=self.secure, httponly=True, samesite="strict"
        )

    def _bound(self) -> bytes:
        return self.name.encode()

    def _cipher(self) -> AESGCMSIV:
        derive = HKDF(
            algorithm=hashes.SHA256(), length=32, salt=None, info=b"undertow sitting cookie 1"
        )
        return AESGCMSIV(derive.derive(self.secret))
