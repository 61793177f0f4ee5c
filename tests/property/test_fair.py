"""Laws of scoring with groups and near-duplicates, and of fair sittings; plain ones are `test_answers`'s."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.fair_bank import with_equal_groups
from tests.made_up_bank import ANXIETY, swapped
from tests.property.drawing import answers_to, banks, fair_banks, hundredths

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS
from undertow.bank.responses import MISSING, Answer, keyed_category
from undertow.measure.balance import balance_of
from undertow.measure.dependence import Dependence
from undertow.measure.model import Model, model_of
from undertow.measure.posterior import Estimate, posterior
from undertow.measure.select import expected_variances
from undertow.measure.session import AdaptiveTest, Ask, Session, Stop, advance, back, resume
from undertow.measure.settled import Borders
from undertow.measure.stop import StopRule

ROUNDING = 1e-11


@st.composite
def models(draw: st.DrawFn) -> Model:
    """A stated man's or woman's, or that of someone of whom no group is known."""
    bank = draw(fair_banks())
    groups = draw(st.sampled_from([("man",), ("woman",), ("man", "woman")]))
    return model_of(bank, groups=groups, discounts=True)


@st.composite
def models_and_answers(draw: st.DrawFn) -> tuple[Model, tuple[Answer, ...]]:
    model = draw(models())
    return model, draw(answers_to(model.bank))


Drawn = tuple[Model, tuple[Answer, ...]]


def same(one: Estimate, other: Estimate) -> bool:
    return bool(
        np.allclose(one.mean, other.mean, rtol=0, atol=ROUNDING)
        and np.allclose(one.covariance, other.covariance, rtol=0, atol=ROUNDING)
    )


# ---- scoring -------------------------------------------------------------------------------------


@given(models())
def test_every_table_sums_to_one_at_every_node(model: Model) -> None:
    assert np.allclose(model.tables.sum(axis=2), 1.0, rtol=0, atol=1e-12)
    for table in model.probabilities:
        assert np.allclose(table.sum(axis=0), 1.0, rtol=0, atol=1e-12)


@given(models_and_answers())
def test_the_parts_of_the_groups_sum_to_the_whole(drawn: Drawn) -> None:
    now = posterior(*drawn)

    assert now.parts.shape[0] == drawn[0].shares.size
    assert np.allclose(now.parts.sum(axis=0), now.weights, rtol=0, atol=1e-15)
    assert now.parts.sum() == pytest.approx(1.0, abs=1e-12)


@given(models_and_answers(), st.data())
def test_the_order_of_answers_does_not_matter(drawn: Drawn, data: st.DataObject) -> None:
    model, answers = drawn
    shuffled = tuple(data.draw(st.permutations(answers)))

    assert same(posterior(model, answers).estimate(), posterior(model, shuffled).estimate())


@given(models_and_answers())
def test_a_missing_answer_is_no_answer(drawn: Drawn) -> None:
    model, answers = drawn
    spoken = tuple(answer for answer in answers if answer.category != MISSING)

    assert same(posterior(model, answers).estimate(), posterior(model, spoken).estimate())


@given(models_and_answers())
def test_swapping_the_dimensions_swaps_the_estimate(drawn: Drawn) -> None:
    model, answers = drawn
    other = model_of(swapped(model.bank), groups=model.groups, discounts=True)
    here, there = (posterior(one, answers).estimate() for one in (model, other))

    assert here.mean.tolist() == pytest.approx(there.mean[::-1].tolist(), abs=ROUNDING)
    assert np.allclose(here.covariance, there.covariance[::-1, ::-1], rtol=0, atol=ROUNDING)


@settings(max_examples=120)
@given(models(), st.data())
def test_raising_an_anxiety_answer_never_lowers_anxiety(model: Model, data: st.DataObject) -> None:
    # Under one set of figures the ratio of a category to the one below rises with theta, and keeps
    # rising when the answer counts for less than one.
    groups = data.draw(st.sampled_from(["man", "woman"]))
    own = model_of(model.bank, groups=(groups,), discounts=True)
    item = data.draw(
        st.sampled_from([item for item in own.bank.items if item.dimension == ANXIETY])
    )
    keyed = data.draw(st.integers(0, item.categories - 2))
    others = tuple(a for a in data.draw(answers_to(own.bank)) if a.item_id != item.id)
    low, high = (
        posterior(
            own,
            (
                *others,
                Answer(
                    item_id=item.id,
                    category=keyed_category(k, keying=item.keying, categories=item.categories),
                ),
            ),
        ).estimate()
        for k in (keyed, keyed + 1)
    )

    assert high.mean[0] - low.mean[0] >= -ROUNDING


@given(banks(), st.data())
def test_equal_figures_make_group_aware_and_plain_scoring_equal(
    bank: Bank, data: st.DataObject
) -> None:
    equal, answers = with_equal_groups(bank), data.draw(answers_to(bank))
    plain = posterior(model_of(bank), answers).weights

    for groups in (("man",), ("woman",), ("man", "woman")):
        found = posterior(model_of(equal, groups=groups), answers)
        assert np.allclose(found.weights, plain, rtol=0, atol=1e-13)
        assert np.allclose(found.parts.sum(axis=(1, 2)), 1 / len(groups), rtol=0, atol=1e-12)


@given(models_and_answers())
def test_before_any_answer_each_group_weighs_its_share(drawn: Drawn) -> None:
    model, _ = drawn
    shares = posterior(model, ()).parts.sum(axis=(1, 2))

    assert shares.tolist() == pytest.approx(model.shares.tolist(), abs=1e-12)


@given(models_and_answers())
def test_expected_variance_never_grows(drawn: Drawn) -> None:
    model, answers = drawn
    now = posterior(model, answers)
    expected = expected_variances(model, now, tuple(range(len(model.bank.items))))

    assert np.all(expected > 0)
    assert np.all(expected <= np.diag(now.estimate().covariance) + 1e-12)


# ---- near-duplicates -----------------------------------------------------------------------------


@st.composite
def clusters(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The covariance of a few items' scores, eigenvalues of their relations 0.1 at least, and a set."""
    model = model_of(draw(fair_banks(fewest=2)), discounts=True)
    items = len(model.bank.items)
    covariance = np.eye(items) if model.dependence is None else model.dependence.covariance
    answered = np.array([draw(st.booleans()) for _ in range(items)])
    return covariance, answered


