"""The words of an archive's items and answers, as plain text; reading their file is left to `codebook_file`.

A codebook is written for people, so nothing here guesses: words that are not clearly there, or
there in two ways, are an error that says so. PRIVACY P1 and the words' licence: no message holds them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from undertow.calibrate.codebook_file import read_codebook_file
from undertow.calibrate.codebook_lines import lines_of
from undertow.calibrate.recipe import Recipe
from undertow.errors import ArchiveError

SHORTEST, LONGEST = 3, 300
"""Characters of an item. The longest published one that we know of has about 120."""
_LONGEST_LABEL = 60

_QUOTE = re.compile(r'["“”]')
# What comes after a quote that ends an item; another word would go on with it.
_AFTER = re.compile(r"\s?(?:$|rated\b|answered\b|on\b|was\b|is\b|[(\[,;.:])", re.IGNORECASE)
# What stands behind an item that has no quotes: how it was rated, its range of codes, its key.
_BEHIND = re.compile(
    r"\s?(?:\brated on an?\b.*|[(\[] ?-?\d{1,3} ?(?:-|–|to) ?-?\d{1,3}\b.*"
    r"|[(\[] ?(?:R|reversed?) ?[)\]])$",
    re.IGNORECASE,
)
# A row of a column that the recipe does not name; what it says of codes is not about answers.
_OTHER_ROW = re.compile(r"\s*+[\w.]++\t")
# `*+` gives nothing back: without it, a line made to slow this down could.
_TAGS = re.compile(r"<[/!?]?[A-Za-z][^<>]*+>")
# Every stretch is bounded, so that a line made to slow this down can't.
_LABEL = re.compile(
    r"(?<![\w.-])(-?\d{1,3}) ?(?:=|:|(?:was|is) labell?ed(?: as)?|means|\bis\b) ?"
    rf"(?:[\"“'] ?([^\"”]{{1,{_LONGEST_LABEL}}}?) ?[\"”'](?!\w)"
    rf"|([^\d\"“”,;()\[\]=]{{1,{_LONGEST_LABEL}}}?) ?(?=[,;()\[\].]|\band\b| -?\d|$))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Codebook:
    """Words as plain text: `stems` one an item in the recipe's order, `categories` from the lowest code up.

    Where people saw words only at the ends of the scale, the categories between have their number.
    It has no repr: the words are not ours to print.
    """

    file: str
    stems: tuple[str, ...]
    categories: tuple[str, ...]


def read_codebook(path: Path, recipe: Recipe) -> Codebook:
    """The words in the codebook of an archive (a zip or a folder) for the recipe's items.

    Raises ArchiveError when there is no codebook or more than one, when it cannot be read, when an
    item has no words, two kinds of them, or words that cannot be an item's, and when the answers
    have none.
    """
    file, text = read_codebook_file(path)
    return parse_codebook(text, recipe, file=file)


def parse_codebook(text: str, recipe: Recipe, *, file: str) -> Codebook:
    """The words in a codebook's text. Raises ArchiveError as `read_codebook` does."""
    columns = [item.column for item in recipe.items]
    others = [column for column in recipe.needed_columns if column not in columns]
    parted = _parted(
        lines_of(text, is_page=not file.lower().endswith(".txt")),
        columns,
        {*others, *(recipe.other_columns or ())},
    )
    rows = [row for column in columns for row in parted.rows[column]]
    stems = tuple(_stem(column, parted.rows[column], file) for column in columns)
    # What stands beside the items themselves is surely about them.
    categories = _categories(rows, recipe, file) or _categories(parted.around, recipe, file)
    if not categories:
        lowest, highest = recipe.lowest, recipe.highest
        raise ArchiveError(
            f"{file}: what the answers {lowest} to {highest} were called is not there. Give an "
            f"archive whose codebook says it, as in {lowest} = ..., {highest} = ..."
        )
    return Codebook(file=file, stems=stems, categories=categories)


# ---- lines ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parted:
    """A codebook's lines: those that begin with an item's column, by column, and paragraphs of the rest."""

    rows: dict[str, list[str]]
    around: list[str]


def _parted(lines: Sequence[str], columns: Sequence[str], others: set[str]) -> _Parted:
    rows: dict[str, list[str]] = {column: [] for column in columns}
    around: list[list[str]] = [[]]
    beginning, span = _beginning((*columns, *others)), _span(columns)
    last: str | None = None
    for line in lines:
        found = beginning.match(line)
        # "Q1-Q36 were answered ..." begins with a column and is about all of them.
        if found and not span.match(line, found.end("column")):
            last = found["column"]
            if last in rows:
                rows[last].append(line[found.end() :])
            around.append([])
        elif _OTHER_ROW.match(line):
            last = ""
            around.append([])
        elif line[:1].isspace() and line.strip() and last is not None:
            # In a text file an indented line goes on with what stands above it.
            if last in rows:
                rows[last][-1] = f"{rows[last][-1]} {line.strip()}"
        else:
            last = None
            if line.strip():
                around[-1].append(line.strip())
            else:
                around.append([])
    return _Parted(rows=rows, around=[" ".join(part) for part in around if part])


