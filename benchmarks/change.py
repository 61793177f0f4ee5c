"""What two sittings of the built-in check show of a known change; writes docs/change.md.

`python -m benchmarks.change` makes up people whose stable part moves by so many SD, whose state of the
day and whose drift of wording are drawn, and lets them take the test twice. `--people 100 --out FILE`
shows in seconds what it does. Answers of near-duplicates are drawn as independent, while scoring
discounts them, so the test is a little better here than it claims to be.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from undertow.bank.calibrated import Bank
from undertow.bank.item import DIMENSIONS, Dimension
from undertow.measure.batch import BatchSittings, batch_sittings
from undertow.measure.change import (
    ChangeRule,
    TakenSitting,
    Verdict,
    change_between,
    smallest_change,
)
from undertow.measure.fair import Length, fair_test, rule_of
from undertow.measure.posterior import Estimate
from undertow.wiring import built_in_bank

Array = NDArray[np.float64]

SEED = 20261124
CHANGES = (0.0, -0.5, -1.0, -1.5, -2.0)
LENGTHS = (Length.SHORT, Length.USUAL, Length.FULL)
HIGH_FIRST = 1.0
# Short sittings are judged too, since the table is there to show what they would see.
RULE = ChangeRule(least_answers=1, least_in_all=1)
HEAD = """# Change: what two sittings show

People are made up who take the built-in check twice. Their stable part falls by so many SD of the
reference population, or not at all; their state of the day is drawn anew, the wording has drifted
for each of them, and half of them answer with men's figures and half with women's, without saying so.
`python -m benchmarks.change` writes this page. How a change is told: `measure/change.py`.

A verdict needs {at_least:.0f} in 100 at both ends of the published stability ({low} to {high}) and whichever of
the two results was the odd one. Cells are how many of 100 people are told *less*, with its Monte Carlo
standard error; at *none* that is wrong, and as many are told a wrong *more* but for those whose first
result was 1 or higher, of whom almost none are. What wording moves alike in both sittings is not taken off
here, which makes a verdict a little rarer.
"""
FOOT = """
## What follows

- Where nothing changed, a wrong direction is told to about one in ten people, whatever their first
  result: five in a hundred each way over all, and one way, about ten, to those who came at their worst.
- No length shows what a few months are likely to bring. Half a SD is missed by five in six. Even
  a perfect measure would tell only a change of {perfect:.2f} SD four times in five: ordinary ups and downs,
  not questions, set that limit.
- Twelve questions show a change of one SD to three in ten, all of them to four in ten. So the short form
  can't be said to show nothing where the others show something. It is left out by caution: six answers
  on a measure leave out most of its facets.
