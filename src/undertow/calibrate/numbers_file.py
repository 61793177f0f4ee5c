"""Columns of whole numbers and short texts out of a delimited file's bytes: fast where it is plain, and
where it is not, cell by cell, so that the first wrong one can be named. Meaning is left to `archive`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.errors import ArchiveError

NO_NUMBER = -(2**31)
"""Stands where a cell holds one of the texts that mean no answer; below every number that is read."""
MOST_ROW_BYTES = 1024**2
"""A row of 10,000 answers has 20 KB. A line without an end must not be taken for a row."""
LONGEST_TEXT = 40
"""Characters of a text cell that are kept."""

_BLOCK_BYTES = 128 * 1024
"""Bytes at a time: the positions of their separators stay near the processor."""
_LONGEST = 9
"""Digits of a number on the fast way: nine always fit 32 bits."""
_PLAIN = re.compile(r"[0-9+ -]*")
_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")
_LIMIT = 2**31 - 1
_NEWLINE, _RETURN, _MINUS, _ZERO, _SPACE, _TILDE = (ord(sign) for sign in "\n\r-0 ~")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cells of a row are read: numbers at `positions` (called `names`), a text at `text`.

    A number's cell that holds one of `missing_texts` comes as NO_NUMBER.
    """

    positions: Sequence[int]
    names: Sequence[str]
    columns: int
    text: int | None = None
    missing_texts: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Numbers:
    """Rows of whole numbers (N, C) and `texts` (N,), if asked for: printable and short.

    `lines` (N,) are their lines in the file, None for one a row.
    """

    values: NDArray[np.int32]
    texts: NDArray[np.str_] | None = None
    lines: NDArray[np.int64] | None = None

    def line(self, row: int) -> int:
        """The line of a row as an editor counts; the header is line 1."""
        return row + 2 if self.lines is None else int(self.lines[row])


def read_numbers(data: bytes, wanted: Wanted, *, start: int, separator: str, file: str) -> Numbers:
    """The wanted cells of every row of `data` from `start`, where the header has ended.

    Raises ArchiveError naming file, line and column. A number beyond 32 bits comes as the largest
    or smallest of those: outside any range, with its line.
    """
    plain = _plain_numbers(data, wanted, start=start, separator=separator, file=file)
    if plain is not None:
        return plain
    return _named_numbers(data, wanted, start=start, separator=separator, file=file)


def _plain_numbers(
    data: bytes, wanted: Wanted, *, start: int, separator: str, file: str
) -> Numbers | None:
    """All rows at once, or None when anything is out of the ordinary."""
    if data.find(b'"', start) >= 0:
        return None
    stop = len(data)
    # Blank lines at the end hold no row; one among the rows goes the careful way.
    while stop > start and data[stop - 1] in b"\r\n":
        stop -= 1
    codes = [np.frombuffer(text.encode(), dtype=np.uint8) for text in wanted.missing_texts]
    header_end = start
    values: list[NDArray[np.int32]] = []
    texts: list[NDArray[np.str_]] = []
    while start < stop:
        # Up to the end of a line.
        end = data.find(b"\n", min(start + _BLOCK_BYTES, stop - 1), stop) + 1 or stop
        if end - start > _BLOCK_BYTES + MOST_ROW_BYTES:
            last = data.rfind(b"\n", start, end - 1) + 1 or start
            raise _too_long(file, 2 + data.count(b"\n", header_end, last))
        signs = np.frombuffer(data, dtype=np.uint8, count=end - start, offset=start)
        if signs[-1] != _NEWLINE:
            signs = np.append(signs, np.uint8(_NEWLINE))
        cells = _cells(signs, columns=wanted.columns, separator=ord(separator))
        block = None if cells is None else _plain_block(signs, *cells, wanted.positions, codes)
        if cells is None or block is None:
            return None
        values.append(block)
        if wanted.text is not None:
            texts.append(_plain_texts(signs, *(array[:, wanted.text] for array in cells)))
        start = end
    if not values:
        return None
    return Numbers(
        values=np.concatenate(values),
        texts=np.concatenate(texts) if texts else None,
    )


