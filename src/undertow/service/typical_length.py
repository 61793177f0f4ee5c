"""How long sittings are, from made-up people of the reference population; keeping that is left to `content`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from undertow.bank.person import Gender
from undertow.measure.batch import REASONS
from undertow.measure.fair import fair_test, rule_of
from undertow.measure.session import AdaptiveTest
from undertow.measure.simulate import simulate_sittings
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
    taken = simulate_sittings(test, sittings, rng).taken
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
