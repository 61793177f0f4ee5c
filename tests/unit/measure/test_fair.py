"""Which test people get by what they state; what the parts do is left to their own tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.fair_bank import fair_bank, with_equal_groups
from tests.made_up_bank import ANXIETY, AVOIDANCE, large_bank, normal_norm, small_bank

from undertow.bank.calibrated import Bank
from undertow.bank.person import Gender
from undertow.bank.responses import Answer
from undertow.errors import InputError
from undertow.measure.fair import (
    TOLD_SHARES,
    Length,
    borders_of,
    fair_test,
    plain_test,
    rule_of,
)
from undertow.measure.model import model_of
from undertow.measure.posterior import posterior
from undertow.measure.simulate import simulate_sittings
from undertow.measure.stop import StopReason, StopRule

REASON = list(StopReason)


@pytest.mark.parametrize(
    ("gender", "groups"),
    [
        (Gender.MAN, ("man",)),
        (Gender.WOMAN, ("woman",)),
        (Gender.OTHER, ("man", "woman")),
        (Gender.UNSTATED, ("man", "woman")),
    ],
)
def test_whose_figures_score_whom(gender: Gender, groups: tuple[str, ...]) -> None:
    model = fair_test(fair_bank(), gender=gender).model

    assert model.groups == groups
    assert model.shares.tolist() == [1 / len(groups)] * len(groups)


def test_a_stated_group_is_scored_with_its_figures_alone() -> None:
    bank = fair_bank()
    own = replace(
        bank,
        items=tuple(
            replace(item, slope=f.slope, intercepts=f.intercepts)
            for item in bank.items
            for f in item.by_group
            if f.group == "woman"
        ),
    )
    answers = tuple(Answer(item_id=item.id, category=3) for item in bank.items[:9:2])

    women = posterior(model_of(bank, groups=("woman",)), answers)
    same = posterior(model_of(own), answers)

    assert np.abs(women.weights - same.weights).max() < 1e-14


def test_the_prior_is_one_for_all_so_a_group_s_mean_shrinks_nobody() -> None:
    bank = fair_bank()
    priors = [fair_test(bank, gender=gender).model.log_prior for gender in Gender]

    for prior in priors:
        assert np.array_equal(prior, priors[0])
    before = posterior(fair_test(bank, gender=Gender.MAN).model, ()).estimate()
    assert before.mean.tolist() == pytest.approx([0.0, 0.0], abs=1e-12)


def test_a_bank_without_figures_by_group_scores_everyone_alike() -> None:
    for gender in Gender:
        model = fair_test(large_bank(), gender=gender).model
        assert model.groups == ()
        assert model.shares.tolist() == [1.0]


def test_the_correlation_of_the_figures_by_group_goes_with_them() -> None:
    bank = replace(with_equal_groups(large_bank(correlation=0.1)), group_correlation=0.4)

    assert fair_test(bank).model.correlation == 0.4
    assert plain_test(bank).model.correlation == 0.1
    before = posterior(fair_test(bank).model, ()).estimate().covariance
    assert before[0, 1] == pytest.approx(0.4, abs=1e-6)


def test_the_plain_test_has_none_of_it() -> None:
    test = plain_test(fair_bank())

    assert test.balance is None
    assert (test.model.groups, test.model.dependence) == ((), None)
    fair = fair_test(fair_bank())
    assert fair.balance is not None
    assert fair.model.dependence is not None


@pytest.mark.parametrize(
    ("bank", "groups", "has"),
    [
        (fair_bank(), ("men",), "it has: man, woman"),
        (fair_bank(), ("man", "other"), "it has: man, woman"),
        (small_bank(), ("man",), "it has: none"),
    ],
)
def test_a_group_that_the_bank_has_no_figures_for(
    bank: Bank, groups: tuple[str, ...], has: str
) -> None:
    with pytest.raises(InputError, match="has no figures for") as caught:
        model_of(bank, groups=groups)

    assert has in str(caught.value)
    assert "Use one of those, or the figures of everyone." in str(caught.value)


@pytest.mark.parametrize(("length", "most"), [(Length.USUAL, 20), (Length.SHORT, 12)])
def test_the_usual_and_the_short_length(length: Length, most: int) -> None:
    rule = rule_of(large_bank(), length)

    assert (rule.psd, rule.least, rule.most) == (0.30, 4, most)
    assert rule.borders is not None


def test_the_full_length_asks_every_question_whatever_is_known() -> None:
    bank = large_bank()
    rule = rule_of(bank, Length.FULL)
    done = simulate_sittings(fair_test(bank, rule=rule), 20, np.random.default_rng(1)).taken

    assert (rule.most, rule.borders) == (36, None)
    assert done.items.tolist() == [36] * 20
    assert {REASON[n] for n in done.reasons} == {StopReason.LENGTH}


def test_a_bank_smaller_than_the_least_may_be_asked_in_full() -> None:
    rule = rule_of(small_bank(), Length.FULL)
    done = simulate_sittings(fair_test(small_bank(), rule=rule), 5, np.random.default_rng(1)).taken

    assert rule.most == 8
    assert done.items.tolist() == [6] * 5
    assert {REASON[n] for n in done.reasons} == {StopReason.EXHAUSTED}


def test_the_lengths_are_the_rule_of_a_test_that_names_none() -> None:
    bank = large_bank()
    for test in (fair_test(bank), plain_test(bank)):
        usual = rule_of(bank)
        assert (test.rule.psd, test.rule.least, test.rule.most) == (
            usual.psd,
            usual.least,
            usual.most,
        )
        assert test.rule.borders is not None


def test_borders_are_where_what_is_said_changes_in_the_norm_of_everyone() -> None:
    # The made-up norm is normal with SD 1, shifted to these means; z of .10, .25, .50, .75, .90.
    bank = replace(
        large_bank(),
        norms=(
            normal_norm("men", gender="man", means=(2.0, 2.0)),
            normal_norm(means=(0.1, -0.2)),
        ),
    )
    z = np.array([-1.28155, -0.67449, 0.0, 0.67449, 1.28155])

    anxiety, avoidance = borders_of(bank).places

    assert TOLD_SHARES == (0.10, 0.25, 0.50, 0.75, 0.90)
    assert anxiety.tolist() == pytest.approx((z + 0.1).tolist(), abs=2e-3)
    assert avoidance.tolist() == pytest.approx((z - 0.2).tolist(), abs=2e-3)


def test_borders_end_some_sittings_sooner_and_for_that_reason() -> None:
    bank = large_bank(correlation=0.2)
    rules = StopRule(psd=0.25, borders=borders_of(bank)), StopRule(psd=0.25)
    settling, asking = (
        simulate_sittings(fair_test(bank, rule=rule), 200, np.random.default_rng(2)).taken
        for rule in rules
    )

    ended = np.array([REASON[n] is StopReason.SETTLED for n in settling.reasons])
    assert 0.02 < ended.mean() < 0.6
    assert np.all(settling.items <= asking.items)
    # Nobody is told to be settled on fewer answers than the rule asks for.
    for own in (ANXIETY, AVOIDANCE):
        mask = np.array([item.dimension == own for item in bank.items])
        assert settling.asked[ended][:, mask].sum(axis=1).min() >= 4
    assert StopReason.SETTLED not in {REASON[n] for n in asking.reasons}
