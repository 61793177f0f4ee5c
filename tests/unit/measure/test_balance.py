"""Shares, lots and gentle first questions by hand; whole sittings are left to the laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.fair_bank import fair_bank, with_facets
from tests.made_up_bank import large_bank, small_bank

from undertow.bank.calibrated import Bank
from undertow.bank.responses import Answer
from undertow.measure.balance import balance_of
from undertow.measure.batch import batch_sittings
from undertow.measure.fair import fair_test, plain_test
from undertow.measure.session import Ask, Session
from undertow.measure.simulate import simulate_sittings
from undertow.measure.stop import StopRule

NOTHING = np.zeros((1, 6), dtype=bool)


def sided() -> Bank:
    """a1 and a3 ask about one thing, a2 about another; of the avoidance items nothing is known."""
    facets = {"a1": "worry", "a2": "worth", "a3": "worry"}
    bank = small_bank()
    items = tuple(replace(item, facet=facets.get(item.id)) for item in bank.items)
    return replace(bank, items=items)


def test_at_first_everything_is_owed() -> None:
    assert balance_of(sided(), most=4).priority(NOTHING).tolist() == [[1.0] * 6]


def test_the_shares_by_hand() -> None:
    # Six items, four questions: worry's share is 2 * 4/6 + 1/2 = 11/6, worth's 1 * 4/6 + 1/2 = 7/6,
    # that of avoidance without facets 3 * 4/6 + 1/2 = 5/2. By keying: two plain items of a dimension
    # 11/6, the reversed one 7/6. In the bank a2 and v3 are reversed.
    shown = NOTHING.copy()
    shown[0, [0, 1]] = True  # a1 and v1

    found = balance_of(sided(), most=4).priority(shown)[0]

    plain, worry, avoidance = 1 - 6 / 11, 1 - 6 / 11, 1 - 2 / 5
    assert found[[0, 4]].tolist() == pytest.approx([plain * worry] * 2)  # a1, a3
    assert found[2] == pytest.approx(1.0)  # a2: nothing of its kind came yet
    assert found[[1, 3]].tolist() == pytest.approx([plain * avoidance] * 2)  # v1, v2
    assert found[5] == pytest.approx(avoidance)  # v3


def test_what_had_its_share_comes_last_and_may_still_come() -> None:
    shown = NOTHING.copy()
    shown[0, 2] = True  # a2: worth's only item, and the only reversed one of its dimension
    shown[0, [0, 4]] = True

    found = balance_of(sided(), most=4).priority(shown)[0]

    assert found[2] == pytest.approx((1 - 6 / 7) ** 2)
    assert found[0] == pytest.approx(1e-6)  # 2 of 11/6 came, by facet and by keying
    assert np.all(found > 0)


def test_the_lot_follows_from_the_answers_and_not_from_their_order() -> None:
    balance, keyed = balance_of(sided(), most=4), np.full((1, 6), -1)
    keyed[0, [0, 3]] = 2, 1
    shown = keyed >= 0

    once = balance.lot(shown, keyed)

    assert np.array_equal(once, balance.lot(shown, keyed))
    assert len(set(once[0].tolist())) == 6
    other = keyed.copy()
    other[0, 3] = 2
    assert not np.array_equal(once, balance.lot(shown, other))
    left_out = shown.copy()
    left_out[0, 5] = True
    assert not np.array_equal(once, balance.lot(left_out, keyed))


def test_what_was_not_shown_has_no_say_in_the_lot() -> None:
    balance, keyed = balance_of(sided(), most=4), np.full((2, 6), -1)
    keyed[0, 0] = keyed[1, 0] = 2
    keyed[1, 4] = 1  # recorded, and not asked
    shown = np.zeros((2, 6), dtype=bool)
    shown[:, 0] = True

    first, second = balance.lot(shown, keyed)

    assert np.array_equal(first, second)


def test_among_equals_the_lot_decides_and_beyond_a_tenth_it_does_not() -> None:
    balance = balance_of(sided(), most=4)
    values = np.array([[1.0, 0.91, 0.89, -np.inf, 0.5, 0.95]])
    for lots, chosen in (
        ([[1, 5, 9, 9, 9, 3]], 1),
        ([[7, 5, 9, 9, 9, 3]], 0),
        ([[1, 2, 9, 9, 9, 3]], 5),
    ):
        assert balance.among_equals(values, np.array(lots)).tolist() == [chosen]


def test_where_nothing_would_be_saved_any_of_the_best_may_come() -> None:
    balance = balance_of(sided(), most=4)
    values = np.array([[0.0, -np.inf, 0.0, -np.inf, -np.inf, -np.inf]])

    assert balance.among_equals(values, np.array([[1, 9, 2, 9, 9, 9]])).tolist() == [2]


def first_item(bank: Bank, gentle: frozenset[str]) -> str:
    step = Session(test=fair_test(bank, gentle=gentle)).step()
    assert isinstance(step, Ask)
    return step.item_id


def test_the_first_question_is_a_gentle_one() -> None:
    bank = fair_bank()
    free = first_item(bank, frozenset())

    for gentle in ("a18", "v18"):  # the weakest of each dimension, which would come last
        assert gentle != free
        assert first_item(bank, frozenset({gentle})) == gentle


def test_only_the_first_question_has_to_be_gentle() -> None:
    test = fair_test(fair_bank(), gentle=frozenset({"a18"}))
    session = Session(test=test, answers=(Answer(item_id="a18", category=2),))

    assert isinstance(session.step(), Ask)


def test_gentle_items_that_the_bank_does_not_have_change_nothing() -> None:
    assert first_item(fair_bank(), frozenset({"elsewhere"})) == first_item(fair_bank(), frozenset())


def test_facets_and_keyings_get_their_shares() -> None:
    # Three facets of six items each a dimension: a share of 20 * 6/36 = 3 1/3, so 2 to 4 of each;
    # by keying 20 * 8/36 = 4 reversed of avoidance, so 3 at least.
    bank = fair_bank()
    test = fair_test(bank, rule=StopRule(most=20))
    asked = simulate_sittings(test, 300, np.random.default_rng(3), early_stop=False).taken.asked

    assert np.all(asked.sum(axis=1) == 20)
    for facet in {item.facet for item in bank.items}:
        own = np.array([item.facet == facet for item in bank.items])
        assert set(asked[:, own].sum(axis=1).tolist()) <= {2, 3, 4}
    turned = np.array([item.keying == -1 and item.dimension == "avoidance" for item in bank.items])
    assert turned.sum() == 8
    assert set(asked[:, turned].sum(axis=1).tolist()) <= {3, 4, 5}


def test_without_balance_the_sharpest_crowd_out_the_rest() -> None:
    # So that the test above is about something: the plain test asks more of a facet than its share.
    bank = fair_bank()
    plain = plain_test(bank, rule=StopRule(most=20))
    asked = simulate_sittings(plain, 100, np.random.default_rng(3), early_stop=False).taken.asked

    by_facet = [
        asked[:, np.array([item.facet == facet for item in bank.items])].sum(axis=1)
        for facet in {item.facet for item in bank.items}
    ]
    assert np.max(by_facet) > 4


def test_which_question_comes_varies_between_people_but_for_the_first() -> None:
    # Before any answer there is nothing for a lot to follow from, so everyone's first is the same.
    bank = with_facets(large_bank(correlation=0.2))
    people = simulate_sittings(fair_test(bank), 400, np.random.default_rng(4), early_stop=False)
    order, shares = people.taken.order, people.taken.asked.mean(axis=0)

    assert len(set(order[:, 0].tolist())) == 1
    assert len(set(order[:, 1].tolist())) > 1
    assert len(set(map(tuple, order[:, :5].tolist()))) > 40
    plain = simulate_sittings(plain_test(bank), 400, np.random.default_rng(4), early_stop=False)
    alike, crowded = (np.square(one).sum() for one in (shares, plain.taken.asked.mean(axis=0)))
    assert alike < crowded


def test_the_same_answers_the_same_questions() -> None:
    test = fair_test(fair_bank())
    answers = np.random.default_rng(5).integers(0, 5, (50, 36)).astype(np.int8)

    once, again = (batch_sittings(test, answers).order for _ in range(2))

    assert np.array_equal(once, again)