- *Smallest* is the change that is told four times in five to someone who came at their worst, at the
  lower stability. Away from the middle it has to be larger.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Shares told `less`, of everyone and of those with a high first result; (2,) each."""

    everyone: Array
    high: Array
    high_count: Array


def drawn_answers(
    bank: Bank, theta: Array, group: NDArray[np.intp], wording: Array, rng: np.random.Generator
) -> NDArray[np.int8]:
    """Categories as shown (N, J) at theta (N, 2); `wording` (2, N, J) are drifts of log-slope and shift."""
    shown = np.empty((theta.shape[0], len(bank.items)), dtype=np.int8)
    for j, item in enumerate(bank.items):
        slopes = np.array([one.slope for one in item.by_group])
        thresholds = -np.array([one.intercepts for one in item.by_group]) / slopes[:, None]
        off = theta[:, [DIMENSIONS.index(item.dimension)]] - wording[1][:, [j]] - thresholds[group]
        steep = slopes[group] * np.exp(wording[0][:, j])
        reached = rng.random((theta.shape[0], 1)) < 1 / (1 + np.exp(-steep[:, None] * off))
        keyed = reached.sum(axis=1)
        shown[:, j] = keyed if item.keying == 1 else item.categories - 1 - keyed
    return shown


def two_sittings(
    bank: Bank, length: Length, *, people: int, stability: float, change: float
) -> tuple[BatchSittings, BatchSittings]:
    rng = np.random.default_rng(SEED)
    test = fair_test(bank, rule=rule_of(bank, length))
    drift = bank.carried_drift
    spread = np.zeros(2) if drift is None else np.array([drift.log_slope, drift.threshold])
    group = rng.integers(0, 2, people)
    stable = np.sqrt(stability) * rng.standard_normal((people, 2))
    wording = spread[:, None, None] * rng.standard_normal((2, people, len(bank.items)))
    first, second = (
        batch_sittings(
            test,
            drawn_answers(
                bank,
                stable + moved + np.sqrt(1 - stability) * rng.standard_normal((people, 2)),
                group,
                wording,
                rng,
            ),
        )
        for moved in (0.0, change)
    )
    return first, second


def told_less(bank: Bank, sittings: tuple[BatchSittings, BatchSittings]) -> Cell:
    ids = np.array([item.id for item in bank.items])

    def taken(sitting: BatchSittings, person: int) -> TakenSitting:
        return TakenSitting(
            estimate=Estimate(
                mean=sitting.mean[person], covariance=np.diag(sitting.psd[person] ** 2)
            ),
            answered=tuple(ids[sitting.asked[person]].tolist()),
            bank=bank.checksum,
        )

    first, second = sittings
    less = np.array(
        [
            [
                one.verdict is Verdict.LESS
                for one in change_between(
                    taken(first, n), taken(second, n), days=40, bank=bank, drift=None, rule=RULE
                ).dimensions
            ]
            for n in range(first.mean.shape[0])
        ]
    )
    high = first.mean >= HIGH_FIRST
    return Cell(
        everyone=less.mean(axis=0),
        high=(less & high).sum(axis=0) / high.sum(axis=0),
        high_count=high.sum(axis=0),
    )


def table(bank: Bank, *, people: int, stability: float) -> list[str]:
    """One table for both dimensions, a row a length and a kind of people."""
    rows: dict[Dimension, list[str]] = {dimension: [] for dimension in DIMENSIONS}
    for length in LENGTHS:
        cells = []
        for change in CHANGES:
            pair = two_sittings(bank, length, people=people, stability=stability, change=change)
            cells.append(told_less(bank, pair))
            if change == 0:
                items, psd = pair[0].items.mean(), np.sqrt((pair[0].psd ** 2).mean(axis=0))
        for at, dimension in enumerate(DIMENSIONS):
            for kind in ("everyone", "first result 1 or higher"):
                shares = [float((c.everyone if kind == "everyone" else c.high)[at]) for c in cells]
                counts = [people if kind == "everyone" else int(c.high_count[at]) for c in cells]
                said = " | ".join(
                    f"{100 * p:.0f} ({100 * np.sqrt(p * (1 - p) / n):.1f})"
                    for p, n in zip(shares, counts, strict=True)
                )
                smallest = smallest_change((float(psd[at]), float(psd[at])))
                rows[dimension].append(
                    f"| {length.value} | {items:.1f} | {psd[at]:.2f} | {kind} | {said} "
                    f"| {smallest:.2f} |"
                )
    lines = []
    for dimension in DIMENSIONS:
        falls = " | ".join("none" if c == 0 else f"{-c:g} SD" for c in CHANGES)
        lines += [
            "",
            f"### {dimension.value}, true stability {stability}",
            "",
            f"| length | items | psd | of | {falls} | smallest |",
            "|" + "---|" * (5 + len(CHANGES)),
            *rows[dimension],
        ]
    return lines


def page(bank: Bank, *, people: int) -> str:
    rule = ChangeRule()
    low, high = rule.stability
    lines = [HEAD.format(at_least=100 * rule.at_least, low=low, high=high)]
    lines += [f"Bank: {bank.id}. People in each cell: {people:,}. Seed: {SEED}."]
    for stability in rule.stability:
        lines += table(bank, people=people, stability=stability)
    lines += [FOOT.format(perfect=smallest_change((1e-6, 1e-6)))]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--out", type=Path, default=Path("docs") / "change.md")
    given = parser.parse_args()
    given.out.write_text(page(built_in_bank(), people=given.people), encoding="utf-8")


if __name__ == "__main__":
    main()