Cluster = tuple[NDArray[np.float64], NDArray[np.bool_]]


@given(clusters())
def test_weights_lie_between_a_tenth_and_one(drawn: Cluster) -> None:
    covariance, answered = drawn
    weights, left = Dependence(covariance=covariance).worth(answered[None])

    assert np.all(weights[0, ~answered] == 0)
    assert np.all((weights[0, answered] >= 0.1) & (weights[0, answered] <= 1))
    assert np.all((left >= 0.02) & (left <= 1))


@given(clusters())
def test_the_information_of_the_set_is_what_its_answers_count_for(drawn: Cluster) -> None:
    # w' C w = d' w = d' C^-1 d wherever no weight was held back.
    covariance, answered = drawn
    own = np.flatnonzero(answered)
    weights = Dependence(covariance=covariance).weights(answered[None])[0, own]
    among, alone = covariance[np.ix_(own, own)], np.diag(covariance)[own]
    if np.all((weights > 0.1) & (weights < 1.0)):
        worth = alone @ np.linalg.inv(among) @ alone if own.size else 0.0
        assert weights @ among @ weights == pytest.approx(worth, rel=1e-9)
        assert alone @ weights == pytest.approx(worth, rel=1e-9)


@given(st.integers(2, 6), hundredths(0.01, 0.9), hundredths(0.2, 4))
def test_of_alike_items_each_one_more_adds_less(n: int, r: float, alone: float) -> None:
    # n items alike with the same r are worth n / (1 + (n - 1) r) of one.
    found = Dependence(covariance=alone * ((1 - r) * np.eye(n) + r))
    sets = np.tri(n, dtype=bool)
    weights, left = found.worth(sets)
    shares = []
    for k in range(1, n + 1):
        each = 1 / (1 + (k - 1) * r)
        assert weights[k - 1, :k].tolist() == pytest.approx([max(each, 0.1)] * k)
        if k < n:
            shares.append(left[k - 1, k])
            exact = (k + 1) / (1 + k * r) - k / (1 + (k - 1) * r)
            assert shares[-1] == pytest.approx(max(exact, 0.02))
    assert shares == sorted(shares, reverse=True)


@given(st.integers(1, 8), st.data())
def test_items_that_only_theta_connects_count_in_full(n: int, data: st.DataObject) -> None:
    alone = np.array([data.draw(hundredths(0.1, 5)) for _ in range(n)])
    answered = np.array([data.draw(st.booleans()) for _ in range(n)])
    weights, left = Dependence(covariance=np.diag(alone)).worth(answered[None])

    assert weights[0].tolist() == pytest.approx(answered.astype(float).tolist())
    assert left[0, ~answered].tolist() == pytest.approx([1.0] * int((~answered).sum()))


