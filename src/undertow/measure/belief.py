"""Whether answers can be believed, and how much wider a place gets where they can't.

What is then said, or not said, is left to `reading`; it never blames anyone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from undertow.bank.item import DIMENSIONS
from undertow.errors import ShapeError
from undertow.measure.person_fit import AnsweredSet, PersonFit, log_likelihoods, person_fit
from undertow.measure.posterior import Posterior

Array = NDArray[np.float64]

CARELESS_SHARE = 0.05
"""How many are taken to answer without the questions, before an answer is seen. A judgement: half of the
10 to 12 in 100 of students who filled in a long survey for credit, since here people come for their own
result. Source: meadecraig2012."""

_SHARE_WITH_A_SIGN = 0.5
"""The same where something beside the answers speaks for it. Even odds: what the answers say decides."""

_ATTENTION = (0.0, 0.25, 0.5, 0.75)
"""The shares of questions that someone may have answered as the model says, all as likely."""

_MOSTLY_WITHOUT = 0.5
"""Below this attention, most answers say nothing about the person."""

_KEPT_TO_STYLE = 0.95
"""How often an answer without the question keeps to the category, or the two, that it clings to."""

WIDEN_AT = 0.15
WITHHOLD_AT = 0.5
"""The least `doubt` to widen and the least `mostly` to withhold. Of people whom the model describes, no
more than 1/t can get a Bayes factor of t, so at most 1 in 19 would be withheld whatever they answer.
Simulated ones, with drift and 8 to 36 answers, are withheld 4 times in 10,000 and widened 1 to 3 times
in 100."""

FITS_AT = 0.5
"""Answers that fit as well as those of half the model's people, or better, are not doubted unless one of
them runs against the keying."""

LONG_RUN = 8
"""Of simulated people whom the model describes 3 in 10,000 have such a run in 20 answers, 3 in 1,000 in 36."""

FEWEST_ALIKE = 5
"""So many answers, all the same and against the keying, are a run too, where no more were given."""

FAST_SECONDS = 1.0
"""Below one second an item, answers stop agreeing with each other. Source: woodetal2017."""

_FAST_SHARE = 0.5
_FEWEST_TIMES = 5

_LEAST_PRIOR = 1e-200
"""So that an impossible pair of places, under a high correlation, still has some evidence to divide by."""


class Verdict(StrEnum):
    """What may be made of the answers."""

    FINE = "fine"
    """As of anyone whom the model describes."""
    WIDEN = "widen"
    """Some pull in different directions: the place is drawn wider."""
    WITHHOLD = "withhold"
    """Most seem not to come from the questions: nothing is said about the place."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Belief:
    """How far one person's answers can be believed.

    `doubt` is the probability that some answers did not come from the questions, `mostly` that most
    did not; a verdict also looks at whether anything contradicts itself. `longest_run`: see
    `longest_run_against_keying`. `same`: all answers alike. `fast_share`: the share of answers under
    a second, None where too few times are known. `otherwise` (Q, Q) is the posterior of theta if some
    did not come from the questions, and `times_wider` what it does to the psd of each dimension,
    anxiety first: 1 where the verdict is fine.
    """

    verdict: Verdict
    fit: PersonFit
    doubt: float
    mostly: float
    longest_run: int
    same: bool
    fast_share: float | None
    times_wider: tuple[float, float]
    otherwise: Array


def believe(answers: AnsweredSet, *, seconds: Sequence[float | None] | None = None) -> Belief:
    """What may be made of one person's answers, in three steps.

    Beside the model stands another for people who answer part of the questions without them: each
    answer is the model's with probability a (the attention), else drawn from q, a habit over the
    categories as shown that knows neither item nor keying: all alike, one of them, or two of them.
    With a share of such people known beforehand, Bayes gives the probability that this is one, and
    the posterior of theta if so. A long run against the keying and answers given too fast are no
    part of either model: they raise that share to even odds, no more. Without such a run, answers
    that fit the model well are fine whatever else could have made them. `seconds` are times of
    answering, None where not known. The order of the answers matters for the run alone.
    Raises ShapeError for times that cannot be. Source: meadecraig2012, huangetal2012.
    """
    run = longest_run_against_keying(answers)
    fast = fast_share(seconds)
    shown = answers.shown
    same = shown.size > 0 and bool(np.all(shown == shown[0]))
    clings = run >= LONG_RUN or (same and run >= FEWEST_ALIKE)
    hurried = fast is not None and fast > _FAST_SHARE
    share = _SHARE_WITH_A_SIGN if clings or hurried else CARELESS_SHARE
    sure, mixed, otherwise = _weighed(answers, share)
    doubt = float(mixed.sum())
    mostly = float(mixed[[a < _MOSTLY_WITHOUT for a in _ATTENTION]].sum())
    fit = person_fit(answers)
    verdict = _verdict(fit, clings=clings, doubt=doubt, mostly=mostly)
    wide = sure if verdict is Verdict.FINE else (1 - doubt) * sure + doubt * otherwise
    before, after = (_psd(weights, answers.nodes) for weights in (sure, wide))
    return Belief(
        verdict=verdict,
        fit=fit,
        doubt=doubt,
        mostly=mostly,
        longest_run=run,
        same=same,
        fast_share=fast,
        times_wider=(float(after[0] / before[0]), float(after[1] / before[1])),
        otherwise=otherwise,
    )


