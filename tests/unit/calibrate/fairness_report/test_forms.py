"""Fixed forms: which there are, what is wrong with a file, and how they are scored."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.calibrate.fairness_report.conftest import Told

from undertow.bank.responses import Answer
from undertow.calibrate.fairness_report_figures import (
    BY_GROUP,
    ONE_SET,
    SUM,
    figures_for_report,
)
from undertow.calibrate.fairness_report_forms import (
    BUILT_IN_FORMS,
    FixedForm,
    form_standings,
    forms_for,
    load_forms,
)
from undertow.errors import InstrumentError
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior
from undertow.wiring import built_in_bank

FORM = FixedForm(
    name="three each",
    source="nobody",
    items=frozenset({"a0", "a4", "a8", "v1", "v4", "v7"}),
)


def test_the_built_in_ones_are_of_the_built_in_bank_and_cited(repository: Path) -> None:
    forms = load_forms()
    bank = built_in_bank()
    assert forms_for(bank, forms) == forms
    bib = (repository / "docs/sources.bib").read_text(encoding="utf-8")
    for form in forms:
        assert len(form.items) == 12
        assert f"{{{form.source}," in bib
        own = [
            item.dimension.value
            for item, asked in zip(bank.items, form.asked(bank), strict=True)
            if asked
        ]
        assert sorted(own) == ["anxiety"] * 6 + ["avoidance"] * 6
        # Every reversed item of a form is one of the questionnaire's: its keying is the bank's.
        told = tomllib.loads(BUILT_IN_FORMS.read_text(encoding="utf-8"))[form.name]
        even = {f"Q{number}" for number in range(2, 37, 2)}
        assert set(told["anxiety"]) <= even
        assert not set(told["avoidance"]) & even


def test_a_form_whose_items_a_bank_lacks_is_left_out(told: Told) -> None:
    assert forms_for(told.bank, (*load_forms(), FORM)) == (FORM,)
    adapted = replace(told.bank.items[0], id="mine", adapts="a0")
    bank = replace(told.bank, items=(adapted, *told.bank.items[1:]), pairs=())
    assert forms_for(bank, (FORM,)) == (FORM,)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('[X]\nanxiety = ["a"]\navoidance = ["b"]\n', "needs source"),
        ('[X]\nsource = "y"\nanxiety = ["a"]\n', "needs source"),
        ('[X]\nsource = "y"\nanxiety = []\navoidance = ["b"]\n', "needs source"),
        ('[X]\nsource = "y"\nanxiety = ["a"]\navoidance = ["b"]\nmore = 1\n', "no more"),
        ('[X]\nsource = "y"\nanxiety = ["a", "b"]\navoidance = ["b"]\n', "twice"),
    ],
)
def test_a_form_that_is_not_whole_is_named(tmp_path: Path, text: str, rule: str) -> None:
    path = tmp_path / "forms.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InstrumentError, match=rf"forms.toml: X: .*{rule}"):
        load_forms(path)


@pytest.mark.parametrize("by_group", [False, True])
def test_a_form_is_scored_by_its_answers_alone(told: Told, by_group: bool) -> None:
    people = told.report.rows.people
    rows = np.flatnonzero(people.gender == "woman")[:3]
    found = form_standings(
        FORM, told.bank, people.shown[rows], people.gender[rows] if by_group else None
    )
    model = model_of(told.bank, drift=False, groups=("woman",) if by_group else ())
    for number, row in enumerate(rows):
        answers = tuple(
            Answer(item_id=item.id, category=int(category))
            for item, category in zip(told.bank.items, people.shown[row], strict=True)
            if item.id in FORM.items
        )
        estimate = posterior(model, answers).estimate()
        assert found.means[number] == pytest.approx(estimate.mean, abs=1e-9)
        assert found.psd[number] == pytest.approx(estimate.psd, abs=1e-9)


def test_figures_of_a_form_are_told_three_ways(told: Told) -> None:
    report, people = told.report, told.report.rows.people
    outcomes = replace(
        report.outcomes,
        forms={
            (FORM.name, by_group): form_standings(
                FORM, told.bank, people.shown, people.gender if by_group else None
            )
            for by_group in (False, True)
        },
    )
    found = figures_for_report(outcomes, people, told.bank, report.groups, forms=(FORM,)).forms
    assert {key[1] for key in found} == {SUM, ONE_SET, BY_GROUP}
    men, women = report.groups.members
    inside = men | women
    for at, columns in enumerate(([0, 4, 8], [10, 13, 16])):
        sums = people.keyed[inside][:, columns].sum(axis=1).astype(float)
        full = outcomes.full.means[inside, at]
        scaled = (sums - sums.mean()) / sums.std() * full.std() + full.mean()
        own = found[FORM.name, SUM, at].own
        assert "coverage" not in own
        for group, member in enumerate((men, women)):
            mine = member[inside]
            assert own["bias"].value[group] == pytest.approx((scaled - full)[mine].mean())
            assert own["correlation"].value[group] == pytest.approx(
                np.corrcoef(sums[mine], full[mine])[0, 1]
            )
        aware = found[FORM.name, BY_GROUP, at].own
        places = outcomes.forms[FORM.name, True].means[inside, at]
        assert aware["bias"].value[0] == pytest.approx((places - full)[men[inside]].mean())
        assert "coverage" in aware
