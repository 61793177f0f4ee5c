"""The replications' figures as a page of tables; making them is left to `running`."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import date

import numpy as np
from benchmarks.recovery.between_groups import Compared
from benchmarks.recovery.detection import DETECTION, detection_rows, sample_row
from benchmarks.recovery.figures import (
    NORMAL_95,
    Estimates,
    Recovered,
    mean_of,
    recovered,
    recovered_where,
)
from benchmarks.recovery.judging import (
    BY_GROUP,
    FAIR_ITEMS,
    LATENT,
    NORMS_OF_ALL,
    NORMS_OF_PART,
    ONE,
    OTHER_ITEMS,
    REASONS,
    Judged,
    alarms,
    outside,
)
from benchmarks.recovery.one_group import PLACES, Kinds, Refound
from benchmarks.recovery.plan import SEED, OneGroup, Plan, TwoGroupsOf
from benchmarks.recovery.running import Results, truth_of
from benchmarks.recovery.tables import table

from undertow.calibrate.dif import ALPHA

RECOVERED = (
    "bias",
    "RMSE",
    "worst bias, in s.e.",
    "by chance",
    "reported s.e. / RMSE",
    "coverage %",
)
SHORT = ("bias", "RMSE", "reported s.e. / RMSE", "coverage %")
_NOTICED = 1.06
"""Reported standard errors over RMSE: what sums of products make of 4,000 people is a little less."""
_DIMENSIONS = ("anxiety", "avoidance")
_RULES = (("purified", "chosen by the data"), ("known", "known"))


def report(plan: Plan, results: Results, *, made_on: date, processes: int) -> str:
    """The whole page, as Markdown."""
    judged: list[Judged] = []
    sections = [
        _one_group(plan.one, results.one, judged),
        _groups_apart(plan.two, results.two, judged),
        _difference_of_items(plan.two, results.two, judged),
        _detection(plan.two, results.two),
        _norms(plan, results, judged),
    ]
    head = _head(plan, results, made_on=made_on, processes=processes)
    return "\n".join([head, f"## What falls outside\n\n{outside(judged)}\n", *sections])


def _head(plan: Plan, results: Results, *, made_on: date, processes: int) -> str:
    replications = sum(len(each) for each in (*results.one, *results.two))
    trial = "\n**A trial run with two replications of each kind: its figures mean nothing.**\n"
    return f"""# Recovery: known figures, found again
{trial if plan.trial else ""}
People are made up who answer by figures that are known. Their answers are calibrated as an archive
would be, and the result is held beside the truth. `python -m benchmarks.recovery` writes this page;
`--trial --out FILE` shows in seconds what it does.

| | |
|---|---|
| made on | {made_on.isoformat()} |
| machine | {platform.machine()}, {os.cpu_count()} cores, {_processes(processes)} |
| Python, numpy | {platform.python_version()}, {np.__version__} |
| seed | {SEED}, and one of its own for each replication |
| replications | {replications:,}, {results.processor_seconds / 60:.0f} minutes of processor time |
| fits that failed | {results.failed} |

Bias, RMSE, shares and coverage have their Monte Carlo standard error in brackets: how far other
replications would move them. Coverage is the share of 95 % intervals (estimate ± 1.96 standard
errors) that hold the truth; 93 to 97 % counts as right. *Worst bias* is that of the one parameter
with the largest, in its own standard errors, and *by chance* is about how large that gets without
any bias. *Reported s.e. / RMSE* is 1 where the standard errors say how far estimates really stray.
"""


def _processes(count: int) -> str:
    return "one process, one thread" if count == 1 else f"{count} processes, one thread each"


def _long(found: Recovered) -> list[str]:
    return [
        found.bias.shown(4),
        found.rmse.shown(4),
        f"{found.worst:.2f}",
        f"{found.chance:.2f}",
        f"{found.reported:.3f}",
        found.coverage.percent(),
    ]


def _short(found: Recovered) -> list[str]:
    return [
        found.bias.shown(4),
        found.rmse.shown(4),
        f"{found.reported:.3f}",
        found.coverage.percent(),
    ]


def _one_group(
    plan: Sequence[OneGroup], results: Sequence[Sequence[Refound]], judged: list[Judged]
) -> str:
    rows, likelihood, inside = [], [], []
    for condition, made in zip(plan, results, strict=True):
        plain = _by_kind([one.plain for one in made])
        robust = _by_kind([one.robust for one in made if one.robust is not None], "robust s.e.")
        for kind, estimates in {**plain, **robust}.items():
            who = [condition.name, str(len(made)), kind]
            found = recovered(estimates)
            rows.append([*who, *_long(found)])
            judged.append(
                Judged(
                    kind=ONE,
                    where=", ".join(who[::2]),
                    coverage=found.coverage,
                    replications=len(made),
                )
            )
        inside += [one.plain.correlation for one in made if one.plain.correlation is not None]
        gains = np.array([one.gain for one in made])
        likelihood.append(
            [
                condition.name,
                f"{100 * (gains >= 0).mean():.1f}",
                mean_of(2 * gains).shown(1),
                str(made[0].parameters),
            ]
        )
    return f"""## One group

