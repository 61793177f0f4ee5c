"""The seal's canonical text is what Python's own JSON writes, so anyone can check a seal."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.bank.checksum import canonical_json, content_checksum

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('abé"\n', max_size=3), inner)
    ),
    max_leaves=12,
)


@given(value=PLAIN)
def test_it_is_python_s_json_with_sorted_keys_and_no_spaces(value: Any) -> None:
    theirs = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical_json(value) == theirs
    assert content_checksum(value) == f"sha256:{hashlib.sha256(theirs.encode()).hexdigest()}"


@given(value=PLAIN)
def test_a_value_that_was_written_and_read_keeps_its_seal(value: Any) -> None:
    assert content_checksum(json.loads(json.dumps(value, indent=3))) == content_checksum(value)


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": -float("inf")}])
def test_numbers_that_are_not_finite_have_no_seal(value: object) -> None:
    with pytest.raises(ValueError, match="not finite"):
        content_checksum(value)


@pytest.mark.parametrize("value", [{1: 2}, {"a": {1, 2}}, object()])
def test_what_json_does_not_have_has_no_seal(value: object) -> None:
    with pytest.raises(TypeError):
        content_checksum(value)
