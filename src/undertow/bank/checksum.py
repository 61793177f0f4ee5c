"""The seal of a bank's content, so that a changed figure is noticed; files are left to others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence


def content_checksum(value: object) -> str:
    """'sha256:...' over a canonical form: keys sorted, numbers by repr, nothing of layout.

    Takes what a bank file is made of: mappings, sequences, text, numbers, true, false and None.
    """
    digest = hashlib.sha256()
    for part in _canonical(value):
        digest.update(part.encode())
    return f"sha256:{digest.hexdigest()}"


def _canonical(value: object) -> list[str]:
    if isinstance(value, Mapping):
        inner = [
            part for key in sorted(value) for part in (repr(str(key)), ":", *_canonical(value[key]))
        ]
        return ["{", *inner, "}"]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ["[", *(part for one in value for part in (*_canonical(one), ",")), "]"]
    # 1 and 1.0 are the same figure, whichever a writer of the file prefers.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return [repr(value)]
