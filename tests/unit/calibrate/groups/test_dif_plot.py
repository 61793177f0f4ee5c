"""The pictures: they are SVG with words for who can't see them, without script, and say what was found."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as Tree

import pytest
from tests.unit.calibrate.groups.conftest import DIMENSIONS, Compared

from undertow.calibrate.by_group import ByGroup, fit_by_group
from undertow.calibrate.dif_plot import curves_svg, differences_svg
from undertow.calibrate.svg import WIDTH
from undertow.errors import ShapeError

SVG = "{http://www.w3.org/2000/svg}"


def root_of(text: str) -> Tree.Element:
    return Tree.fromstring(text)  # noqa: S314 - written by the code under test


def words_of(root: Tree.Element) -> list[str]:
    return [str(one.text) for one in root.iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def differences(two: Compared) -> Tree.Element:
    return root_of(differences_svg(two.comparison, two.difs, two.sides, DIMENSIONS))


@pytest.fixture(scope="module")
def curves(by_group: ByGroup, two: Compared) -> Tree.Element:
    return root_of(curves_svg(by_group, two.sides, DIMENSIONS))


def test_both_say_what_they_show_to_those_who_cannot_see(
    differences: Tree.Element, curves: Tree.Element
) -> None:
    for root, about in ((differences, "95 % interval"), (curves, "expected answer")):
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None
        assert description is not None
        assert root.get("aria-label") == title.text
        assert about in str(description.text)


def test_both_fit_a_phone_follow_the_screen_and_run_nothing(
    differences: Tree.Element, curves: Tree.Element
) -> None:
    for root in (differences, curves):
        text = Tree.tostring(root, encoding="unicode")
        assert root.get("width") == str(WIDTH) == "390"
        assert "prefers-color-scheme: dark" in text
        assert "@media print" in text
        assert "script" not in text
        assert not re.search(r"href|url\(|@import|\son\w+=", text)


def test_dimensions_stand_apart_and_items_are_sorted(
    differences: Tree.Element, two: Compared
) -> None:
    words = words_of(differences)
    anxiety, avoidance = words.index("anxiety"), words.index("avoidance")
    shown = words[anxiety + 1 : avoidance], words[avoidance + 1 :]
    for dimension, names in enumerate(shown):
        own = sorted(
            (one for one in two.difs if one.item % 2 == dimension), key=lambda d: d.difference
        )
        assert names == [two.items[one.item] for one in own]


def test_intervals_and_ranges_are_drawn_where_they_belong(
    differences: Tree.Element, two: Compared
) -> None:
    ticks = {
        str(one.text): float(str(one.get("x")))
        for one in differences.iter(f"{SVG}text")
        if re.fullmatch(r"0|[+-]\d\.\d", str(one.text))
    }
    zero = ticks["0"]
    label = next(tick for tick in ticks if tick.startswith("+"))
    unit = (ticks[label] - zero) / float(label)
    own = sorted((one for one in two.difs if one.item % 2 == 0), key=lambda d: d.difference)
    dots = list(differences.iter(f"{SVG}circle"))[2:]
    ranges = [one for one in differences.iter(f"{SVG}rect") if one.get("class") == "range"][1:]
    bars = [one for one in differences.iter(f"{SVG}line") if one.get("class") == "bar"][1:]
    assert len(dots) == len(ranges) == len(bars) == 12
    for at, one in enumerate(own):
        assert float(str(dots[at].get("cx"))) == pytest.approx(
            zero + unit * one.difference, abs=0.3
        )
        assert float(str(bars[at].get("x2"))) == pytest.approx(
            zero + unit * (one.difference + 1.96 * one.standard_error), abs=0.3
        )
        left = float(str(ranges[at].get("x")))
        assert left == pytest.approx(zero + unit * one.low, abs=0.3)
        right = left + float(str(ranges[at].get("width")))
        assert right == pytest.approx(zero + unit * one.high, abs=0.4)
        assert left >= 60
        assert right <= WIDTH
        notable = one.effect_class != "negligible"
        assert dots[at].get("class") == ("notable" if notable else "small")


def test_only_items_that_differ_have_curves(
    curves: Tree.Element, by_group: ByGroup, two: Compared
) -> None:
    lines = list(curves.iter(f"{SVG}polyline"))
    assert len(lines) == 2 * by_group.differing.size
    assert {two.items[item] for item in by_group.differing} <= set(words_of(curves))
    assert "Q2" not in words_of(curves)
    # Men endorse Q1 more in the same place: their line, the first, is the higher one (y runs down).
    man, woman = (
        [float(pair.split(",")[1]) for pair in str(line.get("points")).split()]
        for line in lines[:2]
    )
    assert lines[0].get("class") == "curve one"
    middle = len(man) // 2
    assert man[middle] < woman[middle]
    assert man == sorted(man, reverse=True)


def test_names_are_written_as_text(two: Compared) -> None:
    odd = replace(two.comparison, names=("<b>", "a & b"), items=("<i>", *two.comparison.items[1:]))
    root = root_of(differences_svg(odd, two.difs, two.sides, DIMENSIONS))
    assert "<i>" in words_of(root)
    assert str(root.get("aria-label")) == "How far items differ, <b> less a & b"


def test_one_dimension(one: Compared) -> None:
    assert "worry" in words_of(
        root_of(differences_svg(one.comparison, one.difs, one.sides, ["worry"]))
    )
    own = fit_by_group(one.comparison, one.difs, one.sides)
    assert "worry" in words_of(root_of(curves_svg(own, one.sides, ["worry"])))
    with pytest.raises(ShapeError, match="must name 1"):
        differences_svg(one.comparison, one.difs, one.sides, DIMENSIONS)
    with pytest.raises(ShapeError, match="must name 1"):
        curves_svg(own, one.sides, DIMENSIONS)
