"""The seal of a bank's content, so that a changed figure is noticed; files are left to others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from math import isfinite
from types import MappingProxyType

_ESCAPES = MappingProxyType(
    {
        '"': '\\"',
        "\\": "\\\\",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
    }
)


def content_checksum(value: object) -> str:
    """'sha256:...' over the canonical JSON of a value, in UTF-8."""
    return f"sha256:{hashlib.sha256(canonical_json(value).encode()).hexdigest()}"


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces, so that layout and order don't count.

    The same text as Python's json.dumps(value, sort_keys=True, separators=(",", ":"),
    ensure_ascii=False), so anyone can check a seal in one line. Raises TypeError for what JSON
    does not have and ValueError for numbers that are not finite.
    """
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        if not isfinite(value):
            raise ValueError("a number that is not finite has no place in a sealed file")
        # As json does it: a subclass, numpy's float64 for one, may have a repr of its own.
        return float.__repr__(value) if isinstance(value, float) else int.__repr__(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(_pair(key, value[key]) for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(canonical_json(one) for one in value) + "]"
    raise TypeError(f"{type(value).__name__} is not part of JSON")


def _pair(key: object, value: object) -> str:
    if not isinstance(key, str):
        raise TypeError("keys must be text")
    return f"{_text(key)}:{canonical_json(value)}"


def _text(value: str) -> str:
    return '"' + "".join(_ESCAPES.get(c) or _plain(c) for c in value) + '"'


def _plain(character: str) -> str:
    return f"\\u{ord(character):04x}" if character < " " else character
