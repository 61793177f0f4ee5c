"""What is made of answers that go together, that don't, and of those that nobody could give."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.made_up_bank import large_bank, small_bank

from undertow.bank.item import DIMENSIONS
from undertow.bank.responses import MISSING, Answer
from undertow.errors import ResponseError, ShapeError
from undertow.measure.belief import (
    FAST_SECONDS,
    LONG_RUN,
    Belief,
    Verdict,
    believe,
    fast_share,
    widened,
)
from undertow.measure.grid import Grid
from undertow.measure.model import Model, model_of
from undertow.measure.person_fit import answered_by, answered_set, person_fit
from undertow.measure.posterior import posterior

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def model() -> Model:
    return model_of(large_bank())


def keyed(model: Model, categories: list[int], *, items: int = 20) -> tuple[Answer, ...]:
    """Answers by keyed category, in turn, to the bank's first items."""
    return tuple(
        Answer(
            item_id=item.id,
            category=categories[n % len(categories)]
            if item.keying == 1
            else 4 - categories[n % len(categories)],
        )
        for n, item in enumerate(model.bank.items[:items])
    )


def tapped(
    model: Model, categories: list[int], *, start: int = 0, items: int = 20
) -> tuple[Answer, ...]:
    """Answers as shown, in turn, whatever the keying."""
    return tuple(
        Answer(item_id=item.id, category=categories[n % len(categories)])
        for n, item in enumerate(model.bank.items[start : start + items])
    )


def belief_of(
    model: Model, answers: tuple[Answer, ...], seconds: list[float | None] | None = None
) -> Belief:
    return believe(answered_by(model, answers), seconds=seconds)


@pytest.mark.parametrize("level", [[0], [1], [3, 2], [3, 4], [4], [1, 2], [0, 4], [4, 0], [2, 1]])
def test_answers_that_go_together_are_believed(model: Model, level: list[int]) -> None:
    """The bank's items take turns, so two levels are one for each dimension.

    Always the same step on the side that the keying asks for is a way of answering too, though a habit
    of two categories would explain it as well.
    """
    belief = belief_of(model, keyed(model, level))
    assert belief.verdict is Verdict.FINE
    assert belief.times_wider == (1.0, 1.0)


@pytest.mark.parametrize("category", range(5))
def test_the_same_answer_to_everything_is_no_place(model: Model, category: int) -> None:
    belief = belief_of(model, tapped(model, [category], items=36))
    assert belief.verdict is Verdict.WITHHOLD
    assert belief.same
    assert belief.longest_run == 36
    assert belief.mostly > 0.9


@pytest.mark.parametrize("pattern", [[0, 4, 4, 0], [4, 4, 0, 0], [4, 0, 0, 4]])
def test_impossible_answers_are_wide_and_flagged(model: Model, pattern: list[int]) -> None:
    """Within each dimension, every other answer is at the far end of the scale."""
    answers = keyed(model, pattern)
    belief = belief_of(model, answers)
    assert belief.verdict is not Verdict.FINE
    assert belief.fit.tail is not None
    assert belief.fit.tail < 1e-6
    before = posterior(model, answers)
    after = widened(before, belief)
    assert np.all(before.estimate().psd < 0.6)
    assert np.all(after.estimate().psd > 0.9)
    ratio = after.estimate().psd / before.estimate().psd
    assert ratio == pytest.approx(belief.times_wider, rel=1e-6)


def test_a_single_slip_changes_nothing(model: Model) -> None:
    answers = list(keyed(model, [3, 1]))
    slip = answers[4]
    answers[4] = Answer(item_id=slip.item_id, category=4 - slip.category)
    assert belief_of(model, tuple(answers)).verdict is Verdict.FINE


def test_some_answers_that_pull_apart_widen(model: Model) -> None:
    """Six of 20 at the far ends, against what the others say: attention, but not all the time."""
    rows = [3, 1] * 10
    for place, far in ((2, 0), (5, 4), (8, 0), (11, 4), (14, 0), (17, 4)):
        rows[place] = far
    answers = keyed(model, rows)
    belief = belief_of(model, answers)
    assert belief.verdict is Verdict.WIDEN
    assert min(belief.times_wider) > 1.1
    assert belief.mostly < 0.5


def test_without_answers_nothing_is_doubted_and_nothing_breaks(model: Model) -> None:
    left_out = tuple(Answer(item_id=item.id, category=MISSING) for item in model.bank.items)
    for answers in ((), left_out):
        belief = belief_of(model, answers)
        assert belief.verdict is Verdict.FINE
        assert belief.doubt == pytest.approx(0.05)
        assert belief.fit.joint is belief.fit.tail is None
        assert not belief.same
        assert widened(posterior(model, answers), belief).weights == pytest.approx(
            np.exp(model.log_prior), abs=1e-9
        )


def test_one_dimension_left_out(model: Model) -> None:
    answers = tuple(
        Answer(item_id=item.id, category=3 if item.keying == 1 else 1)
        for item in model.bank.items
        if item.dimension is DIMENSIONS[0]
    )
    belief = belief_of(model, answers)
    assert belief.verdict is Verdict.FINE
    assert belief.fit.by_dimension[0] is not None
    assert belief.fit.by_dimension[1] is None


def test_a_missing_answer_is_as_if_it_had_not_been_asked(model: Model) -> None:
    answers = keyed(model, [3, 1, 2])
    extra = Answer(item_id=model.bank.items[30].id, category=MISSING)
    with_it = belief_of(model, (*answers[:5], extra, *answers[5:]))
    assert with_it.doubt == belief_of(model, answers).doubt
    assert with_it.fit == belief_of(model, answers).fit