The truth is the 36 items of the bank ecr-2018 as shipped before by-group figures
(`benchmarks/recovery/items.json`, so that it stays the same), with a correlation of .2 between the
two dimensions; or ten made-up steep items of one dimension with four answers each, as Rosenberg's
scale has. Missing answers are left out at random. Standard errors are the plain ones of
`standard_errors`; where *robust* is said, those of its sandwich, which a bank carries since they hold
where answers hang together more than the model says.

{table(("sample", "replications", "parameters", *RECOVERED), rows)}

The correlation of all samples of 36 items together: coverage {recovered(inside).coverage.percent()} %.

The estimate must make the answers at least as likely as the truth does. Twice the gain in
log-likelihood should be the number of parameters on average.

{table(("sample", "as likely %", "twice the gain", "parameters"), likelihood)}
"""


def _by_kind(made: Sequence[Kinds], errors: str = "") -> dict[str, list[Estimates]]:
    """Each kind's estimates by its name and number, of those that there are."""
    found = {
        "slopes": [one.slopes for one in made],
        "thresholds": [one.thresholds for one in made],
        "intercepts": [one.intercepts for one in made],
        "correlation": [one.correlation for one in made if one.correlation is not None],
    }
    said = f", {errors}" if errors else ""
    return {f"{kind}{said} ({own[0].error.size})": own for kind, own in found.items() if own}


def _groups_apart(
    plan: Sequence[TwoGroupsOf], results: Sequence[Sequence[Compared]], judged: list[Judged]
) -> str:
    rows = []
    together: dict[str, list[float]] = {}
    for condition, made in zip(plan, results, strict=True):
        truth = truth_of(condition)
        gaps = truth.men.means - truth.women.means
        rules = {label: [getattr(one, rule).latent for one in made] for rule, label in _RULES}
        rules["all items"] = [one.latent_of_all for one in made]
        for label, latents in rules.items():
            inside = [float((np.abs(e.error) <= NORMAL_95 * e.reported).mean()) for e in latents]
            together.setdefault(label, []).extend(inside)
            for at, dimension in enumerate(_DIMENSIONS):
                only = np.arange(2) == at
                who = [condition.name, str(len(made)), label, dimension, f"{gaps[at]:.2f}"]
                found = recovered([one.only(only) for one in latents])
                rows.append([*who, *_short(found)])
                where = f"{condition.name}, anchors {label}, {dimension}"
                judged.append(
                    Judged(
                        kind=LATENT, where=where, coverage=found.coverage, replications=len(made)
                    )
                )
    return f"""## Two groups

Men and women answer the same 36 items. Their means differ by -.14 SD on anxiety and -.07 on
avoidance, women's deviation is 1.05 times men's, and the dimensions correlate .25 in men and .15 in
women. Where twelve items differ, six a dimension do, by .10 to .28 of a category at the same place
and in both directions; half of them have another slope as well. On avoidance these add up to 0, on
anxiety they do not.

### How far the groups are apart

Anchors chosen by the data are what the product uses (the purified rule). *Known* means that the
fair items, and no others, were taken as anchors, which nobody can do with real answers.

{table(("sample", "replications", "anchors", "dimension", "truth", *SHORT), rows)}

All samples and both dimensions together: {_joined(together)}.
"""


def _joined(together: dict[str, list[float]]) -> str:
    return "; ".join(
        f"anchors {label}, coverage {mean_of(inside).percent()} %"
        for label, inside in together.items()
    )


