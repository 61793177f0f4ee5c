"""Columns of whole numbers out of a delimited file's bytes: fast where it is plain, and where it is
not, cell by cell, so that the first wrong one can be named. What the numbers mean is left to `archive`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.errors import ArchiveError

_BLOCK_BYTES = 128 * 1024
"""Bytes at a time: the positions of their separators stay near the processor."""
_LONGEST = 9
"""Digits of a number on the fast way: nine always fit 32 bits."""
_PLAIN = re.compile(r"[0-9+ -]*")
_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")
_LIMIT = 2**31 - 1
_NEWLINE, _RETURN, _MINUS, _ZERO = (ord(sign) for sign in "\n\r-0")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Numbers:
    """Rows of whole numbers (N, C). `lines` (N,) are their lines in the file, None for one a row."""

    values: NDArray[np.int32]
    lines: NDArray[np.int64] | None = None

    def line(self, row: int) -> int:
        """The line of a row as an editor counts; the header is line 1."""
        return row + 2 if self.lines is None else int(self.lines[row])


def read_numbers(
    body: bytes,
    *,
    positions: Sequence[int],
    names: Sequence[str],
    columns: int,
    separator: str,
    file: str,
) -> Numbers:
    """The columns at `positions` (called `names`) of every row after the header.

    Raises ArchiveError naming file, line and column. A number beyond 32 bits comes as the largest
    or smallest of those: outside any range, with its line.
    """
    values = _plain_numbers(body, positions, columns=columns, separator=separator)
    if values is not None:
        return Numbers(values=values)
    return _named_numbers(body, positions, names, columns=columns, separator=separator, file=file)


def _plain_numbers(
    body: bytes, positions: Sequence[int], *, columns: int, separator: str
) -> NDArray[np.int32] | None:
    """All rows at once, or None when anything is out of the ordinary."""
    if b'"' in body:
        return None
    if not body.endswith(b"\n"):
        body += b"\n"
    blocks: list[NDArray[np.int32]] = []
    start = 0
    while start < len(body):
        # Up to the end of a line.
        end = body.find(b"\n", min(start + _BLOCK_BYTES, len(body) - 1)) + 1
        signs = np.frombuffer(body, dtype=np.uint8, count=end - start, offset=start)
        block = _plain_block(signs, positions, columns=columns, separator=ord(separator))
        if block is None:
            return None
        blocks.append(block)
        start = end
    return np.concatenate(blocks)


def _plain_block(
    signs: NDArray[np.uint8], positions: Sequence[int], *, columns: int, separator: int
) -> NDArray[np.int32] | None:
    """Whole lines' numbers; None when a row has other cells than `columns` or a cell isn't plain."""
    is_end = signs == _NEWLINE
    cuts = np.flatnonzero(is_end | (signs == separator))
    rows = int(is_end.sum())
    if cuts.size != rows * columns:
        return None
    ends = cuts.reshape(rows, columns)
    if not (signs[ends[:, -1]] == _NEWLINE).all():
        return None
    starts = np.concatenate([[0], cuts[:-1] + 1]).reshape(rows, columns)
    begin = starts[:, positions]
    length = ends[:, positions] - begin
    length -= (signs[ends[:, positions] - 1] == _RETURN) & (length > 0)
    negative = signs[begin] == _MINUS
    begin += negative
    length -= negative
    if length.min() < 1 or length.max() > _LONGEST:
        return None
    values = np.zeros(begin.shape, dtype=np.int32)
    for at in range(int(length.max())):
        here = length > at if at else slice(None)
        # What is below the sign 0 wraps around to above 9.
        digit = signs[begin[here] + at] - np.uint8(_ZERO)
        if digit.size and digit.max() > 9:
            return None
        values[here] = values[here] * 10 + digit
    np.negative(values, out=values, where=negative)
    return values


def _named_numbers(
    body: bytes,
    positions: Sequence[int],
    names: Sequence[str],
    *,
    columns: int,
    separator: str,
    file: str,
) -> Numbers:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 2 + body[: error.start].count(b"\n")
        raise ArchiveError(
            f"{file}, line {line}: is not text in UTF-8. Save the file as UTF-8."
        ) from None
    rows: list[list[int]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            line = reader.line_num + 1
            if not cells:
                continue
            if len(cells) != columns:
                raise ArchiveError(
                    f"{file}, line {line}: has {len(cells):,} cells where the header has "
                    f"{columns:,}. Repair or remove the line."
                )
            rows.append(_row(cells, positions, names, file=file, line=line))
            lines.append(line)
    except csv.Error:
        raise ArchiveError(
            f"{file}, line {reader.line_num + 1}: a quotation mark is not closed, or a cell is "
            "far too long. Repair or remove the line."
        ) from None
    if not rows:
        raise ArchiveError(f"{file}: has a header and no rows. Give an archive with answers.")
    return Numbers(values=np.array(rows, dtype=np.int32), lines=np.array(lines))


def _row(
    cells: Sequence[str], positions: Sequence[int], names: Sequence[str], *, file: str, line: int
) -> list[int]:
    wanted = [cells[at] for at in positions]
    # One look at the whole row spares one at each cell; int() alone would take 1_0 and other digits.
    if _PLAIN.fullmatch("".join(wanted)):
        try:
            row = [int(cell) for cell in wanted]
        except ValueError:
            row = []
        if row and min(row) >= -_LIMIT and max(row) <= _LIMIT:
            return row
    for name, cell in zip(names, wanted, strict=True):
        if not _WHOLE.fullmatch(cell):
            raise ArchiveError(
                f"{file}, line {line}, column {name}: is not a whole number. Put the missing code "
                "where there is no answer, or remove the line."
            )
    # int() takes only so many digits; a number this long is out of any range anyway.
    return [max(-_LIMIT, min(_LIMIT, int(cell.strip()[:30]))) for cell in wanted]
