"""The seal of a bank's content: the same for the same figures, another for any other."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.bank.checksum import canonical_json, content_checksum

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
CONTENT = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def by_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@given(CONTENT)
def test_the_canonical_text_is_what_json_writes(value: object) -> None:
    assert canonical_json(value) == by_json(value)


@given(CONTENT)
def test_anyone_can_check_a_seal_in_one_line(value: object) -> None:
    assert (
        content_checksum(value) == "sha256:" + hashlib.sha256(by_json(value).encode()).hexdigest()
    )


@given(CONTENT)
def test_writing_to_a_file_and_reading_back_keeps_the_seal(value: object) -> None:
    assert content_checksum(json.loads(json.dumps(value, indent=1))) == content_checksum(value)


def test_numbers_from_arrays_are_sealed_as_the_file_will_hold_them() -> None:
    assert content_checksum([np.float64(1.25), np.float64(3)]) == content_checksum([1.25, 3.0])


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "a", "slope": 1.7302, "intercepts": [2.0, -0.3], "keying": 1},
        {"id": "b", "slope": 1.7301, "intercepts": [2.0, -0.3], "keying": 1},
        {"id": "a", "slope": 1.7301, "intercepts": [-0.3, 2.0], "keying": 1},
        {"id": "a", "slope": 1.7301, "intercepts": [2.0, -0.3], "keying": True},
        {"id": "a", "slope": "1.7301", "intercepts": [2.0, -0.3], "keying": 1},
        {"id": "a", "slope": 1.7301, "intercepts": [2.0, -0.3], "keying": 1, "more": None},
        {"id": "a", "slope": 1.7301, "intercepts": [2.0, -0.3]},
    ],
)
def test_any_change_breaks_the_seal(changed: dict[str, Any]) -> None:
    content = {"id": "a", "slope": 1.7301, "intercepts": [2.0, -0.3], "keying": 1}

    assert content_checksum(changed) != content_checksum(content)
    assert content_checksum(dict(reversed(content.items()))) == content_checksum(content)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-float("inf")]])
def test_a_number_that_is_not_finite_cannot_be_sealed(value: object) -> None:
    with pytest.raises(ValueError, match="not finite"):
        content_checksum(value)


@pytest.mark.parametrize("value", [{1: "key"}, {"set": {1}}, object(), [b"bytes"]])
def test_what_json_does_not_have_cannot_be_sealed(value: object) -> None:
    with pytest.raises(TypeError):
        content_checksum(value)
