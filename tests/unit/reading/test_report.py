"""P4: no estimate without its uncertainty, no sentence without its certainty and source."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from undertow.bank.item import DIMENSIONS, Dimension
from undertow.bank.person import AgeBand, Facts, Gender, Relationship
from undertow.bank.responses import MISSING
from undertow.errors import InstrumentError, ShapeError
from undertow.measure.session import Session, Stop
from undertow.reading.position import read_position
from undertow.reading.report import Percentile, Report, Statement
from undertow.reading.report_dict import report_as_dict
from undertow.wiring import House

Take = Callable[[Callable[[Dimension, int], int]], Session]
FACTS = Facts(age_band=AgeBand.FROM_35, gender=Gender.MAN, relationship=Relationship.NOW)


def report_of(house: House, session: Session, facts: Facts = FACTS) -> Report:
    step = session.step()
    assert isinstance(step, Stop)
    return read_position(
        session,
        reason=step.reason,
        facts=facts,
        phrases=house.check.phrases,
        help_note=house.check.help_note,
    )


def worried_and_near(dimension: Dimension, turn: int) -> int:
    return (4 if turn % 3 else 3) if dimension is Dimension.ANXIETY else (0 if turn % 3 else 1)


def in_the_middle(_dimension: Dimension, turn: int) -> int:
    return 1 + (turn % 3)


@pytest.mark.parametrize("field", ["text", "certainty", "source", "phrase"])
def test_a_statement_without_a_part_cannot_be_made(field: str) -> None:
    whole = Statement(text="t", certainty="c", source="s", phrase="p")
    with pytest.raises(ShapeError, match=field):
        replace(whole, **{field: " "})


def test_a_report_cannot_be_made_without_help(house: House, take: Take) -> None:
    report = report_of(house, take(in_the_middle))
    fields = {name: getattr(report, name) for name in Report.__dataclass_fields__}
    del fields["help"]
    with pytest.raises(TypeError, match="help"):
        Report(**fields)


def test_a_percentile_lies_inside_its_range() -> None:
    with pytest.raises(ShapeError):
        Percentile(norm="n", n=1, median=0.5, low=0.6, high=0.7, text="t")


def test_every_statement_names_a_known_source(house: House, take: Take) -> None:
    for lean in (worried_and_near, in_the_middle):
        for key in report_of(house, take(lean)).sources():
            assert key in house.screens.sources


def test_a_worried_man_who_lets_people_close_reads_so(house: House, take: Take) -> None:
    report = report_of(house, take(worried_and_near))
    assert report.headline.phrase == "worry-and-near"
    assert "you worry about losing them" in report.headline.text
    assert report.dimensions[0].statement.phrase.startswith("anxiety-above")
    assert report.dimensions[1].statement.phrase.startswith("avoidance-below")
    assert "name-it" in [step.phrase for step in report.steps]


def test_someone_in_the_middle_is_told_that_we_cannot_tell(house: House, take: Take) -> None:
    report = report_of(house, take(in_the_middle))
    masses = take(in_the_middle).posterior().region_masses(house.check.test.model.bank.borders)
    assert masses.max() < 0.8
    assert report.headline.phrase not in {
        "worry-and-near",
        "worry-and-distance",
        "calm-and-near",
        "calm-and-distance",
    }


def test_a_part_of_the_plane_is_described_only_with_enough_mass(house: House, take: Take) -> None:
    """The certainty that is printed is the mass of the part that is described."""
    session = take(worried_and_near)
    mass = session.posterior().region_masses(house.check.test.model.bank.borders)[1, 0]
    report = report_of(house, session)
    assert mass >= 0.8
    printed = re.search(r"about (\d+) in 100", report.headline.certainty)
    assert printed
    assert int(printed.group(1)) == min(99, round(100 * mass))


def test_the_named_pooled_norm_comes_first_and_the_own_group_beside_it(
    house: House, take: Take
) -> None:
    session = take(worried_and_near)
    norms = house.check.test.model.bank.norms
    report = report_of(house, session)
    for reading in report.dimensions:
        assert [p.norm for p in reading.percentiles] == [norms[0].name, "men aged 35 to 44"]
        for percentile in reading.percentiles:
            assert percentile.norm in percentile.text
            assert f"{percentile.n:,}" in percentile.text


def test_a_gender_that_is_not_stated_shows_the_age_group_alone(house: House, take: Take) -> None:
    facts = replace(FACTS, gender=Gender.UNSTATED)
    report = report_of(house, take(worried_and_near), facts)
    names = [p.norm for p in report.dimensions[0].percentiles]
    assert names[1:] == ["people aged 35 to 44"]
    assert not any("gender" in sentence for sentence in report.sentences())


def test_nothing_stated_shows_the_pooled_norm_alone(house: House, take: Take) -> None:
    report = report_of(house, take(worried_and_near), Facts())
    assert len(report.dimensions[0].percentiles) == 1


def test_percentiles_are_quantiles_of_the_norm_under_the_posterior(
    house: House, take: Take
) -> None:
    """Against draws from the posterior pushed through F: another way to the same figures."""
    session = take(worried_and_near)
    report = report_of(house, session)
    norm = house.check.test.model.bank.norms[0]
    current = session.posterior()
    rng = np.random.default_rng(7)
    for reading, dimension in zip(report.dimensions, DIMENSIONS, strict=True):
        weights = current.marginal(dimension)
        nodes = rng.choice(current.grid.nodes, size=200_000, p=weights)
        drawn = nodes + (rng.random(nodes.size) - 0.5) * current.grid.step
        shares = [norm.share_below(float(place), dimension) for place in drawn[:20_000]]
        low, median, high = np.quantile(shares, [0.1, 0.5, 0.9])
        shown = reading.percentiles[0]
        assert shown.median == pytest.approx(median, abs=0.012)
        assert shown.low == pytest.approx(low, abs=0.012)
        assert shown.high == pytest.approx(high, abs=0.012)


def test_nothing_answered_says_nothing_about_the_person(house: House, take: Take) -> None:
    report = report_of(house, take(lambda _dimension, _turn: MISSING))
    assert report.headline.phrase == "too-few"
    assert all(reading.percentiles == () for reading in report.dimensions)
    assert report.answered == 0
    assert "in 100 people" not in report.plane.caption


def test_one_measure_left_out_is_said_and_the_other_still_read(house: House, take: Take) -> None:
    def only_anxiety(dimension: Dimension, _turn: int) -> int:
        return 4 if dimension is Dimension.ANXIETY else MISSING

    report = report_of(house, take(only_anxiety))
    assert report.dimensions[0].statement.phrase.startswith("anxiety-above")
    assert report.dimensions[1].statement.phrase == "avoidance-too-few"
    assert report.dimensions[1].percentiles == ()


def test_no_figure_is_ever_0_or_100_in_100(house: House, take: Take) -> None:
    def extreme(dimension: Dimension, _turn: int) -> int:
        return 4 if dimension is Dimension.ANXIETY else 0

    for sentence in report_of(house, take(extreme)).sentences():
        figures = [int(n) for n in re.findall(r"(\d+) in 100", sentence)]
        assert all(1 <= figure <= 99 for figure in figures), sentence


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (replace(FACTS, relationship=Relationship.NEVER), "a relationship you imagine"),
        (replace(FACTS, age_band=AgeBand.OVER_80), "from 18 to 80"),
        (replace(FACTS, gender=Gender.OTHER), "a gender like yours"),
        (replace(FACTS, gender=Gender.OTHER, gender_own_words="agender"), "(agender)"),
    ],
)
def test_what_makes_the_comparison_weaker_is_said(
    house: House, take: Take, facts: Facts, said: str
) -> None:
    report = report_of(house, take(in_the_middle), facts)
    assert any(said in sentence for sentence in report.sureness)


def test_a_fresh_break_up_comes_first_and_asks_nothing_towards_the_other(
    house: House, take: Take
) -> None:
    facts = replace(FACTS, relationship=Relationship.RECENTLY_ENDED)
    report = report_of(house, take(worried_and_near), facts)
    assert [s.phrase for s in report.first] == ["first_ended"]
    assert report.sentences().index(report.first[0].text) < report.sentences().index(
        report.plane.caption
    )
    steps = [step.phrase for step in report.steps]
    assert steps[:2] == ["ended-today", "ended-week"]
    assert "wait" not in steps


def test_the_report_as_plain_values_says_everything_and_help_first(
    house: House, take: Take
) -> None:
    report = report_of(house, take(worried_and_near))
    plain = report_as_dict(report)
    assert next(iter(plain)) == "help"
    said = str(plain)
    for sentence in report.sentences():
        assert repr(sentence)[1:-1] in said or sentence in said


def test_a_missing_phrase_is_named(house: House) -> None:
    with pytest.raises(InstrumentError, match="no_such_sentence"):
        house.check.phrases.say("no_such_sentence")
