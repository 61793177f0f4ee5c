"""Recipes: the built-in one says what the archive is like, a broken one is refused by file, key and rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.calibrate.making import RECIPE, recipe_data

from undertow.calibrate import BUILT_IN_RECIPE, load_recipe, parse_recipe
from undertow.errors import InstrumentError

REVERSED = {3, 15, 19, 22, 25, 27, 29, 31, 33, 35}


def test_the_built_in_recipe_knows_the_ecr() -> None:
    recipe = load_recipe(BUILT_IN_RECIPE)
    numbers = {int(item.column.removeprefix("Q")): item for item in recipe.items}
    assert set(numbers) == set(range(1, 37))
    for number, item in numbers.items():
        assert item.dimension == ("avoidance" if number % 2 else "anxiety")
        assert item.keying == (-1 if number in REVERSED else 1)
    assert (recipe.lowest, recipe.highest, recipe.missing) == (1, 5, (0,))
    assert recipe.age is not None
    assert (recipe.age.lowest, recipe.age.highest) == (18, 80)
    assert recipe.gender is not None
    assert recipe.gender.words == {1: "man", 2: "woman", 3: "other", 0: "unstated"}
    assert [band.name for band in recipe.norms.ages] == [
        *("18-24", "25-34", "35-44", "45-54", "55-80"),
    ]
    assert recipe.norms.least_rows == 300
    assert recipe.dimensions == ("anxiety", "avoidance")
    assert recipe.country is not None
    assert recipe.country.home == "US"
    assert (recipe.cleaning.youngest, recipe.cleaning.oldest) == (10, 100)
    assert recipe.families == (
        *(("Q5", "Q11"), ("Q9", "Q15"), ("Q7", "Q13", "Q17", "Q23"), ("Q12", "Q16"), ("Q2", "Q22")),
    )
    # Every column of the archive is named, so that another archive's is noticed.
    assert recipe.other_columns == ()


def test_the_order_of_dimensions_is_the_file_s_and_counts() -> None:
    recipe = load_recipe(BUILT_IN_RECIPE)
    dimension_of = recipe.dimension_of
    assert dimension_of.shape == (36,)
    for item, at in zip(recipe.items, dimension_of, strict=True):
        assert recipe.dimensions[at] == item.dimension
    data = recipe_data()
    turned = recipe_data()
    turned["items"] = dict(reversed(turned["items"].items()))
    assert parse_recipe(turned, "made-up.toml").dimensions == ("avoidance", "anxiety")
    assert parse_recipe(turned, "a").sha256 != parse_recipe(data, "a").sha256


def test_layout_and_comments_do_not_change_a_recipe_s_hash(tmp_path: Path) -> None:
    text = BUILT_IN_RECIPE.read_text(encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text("# A comment more.\n\n" + text.replace(" = ", "="), encoding="utf-8")
    assert load_recipe(other).sha256 == load_recipe(BUILT_IN_RECIPE).sha256
    other.write_text(text.replace("lowest = 18", "lowest = 19"), encoding="utf-8")
    assert load_recipe(other).sha256 != load_recipe(BUILT_IN_RECIPE).sha256


def setting(*path: str, to: object) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = to

    return change


def without(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (without("id"), "id"),
        (without("answers"), "answers.lowest"),
        (without("answers", "highest"), "answers.highest"),
        (setting("licence", to="  "), "licence"),
        (without("items"), "items"),
        (setting("items", to=["A1"]), "items"),
        (setting("items", to={}), "items"),
        (setting("items", to={"reversed": ["A1"]}), "items"),
        (setting("items", "an\nxiety", to=["C1", "C2", "C3"]), "items"),
        (setting("items", "x" * 41, to=["C1", "C2", "C3"]), "items"),
        (setting("items", "anxiety", to=["A4-A1"]), "items.anxiety"),
        (setting("items", "anxiety", to=["A1-A999999999"]), "items.anxiety"),
        (setting("items", "anxiety", to=["A1-A900", "C1-C900"]), "items.anxiety"),
        (setting("items", "anxiety", to=["A1-A4", "A2"]), "items"),
        (setting("items", "anxiety", to=["A1", "A2", " "]), "items.anxiety"),
        (setting("items", "anxiety", to=["A1", "A2", "A\x1b[1m"]), "items.anxiety"),
        (setting("items", "anxiety", to="A1-A4"), "items.anxiety"),
        (setting("items", "anxiety", to=["A1", "A2"]), "items.anxiety"),
        (setting("items", "anxiety", to=["A1", "A1", "A2", "A4"]), "items"),
        (setting("items", "anxiety", to=["A1", "A2", "A4", "B1"]), "items"),
        (setting("items", "reversed", to=["C9"]), "items.reversed"),
        (setting("items", "anxiety", to=["A1", "A2", 3]), "items.anxiety"),
        (setting("other_columns", "names", to=["age"]), "items"),
        (setting("answers", "highest", to=1), "answers.highest"),
        (setting("answers", "highest", to=10**6), "answers.highest"),
        (setting("answers", "highest", to=True), "answers.highest"),
        (setting("answers", "lowest", to=1.0), "answers.lowest"),
        (setting("answers", "missing", to=[2]), "answers.missing"),
        (setting("answers", "missing", to=0), "answers.missing"),
        (setting("answers", "missing", to=["2"]), "answers.missing"),
        (setting("answers", "missing", to=[True]), "answers.missing"),
        (setting("answers", "missing", to=[0.5]), "answers.missing"),
        (setting("answers", "missing", to=['say "no"']), "answers.missing"),
        (setting("answers", "missing", to=["x" * 41]), "answers.missing"),
        (setting("answers", "missing", to=["9" * 5000]), "answers.missing"),
        (setting("file", "separator", to=",,"), "file.separator"),
        (setting("file", "separator", to="1"), "file.separator"),
        (setting("file", "separator", to='"'), "file.separator"),
        (setting("file", "separator", to="tabulator"), "file.separator"),
        (setting("file", "name", to="../data.csv"), "file.name"),
        (setting("file", "name", to="*.csv"), "file.name"),
        (setting("age", "highest", to=10), "age.highest"),
        (setting("gender", "codes", to=[1]), "gender.codes"),
        (setting("gender", "codes", to={"man": 1, "woman": 1}), "gender.codes"),
        (setting("gender", "codes", to={"man": "1"}), "gender.codes.man"),
        (setting("norms", "genders", to={"elf": "elves"}), "norms.genders"),
        (without("gender"), "norms.genders"),
        (setting("norms", "ages", to=["young"]), "norms.ages"),
        (setting("norms", "ages", to=["30-20"]), "norms.ages"),
        (setting("norms", "least_rows", to=0), "norms.least_rows"),
        (setting("itemss", to={}), "itemss"),
        (setting("answers", "mising", to=[0]), "answers.mising"),
        (setting("sample", "how", to=3), "sample.how"),
        (setting("age", to=30), "age"),
        (setting("age", "unstated", to=0), "age.unstated"),
        (setting("country", to={"column": "country"}), "country.home"),
        (setting("country", to={"column": "land", "home": "other"}), "country.home"),
        (
            setting("country", to={"column": "land", "home": "US", "unstated": ["US"]}),
            "country.home",
        ),
        (setting("country", to={"column": "country", "home": "US"}), "items"),
        (setting("cleaning", to={"longest_run": -1}), "cleaning.longest_run"),
        (setting("cleaning", to={"longest_run": 1}), "cleaning.longest_run"),
        (setting("cleaning", to={"same_answers": 1}), "cleaning.same_answers"),
        (setting("cleaning", to={"youngest": 50, "oldest": 40}), "cleaning.oldest"),
        (setting("cleaning", to={"youngest": -5}), "cleaning.oldest"),
        (setting("cleaning", to={"runs": 5}), "cleaning.runs"),
        (setting("drift", to={"families": [["A1"]]}), "drift.families"),
        (setting("drift", to={"families": [["A1", "B1"]]}), "drift.families"),
        (setting("drift", to={"families": [["A1", "A2"], ["A2", "A3"]]}), "drift.families"),
        (setting("drift", to={"families": [["A1", "C9"]]}), "drift.families"),
        (setting("drift", to={"families": ["A1", "A2"]}), "drift.families"),
        (setting("drift", to={"families": "A1"}), "drift.families"),
    ],
)
def test_a_broken_recipe_is_refused_by_key(
    change: Callable[[dict[str, Any]], None], key: str
) -> None:
    data = recipe_data()
    change(data)
    with pytest.raises(InstrumentError) as caught:
        parse_recipe(data, "made-up.toml")
    assert (caught.value.file, caught.value.key) == ("made-up.toml", key)
    assert caught.value.rule


def test_a_run_needs_items_that_contradict_each_other() -> None:
    data = recipe_data()
    data["items"]["reversed"] = []
    data["cleaning"] = {"longest_run": 9}
    with pytest.raises(InstrumentError, match=r"cleaning\.longest_run: needs a dimension"):
        parse_recipe(data, "made-up.toml")


SMALLEST: dict[str, Any] = {
    "id": "small",
    "answers": {"lowest": 1, "highest": 4},
    "items": {"calm": ["Q1-Q3", "Q7", "P08-P11"]},
}


def test_what_may_be_left_out_has_its_default() -> None:
    recipe = parse_recipe(SMALLEST, "small.toml")
    assert (recipe.title, recipe.instrument, recipe.file_name) == ("small", "small", "data.csv")
    assert "whoever made them decides" in recipe.licence.lower()
    assert recipe.source
    assert (recipe.separator, recipe.other_columns) == (None, None)
    assert (recipe.age, recipe.gender, recipe.country) == (None, None, None)
    assert (recipe.missing, recipe.missing_texts) == ((0,), ())
    assert recipe.dimensions == ("calm",)
    columns = ["Q1", "Q2", "Q3", "Q7", "P08", "P09", "P10", "P11"]
    assert [item.column for item in recipe.items] == columns
    assert {item.keying for item in recipe.items} == {1}
    assert recipe.families == ()
    assert (recipe.norms.least_rows, recipe.norms.ages, recipe.norms.genders) == (300, (), {})
    # Where no item is reversed, one answer to everything contradicts nothing.
    assert (recipe.cleaning.same_answers, recipe.cleaning.longest_run) == (0, 0)
    assert recipe.sample_name(complete_cases=True) != recipe.sample_name(complete_cases=False)
    for words in (recipe.sample.who, recipe.sample.collected, recipe.sample.how):
        assert words


def test_facts_about_people_bring_their_defaults() -> None:
    gender = {"column": "sex", "codes": {"man": 1, "woman": 2, "other": 3}}
    recipe = parse_recipe({**SMALLEST, "age": {"column": "years"}, "gender": gender}, "small.toml")
    assert recipe.age is not None
    assert (recipe.age.lowest, recipe.age.highest, recipe.age.unstated) == (18, 80, (0,))
    assert recipe.norms.genders == {"man": "men", "woman": "women"}
    assert [band.name for band in recipe.norms.ages] == [
        *("18-24", "25-34", "35-44", "45-54", "55-80"),
    ]
    assert "18 to 80" in recipe.sample_name(complete_cases=False)


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({"lowest": 1, "highest": 4}, (0,)),
        ({"lowest": 0, "highest": 4}, ()),
        ({"lowest": -2, "highest": 2}, ()),
        ({"lowest": 1, "highest": 4, "missing": []}, ()),
        ({"lowest": 0, "highest": 99, "missing": [-1, "999"]}, (-1, 999)),
    ],
)
def test_zero_means_no_answer_unless_it_is_one(
    answers: dict[str, object], missing: tuple[int, ...]
) -> None:
    recipe = parse_recipe({**SMALLEST, "answers": answers}, "small.toml")
    assert recipe.missing == missing
    assert recipe.missing_texts == ()


def test_texts_may_mean_no_answer() -> None:
    answers = {"lowest": 1, "highest": 4, "missing": [0, "NULL", ""]}
    recipe = parse_recipe({**SMALLEST, "answers": answers}, "small.toml")
    assert (recipe.missing, recipe.missing_texts) == ((0,), ("NULL", ""))


@pytest.mark.parametrize(
    ("items", "turned", "run"), [(10, ["Q3"], 8), (36, ["Q3", "Q5"], 12), (50, ["Q50"], 16)]
)
def test_a_long_run_is_a_third_of_the_items_and_eight_at_least(
    items: int, turned: list[str], run: int
) -> None:
    data = {**SMALLEST, "items": {"calm": [f"Q1-Q{items}"], "reversed": turned}}
    assert parse_recipe(data, "small.toml").cleaning.longest_run == run


@pytest.mark.parametrize(("word", "sign"), [("tab", "\t"), ("semicolon", ";"), ("|", "|")])
def test_a_separator_may_be_named(word: str, sign: str) -> None:
    assert parse_recipe({**SMALLEST, "file": {"separator": word}}, "s").separator == sign


def test_age_gender_and_other_columns_may_be_left_out() -> None:
    data = recipe_data()
    for key in ("age", "gender", "other_columns"):
        del data[key]
    data["norms"]["genders"] = {}
    recipe = parse_recipe(data, "made-up.toml")
    assert (recipe.age, recipe.gender, recipe.other_columns) == (None, None, None)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=4,
)


@given(
    path=st.sampled_from(
        [(key,) for key in RECIPE]
        + [(key, inner) for key, own in RECIPE.items() if isinstance(own, dict) for inner in own]
        + [("country",), ("cleaning",), ("drift",), ("drift", "families"), ("cleaning", "oldest")]
    ),
    value=VALUES,
)
def test_any_value_is_taken_or_refused_by_its_key(path: tuple[str, ...], value: object) -> None:
    data = recipe_data()
    here = data
    for step in path[:-1]:
        here = here.setdefault(step, {})
    here[path[-1]] = value
    told = None
    try:
        recipe = parse_recipe(data, "made-up.toml")
    except InstrumentError as error:
        told = error
    if told is not None:
        assert told.file == "made-up.toml"
        assert told.key
        return
    assert len(recipe.dimension_of) == len(recipe.items) >= 3


@given(
    prefix=st.from_regex(r"([A-Z]{1,3}([0-9]{1,2}_)?)?", fullmatch=True),
    first=st.integers(0, 40),
    more=st.integers(2, 40),
)
def test_a_range_is_its_columns(prefix: str, first: int, more: int) -> None:
    last = first + more
    spelled = [f"{prefix}{number}" for number in range(first, last + 1)]
    data = {**SMALLEST, "items": {"calm": [f"{spelled[0]}-{spelled[-1]}"]}}
    recipe = parse_recipe(data, "small.toml")
    assert [item.column for item in recipe.items] == spelled


@pytest.mark.parametrize("content", [b"id = ", b"\xff\xfe", None])
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InstrumentError) as caught:
        load_recipe(path)
    assert (caught.value.file, caught.value.key) == ("broken.toml", "file")


# ---- facets --------------------------------------------------------------------------------------


def with_facets(**facets: object) -> dict[str, Any]:
    data = recipe_data()
    data["facets"] = facets
    return data


def test_the_built_in_recipe_says_what_every_item_asks_about() -> None:
    recipe = load_recipe(BUILT_IN_RECIPE)
    by_facet: dict[str, set[str]] = {}
    for item in recipe.items:
        assert item.facet is not None
        by_facet.setdefault(item.facet, set()).add(item.dimension)

    assert set(by_facet) == {
        *("worry", "reassurance", "unreciprocated", "frustration", "worth"),
        *("closeness-discomfort", "self-disclosure", "dependence", "turning-to"),
    }
    assert all(len(dimensions) == 1 for dimensions in by_facet.values())
    facet_of = {item.column: item.facet for item in recipe.items}
    assert (facet_of["Q18"], facet_of["Q28"], facet_of["Q33"]) == (
        "reassurance",
        "worth",
        "turning-to",
    )


def test_a_recipe_without_facets_names_none() -> None:
    data = recipe_data()
    data.pop("facets", None)

    assert {item.facet for item in parse_recipe(data, "made-up.toml").items} == {None}


def test_facets_may_leave_items_out() -> None:
    columns = [item.column for item in parse_recipe(recipe_data(), "a").items]
    recipe = parse_recipe(with_facets(worry=columns[:1]), "made-up.toml")

    assert [item.facet for item in recipe.items] == ["worry", *[None] * (len(columns) - 1)]


def test_facets_are_part_of_what_a_recipe_is() -> None:
    column = parse_recipe(recipe_data(), "a").items[0].column
    one, other = (
        parse_recipe(with_facets(**{name: [column]}), "a").sha256 for name in ("worry", "worth")
    )

    assert one != other


@pytest.mark.parametrize(
    ("which", "key", "rule"),
    [
        ("twice", "facets.worth", "names column {first} a second time"),
        ("elsewhere", "facets", "names a column that is no item"),
        ("mixed", "facets", "must keep each facet within one dimension"),
        ("text", "facets.worry", ""),
        ("number", "facets.worry", ""),
    ],
)
def test_facets_that_cannot_be(which: str, key: str, rule: str) -> None:
    items = parse_recipe(recipe_data(), "a").items
    first, other = items[0], next(one for one in items if one.dimension != items[0].dimension)
    facets: dict[str, dict[str, object]] = {
        "twice": {"worry": [first.column], "worth": [first.column]},
        "elsewhere": {"worry": ["nothing of the kind"]},
        "mixed": {"worry": [first.column, other.column]},
        "text": {"worry": 7},
        "number": {"worry": [7]},
    }

    with pytest.raises(InstrumentError) as caught:
        parse_recipe(with_facets(**facets[which]), "made-up.toml")

    assert (caught.value.file, caught.value.key) == ("made-up.toml", key)
    assert rule.format(first=first.column) in caught.value.rule
