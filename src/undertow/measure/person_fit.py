"""How well one person's answers fit the model that scores them: a standardised log-likelihood.

What is made of a bad fit is left to `belief`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

from undertow.bank.item import DIMENSIONS
from undertow.bank.responses import MISSING, Answer
from undertow.errors import ShapeError
from undertow.measure.model import Model

Array = NDArray[np.float64]

_NO_WEIGHT = 1e-9
"""Nodes with less of the posterior than this change no figure's sixth digit."""

_MOST_OFF_ONE = 1e-9
"""How far rounding may take a sum of probabilities from 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnsweredSet:
    """The answers of one person, in the order asked, with the tables that score them.

    For each answer: `tables` (G, K, Q), P(keyed category | theta) for every group of parameters that
    the person may belong to (one where it is known); `keyed` (n,), the category after keying;
    `keying` (n,) of +1 and -1; `dimension_of` (n,), 0 anxiety, 1 avoidance; `weights` (n,), what an
    answer counts beside its near-duplicates, at most 1. `nodes` (Q,) in SD of the reference
    population, `log_prior` (Q, Q), anxiety first, `group_shares` (G,), sum 1. Missing answers are not
    in it. Raises ShapeError for arrays that do not belong together.
    """

    tables: tuple[Array, ...]
    keyed: NDArray[np.intp]
    keying: NDArray[np.intp]
    dimension_of: NDArray[np.intp]
    weights: Array
    nodes: Array
    log_prior: Array
    group_shares: Array

    def __post_init__(self) -> None:
        n, q, groups = len(self.tables), self.nodes.size, self.group_shares.size
        if self.nodes.ndim != 1 or q < 3 or self.log_prior.shape != (q, q):
            raise ShapeError("nodes must be (Q,) with Q at least 3, and log_prior (Q, Q)")
        if any(
            one.shape != (n,) for one in (self.keyed, self.keying, self.dimension_of, self.weights)
        ):
            raise ShapeError(
                "categories, keying, dimensions and weights must be one for each table"
            )
        if any(t.ndim != 3 or t.shape[0] != groups or t.shape[2] != q for t in self.tables):
            raise ShapeError("every table must be (G, K, Q)")
        if any(not 0 <= k < t.shape[1] for k, t in zip(self.keyed, self.tables, strict=True)):
            raise ShapeError("a category is none of its table's")
        if not (np.all(self.weights > 0) and np.all(self.weights <= 1)):
            raise ShapeError("weights must lie above 0 and not above 1")
        if not np.all(np.isin(self.keying, (-1, 1))) or not np.all(
            np.isin(self.dimension_of, range(len(DIMENSIONS)))
        ):
            raise ShapeError("keying must be +1 or -1 and dimensions 0 or 1")
        if not (
            np.all(self.group_shares >= 0) and abs(self.group_shares.sum() - 1) <= _MOST_OFF_ONE
        ):
            raise ShapeError("group shares must not be negative and must sum to 1")

    @property
    def categories(self) -> NDArray[np.intp]:
        """K of each item; (n,)."""
        return np.array([table.shape[1] for table in self.tables], dtype=np.intp)

    @property
    def shown(self) -> NDArray[np.intp]:
        """The categories as they were tapped, before keying; (n,)."""
        return np.where(self.keying == 1, self.keyed, self.categories - 1 - self.keyed)

    @property
    def chances(self) -> Array:
        """P(this answer | theta) of each answer under each group's parameters; (n, G, Q)."""
        if not self.tables:
            return np.ones((0, self.group_shares.size, self.nodes.size))
        return np.stack([t[:, k] for k, t in zip(self.keyed, self.tables, strict=True)])

    @property
    def of_dimension(self) -> Array:
        """1 where an answer speaks about a dimension; (2, n)."""
        rows: Array = np.zeros((len(DIMENSIONS), self.dimension_of.size))
        rows[self.dimension_of, np.arange(self.dimension_of.size)] = 1.0
        return rows


