"""The tests that a check offers: for whom, how long, with or without what is adjusted; taking one is left
to `sitting`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from undertow.bank.calibrated import Bank
from undertow.bank.person import Gender
from undertow.measure.fair import Length, fair_test, plain_test, rule_of
from undertow.measure.session import AdaptiveTest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OfferedTests:
    """The tests on one bank, each made when it is first asked for: a start needs none of them.

    `gentle` are the ids of items that may come first.
    """

    bank: Bank
    gentle: frozenset[str] = frozenset()
    _made: dict[tuple[Gender, Length, bool], AdaptiveTest] = field(
        init=False, repr=False, default_factory=dict
    )

    def asking(self, gender: Gender, length: Length) -> AdaptiveTest:
        """The fair test that chooses the questions. Its figures are those of the stated group.

        Whoever the bank has no figures for is asked as someone who states nothing.
        """
        known = gender if gender.value in self.bank.groups else Gender.UNSTATED
        key = (known, length, True)
        if key not in self._made:
            self._made[key] = fair_test(
                self.bank, gender=known, rule=rule_of(self.bank, length), gentle=self.gentle
            )
        return self._made[key]

    def reading(self, gender: Gender, length: Length, *, adjusted: bool) -> AdaptiveTest:
        """The test that the same answers are scored under, with or without what is adjusted.

        Without it every answer counts in full under one set of figures. The questions are those that
        the fair test chose, so its balance and its rule go with it.
        """
        asked = self.asking(gender, length)
        if adjusted:
            return asked
        key = (Gender.UNSTATED, length, False)
        if key not in self._made:
            plain = plain_test(self.bank, rule=asked.rule)
            self._made[key] = replace(plain, balance=asked.balance)
        return self._made[key]

    def most(self, length: Length) -> int:
        """The most questions that a sitting of this length asks."""
        return min(rule_of(self.bank, length).most, len(self.bank.items))

    @property
    def lengths(self) -> tuple[Length, ...]:
        """The lengths that differ here, the usual one first; a small bank has fewer."""
        usual = self.most(Length.USUAL)
        others = (one for one in (Length.SHORT, Length.FULL) if self.most(one) != usual)
        return (Length.USUAL, *others)
