"""The card's part on fit: the model, single items, pairs, precision; groups are left to `card_groups`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from undertow.calibrate.calibration import EVALUATED_ON, Calibration
from undertow.calibrate.em import PARAMETER_TOLERANCE
from undertow.calibrate.findings import TOLD_FROM, Findings
from undertow.calibrate.item_fit import (
    FAIR_GAP,
    FAIR_SPREAD,
    GOOD_GAP,
    GOOD_SPREAD,
    FitClass,
)
from undertow.calibrate.local_dependence import Q3_CUT

_MOST_PAIRS = 12
_TOLD_AT = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0)


def model_lines(made: Calibration) -> Iterator[str]:
    """What was fitted, how it ended, and whether the model holds."""
    recipe = made.recipe
    yield from ("", "## Model and fit", "")
    yield (
        f"Graded response, {_dimensions(recipe.dimensions)}: "
        "P(answer >= k) = logistic(slope * theta + intercept_k) after keying; a threshold is "
        "-intercept / slope. Theta has mean 0 and variance 1 in the rows used. Marginal maximum "
        "likelihood by EM; a missing answer counts as an item not asked."
    )
    yield ""
    yield (
        f"- log-likelihood {made.log_likelihood:,.2f} of {made.fit.likelihood_of}, evaluated on "
        f"{EVALUATED_ON}"
    )
    yield (
        f"- settled after {made.iterations} cycles over all rows; last change of any parameter "
        f"below {PARAMETER_TOLERANCE:g}"
    )
    yield from _correlations(made)
    places = made.norms[0].place(0.5)
    errors = made.norms[0].place_error(0.5) or (None,) * len(places)
    told = ", ".join(
        f"{name} {signed(place)}{_error(error)}"
        for name, place, error in zip(recipe.dimensions, places, errors, strict=True)
    )
    yield f"- medians (borders on the chart): {told}"
    if made.whole is not None:
        for own in made.whole.findings:
            yield from _model_fit(own, made)


def fit_lines(made: Calibration) -> Iterator[str]:
    """Items that fit less well, pairs that go together, how exact the whole and short tests are."""
    if made.whole is None:
        return
    yield from ("", "## Where the model does not hold", "")
    for own in made.whole.findings:
        yield from _items(own, made)
        yield from _pairs(own, made)
        yield from _short_tests(own, made)
    yield from ("", "## How exact it is", "")
    yield (
        "psd is the posterior SD that all items leave at a place, in SD of everyone; reliability is "
        "1 - psd^2. Both take answers to be independent given theta, and are too good by what the "
        "pairs above cost."
    )
    for own in made.whole.findings:
        yield from _precision(own, made)


def _dimensions(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"one dimension ({names[0]})"
    if len(names) == 2:
        return "two dimensions, each item on one of them, the dimensions free to correlate"
    return (
        f"{len(names)} dimensions, each item on one of them; each dimension is fitted alone, and "
        "their correlations are estimated pair by pair with the items held"
    )


def _correlations(made: Calibration) -> Iterator[str]:
    names = made.recipe.dimensions
    if len(names) == 2:
        error = None
        if made.whole is not None and made.whole.findings[0].errors is not None:
            error = made.whole.findings[0].errors.correlation
        told = "" if error is None else f" (s.e. {error:.4f})"
        yield f"- correlation of the dimensions {made.fit.correlations[0, 1]:+.4f}{told}"
    elif len(names) > 2:
        errors = None if made.whole is None else made.whole.correlation_errors
        pairs = [
            f"{names[i]} and {names[j]} {made.fit.correlations[i, j]:+.2f}"
            + ("" if errors is None else f" (s.e. {errors[i, j]:.3f})")
            for i in range(len(names))
            for j in range(i + 1, len(names))
        ]
        yield f"- correlations: {', '.join(pairs)}"
        if made.fit.correlations_moved:
            yield (
                f"- the pairs' figures were moved by up to {made.fit.correlations_moved:.3f} to make "
                "them one correlation matrix"
            )


def _model_fit(own: Findings, made: Calibration) -> Iterator[str]:
    if own.model is None:
        return
    fit = own.model
    low, high = fit.rmsea_interval
    about = _about(own, made)
    yield (
        f"- limited-information fit{about}, on {fit.rows:,} rows with every item answered: C2 = "
        f"{fit.statistic:,.0f} on {fit.df} df, RMSEA {fit.rmsea:.3f} (90 %: {low:.3f} to {high:.3f}), "
        f"CFI {fit.cfi:.3f}, SRMSR {fit.srmsr:.3f}. Usual limits for good fit are .06, .95 and .05, "
        "so beyond them answers hang together in ways that the model does not know"
    )


def _about(own: Findings, made: Calibration) -> str:
    """Which dimensions, where there are several blocks to tell apart."""
    if made.whole is None or len(made.whole.findings) == 1:
        return ""
    return f" of {', '.join(made.recipe.dimensions[at] for at in own.block.dimensions)}"


def _names(own: Findings, made: Calibration) -> list[str]:
    return [made.recipe.items[item].column for item in own.block.items]


def _items(own: Findings, made: Calibration) -> Iterator[str]:
    if own.items is None:
        return
    names = _names(own, made)
    by_class = {
        kind: [names[one.item] for one in own.items if one.fit_class is kind] for kind in FitClass
    }
    told = [
        f"{len(of_kind)} {kind.value}"
        + (f" ({', '.join(of_kind)})" if kind is not FitClass.GOOD else "")
        for kind, of_kind in by_class.items()
        if of_kind
    ]
    untold = [names[one.item] for one in own.items if one.fit_class is None]
    if untold:
        told.append(f"{len(untold)} with too few answers to tell ({', '.join(untold)})")
    yield (
        f"Single items{_about(own, made)} (S-X2 by sums): {'; '.join(told)}. Good means that people "
        f"with the same sum answer within {GOOD_GAP:g} categories of what the model says, on "
        f"average, and that the shares of all answers stray from it by a w below {GOOD_SPREAD:g}; "
        f"fair, within {FAIR_GAP:g} and below {FAIR_SPREAD:g}."
    )
    yield ""


def _pairs(own: Findings, made: Calibration) -> Iterator[str]:
    names = _names(own, made)
    if not own.pairs:
        yield (
            f"No pair of items goes together beyond theta{_about(own, made)} (Q3* above "
            f"{TOLD_FROM:g})."
        )
        yield ""
        return
    yield (
        f"Pairs that go together beyond theta{_about(own, made)}: {len(own.pairs)} with Q3* above "
        f"{TOLD_FROM:g}, {sum(p.q3_star > Q3_CUT for p in own.pairs)} above the usual {Q3_CUT:g}"
        + (f", the first {_MOST_PAIRS} here" if len(own.pairs) > _MOST_PAIRS else "")
        + ". The last column is how much of the second item's information is left once the first is "
        "answered."
    )
    yield from ("", "| pair | Q3 | Q3* | left |", "|---|---:|---:|---:|")
    for pair in own.pairs[:_MOST_PAIRS]:
        left = own.dependence.information_share(pair.first, pair.second)
        yield (
            f"| {names[pair.first]}, {names[pair.second]} | {pair.q3:.2f} | {pair.q3_star:.2f} | "
            f"{left:.0%} |"
        )
    yield ""


def _short_tests(own: Findings, made: Calibration) -> Iterator[str]:
    names = _names(own, made)
    for one in own.short:
        dimension = made.recipe.dimensions[own.block.dimensions[one.dimension]]
        yield (
            f"- A test of the {len(one.items)} items on {dimension} that say most about the middle "
            f"({', '.join(names[item] for item in one.items)}): its places stray from the whole "
            f"test's by {one.strays:.2f} times what its psd says (squared; 1 if the model held), and "
            f"the pairs in it make its sampling variance {one.inflation:.2f} times as large."
        )


def _precision(own: Findings, made: Calibration) -> Iterator[str]:
    found = own.reliability
    if found is None:
        return
    at = [place for place in found.at if place in _TOLD_AT]
    columns = [list(found.at).index(place) for place in at]
    yield from ("", "| psd (reliability) at theta | " + " | ".join(f"{p:+.0f}" for p in at) + " |")
    yield "|---|" + "---:|" * len(at)
    for number, dimension in enumerate(own.block.dimensions):
        cells = " | ".join(
            f"{found.psd[number, c]:.2f} ({found.by_theta[number, c]:.2f})" for c in columns
        )
        yield f"| {made.recipe.dimensions[dimension]} | {cells} |"
    yield ""
    for number, dimension in enumerate(own.block.dimensions):
        yield (
            f"- Over everyone, {made.recipe.dimensions[dimension]} has reliability "
            f"{found.marginal[number]:.3f} (marginal), {found.empirical[number]:.3f} (empirical)."
        )


def signed(place: float, digits: int = 2) -> str:
    """A figure with its sign, none for what rounds to 0."""
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    value = round(place, digits) + 0.0
    return f"{value:+.{digits}f}" if value else f"{value:.{digits}f}"


def _error(error: float | None) -> str:
    return "" if error is None else f" (s.e. {error:.2f})"
