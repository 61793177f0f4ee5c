"""Discounts, shares, groups and borders against the slow twin; the plain test is left to `test_measure_choice`."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fair_bank import fair_bank, with_facets, with_groups, with_pairs
from tests.made_up_bank import large_bank, small_bank
from tests.property.drawing import answers_to, fair_banks, hundredths
from tests.reference import slow_fair, slow_measure
from tests.reference.slow_fair import SlowFairTest
from tests.reference.slow_measure import SlowItem
from tests.reference.translation import COARSE, slow_answers

from undertow.bank.calibrated import Bank
from undertow.bank.responses import MISSING, Answer
from undertow.measure.balance import balance_of
from undertow.measure.dependence import Dependence, dependence_of
from undertow.measure.grm import item_information
from undertow.measure.model import Model, model_of
from undertow.measure.posterior import posterior
from undertow.measure.select import expected_variances
from undertow.measure.session import AdaptiveTest, Ask, Session, Stop, advance
from undertow.measure.settled import Borders, last_psd
from undertow.measure.stop import StopRule

CLOSE = 1e-10


# ---- near-duplicates -----------------------------------------------------------------------------


@st.composite
def covariances(draw: st.DrawFn, *, most: int = 5) -> np.ndarray:
    """Of scores that partly go together, with eigenvalues well above 0."""
    n = draw(st.integers(1, most))
    relation = np.eye(n)
    for a in range(n):
        for b in range(a):
            relation[a, b] = relation[b, a] = draw(st.one_of(st.just(0.0), hundredths(0, 0.5)))
    smallest = float(np.linalg.eigvalsh(relation)[0])
    if smallest < 0.15:
        relation = 0.5 * relation + 0.5 * np.eye(n) if smallest > -0.6 else np.eye(n)
    roots = np.sqrt([draw(hundredths(0.2, 3)) for _ in range(n)])
    return np.asarray(relation * np.outer(roots, roots))


@settings(max_examples=150)
@given(covariances(), st.data())
def test_weights_and_what_is_left(covariance: np.ndarray, data: st.DataObject) -> None:
    items = covariance.shape[0]
    chosen = sorted(data.draw(st.sets(st.integers(0, items - 1))))
    answered = np.zeros((1, items), dtype=bool)
    answered[0, chosen] = True
    fast = Dependence(covariance=covariance)
    rows = covariance.tolist()

    assert fast.weights(answered)[0, chosen].tolist() == pytest.approx(
        slow_fair.weights(rows, chosen), abs=CLOSE
    )
    for candidate in set(range(items)) - set(chosen):
        assert fast.left(answered)[0, candidate] == pytest.approx(
            slow_fair.left(rows, chosen, candidate), abs=CLOSE
        )


def test_clusters_too_large_to_tabulate() -> None:
    # Twelve items in a chain: 4,096 sets, which are worked out as they come.
    n = 12
    covariance = np.eye(n) + 0.3 * (np.eye(n, k=1) + np.eye(n, k=-1))
    fast, rng = Dependence(covariance=covariance), np.random.default_rng(1)
    for answered in rng.random((20, n)) < 0.5:
        chosen = np.flatnonzero(answered).tolist()
        weights, left = fast.worth(answered[None])

        assert weights[0, chosen].tolist() == pytest.approx(
            slow_fair.weights(covariance.tolist(), chosen), abs=CLOSE
        )
        for candidate in set(range(n)) - set(chosen):
            assert left[0, candidate] == pytest.approx(
                slow_fair.left(covariance.tolist(), chosen, candidate), abs=CLOSE
            )


# ---- several groups --------------------------------------------------------------------------------


def slow_fair_test(bank: Bank, model: Model, *, most: int = 20) -> SlowFairTest:
    groups = []
    for group in model.groups:
        items = []
        for item in bank.items:
            figures = next(one for one in item.by_group if one.group == group)
            items.append(
                SlowItem(
                    dimension=0 if item.dimension == "anxiety" else 1,
                    slope=figures.slope,
                    intercepts=figures.intercepts,
                    reversed_=item.keying == -1,
                )
            )
        groups.append(tuple(items))
    covariance = (
        np.diag(np.ones(len(bank.items)))
        if model.dependence is None
        else model.dependence.covariance
    )
    return SlowFairTest(
        groups=tuple(groups),
        correlation=float(bank.group_correlation or 0.0),
        nodes=tuple(model.grid.nodes.tolist()),
        covariance=covariance.tolist(),
        facets=tuple(str(item.facet) for item in bank.items),
        most=most,
    )


def test_the_covariance_of_scores_is_its_definition() -> None:
    bank, nodes = with_pairs(small_bank(), ("a1", "a3", 0.4), ("v1", "v2", 0.3)), COARSE.nodes
    information = np.stack(
        [
            item_information(nodes, slope=one.slope, intercepts=np.asarray(one.intercepts))
            for one in bank.items
        ]
    )
    found = dependence_of(bank, information, COARSE)
    assert found is not None

    density = [math.exp(-t * t / 2) for t in nodes.tolist()]
    at = [item.id for item in bank.items]
    related = {("a1", "a3"): 0.4, ("v1", "v2"): 0.3}
    for a in range(6):
        for b in range(6):
            names = (at[a], at[b])
            r = 1.0 if a == b else related.get(names, related.get(names[::-1], 0.0))
            mean = sum(
                weight * math.sqrt(information[a, q] * information[b, q])
                for q, weight in enumerate(density)
            ) / sum(density)
            assert found.covariance[a, b] == pytest.approx(r * mean, abs=1e-12)


def test_information_is_what_the_definition_says() -> None:
    # I(theta) = sum over k of P_k'(theta)^2 / P_k(theta), the derivative by differences.
    item = SlowItem(dimension=0, slope=1.7, intercepts=(2.0, 0.3, -1.1))
    at, step = [-2.0, -0.3, 0.0, 1.4], 1e-5
    fast = item_information(np.array(at), slope=item.slope, intercepts=np.array(item.intercepts))
    for place, found in zip(at, fast, strict=True):
        expected = 0.0
        for k in range(item.categories):
            up, down = (slow_measure.probability(item, k, place + sign * step) for sign in (1, -1))
            expected += ((up - down) / (2 * step)) ** 2 / slow_measure.probability(item, k, place)
        assert found == pytest.approx(expected, rel=1e-7)


@settings(max_examples=20)
@given(fair_banks(most=3), st.data())
def test_the_posterior_of_two_groups_and_what_is_expected_of_each_item(
    bank: Bank, data: st.DataObject
) -> None:
    answers = data.draw(answers_to(bank))
    model = model_of(bank, grid=COARSE, groups=bank.groups, discounts=True)
    slow = slow_fair_test(bank, model)
    given_before = slow_answers(bank, answers)

    parts = slow_fair.posterior_by_group(slow, given_before)
    now = posterior(model, answers)

    assert np.abs(now.parts - np.array(parts)).max() <= CLOSE
    assert np.abs(now.weights - np.array(slow_fair.together(parts))).max() <= CLOSE
    left = tuple(range(len(bank.items)))
    expected = [slow_fair.expected_variances(slow, given_before, number) for number in left]
    assert expected_variances(model, now, left).ravel().tolist() == pytest.approx(
        list(np.ravel(expected)), abs=CLOSE
    )


# ---- the choice ----------------------------------------------------------------------------------


def balanced_bank() -> Bank:
    bank = with_facets(with_groups(small_bank(correlation=0.3), shift=0.3), ("one", "two"))
    return with_pairs(bank, ("a1", "a3", 0.5), ("v2", "v3", 0.4))


@pytest.mark.parametrize("seed", range(4))
def test_a_fair_sitting_asks_what_saves_most_of_what_is_owed_within_a_tenth(seed: int) -> None:
    bank, rng = balanced_bank(), random.Random(seed)  # noqa: S311 - answers for a test
    rule = StopRule(psd=0.05, least=2, most=5)
    model = model_of(bank, grid=COARSE, groups=bank.groups, discounts=True)
    test = AdaptiveTest(model=model, rule=rule, balance=balance_of(bank, most=rule.most))
    slow = slow_fair_test(bank, model, most=rule.most)
    session, asked = Session(test=test), 0
    while isinstance(step := session.step(), Ask):
        chosen = model.index(step.item_id)
        given_before = slow_answers(bank, session.answers)
        values = worth(slow, given_before, lacking_kept(slow, given_before, rule))
        assert chosen in values
        assert values[chosen] >= 0.9 * max(values.values()) - CLOSE
        category = rng.choice([MISSING, 0, 1, 2, 1])
        session, asked = (
            advance(session, Answer(item_id=step.item_id, category=category)),
            asked + 1,
        )
    assert asked == rule.most


def lacking_kept(slow: SlowFairTest, given: list[slow_measure.Given], rule: StopRule) -> list[int]:
    """What may be asked: all that was not, or what is lacking of the least where it would run out."""
    gone = [answer.item for answer in given]
    lacking = [
        max(0, rule.least - sum(slow.items[number].dimension == d for number in gone))
        for d in range(2)
    ]
    may = [number for number in range(len(slow.items)) if number not in gone]
    if rule.most - len(gone) <= sum(lacking):
        needed = [number for number in may if lacking[slow.items[number].dimension]]
        return needed or may
    return may


def worth(slow: SlowFairTest, given: list[slow_measure.Given], may: list[int]) -> dict[int, float]:
    now = slow_measure.covariance_of(
        slow_fair.plane(slow), slow_fair.together(slow_fair.posterior_by_group(slow, given))
    )
    spoken = [answer.item for answer in given if answer.category is not None]
    values = {}
    for number in may:
        expected = slow_fair.expected_variances(slow, given, number)
        saved = now[0][0] - expected[0] + now[1][1] - expected[1]
        values[number] = (
            saved
            * slow_measure.answer_chance(slow_fair.plane(slow), given, number)
            * slow_fair.left(slow.covariance, spoken, number)
            * slow_fair.owed(slow, [answer.item for answer in given], number)
        )
    return values


# ---- borders -------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    st.lists(hundredths(-2, 2), min_size=0, max_size=4, unique=True),
    hundredths(-2.5, 2.5),
    hundredths(0.2, 0.9),
    hundredths(0.3, 0.95),
)
def test_whether_all_is_told_as_now(
    borders: list[float], mean: float, psd: float, share: float
) -> None:
    last = psd * share
    places = np.array(borders)
    fast = Borders(places=(places, np.zeros(0)))

    found = fast.unchanged(np.array([[mean, 0.0]]), np.array([[psd, 1.0]]), np.array([[last, 0.5]]))

    # The walk's steps are 0.0008 wide, and each border may fall within one.
    expected = slow_fair.unchanged(borders, mean, psd, last)
    assert found[0, 0] == pytest.approx(expected, abs=0.002)
    assert found[0, 1] == 1.0


@given(hundredths(0.2, 1), st.lists(hundredths(-0.5, 3), min_size=1, max_size=6), st.integers(0, 8))
def test_the_psd_to_come(psd: float, gains: list[float], questions: int) -> None:
    found = last_psd(np.array([psd]), np.array([gains]), np.array([questions]))

    assert found[0] == pytest.approx(slow_fair.last_psd(psd, gains, questions), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_a_sitting_ends_as_settled_when_the_definition_says_so(seed: int) -> None:
    pairs = [(f"{d}{n}", f"{d}{n + 1}", 0.6) for d in "av" for n in range(1, 18)]
    bank, rng = with_pairs(large_bank(correlation=0.2), *pairs), random.Random(seed)  # noqa: S311
    borders = ([-0.6, 0.5], [0.9])
    rule = StopRule(
        psd=0.2,
        least=2,
        least_settled=3,
        most=14,
        borders=Borders(places=(np.array(borders[0]), np.array(borders[1])), sure=0.8),
    )
    model = model_of(bank, grid=COARSE, discounts=True)
    assert model.dependence is not None
    covariance = model.dependence.covariance.tolist()
    session, ended = Session(test=AdaptiveTest(model=model, rule=rule)), False
    place = [rng.gauss(0, 1), rng.gauss(0, 1)]
    while not ended:
        step = session.step()
        now, answered = posterior(model, session.answers), session.answered()
        estimate, gone = now.estimate(), {answer.item_id for answer in session.answers}
        wanted = [estimate.psd[d] > rule.psd or answered[d] < rule.least for d in range(2)]
        share = math.ceil((rule.most - len(gone)) / max(sum(wanted), 1))
        for d in range(2):
            left = tuple(
                number
                for number, item in enumerate(bank.items)
                if item.id not in gone and int(model.dimension_of[number]) == d
            )
            variance = estimate.psd[d] ** 2
            gains = 1 / expected_variances(model, now, left)[:, d] - 1 / variance
            spoken = [model.index(answer.item_id) for answer in session.answers]
            gains *= [slow_fair.left(covariance, spoken, number) for number in left]
            last = slow_fair.last_psd(estimate.psd[d], gains.tolist(), share)
            sure = slow_fair.unchanged(borders[d], estimate.mean[d], estimate.psd[d], last)
            # Nobody here is so near to the rule's share that the walk's steps would matter.
            assert abs(sure - 0.8) > 0.0005 or answered[d] < rule.least_settled
            wanted[d] = wanted[d] and not (sure >= 0.8 and answered[d] >= rule.least_settled)
        if isinstance(step, Stop):
            assert step.reason.value == "settled" or len(gone) == rule.most
            assert (step.reason.value == "settled") is not any(wanted)
            ended = True
        else:
            assert wanted[int(model.dimension_of[model.index(step.item_id)])]
            item = model.item(step.item_id)
            d = 0 if item.dimension == "anxiety" else 1
            keyed = min(4, max(0, round(2 + place[d] + rng.gauss(0, 0.5))))
            category = keyed if item.keying == 1 else 4 - keyed
            session = advance(session, Answer(item_id=item.id, category=category))


def test_the_made_up_bank_has_what_these_tests_are_about() -> None:
    bank = fair_bank()
    assert (bank.groups, len(bank.pairs)) == (("man", "woman"), 7)
    assert len({item.facet for item in bank.items}) == 6
