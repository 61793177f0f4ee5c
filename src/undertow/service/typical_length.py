"""How long sittings are, from made-up people of the reference population; keeping that is left to `content`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from undertow.bank.person import Gender
from undertow.measure.batch import REASONS, batch_sittings
from undertow.measure.fair import fair_test, rule_of
from undertow.measure.model import Model
from undertow.measure.session import AdaptiveTest
from undertow.service.offered import OfferedTests


def typical_lengths(
    tests: OfferedTests, *, sittings: int, seed: int
) -> dict[str, Mapping[str, object]]:
    """Items asked and reasons to stop for every length that is offered, as a length file holds them.

    The figures at the top are what people get who state nothing: adapted wording allowed for, as in
    scoring. Where the bank carries drift, `without_drift` has what they would be were its figures sure.
    """
    found: dict[str, Mapping[str, object]] = {}
    for length in tests.lengths:
        test = tests.asking(Gender.UNSTATED, length)
        rule = test.rule
        form: dict[str, object] = {
            "rule": {"psd": rule.psd, "least": rule.least, "most": rule.most},
            **simulated_length(test, sittings=sittings, seed=seed),
        }
        if tests.bank.carried_drift is not None:
            sure = fair_test(
                tests.bank, rule=rule_of(tests.bank, length), drift=False, gentle=tests.gentle
            )
            form["without_drift"] = simulated_length(sure, sittings=sittings, seed=seed)
        found[length.value] = form
    return found


def simulated_length(test: AdaptiveTest, *, sittings: int, seed: int) -> dict[str, object]:
    """Items asked, mean and 10/50/90 %, of people who answer as the model that scores them says."""
    rng = np.random.default_rng(seed)
    taken = batch_sittings(test, made_up_answers(test.model, sittings, rng))
    low, median, high = (int(q) for q in np.percentile(taken.items, [10, 50, 90]))
    counts = np.bincount(taken.reasons, minlength=len(REASONS))
    return {
        "items_mean": round(float(taken.items.mean()), 2),
        "items_p10": low,
        "items_median": median,
        "items_p90": high,
        "stops": {
            reason.value: int(count)
            for reason, count in sorted(zip(REASONS, counts, strict=True))
            if count
        },
    }


def made_up_answers(model: Model, n: int, rng: np.random.Generator) -> NDArray[np.int8]:
    """Answers of `n` people of the reference population to every item, as shown; (n, J).

    Places are drawn from the prior on the grid's nodes and groups by their shares, so that people are
    exactly those whom the model expects.
    """
    prior = np.exp(model.log_prior).ravel()
    size = model.grid.nodes.size
    drawn = rng.choice(prior.size, size=n, p=prior / prior.sum())
    at = np.stack(np.divmod(drawn, size), axis=1)  # (n, 2): nodes, anxiety first
    group = rng.choice(model.shares.size, size=n, p=model.shares)
    shown = np.empty((n, len(model.bank.items)), dtype=np.int8)
    for number, item in enumerate(model.bank.items):
        chances = model.tables[group, number, :, at[:, int(model.dimension_of[number])]]  # (n, K)
        above = np.cumsum(chances, axis=1)[:, : item.categories - 1]
        keyed = (rng.random(n)[:, None] > above).sum(axis=1)
        shown[:, number] = keyed if item.keying == 1 else item.categories - 1 - keyed
    return shown