def answered_set(
    tables: Sequence[Array],
    keyed: Sequence[int] | NDArray[np.integer],
    *,
    keying: Sequence[int] | NDArray[np.integer],
    dimension_of: Sequence[int] | NDArray[np.integer],
    nodes: Array,
    log_prior: Array,
    group_shares: Array | None = None,
    weights: Array | None = None,
) -> AnsweredSet:
    """An answered set of what was asked, missing answers taken out.

    A table may be (K, Q) where everyone has one set of parameters. Groups share equally and answers
    count in full unless said otherwise. Raises ShapeError as `AnsweredSet` does.
    """
    whole = [t[None] if t.ndim == 2 else np.asarray(t, dtype=np.float64) for t in tables]
    given = np.asarray(keyed, dtype=np.intp)
    if given.shape != (len(whole),):
        raise ShapeError("categories, keying, dimensions and weights must be one for each table")
    groups = whole[0].shape[0] if whole and whole[0].ndim == 3 else 1
    answered = np.flatnonzero(given != MISSING)
    full = np.ones(len(whole)) if weights is None else np.asarray(weights, dtype=np.float64)
    shares = np.full(groups, 1 / groups) if group_shares is None else np.asarray(group_shares)
    per_item = (np.asarray(keying, dtype=np.intp), np.asarray(dimension_of, dtype=np.intp), full)
    if any(one.shape != given.shape for one in per_item):
        raise ShapeError("categories, keying, dimensions and weights must be one for each table")
    return AnsweredSet(
        tables=tuple(whole[j] for j in answered),
        keyed=given[answered],
        keying=per_item[0][answered],
        dimension_of=per_item[1][answered],
        weights=full[answered],
        nodes=nodes,
        log_prior=log_prior,
        group_shares=shares,
    )


