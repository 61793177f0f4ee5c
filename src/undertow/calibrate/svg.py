"""The frame of a picture as hand-written SVG without script; what is drawn in it is left to whoever draws.

A picture is 390 units wide, a phone's width, and says in its title and description what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH = 390


def text(x: float, y: float, words: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{named}>{escape(words)}</text>'


def sheet(height: float, title: str, about: str, body: Sequence[str], *, style: str) -> str:
    """The whole picture: `title` and `about` say what it shows to whoever does not see it."""
    size = f'viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}"'
    drawn = "\n".join(body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'aria-label="{escape(title, quote=True)}">\n'
        f"<title>{escape(title)}</title>\n<desc>{escape(about)}</desc>\n"
        f"<style>{style}</style>\n"
        f'<rect class="sheet" width="{WIDTH}" height="{height:g}"/>\n{drawn}\n</svg>\n'
    )
