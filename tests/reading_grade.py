"""How hard a text is to read, as a school grade; which grade a text may have is left to the tests.

Flesch-Kincaid: 0.39 * words per sentence + 11.8 * syllables per word - 15.59. Syllables are groups
of vowels, with the silent and the split ones put right by rule. A word that can be said either way
(comfortable, interest) gets the larger count, so that the grade errs towards "too hard".

Source: kincaid1975.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
_SENTENCE_END = re.compile(r"[.!?…]+(?=[\s\"'”’)]|$)")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(
    r"(?<=[aeiouy][^aeiouy])e(?=(?:ness|ly|less|ful|ment|thing|times?|one|what|where)$)"  # clos(e)ness
    r"|(?<![^aeiouy]l)e$"  # lov(e), but peo-ple
    r"|(?<![^aeiouy]l)(?<![sxzcg])(?<![cs]h)es$"  # lov(es), but pla-ces
    r"|(?<![^aeiouy]l)(?<![td])ed$"  # lov(ed), but nee-ded
)
_SPLIT = re.compile(
    r"[aeiouy]ing"  # be-ing, worry-ing
    r"|(?<![qg])ua[lt]"  # us-u-al, sit-u-a-tion
    r"|ia(?!l)|io(?![nu])|iet|[^cgtx]ious|eo(?!p)"  # reli-ance, vi-olent, qui-et, seri-ous, vide-o
    r"|^creat(?!ur)|^(?:id|ar)ea|ism$"  # cre-ate, ide-a, are-a, critici-sm
)
_NOT = re.compile(r"[^aeiou]n't$")  # does-n't; but don't and can't are one


def syllables(word: str) -> int:
    """The syllables of one word of letters and apostrophes; at least 1."""
    word = word.lower().replace("’", "'")
    said = _SILENT.sub("", word.replace("'", "").replace("every", "evry"))
    groups = len(_VOWELS.findall(said)) + len(_SPLIT.findall(said))
    return max(1, groups + len(_NOT.findall(word)))


def words(text: str) -> list[str]:
    """The words in lower case; what is joined by a hyphen counts apart, figures not at all."""
    return _WORD.findall(text.lower().replace("’", "'"))


def grade(text: str) -> float:
    """The Flesch-Kincaid grade. Raises ValueError for a text without a word."""
    found = words(text)
    if not found:
        raise ValueError("There is no word to grade.")
    sentences = max(1, len(_SENTENCE_END.findall(text.strip())))
    said = sum(syllables(word) for word in found)
    return 0.39 * len(found) / sentences + 11.8 * said / len(found) - 15.59
