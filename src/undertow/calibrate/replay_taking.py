"""People's recorded answers under a bank: the adaptive test taken, and places from all answers or some.

What becomes of a single answer is left to `measure`, who is compared with whom to `replay`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.person import Gender
from undertow.bank.responses import MISSING
from undertow.calibrate.likelihood import parts_of
from undertow.calibrate.reliability import Standings
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import InputError, ShapeError
from undertow.measure.batch import REASONS, batch_sittings, batch_standings
from undertow.measure.fair import fair_test, plain_test, rule_of
from undertow.measure.model import model_of
from undertow.measure.session import AdaptiveTest
from undertow.measure.stop import StopRule

Array = NDArray[np.float64]
Result = TypeVar("Result")

_ROWS_AT_ONCE = 1024
"""What a sitting's step works on then stays near the processor, and memory stays flat."""


class Testing(Protocol):
    """A way to test that `take` can follow: which test each gets, and whether it may end early."""

    @property
    def early_stop(self) -> bool: ...

    def test(self, bank: Bank, gender: str, /) -> AdaptiveTest:
        """The test of someone who states this gender."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Which test is replayed: `items` are the most it asks, `gentle` the ids that may come first.

    `plain` is the sharpest question next, with one set of figures for everyone. Without `early_stop`
    it goes on to its full length. Figures count as those of the very words: no drift.
    """

    items: int
    early_stop: bool
    plain: bool
    gentle: frozenset[str] = frozenset()

    @property
    def in_plain(self) -> Kind:
        """The plain test of the same length."""
        return replace(self, plain=True)

    def test(self, bank: Bank, gender: str) -> AdaptiveTest:
        """The test of someone who states this gender."""
        rule = replace(rule_of(bank), most=self.items)
        if self.plain:
            return plain_test(bank, rule=rule, drift=False)
        return fair_test(bank, gender=Gender(gender), rule=rule, drift=False, gentle=self.gentle)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taken:
    """A test that was taken: `asked` (N, J), the places it gave, and why each sitting ended (N,)."""

    asked: NDArray[np.bool_]
    places: Standings
    reasons: NDArray[np.str_]

    @property
    def items(self) -> NDArray[np.intp]:
        """How many questions each sitting had; (N,)."""
        return np.asarray(self.asked.sum(axis=1), dtype=np.intp)

    @staticmethod
    def joined(parts: Sequence[Taken], order: NDArray[np.intp]) -> Taken:
        """Parts of the people as one; `order` (N,) is `order_of` them."""
        return Taken(
            asked=np.concatenate([one.asked for one in parts])[order],
            places=joined([one.places for one in parts], order),
            reasons=np.concatenate([one.reasons for one in parts])[order],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """Everything that N people's answers give: tests, the plain one second, and places beside them.

    `full` is from all answers under the figures of each one's group, `blind` under those of everyone;
    `rests` are, for each test, from the answers that it did not ask for.
    """

    tests: tuple[Taken, ...]
    full: Standings
    blind: Standings
    rests: tuple[Standings, ...]

    @property
    def all_asked(self) -> bool:
        """Whether some test asked everyone everything, so that it has no rest."""
        return any(bool(test.asked.all()) for test in self.tests)

    @staticmethod
    def joined(parts: Sequence[tuple[NDArray[np.intp], Outcome]]) -> Outcome:
        """Parts of the people as one, each with its people's places among all.

        Raises ShapeError unless everyone is in just one part.
        """
        order = order_of([own for own, _ in parts])
        found = [one for _, one in parts]
        count = range(len(found[0].tests))
        return Outcome(
            tests=tuple(Taken.joined([one.tests[at] for one in found], order) for at in count),
            full=joined([one.full for one in found], order),
            blind=joined([one.blind for one in found], order),
            rests=tuple(joined([one.rests[at] for one in found], order) for at in count),
        )


def order_of(parts: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """What puts parts of the people, laid one after the other, in the order of all; (N,).

    Each part is its people's places among all. Raises ShapeError unless everyone is in just one.
    """
    rows = np.concatenate(parts)
    if not np.array_equal(np.sort(rows), np.arange(rows.size)):
        raise ShapeError("everyone must be in just one part")
    return np.argsort(rows)


def joined(parts: Sequence[Standings], order: NDArray[np.intp]) -> Standings:
    """Parts of the people as one; `order` (N,) is `order_of` them."""
    return Standings(
        means=np.concatenate([one.means for one in parts])[order],
        psd=np.concatenate([one.psd for one in parts])[order],
    )


def check_length(bank: Bank, items: int) -> None:
    """Raises InputError for a length that the bank does not have, or no sitting may have."""
    least = StopRule().least * 2
    if not least <= items <= len(bank.items):
        raise InputError(
            f"--items must be from {least}, the least that a sitting asks, to {len(bank.items)}, "
            f"all that bank '{bank.id}' has."
        )


def figures_for(bank: Bank, gender: str) -> tuple[str, ...]:
    """Whose figures serve someone of this stated gender: their group's, or all groups' equally."""
    return (gender,) if gender in bank.groups else bank.groups


def take(
    kind: Testing,
    bank: Bank,
    shown: NDArray[np.int8],
    genders: NDArray[np.str_],
    *,
    mapper: Mapper = one_by_one,
) -> Taken:
    """The test taken on recorded answers; `shown` (N, J) before keying, `genders` (N,) as stated.

    The same choices as a sitting makes that is answered one question at a time.
    """
    tests = {word: kind.test(bank, word) for word in _words(genders)}

    def sit(word: str, own: NDArray[np.int8]) -> tuple[NDArray[np.bool_], Array, Array, list[str]]:
        done = batch_sittings(tests[word], own, early_stop=kind.early_stop)
        return done.asked, done.mean, done.psd, [REASONS[number].value for number in done.reasons]

    asked = np.zeros(shown.shape, dtype=bool)
    mean, psd = np.empty((shown.shape[0], 2)), np.empty((shown.shape[0], 2))
    reasons = np.empty(shown.shape[0], dtype="<U16")
    for rows, (own_asked, own_mean, own_psd, own_reasons) in _by_word(sit, shown, genders, mapper):
        asked[rows], mean[rows], psd[rows] = own_asked, own_mean, own_psd
        reasons[rows] = own_reasons
    return Taken(asked=asked, places=Standings(means=mean, psd=psd), reasons=reasons)


def standings_by(
    bank: Bank,
    shown: NDArray[np.int8],
    genders: NDArray[np.str_] | None,
    *,
    leaving_out: NDArray[np.bool_] | None = None,
    mapper: Mapper = one_by_one,
) -> Standings:
    """Standings from all answers, each counted in full, or from those not among `leaving_out` (N, J).

    Under the figures of each one's group, or with `genders` None under those of everyone.
    """
    answers = shown if leaving_out is None else np.where(leaving_out, MISSING, shown)
    words = np.full(shown.shape[0], "") if genders is None else genders
    models = {
        word: model_of(bank, drift=False, groups=() if genders is None else figures_for(bank, word))
        for word in _words(words)
    }
    mean, psd = np.empty((shown.shape[0], 2)), np.empty((shown.shape[0], 2))

    def stand(word: str, own: NDArray[np.int8]) -> tuple[Array, Array]:
        return batch_standings(models[word], own)

    for rows, (own_mean, own_psd) in _by_word(stand, answers.astype(np.int8), words, mapper):
        mean[rows], psd[rows] = own_mean, own_psd
    return Standings(means=mean, psd=psd)


def _words(genders: NDArray[np.str_]) -> list[str]:
    return [str(word) for word in np.unique(genders)]


def _by_word(
    work: Callable[[str, NDArray[np.int8]], Result],
    shown: NDArray[np.int8],
    genders: NDArray[np.str_],
    mapper: Mapper,
) -> Iterator[tuple[NDArray[np.intp], Result]]:
    """What `work` makes of a few people of one gender at a time, with their rows."""
    jobs = [
        (word, rows[own])
        for word in _words(genders)
        for rows in [np.flatnonzero(genders == word)]
        for own in parts_of(rows.size, _ROWS_AT_ONCE)
    ]

    def job(one: slice) -> Result:
        word, rows = jobs[one.start]
        return work(word, shown[rows])

    for (_, rows), made in zip(jobs, mapper(job, parts_of(len(jobs), 1)), strict=True):
        yield rows, made