def test_speed_decides_nothing_alone(model: Model) -> None:
    """Answers that go together are believed however fast they came."""
    answers = keyed(model, [3, 1])
    slow, fast = [FAST_SECONDS] * 20, [FAST_SECONDS - 0.1] * 20
    at_ease, hurried = (belief_of(model, answers, [*times]) for times in (slow, fast))
    assert (at_ease.fast_share, hurried.fast_share) == (0.0, 1.0)
    assert hurried.verdict is Verdict.FINE
    # What is known beforehand goes from 0.05 to even odds: the odds of doubt rise 19 times.
    odds = [belief.doubt / (1 - belief.doubt) for belief in (at_ease, hurried)]
    assert odds[1] == pytest.approx(19 * odds[0])


def test_a_long_run_counts_as_a_sign_from_eight_on(model: Model) -> None:
    def odds(run: int) -> float:
        # Then answers that differ, so that the run ends there.
        rows = [*tapped(model, [2], items=run), *tapped(model, [3, 1], start=run, items=20 - run)]
        belief = belief_of(model, tuple(rows))
        assert belief.longest_run == run
        alone = believe(answered_by(model, tuple(reversed_pairs(rows))))
        assert alone.longest_run < LONG_RUN
        return (belief.doubt / (1 - belief.doubt)) / (alone.doubt / (1 - alone.doubt))

    assert odds(LONG_RUN - 1) == pytest.approx(1.0)
    assert odds(LONG_RUN) == pytest.approx(19.0)


def reversed_pairs(rows: list[Answer]) -> list[Answer]:
    """The same answers in an order that breaks the run: first, last, second, last but one ..."""
    half = len(rows) // 2
    mixed = [one for pair in zip(rows[:half], reversed(rows[half:]), strict=True) for one in pair]
    return mixed


def test_times_that_are_few_say_nothing() -> None:
    assert fast_share(None) is None
    assert fast_share([0.2] * 4) is None
    assert fast_share([0.2, None, 0.2, None, 0.2, 0.2]) is None
    assert fast_share([0.2, 3.0, 0.2, 3.0, 1.0]) == 0.4


@pytest.mark.parametrize("wrong", [-0.1, float("nan")])
def test_times_that_cannot_be_are_refused(wrong: float) -> None:
    with pytest.raises(ShapeError, match="seconds must be 0 or more"):
        fast_share([1.0, wrong])


def test_a_belief_from_another_grid_is_refused(model: Model) -> None:
    coarse = model_of(large_bank(), grid=Grid(nodes=np.linspace(-6.0, 6.0, 31)))
    answers = keyed(model, [3, 1])
    with pytest.raises(ShapeError, match="different grids"):
        widened(posterior(model, answers), belief_of(coarse, answers))


def test_an_unknown_answer_is_refused(model: Model) -> None:
    with pytest.raises(ResponseError):
        answered_by(model, (Answer(item_id="nowhere", category=1),))
    with pytest.raises(ResponseError):
        answered_by(model, (Answer(item_id="a1", category=5),))


def test_one_answer_is_explained_whole_by_its_place() -> None:
    """A yes/no answer's log-likelihood is linear in its score, so nothing is left that could fit or not."""
    nodes = np.linspace(-4.0, 4.0, 41)
    yes = 1 / (1 + np.exp(-1.5 * nodes))
    one = answered_set(
        [np.stack([1 - yes, yes])],
        [1],
        keying=[1],
        dimension_of=[0],
        nodes=nodes,
        log_prior=Grid(nodes=nodes).log_prior(0.0),
    )
    assert person_fit(one).joint == pytest.approx(0.0, abs=1e-9)


def test_items_with_fewer_categories_may_stand_beside_others() -> None:
    model = model_of(small_bank())
    two = model.tables[:, 0, :2] / model.tables[:, 0, :2].sum(axis=1, keepdims=True)
    mixed = answered_set(
        [two, model.tables[:, 1, :3], model.tables[:, 2, :3]],
        [1, 2, 0],
        keying=[1, 1, -1],
        dimension_of=[0, 1, 0],
        nodes=model.grid.nodes,
        log_prior=model.log_prior,
    )
    assert mixed.shown.tolist() == [1, 2, 2]
    belief = believe(mixed)
    assert 0 < belief.mostly < belief.doubt < 1
    assert belief.fit.joint is not None
    assert np.isfinite([*belief.times_wider, belief.fit.joint]).all()


FLAT = np.full((1, 2, 7), 0.5)
NODES = np.linspace(-3.0, 3.0, 7)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keyed": [0, 1, 1]}, "one for each table"),
        ({"keying": [1]}, "one for each table"),
        ({"weights": np.ones(3)}, "one for each table"),
        ({"keyed": [0, 2]}, "none of its table's"),
        ({"keyed": [0, -2]}, "none of its table's"),
        ({"keying": [1, 0]}, "keying must be"),
        ({"dimension_of": [0, 2]}, "dimensions 0 or 1"),
        ({"weights": np.array([0.0, 1.0])}, "weights must lie"),
        ({"weights": np.array([1.0, np.nan])}, "weights must lie"),
        ({"group_shares": np.array([0.5])}, "sum to 1"),
        ({"group_shares": np.array([0.5, 0.5])}, "every table must be"),
        ({"nodes": NODES[:5]}, "log_prior"),
    ],
)
def test_arrays_that_do_not_belong_together(changes: dict[str, object], message: str) -> None:
    given: dict[str, object] = {
        "keyed": [0, 1],
        "keying": [1, -1],
        "dimension_of": [0, 1],
        "nodes": NODES,
        "log_prior": np.zeros((7, 7)),
    }
    with pytest.raises(ShapeError, match=message):
        answered_set([FLAT, FLAT], **{**given, **changes})  # type: ignore[arg-type]