def widened(posterior: Posterior, belief: Belief) -> Posterior:
    """The posterior as wide as the belief allows; itself where the verdict is fine.

    (1 - doubt) * posterior + doubt * what is possible if some answers did not come from the
    questions. Raises ShapeError for a belief from another grid.
    """
    if belief.otherwise.shape != posterior.weights.shape:
        raise ShapeError("the belief and the posterior are on different grids")
    if belief.verdict is Verdict.FINE:
        return posterior
    weights = (1 - belief.doubt) * posterior.weights + belief.doubt * belief.otherwise
    return Posterior(grid=posterior.grid, weights=weights / weights.sum())


def longest_run_against_keying(answers: AnsweredSet) -> int:
    """The longest run of one answer, as shown and in the order asked, that contradicts itself; 0 if none.

    A run contradicts itself where it holds items of both keyings of one dimension: to agree with
    both is to say one thing and its opposite. Source: meadecraig2012.
    """
    longest = length = 0
    last: int | None = None
    held: set[tuple[int, int]] = set()
    contradicts = False
    for shown, dimension, keying in zip(
        answers.shown.tolist(),
        answers.dimension_of.tolist(),
        answers.keying.tolist(),
        strict=True,
    ):
        if shown != last:
            length, held, contradicts = 0, set(), False
        last = shown
        length += 1
        contradicts |= (dimension, -keying) in held
        held.add((dimension, keying))
        if contradicts:
            longest = max(longest, length)
    return longest


def fast_share(seconds: Sequence[float | None] | None) -> float | None:
    """The share of answers that took under a second; None where fewer than five times are known.

    Raises ShapeError for a time below 0 or none at all. Source: woodetal2017.
    """
    known = [second for second in seconds or () if second is not None]
    if any(not second >= 0 for second in known):
        raise ShapeError("seconds must be 0 or more, or None where not known")
    if len(known) < _FEWEST_TIMES:
        return None
    return sum(second < FAST_SECONDS for second in known) / len(known)


def _verdict(fit: PersonFit, *, clings: bool, doubt: float, mostly: float) -> Verdict:
    if not clings and (fit.tail is None or fit.tail >= FITS_AT):
        # Two of five categories, used as the keying asks, are a way of answering and no contradiction.
        return Verdict.FINE
    if mostly >= WITHHOLD_AT:
        return Verdict.WITHHOLD
    return Verdict.WIDEN if doubt >= WIDEN_AT else Verdict.FINE


def _weighed(answers: AnsweredSet, share: float) -> tuple[Array, Array, Array]:
    """The posterior if every answer came from the questions (Q, Q), the probability of each attention
    below 1 (A,), and the posterior if some did not (Q, Q)."""
    chances = answers.chances
    habits, habit_shares = _habits(answers)
    attention = np.array(_ATTENTION)[:, None, None, None, None]
    mixed = attention * chances + (1 - attention) * habits[:, :, None, None]
    every = np.concatenate([chances[None], *mixed])
    logs = log_likelihoods(answers, every)
    highest = logs.max(axis=-1, keepdims=True)
    # The highest value of each is kept apart, so that no product of many chances becomes 0.
    first, second = np.exp(logs - highest).transpose(2, 0, 1, 3)
    prior = np.maximum(np.exp(answers.log_prior), _LEAST_PRIOR)
    evidence = np.log(((first @ prior) * second).sum(axis=-1)) + highest[..., 0].sum(axis=-1)
    before = np.concatenate(
        [[1 - share], np.tile(habit_shares, len(_ATTENTION)) * share / len(_ATTENTION)]
    )
    with np.errstate(divide="ignore"):
        whole = evidence + np.log(before)[:, None] + np.log(answers.group_shares)
    weights = np.exp(whole - whole.max())
    weights /= weights.sum()

    def place(one: slice) -> Array:
        """The posterior of theta under some of the models, each weighing what it is worth."""
        inside = np.exp(whole[one] - whole[one].max())
        # Each model's plane has another sum; the evidence says which.
        scale = inside / ((first[one] @ prior) * second[one]).sum(axis=-1)
        plane: Array = prior * np.einsum(
            "cg,cgq,cgr->qr", scale, first[one], second[one], optimize=True
        )
        plane /= plane.sum()
        return plane

    by_attention = weights[1:].sum(axis=1).reshape(len(_ATTENTION), -1).sum(axis=1)
    return place(slice(0, 1)), by_attention, place(slice(1, None))


def _habits(answers: AnsweredSet) -> tuple[Array, Array]:
    """What each habit gives to the answers as they were tapped, (H, n), and how usual it is, (H,)."""
    categories = answers.categories
    even = 1 / categories
    most = int(categories.max(initial=2))
    # Items with fewer categories are answered at the same height of the scale.
    height = np.arange(most)[:, None] / (most - 1)
    hit = (np.rint(height * (categories - 1)) == answers.shown).astype(np.float64)
    pairs = [(hit[a] + hit[b]) / 2 for a, b in combinations(range(most), 2)]
    clinging = _KEPT_TO_STYLE * np.stack([*hit, *pairs]) + (1 - _KEPT_TO_STYLE) * even
    # A third each: all categories alike, one of them, two of them.
    kinds = (1, most, len(pairs))
    shares = np.repeat([1 / (len(kinds) * kind) for kind in kinds], kinds)
    return np.concatenate([even[None], clinging]), shares


def _psd(weights: Array, nodes: Array) -> Array:
    """The SD of both dimensions; (2,)."""
    spreads = []
    for axis in range(len(DIMENSIONS)):
        margin = weights.sum(axis=1 - axis)
        spreads.append(np.sqrt(margin @ (nodes - margin @ nodes) ** 2))
    return np.array(spreads)
