"""A codebook's text as lines with tabs between cells, be it a page or a text; what they say is left to `codebook`.

Pages come from anywhere. Everything here takes time in proportion to the text, whatever is in it:
general parsers of HTML do not, on pages made to slow them down.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

# `*+` gives nothing back, so an endless tag is looked at once.
_TAG = re.compile(r"<(?:(/?)([A-Za-z][A-Za-z0-9]*+)|[!?])[^<>]*+>")
_LINE_TAGS = frozenset(
    {
        *("address", "article", "blockquote", "body", "caption", "div", "dl", "dt", "footer"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre"),
        *("section", "table", "tbody", "tfoot", "thead", "title", "tr", "ul"),
    }
)
# A definition goes on with the line of its term.
_CELL_TAGS = frozenset({"td", "th", "dd"})
_NOT_READ = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg"})


def lines_of(text: str, *, is_page: bool) -> list[str]:
    """The lines of a text file, or of a page as it would be read: a row is a line, cells have tabs between.

    Scripts, styles and comments are not read. Line breaks in a page's source mean nothing, and one
    inside a cell (br) is a space, since what stands there belongs to the row.
    """
    if not is_page:
        return text.splitlines()
    # Only a text file has lines that are indented on purpose.
    return [line.strip() for line in "".join(_read(_without_comments(text))).split("\n")]


def _without_comments(page: str) -> str:
    """The page without comments; one that never ends takes the rest along, as in a browser."""
    kept: list[str] = []
    at = 0
    while (start := page.find("<!--", at)) >= 0:
        kept.append(page[at:start])
        end = page.find("-->", start + 4)
        if end < 0:
            return " ".join(kept)
        at = end + 3
    return " ".join((*kept, page[at:]))


def _read(page: str) -> Iterator[str]:
    at = 0
    in_cell = False
    unread: str | None = None
    for found in _TAG.finditer(page):
        tag, closes = (found[2] or "").lower(), found[1] == "/"
        if unread is None:
            yield _shown(page[at : found.start()])
        elif closes and tag == unread:
            unread = None
        at = found.end()
        if unread is not None:
            continue
        if tag in _NOT_READ and not closes:
            unread = tag
        elif tag in _CELL_TAGS:
            in_cell = not closes
            yield "\t"
        elif tag == "br":
            yield " " if in_cell else "\n"
        elif tag in _LINE_TAGS and not (closes and tag == "dt"):
            # A row or a table that ends, or begins, ends a cell that was left open.
            in_cell = in_cell and tag not in {"tr", "table", "dt", "dl"}
            yield " " if in_cell else "\n"
    if unread is None:
        yield _shown(page[at:])


def _shown(source: str) -> str:
    """A piece of text as it is shown: entities as letters, and any space as one."""
    return re.sub(r"\s+", " ", html.unescape(source))