def _cells(
    signs: NDArray[np.uint8], *, columns: int, separator: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Where each cell of whole lines begins and ends, (rows, columns); None for uneven rows."""
    is_end = signs == _NEWLINE
    cuts = np.flatnonzero(is_end | (signs == separator))
    rows = int(is_end.sum())
    if cuts.size != rows * columns:
        return None
    ends = cuts.reshape(rows, columns)
    if not (signs[ends[:, -1]] == _NEWLINE).all():
        return None
    return np.concatenate([[0], cuts[:-1] + 1]).reshape(rows, columns), ends


def _plain_block(
    signs: NDArray[np.uint8],
    starts: NDArray[np.intp],
    ends: NDArray[np.intp],
    positions: Sequence[int],
    codes: Sequence[NDArray[np.uint8]],
) -> NDArray[np.int32] | None:
    """The numbers of whole lines; None when a cell isn't plain."""
    begin = starts[:, positions]
    length = ends[:, positions] - begin
    length -= (signs[ends[:, positions] - 1] == _RETURN) & (length > 0)
    missing = _that_hold(signs, begin, length, codes) if codes else None
    negative = signs[begin] == _MINUS
    if missing is not None:
        # No digits are looked for there; what stands there is put in at the end.
        length[missing] = 1
        negative &= ~missing
    begin += negative
    length -= negative
    if length.min() < 1 or length.max() > _LONGEST:
        return None
    values = np.zeros(begin.shape, dtype=np.int32)
    for at in range(int(length.max())):
        here: slice | NDArray[np.bool_] = length > at if at else slice(None)
        if missing is not None:
            here = (length > at) & ~missing
        # What is below the sign 0 wraps around to above 9.
        digit = signs[begin[here] + at] - np.uint8(_ZERO)
        if digit.size and digit.max() > 9:
            return None
        values[here] = values[here] * 10 + digit
    np.negative(values, out=values, where=negative)
    if missing is not None:
        values[missing] = NO_NUMBER
    return values


def _that_hold(
    signs: NDArray[np.uint8],
    begin: NDArray[np.intp],
    length: NDArray[np.intp],
    codes: Sequence[NDArray[np.uint8]],
) -> NDArray[np.bool_]:
    """Which cells hold one of the codes and nothing else."""
    found = np.zeros(begin.shape, dtype=bool)
    for code in codes:
        at = np.nonzero(length == code.size)
        same = np.ones(at[0].size, dtype=bool)
        for place, sign in enumerate(code):
            same &= signs[begin[at] + place] == sign
        found[at] |= same
    return found


def _plain_texts(
    signs: NDArray[np.uint8], begin: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.str_]:
    length = ends - begin
    length -= (signs[ends - 1] == _RETURN) & (length > 0)
    width = max(1, min(int(length.max()), LONGEST_TEXT))
    # A numpy text is 32 bits a character, 0 behind its end.
    characters = np.zeros((length.size, width), dtype=np.uint32)
    for at in range(width):
        here = length > at
        characters[here, at] = signs[begin[here] + at]
    texts: NDArray[np.str_] = characters.view(f"U{width}")[:, 0]
    # Anything but plain words goes the careful way's way, cell by cell.
    odd = (characters < _SPACE) | (characters > _TILDE)
    odd &= np.arange(width) < length[:, None]
    strange = odd.any(axis=1) | (length > width) | (characters[:, 0] == _SPACE)
    strange |= characters[np.arange(length.size), np.clip(length, 1, width) - 1] == _SPACE
    for row in np.flatnonzero(strange):
        cell = signs[begin[row] : begin[row] + length[row]].tobytes()
        texts[row] = _shortened(cell.decode("utf-8", errors="replace"))
    return texts


def _shortened(cell: str) -> str:
    """A text out of a foreign file that is safe to keep and to print."""
    kept = cell[: 4 * LONGEST_TEXT].strip()[:LONGEST_TEXT].rstrip()
    return "".join(sign if sign.isprintable() else "?" for sign in kept)


def _named_numbers(
    data: bytes, wanted: Wanted, *, start: int, separator: str, file: str
) -> Numbers:
    try:
        text = data[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        line = 2 + data.count(b"\n", start, start + error.start)
        raise ArchiveError(
            f"{file}, line {line}: is not text in UTF-8. Save the file as UTF-8."
        ) from None
    rows: list[list[int]] = []
    texts: list[str] = []
    lines: list[int] = []
    fed = _LinesOfARow(text, file)
    reader = csv.reader(fed, delimiter=separator, strict=True)
    try:
        for cells in reader:
            fed.row_has_ended()
            line = reader.line_num + 1
            if not cells:
                continue
            if len(cells) != wanted.columns:
                raise ArchiveError(
                    f"{file}, line {line}: has {len(cells):,} cells where the header has "
                    f"{wanted.columns:,}. Repair or remove the line."
                )
            rows.append(_row(cells, wanted, file=file, line=line))
            if wanted.text is not None:
                texts.append(_shortened(cells[wanted.text]))
            lines.append(line)
    except csv.Error:
        raise ArchiveError(
            f"{file}, line {reader.line_num + 1}: a quotation mark is not closed, or a cell is "
            "far too long. Repair or remove the line."
        ) from None
    if not rows:
        raise ArchiveError(f"{file}: has a header and no rows. Give an archive with answers.")
    return Numbers(
        values=np.array(rows, dtype=np.int32),
        texts=None if wanted.text is None else np.array(texts, dtype=np.str_),
        lines=np.array(lines),
    )


class _LinesOfARow:
    """Lines for a csv reader, which takes more than one where a quoted cell spans them.

    Raises ArchiveError as soon as one row has more than MOST_ROW_BYTES characters: what a reader
    gathers for a row has no bound of its own.
    """

    def __init__(self, text: str, file: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self._file = file
        self._line = 1
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._lines.readline(MOST_ROW_BYTES + 1)
        if not line:
            raise StopIteration
        self._line += 1
        self._taken += len(line)
        if self._taken > MOST_ROW_BYTES:
            raise _too_long(self._file, self._line)
        return line

    def row_has_ended(self) -> None:
        self._taken = 0


def _too_long(file: str, line: int) -> ArchiveError:
    return ArchiveError(
        f"{file}, line {line}: the row is longer than {MOST_ROW_BYTES // 1024**2} MB. Is a line's "
        "end or a quotation mark lost?"
    )


def _row(cells: Sequence[str], wanted: Wanted, *, file: str, line: int) -> list[int]:
    own = [cells[at] for at in wanted.positions]
    # One look at the whole row spares one at each cell; int() alone would take 1_0 and other digits.
    if _PLAIN.fullmatch("".join(own)):
        try:
            row = [int(cell) for cell in own]
        except ValueError:
            row = []
        if row and min(row) >= -_LIMIT and max(row) <= _LIMIT:
            return row
    return [
        NO_NUMBER
        if cell.strip() in wanted.missing_texts
        else _number(cell, name=name, file=file, line=line)
        for name, cell in zip(wanted.names, own, strict=True)
    ]


def _number(cell: str, *, name: str, file: str, line: int) -> int:
    if not _WHOLE.fullmatch(cell):
        raise ArchiveError(
            f"{file}, line {line}, column {name}: is not a whole number. Put the missing code "
            "where there is no answer, name what stands there in the recipe's answers.missing, or "
            "remove the line."
        )
    # int() takes only so many digits; a number this long is out of any range anyway.
    return max(-_LIMIT, min(_LIMIT, int(cell.strip()[:30])))
