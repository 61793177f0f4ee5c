"""The words of a codebook: found in pages and texts, and refused where they are not clearly there."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from tests.unit.calibrate.making import made_up_recipe, recipe_data
from tests.unit.calibrate.making_codebooks import CATEGORIES, STEMS, page, text

from undertow.calibrate import BUILT_IN_RECIPE, load_recipe, parse_recipe
from undertow.calibrate.codebook import (
    LONGEST,
    Codebook,
    parse_codebook,
    plain_text,
    read_codebook,
)
from undertow.errors import ArchiveError


def read(codebook: str, file: str = "codebook.html") -> Codebook:
    return parse_codebook(codebook, made_up_recipe(), file=file)


def refused(codebook: str, file: str = "codebook.html") -> str:
    """The message; none of the words may be in it."""
    with pytest.raises(ArchiveError) as error:
        read(codebook, file)
    message = str(error.value)
    assert message.startswith(f"{file}: ")
    assert not any(word in message for word in ("weather", "umbrella", "Half", "half me"))
    return message


# ---- found ----------------------------------------------------------------------------------------


def test_a_table_of_fields() -> None:
    found = read(page())
    assert found.stems == tuple(STEMS.values())
    assert found.categories == CATEGORIES


def test_a_plain_text() -> None:
    found = read(text(), "codebook.txt")
    assert found.stems == tuple(STEMS.values())
    assert found.categories == CATEGORIES


def test_stems_come_in_the_recipes_order() -> None:
    backwards = dict(reversed(list(STEMS.items())))
    assert read(page(backwards)).stems == tuple(STEMS.values())
    assert read(text(backwards), "CodeBook.TXT").stems == tuple(STEMS.values())


@pytest.mark.parametrize(
    "row",
    [
        "A1 The weather keeps me busy.",
        'A1\t"The weather keeps me busy."\tINTEGER',
        "A1: The weather keeps me busy. (1-3)",
        "A1) The weather keeps me busy. (R)",
        "  * A1 - The weather keeps me busy. [reversed]",
        '"A1" = The weather\n     keeps me busy.',
        "A1 “The weather keeps me busy.” rated on a three point scale",
        "A1.\tThe weather keeps me busy. rated on a three point scale",
        "A1 | The weather\u00a0keeps me\u200b busy.",
    ],
)
def test_other_ways_to_write_a_row(row: str) -> None:
    rest = text({column: stem for column, stem in STEMS.items() if column != "A1"})
    assert read(f"{rest}\n{row}\n", "codebook.txt").stems[0] == STEMS["A1"]


def test_words_in_quotes_may_hold_quotes() -> None:
    stems = {**STEMS, "A1": 'I say "rain" when I mean "sun", often.'}
    assert read(page(stems)).stems[0] == stems["A1"]


def test_the_name_of_one_column_may_begin_another() -> None:
    data = recipe_data()
    data["items"]["anxiety"] = ["A1", "A2", "A3", "A4", "A10"]
    book = parse_codebook(
        text({**STEMS, "A10": "Ten clouds are many."}),
        parse_recipe(data, "made-up.toml"),
        file="codebook.txt",
    )
    assert (book.stems[0], book.stems[4]) == (STEMS["A1"], "Ten clouds are many.")


@pytest.mark.parametrize(
    ("said", "categories"),
    [
        ("1=no, 2=perhaps, 3=yes", ("No", "Perhaps", "Yes")),
        ("3: yes; 2: perhaps; 1: no", ("No", "Perhaps", "Yes")),
        ("1 means no, 2 means perhaps and 3 means yes.", ("No", "Perhaps", "Yes")),
        ("1 = no 2 = perhaps 3 = yes", ("No", "Perhaps", "Yes")),
        ("(0 = missed, 1 = no, 2 = perhaps, 3 = yes, 4 = more)", ("No", "Perhaps", "Yes")),
        ("1=no, 3=yes", ("1 (No)", "2", "3 (Yes)")),
    ],
)
def test_what_the_answers_were_called(said: str, categories: tuple[str, ...]) -> None:
    rows = "\n".join(f"{column}. {stem}" for column, stem in STEMS.items())
    assert read(f"Rated as {said}\n\n{rows}\n", "codebook.txt").categories == categories


def test_codes_of_another_column_are_no_answers() -> None:
    """Of a column that the recipe names, and of one that it does not."""
    more = "\ngender\t1 = Man, 2 = Woman, 3 = Other\nschool\t1 = Little, 2 = Some, 3 = Much\n"
    assert read(text() + more, "codebook.txt").categories == CATEGORIES


def test_what_stands_beside_the_items_goes_before_what_stands_around() -> None:
    around = page().replace("were made up.", "were made up: 1 = low, 2 = middle, 3 = high.")
    assert read(around).categories == CATEGORIES


# ---- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", ["", "INTEGER", "1-3", "?"])
def test_an_item_without_words(stem: str) -> None:
    assert "column B2 has no words" in refused(page({**STEMS, "B2": stem}))
    assert "column B2 has no words" in refused(text({**STEMS, "B2": stem}), "codebook.txt")


def test_an_item_that_is_not_there() -> None:
    del_b4 = {column: stem for column, stem in STEMS.items() if column != "B4"}
    assert "column B4 has no words" in refused(page(del_b4))


def test_an_item_with_two_kinds_of_words() -> None:
    assert "column A1 has words there in 2 ways" in refused(
        text() + "A1. Quite another sentence.\n", "codebook.txt"
    )
    assert read(text() + f"A1. {STEMS['A1']}\n", "codebook.txt").stems[0] == STEMS["A1"]


def test_an_item_that_never_ends() -> None:
    stems = {**STEMS, "A2": "rain and " * 100}
    message = refused(text(stems), "codebook.txt")
    assert "column A2 has 899 characters" in message
    assert str(LONGEST) in message


def test_broken_letters() -> None:
    assert "column A2 has broken letters" in refused(page({**STEMS, "A2": "I think of r\ufffdin."}))


def test_answers_without_words() -> None:
    assert "what the answers 1 to 3 were called" in refused(page(rated="rated from 1 to 3"))


def test_answers_with_two_kinds_of_words() -> None:
    other = page().replace('3 was labeled as "quite me"', '3 was labeled as "very me"', 1)
    assert "different words" in refused(other)


def test_two_answers_of_one_name() -> None:
    assert "called the same" in refused(page().replace('"quite me"', '"Not me"'))


def test_a_codebook_never_shows_its_words_by_itself() -> None:
    assert "weather" not in repr(read(page()))


# ---- hostile --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("a <script>alert(1)</script> b", "a alert(1) b"),
        ("a <img src=x onerror=y> b", "a b"),
        ("a << b >> c", "a b c"),
        ("a\x00\x1b[31m b\x07\x7f", "a[31m b"),
        ("\u202eabc\u2066 d\u200f", "abc d"),
        ("a\r\nb\u2028c\u3000d", "a b c d"),
        ("e\u0301", "é"),
        ("\ud800x\ue000", "x"),
    ],
)
def test_only_plain_text_is_left(given: str, plain: str) -> None:
    assert plain_text(given) == plain


def test_markup_that_was_hidden_in_letters_is_taken_out() -> None:
    stems = {**STEMS, "A1": "Rain &lt;b onclick=x&gt;or&lt;/b&gt; sun &#27;[2J&#x202e;here"}
    codebook = page(stems).replace("&amp;", "&")
    (stem, *_) = read(codebook).stems
    assert stem == "Rain or sun [2Jhere"
    assert all(unicodedata.category(letter)[0] != "C" for letter in stem)


@pytest.mark.parametrize(
    "endless",
    ["<a", "<!--", "</", "&", "1='a ", '1 = "a', "<td>", "A1 ", "(1-3", "“", "A1\t", " ", "1="],
)
@pytest.mark.parametrize("file", ["codebook.html", "codebook.txt"])
def test_pages_made_to_slow_reading_down_are_read_in_one_go(endless: str, file: str) -> None:
    """At quadratic cost one of these takes minutes, and there are 26."""
    with pytest.raises(ArchiveError):
        read("A1 " + endless * (2**18 // len(endless)), file)


# ---- the published one ----------------------------------------------------------------------------


@pytest.mark.real_data
def test_the_published_codebook_is_read_whole(ecr_sample: Path) -> None:
    """Counts only: the wording must not get anywhere."""
    found = read_codebook(ecr_sample, load_recipe(BUILT_IN_RECIPE))
    assert len(set(found.stems)) == len(found.stems) == 36
    assert len(set(found.categories)) == len(found.categories) == 5
    # Sentences, each with its full stop, and nothing of what stands around them.
    assert sum(stem.endswith(".") and '"' not in stem for stem in found.stems) == 36
    assert sum("scale" in stem or "labeled" in stem for stem in found.stems) == 0
