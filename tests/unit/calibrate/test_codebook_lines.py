"""A page as lines: rows, cells, entities, and what is not read."""

from __future__ import annotations

import pytest

from undertow.calibrate.codebook_lines import lines_of


def shown(page: str) -> list[str]:
    """The lines that say something, with cells apart."""
    lines = lines_of(page, is_page=True)
    return ["|".join(" ".join(c.split()) for c in x.split("\t") if c.strip()) for x in lines if x]


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        ("one<br>two<br/>three", ["one", "two", "three"]),
        ("<p>one</p><p>two", ["one", "two"]),
        ("one\ntwo", ["one two"]),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>e", ["a|b", "c|d", "e"]),
        ("<TR><TD>a</TD>\n<TD CLASS='x'>b<br>c</TD></TR>", ["a|b c"]),
        ("<tr><td>a</td><td><p>b</p><p>c</p></td></tr><tr><td>d</td></tr>", ["a|b c", "d"]),
        ("<dl><dt>a</dt><dd>b</dd><dt>c</dt><dd>d</dd></dl>", ["a|b", "c|d"]),
        ("<ul><li>a<li>b</ul>", ["a", "b"]),
        ("a &amp; b &lt;c&gt; &#233;&nbsp;d", ["a & b <c> é d"]),
        ("a<b>b</b>c", ["abc"]),
        ("<script>if (a < b) x('<p>')</script>seen<style>p {}</style>", ["seen"]),
        ("a<!-- <p>hidden</p> -->b<!-- no end <p>c</p>", ["a b"]),
        ("1 < 2 and 3 > 2", ["1 < 2 and 3 > 2"]),
        ("<!DOCTYPE html><html><head><title>t</title></head><body>b</body></html>", ["t", "b"]),
    ],
)
def test_a_page_as_it_would_be_read(page: str, lines: list[str]) -> None:
    assert shown(page) == lines


def test_a_text_keeps_its_lines_and_its_spaces() -> None:
    text = "a\tb\n  c <p> &amp;\r\n\nd"
    assert lines_of(text, is_page=False) == ["a\tb", "  c <p> &amp;", "", "d"]