def _beginning(columns: Sequence[str]) -> re.Pattern[str]:
    # Longer names first, though what follows would tell Q1 from Q10 anyway.
    names = "|".join(re.escape(column) for column in sorted(columns, key=len, reverse=True))
    return re.compile(rf"\s*+[\"'*•]*+\s*+(?P<column>{names})(?!\w)[\"']?\s*+[.:)\]=|–—-]*+\s*+")


def _span(columns: Sequence[str]) -> re.Pattern[str]:
    names = "|".join(re.escape(column) for column in columns)
    return re.compile(rf"\s*+(?:-|–|—|to\b|through\b|and\b|,|\.\.++|…)?\s*+(?:{names})(?!\w)")


# ---- items ----------------------------------------------------------------------------------------


def _stem(column: str, rows: Sequence[str], file: str) -> str:
    found = {words for row in rows if (words := _words_of_row(row))}
    if not found:
        raise ArchiveError(
            f"{file}: column {column} has no words there. Give an archive whose codebook has the "
            "words of every item of the recipe."
        )
    if len(found) > 1:
        raise ArchiveError(
            f"{file}: column {column} has words there in {len(found)} ways. Leave one of them."
        )
    (words,) = found
    if len(words) > LONGEST:
        raise ArchiveError(
            f"{file}: column {column} has {len(words):,} characters there, where an item has at "
            f"most {LONGEST}. Is each item on a line of its own?"
        )
    if "\ufffd" in words:
        raise ArchiveError(f"{file}: column {column} has broken letters. Save the file as UTF-8.")
    return words


def _words_of_row(row: str) -> str:
    """The item in a row: what is in quotes, else the longest cell without what stands behind it."""
    cells = [plain_text(cell) for cell in row.split("\t")]
    for cell in cells:
        quoted = _in_quotes(cell)
        if quoted is not None:
            return _if_words(quoted)
    return _if_words(_BEHIND.sub("", max(cells, key=len)).strip('"“” '))


def _in_quotes(cell: str) -> str | None:
    """What stands in the quotes that a cell begins with; quotes inside come in pairs."""
    if _QUOTE.match(cell) is None:
        return None
    for number, quote in enumerate(_QUOTE.finditer(cell, 1)):
        if number % 2 == 0 and _AFTER.match(cell, quote.end()):
            return cell[1 : quote.start()]
    return None


def _if_words(text: str) -> str:
    """The text where it can be an item's: a name of a kind of number ("INTEGER", "1-5") is none."""
    told = len(text) >= SHORTEST and " " in text and any(letter.isalpha() for letter in text)
    return text.strip() if told else ""


def plain_text(text: str) -> str:
    """Text without markup, control characters, marks of direction and angle brackets, on one line."""
    bare = _TAGS.sub(" ", text)
    kept = "".join(
        # Every kind of space becomes a plain one; what only steers (Cc, Cf and the like) goes.
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", bare)
        if letter.isspace() or not unicodedata.category(letter).startswith("C")
    )
    return " ".join(kept.replace("<", " ").replace(">", " ").split())


# ---- answers --------------------------------------------------------------------------------------


def _labels(line: str, codes: range) -> dict[int, str]:
    """Codes with their words: 1 = no, 2: "maybe", 3 was labeled as "yes". Empty where one has two."""
    named: dict[int, str] = {}
    for code, words in _named(line):
        if code in codes and named.setdefault(code, words) != words:
            return {}
    return named


def _named(line: str) -> Iterator[tuple[int, str]]:
    for code, quoted, bare in _LABEL.findall(plain_text(line)):
        words = (quoted or bare).strip(" .")
        if any(letter.isalpha() for letter in words) and "\ufffd" not in words:
            yield int(code), words[:1].upper() + words[1:]


def _categories(lines: Sequence[str], recipe: Recipe, file: str) -> tuple[str, ...]:
    """The words of the answers where all lines that name both ends agree; empty where none does."""
    codes = range(recipe.lowest, recipe.highest + 1)
    named = [_labels(line, codes) for line in lines]
    both_ends = [line for line in named if codes[0] in line and codes[-1] in line]
    if not both_ends:
        return ()
    fullest = max(both_ends, key=len)
    for line in both_ends:
        if any(
            words.casefold() != fullest.get(code, "").casefold() for code, words in line.items()
        ):
            raise ArchiveError(
                f"{file}: the answers are called by different words there. Leave one line that "
                "names them."
            )
    if len({words.casefold() for words in fullest.values()}) != len(fullest):
        raise ArchiveError(f"{file}: two answers are called the same there. Name each by its own.")
    if len(fullest) == len(codes):
        return tuple(fullest[code] for code in codes)
    return tuple(f"{code} ({fullest[code]})" if code in fullest else str(code) for code in codes)
