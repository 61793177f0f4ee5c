"""The readable card beside a bank file, drawn from the same figures."""

from __future__ import annotations

from collections.abc import Iterator

from undertow.calibrate.calibration import EVALUATED_ON, Calibration
from undertow.calibrate.em import PARAMETER_TOLERANCE
from undertow.calibrate.recipe import RecipeItem

_QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90)


def card_of(calibration: Calibration) -> str:
    """A Markdown page: whose answers, which steps, how it was fitted, what it cannot say."""
    return "\n".join(
        [
            *_head(calibration),
            *_sample(calibration),
            *_model(calibration),
            *_parameters(calibration),
            *_norms(calibration),
            *_limits(calibration),
            "",
        ]
    )


def _head(made: Calibration) -> Iterator[str]:
    recipe = made.recipe
    yield f"# {recipe.title}"
    yield ""
    yield f"Figures for {recipe.instrument}."
    yield ""
    yield f"- made on {made.content['made_on']} with recipe `{recipe.id}` (sha256 {recipe.sha256})"
    yield f"- licence: {recipe.licence}"
    yield f"- source: {recipe.source}"
    yield f"- checksum of the bank's content: {made.content['checksum']}"


def _sample(made: Calibration) -> Iterator[str]:
    words, sample = made.recipe.sample, made.content["sample"]
    yield from ("", "## Whose answers", "")
    name = made.norms[0].name
    yield f"{name[:1].upper()}{name[1:]}; {words.collected}. {words.how} {words.who}"
    yield from ("", "| step | rows left | rows dropped |", "|---|---:|---:|")
    before = made.rows_read
    for step in sample["steps"] if isinstance(sample, dict) else ():
        yield f"| {step['step']} | {step['rows']:,} | {before - step['rows']:,} |"
        before = step["rows"]


def _model(made: Calibration) -> Iterator[str]:
    anxiety, avoidance = made.norms[0].place(0.5)
    yield from ("", "## Model and fit", "")
    yield (
        "Graded response, two dimensions, each item on one of them, the dimensions free to "
        "correlate: P(answer >= k) = logistic(slope * theta + intercept_k) after keying; a "
        "threshold is -intercept / slope. Theta has mean 0 and variance 1 in the rows used. "
        "Marginal maximum likelihood by EM; a missing answer counts as an item not asked."
    )
    yield ""
    yield f"- log-likelihood {made.log_likelihood:,.2f}, evaluated on {EVALUATED_ON}"
    yield (
        f"- settled after {made.iterations} cycles over all rows; last change of any parameter "
        f"below {PARAMETER_TOLERANCE:g}"
    )
    yield f"- correlation of the dimensions {made.correlation:+.4f}"
    yield f"- medians (borders on the chart): anxiety {_signed(anxiety)}, avoidance {_signed(avoidance)}"


def _parameters(made: Calibration) -> Iterator[str]:
    items: dict[str, RecipeItem] = {item.column: item for item in made.recipe.items}
    rows = made.content["items"]
    thresholds = " | ".join(f"threshold {k}" for k in range(1, made.recipe.categories))
    yield from ("", "## Parameters", "")
    yield f"| item | dimension | keying | slope | {thresholds} | answers |"
    yield "|---|---|---:" + "|---:" * (made.recipe.categories + 1) + "|"
    for row in rows if isinstance(rows, list) else ():
        cuts = " | ".join(f"{-d / row['slope']:.3f}" for d in row["intercepts"])
        keying = "+" if items[row["id"]].keying == 1 else "-"
        yield (
            f"| {row['id']} | {row['dimension']} | {keying} | {row['slope']:.3f} | {cuts} | "
            f"{row['answered']:,} |"
        )


def _norms(made: Calibration) -> Iterator[str]:
    shares = " | ".join(f"{share:.0%}" for share in _QUANTILES)
    yield from ("", "## Groups to compare with", "")
    yield (
        "The theta below which a share of the group lies. Each is the mean of its members' "
        f"posteriors, not of their point scores. A group needs {made.recipe.norms.least_rows} rows."
    )
    for dimension, title in enumerate(("Anxiety", "Avoidance")):
        yield from ("", f"| {title} | rows | {shares} |", "|---|---:" + "|---:" * 5 + "|")
        for norm in made.norms:
            places = " | ".join(_signed(norm.place(share)[dimension]) for share in _QUANTILES)
            yield f"| {norm.name} | {norm.n:,} | {places} |"


def _signed(place: float) -> str:
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return f"{round(place, 2) + 0.0:+.2f}"


def _limits(made: Calibration) -> Iterator[str]:
    yield from ("", "## What it cannot say", "")
    yield f"- {made.recipe.sample.who}"
    yield (
        "- The figures belong to the original words, and so does what they show about men and "
        "women. For an adaptation both are borrowed: assumed until its own answers confirm them."
    )
    for dimension in ("anxiety", "avoidance"):
        keyings = [item.keying for item in made.recipe.items if item.dimension == dimension]
        turned = keyings.count(-1)
        if turned <= len(keyings) // 4:
            yield (
                f"- Only {turned} of the {len(keyings)} {dimension} items "
                f"{'is' if turned == 1 else 'are'} reversed, so that score is open to yes-saying: "
                "who tends to agree with anything comes out higher."
            )
    yield (
        "- One set of parameters serves everyone, though some items work differently for men and "
        "women. Differences between groups above take all items to work alike; with other items "
        "as the yardstick, the one between men and women changes in size and even in direction."
    )
    yield (
        "- The model takes answers to be independent given theta. Items that say nearly the same "
        "are not quite, so short tests are less sure than they look."
    )