def _difference_of_items(
    plan: Sequence[TwoGroupsOf], results: Sequence[Sequence[Compared]], judged: list[Judged]
) -> str:
    rows, by_group, ratios = [], [], [0.0]
    for condition, made in zip(plan, results, strict=True):
        truth = truth_of(condition)
        # Outwards, so that differences drawn towards 0 do not cancel between men and women.
        sign = np.where(truth.differences < 0, -1.0, 1.0)
        for rule, label in _RULES:
            by_rule = [getattr(one, rule) for one in made]
            for kind, chosen in (("differ", ~truth.fair), ("are equal", truth.fair)):
                if not chosen.any():
                    continue
                own = [
                    Estimates(
                        error=(one.differences.error * sign)[chosen],
                        reported=one.differences.reported[chosen],
                    )
                    for one in by_rule
                ]
                who = [condition.name, label, f"{chosen.sum()} that {kind}"]
                found = recovered(own)
                rows.append([*who, *_long(found)])
                if kind == "are equal":
                    ratios.append(found.reported)
                which = FAIR_ITEMS if kind == "are equal" else OTHER_ITEMS
                where = f"{condition.name}, anchors {label}"
                judged.append(
                    Judged(kind=which, where=where, coverage=found.coverage, replications=len(made))
                )
            if condition.differing:
                for kind in ("slopes", "thresholds"):
                    freed = recovered_where([getattr(one, kind) for one in by_rule])
                    by_group.append(
                        [
                            condition.name,
                            label,
                            kind,
                            f"{100 * freed.share:.1f}",
                            freed.bias.shown(4),
                            freed.rmse.shown(4),
                            freed.coverage.percent(),
                        ]
                    )
                    place = f"{kind}, {condition.name}, anchors {label}"
                    judged.append(
                        Judged(
                            kind=BY_GROUP,
                            where=place,
                            coverage=freed.coverage,
                            replications=len(made),
                        )
                    )
    return f"""### By-group parameters of the twelve items

On men's metric (their mean 0 and deviation 1), where the standard errors of a fit of groups hold.
*Free* is how often the items got parameters by group; taken as anchors they have none.

{table(("sample", "anchors", "parameters", "free %", "bias", "RMSE", "coverage %"), by_group)}

### Differences of single items

In categories, men less women at the same place. The bias of items that differ is outwards: below 0
means that differences come out too small.

{table(("sample", "anchors", "items", *RECOVERED), rows)}
{_too_wide(max(ratios))}"""


def _too_wide(ratio: float) -> str:
    if ratio <= _NOTICED:
        return ""
    said = f"Standard errors of items that are equal are up to {ratio:.2f} times too large."
    return f"\n{said} {REASONS[FAIR_ITEMS]}\n"


def _detection(plan: Sequence[TwoGroupsOf], results: Sequence[Sequence[Compared]]) -> str:
    rows, samples, unadjusted = [], [], []
    for condition, made in zip(plan, results, strict=True):
        truth = truth_of(condition)
        for rule, label in _RULES:
            by_rule = [getattr(one, rule) for one in made]
            rows += [[condition.name, label, *row] for row in detection_rows(truth, by_rule)]
            own = mean_of([float((one.p < ALPHA)[truth.fair].mean()) for one in by_rule])
            unadjusted.append((f"{condition.name}, anchors {label}", own))
            samples.append([condition.name, label, *sample_row(truth, by_rule)])
    return f"""### Found, and falsely found

Power of the Wald test for items that differ, false alarms for those that are equal, as `item_difs`
gives them: the share of items with p below .05, the same after the adjustment for 36 tests, and the
share that was put in an effect class. No item here is truly large (above .25 SD of its score).

{table(("sample", "anchors", *DETECTION), rows)}

{alarms(unadjusted)}

Adjusted p values promise that of the items called different, 5 % at most are not, on average.
*Wrong items* is that share; *any* is how many samples had at least one. Where no item differs, the two
are the same, and what makes the test call too many different shows there most.

{table(("sample", "anchors", "anchors that differ", "fair items as anchors %", "wrong items %", "any %"), samples)}
"""


def _norms(plan: Plan, results: Results, judged: list[Judged]) -> str:
    rows = []
    for condition, made in zip(plan.one, results.one, strict=True):
        for label, norms in (
            ("a quarter of the people, parameters known", [one.norms_known for one in made]),
            ("a quarter of the people", [one.norms for one in made]),
            ("all people", [one.norms_of_all for one in made]),
        ):
            kind = NORMS_OF_ALL if label == "all people" else NORMS_OF_PART
            rows.append(_norm_row(condition.name, label, norms, kind, judged))
    for two, compared in zip(plan.two, results.two, strict=True):
        own = [one.norms for one in compared]
        rows.append(_norm_row(two.name, "men, women", own, NORMS_OF_ALL, judged))
    places = [f"below {place:g} %" for place in PLACES]
    return f"""## Norms

The share of a group below a place, by `tally_by_group` and `norms_from`, beside that of the normal
it was drawn from: coverage at each place and at all. A group's posteriors are under its own mean,
deviation and correlation, estimated from its rows with the items held; those of all people under
the standard normal that is the metric; men's and women's under the moments of the fit of groups. The
standard error is that of drawing other people; it takes the parameters as known.

{table(("sample", "group", *places, *SHORT), rows)}
"""


def _norm_row(
    sample: str, label: str, norms: Sequence[Estimates], kind: str, judged: list[Judged]
) -> list[str]:
    place_of = np.arange(norms[0].error.size) % len(PLACES)
    own = [recovered([one.only(place_of == at) for one in norms]) for at in range(len(PLACES))]
    found = recovered(norms)
    where = f"{sample}, {label}"
    judged.append(Judged(kind=kind, where=where, coverage=found.coverage, replications=len(norms)))
    return [sample, label, *(one.coverage.percent() for one in own), *_short(found)]