@given(fair_banks(fewest=2), st.data())
def test_the_order_of_the_bank_s_pairs_does_not_matter(bank: Bank, data: st.DataObject) -> None:
    shuffled = replace(bank, pairs=tuple(data.draw(st.permutations(bank.pairs))))
    answered = np.array([[data.draw(st.booleans()) for _ in bank.items]])
    one, other = (model_of(b, discounts=True).weights(answered) for b in (bank, shuffled))

    assert np.array_equal(one, other)


# ---- borders -------------------------------------------------------------------------------------


@given(
    st.lists(hundredths(-2, 2), min_size=1, max_size=5, unique=True),
    hundredths(-3, 3),
    hundredths(0.2, 0.9),
    hundredths(0.3, 0.99),
)
def test_no_change_is_a_chance_and_one_border_less_never_makes_it_smaller(
    places: list[float], mean: float, psd: float, share: float
) -> None:
    def unchanged(own: list[float]) -> float:
        borders = Borders(places=(np.array(own), np.zeros(0)))
        at = np.array([[mean, 0.0]]), np.array([[psd, psd]]), np.array([[psd * share, psd * share]])
        return float(borders.unchanged(*at)[0, 0])

    every, fewer = unchanged(places), unchanged(places[1:])
    assert 0.0 <= every <= fewer + 1e-12 <= 1.0 + 1e-12
    assert unchanged([place + 50 for place in places]) == pytest.approx(1.0)


@given(hundredths(0.05, 3), hundredths(0.2, 0.9), hundredths(0.3, 0.99))
def test_the_further_from_a_border_the_surer(off: float, psd: float, share: float) -> None:
    # Among places told to be above it.
    borders = Borders(places=(np.array([0.0]), np.zeros(0)))
    near = 0.8417 * psd
    mean = np.array([[near, 0.0], [near + off, 0.0]])
    found = borders.unchanged(mean, np.full((2, 2), psd), np.full((2, 2), psd * share))[:, 0]

    assert found[1] >= found[0] - 1e-12


# ---- sittings ------------------------------------------------------------------------------------


@st.composite
def fair_sessions(draw: st.DrawFn) -> list[Session]:
    """Every session of a fair sitting, the last one stopped."""
    model = draw(models())
    least = draw(st.integers(1, 3))
    rule = StopRule(
        psd=draw(hundredths(0.3, 0.9)),
        least=least,
        most=2 * least + draw(st.integers(0, 4)),
        borders=Borders(places=(np.array([-0.5, 0.7]), np.array([0.2])), sure=0.8),
        least_settled=least,
    )
    gentle = frozenset({draw(st.sampled_from(model.bank.items)).id})
    balance = balance_of(model.bank, most=rule.most, gentle=gentle)
    sessions = [Session(test=AdaptiveTest(model=model, rule=rule, balance=balance))]
    for _ in range(len(model.bank.items) + 1):
        step = sessions[-1].step()
        if isinstance(step, Stop):
            return sessions
        category = draw(st.integers(MISSING, model.item(step.item_id).categories - 1))
        sessions.append(advance(sessions[-1], Answer(item_id=step.item_id, category=category)))
    raise AssertionError("the sitting asked more questions than the bank has")


@given(fair_sessions())
def test_a_fair_sitting_ends_within_its_length_and_starts_gently(sessions: list[Session]) -> None:
    last, balance = sessions[-1], sessions[0].test.balance
    assert balance is not None
    asked = [last.test.model.index(answer.item_id) for answer in last.answers]

    assert len(set(asked)) == len(asked) <= last.test.rule.most
    assert balance.gentle[asked[0]]


@given(fair_sessions(), st.data())
def test_the_step_follows_from_the_answers_and_not_from_their_order(
    sessions: list[Session], data: st.DataObject
) -> None:
    session = data.draw(st.sampled_from(sessions))
    shuffled = tuple(data.draw(st.permutations(session.answers)))

    assert resume(session.test, shuffled).step() == session.step()


@given(fair_sessions())
def test_back_undoes_an_answer(sessions: list[Session]) -> None:
    for before, after in pairwise(sessions):
        assert back(after) == before
        assert isinstance(before.step(), Ask)


@given(fair_sessions())
def test_only_missing_answers_leave_a_dimension_short(sessions: list[Session]) -> None:
    # Short of the least, or of all items where there are fewer.
    last = sessions[-1]
    missing = sum(answer.category == MISSING for answer in last.answers)
    items = [
        sum(item.dimension == dimension for item in last.test.model.bank.items)
        for dimension in DIMENSIONS
    ]
    short = sum(
        max(0, min(last.test.rule.least, had) - count)
        for count, had in zip(last.answered(), items, strict=True)
    )
    assert short <= missing