def answered_by(model: Model, answers: Sequence[Answer]) -> AnsweredSet:
    """The answered set of a sitting, scored as the model scores it. Raises ResponseError."""
    told = [(*model.keyed(answer), model.item(answer.item_id)) for answer in answers]
    told = [one for one in told if one[1] != MISSING]
    positions = [position for position, _, _ in told]
    answered = np.zeros((1, len(model.bank.items)), dtype=bool)
    answered[0, positions] = True
    return answered_set(
        [model.tables[:, position, : item.categories] for position, _, item in told],
        [category for _, category, _ in told],
        keying=[item.keying for _, _, item in told],
        dimension_of=model.dimension_of[positions],
        nodes=model.grid.nodes,
        log_prior=model.log_prior,
        group_shares=model.shares,
        weights=model.weights(answered)[0, positions],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFit:
    """How likely answers are beside those of people whom the model describes.

    `joint` and `by_dimension` (anxiety first) are standardised log-likelihoods: about N(0, 1) for
    people of the model, below 0 the less likely the answers; None without an answer of that
    dimension. `tail` is the share of them whose answers fit as badly or worse.
    """

    joint: float | None
    by_dimension: tuple[float | None, float | None]
    tail: float | None


def person_fit(answers: AnsweredSet) -> PersonFit:
    """Whether the answers are as likely as the model's people give, whoever of them it may be.

    At every node, l = sum_j w_j log P_j(x_j | theta) less its regression on the score dl/dtheta is
    compared with its mean and variance over answers that the model could give there, known exactly
    since items are independent given theta; then averaged over the posterior of theta, and of the
    group where it is not stated. Taking the score out makes a standardised l blind, to first order,
    to theta being estimated from the same answers: sum_j of [log P_j(x_j) - E - c s_j(x_j)] with
    c = sum cov(l_j, s_j) / sum var(s_j). Its skewness, which is large in short sets, is taken off by
    the cube root that makes a gamma variable nearly normal.
    Source: snijders2001, sinharay2016, albersetal2016, molenaarhoijtink1990.
    """
    if not answers.tables:
        return PersonFit(joint=None, by_dimension=(None, None), tail=None)
    value, variance, third = _projected(answers)
    belief = _posterior(answers)
    margins = np.stack([belief.sum(axis=2), belief.sum(axis=1)], axis=1)
    apart = [
        float((margins[:, d] * _normalised(value[:, d], variance[:, d], third[:, d])).sum())
        if np.any(answers.dimension_of == d)
        else None
        for d in range(len(DIMENSIONS))
    ]
    likely = belief > _NO_WEIGHT
    together = _normalised(
        *(
            (moment[:, 0, :, None] + moment[:, 1, None, :])[likely]
            for moment in (value, variance, third)
        )
    )
    weight = belief[likely] / belief[likely].sum()
    below = np.array([erfc(-z / sqrt(2)) / 2 for z in together])
    return PersonFit(
        joint=float(weight @ together),
        by_dimension=(apart[0], apart[1]),
        tail=float(weight @ below),
    )


def log_likelihoods(answers: AnsweredSet, chances: Array) -> Array:
    """sum_j w_j log of `chances` (..., n, G, Q) for each dimension; (..., G, 2, Q)."""
    total: Array = np.einsum(
        "dn,...ngq->...gdq", answers.of_dimension * answers.weights, np.log(chances)
    )
    return total


def _posterior(answers: AnsweredSet) -> Array:
    """P(group, theta | answers); (G, Q, Q), sum 1."""
    logs = log_likelihoods(answers, answers.chances)
    with np.errstate(divide="ignore"):
        shares = np.log(answers.group_shares)
    whole = shares[:, None, None] + answers.log_prior + logs[:, 0, :, None] + logs[:, 1, None, :]
    weights: Array = np.exp(whole - whole.max())
    weights /= weights.sum()
    return weights


def _projected(answers: AnsweredSet) -> tuple[Array, Array, Array]:
    """The projected log-likelihood with its second and third moment, by dimension; each (G, 2, Q)."""
    most = int(answers.categories.max())
    shape = (len(answers.tables), answers.group_shares.size, most, answers.nodes.size)
    # Items may have fewer categories than others: what isn't there has no chance and adds nothing.
    chance = np.zeros(shape)
    for whole, table in zip(chance, answers.tables, strict=True):
        whole[:, : table.shape[1]] = table
    there = chance > 0
    log = np.log(chance, out=np.zeros(shape), where=there)
    # Differences of the chances themselves, so that the score's mean is 0 at every node exactly.
    steep = np.gradient(chance, answers.nodes, axis=-1)
    gradient = np.divide(steep, chance, out=np.zeros(shape), where=there)
    counts = answers.weights[:, None, None, None]
    log = counts * (log - (chance * log).sum(axis=2, keepdims=True))
    gradient *= counts

    def total(each: Array) -> Array:
        summed: Array = np.einsum("dn,ngq->gdq", answers.of_dimension, each)
        return summed

    information = total((chance * gradient**2).sum(axis=2))
    along = np.divide(
        total((chance * log * gradient).sum(axis=2)),
        information,
        out=np.zeros_like(information),
        where=information > 0,
    )
    residual = log - along[:, answers.dimension_of].transpose(1, 0, 2)[:, :, None] * gradient
    at = answers.keyed[:, None, None, None]
    observed = np.take_along_axis(residual, at, axis=2)[:, :, 0]
    return (
        total(observed),
        total((chance * residual**2).sum(axis=2)),
        total((chance * residual**3).sum(axis=2)),
    )


def _normalised(value: Array, variance: Array, third: Array) -> Array:
    """A value of mean 0 with these moments as a normal deviate: Wilson and Hilferty's cube root."""
    sd = np.sqrt(variance)
    # One answer's score can explain it whole: nothing is left that could fit or not.
    some = variance > 1e-12
    z = np.divide(value, sd, out=np.zeros_like(value), where=some)
    skew = np.divide(third, sd**3, out=np.zeros_like(value), where=some)
    # Near 0 the cube root is the identity, but for the digits.
    bent = np.abs(skew) > 1e-4
    safe = np.where(bent, skew, 1.0)
    deviate: Array = np.where(bent, 6 / safe * (np.cbrt(safe * z / 2 + 1) - 1) + safe / 6, z)
    return deviate
