"""The readable card beside a bank file, drawn from the same figures, and its pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from undertow.calibrate.agreeing_card import card_lines
from undertow.calibrate.calibration import Calibration
from undertow.calibrate.card_fit import fit_lines, model_lines, signed
from undertow.calibrate.card_groups import Picture, group_lines
from undertow.calibrate.dif_table import natural
from undertow.calibrate.fairness import fairness_range

_QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90)


def card_of(
    made: Calibration, content: Mapping[str, object], pictures: Mapping[str, Sequence[Picture]]
) -> str:
    """A Markdown page: whose answers, which steps, how it was fitted, what it cannot say.

    `content` is what the bank file holds, `pictures` are the files beside the card by grouping.
    """
    return "\n".join(
        [
            *_head(made, content),
            *_sample(made),
            *model_lines(made),
            *_parameters(made),
            *fit_lines(made),
            *group_lines(made, pictures),
            *_agreeing(made),
            *_norms(made),
            *_drift(made),
            *_limits(made),
            "",
        ]
    )


def _head(made: Calibration, content: Mapping[str, object]) -> Iterator[str]:
    recipe = made.recipe
    yield f"# {recipe.title}"
    yield ""
    yield f"Figures for {recipe.instrument}."
    yield ""
    yield f"- made on {made.made_on} with recipe `{recipe.id}` (sha256 {recipe.sha256})"
    yield f"- licence: {recipe.licence}"
    yield f"- source: {recipe.source}"
    yield f"- checksum of the bank's content: {content['checksum']}"


def _sample(made: Calibration) -> Iterator[str]:
    words = made.recipe.sample
    yield from ("", "## Whose answers", "")
    name = made.norms[0].name
    yield f"{name[:1].upper()}{name[1:]}; {words.collected}. {words.how} {words.who}"
    yield from ("", "| step | rows left | rows dropped |", "|---|---:|---:|")
    before = made.rows_read
    for step in made.sample.steps:
        yield f"| {step.step} | {step.rows:,} | {before - step.rows:,} |"
        before = step.rows
    if made.whole is not None and made.whole.cleaning is not None:
        effect = made.whole.cleaning
        yield ""
        told = ""
        if effect.correlations is not None:
            with_them, without = effect.correlations
            told = (
                f", the first two dimensions correlate {with_them:+.3f} instead of {without:+.3f}"
            )
        yield (
            f"With the {effect.rows - made.rows_used:,} doubtful rows left in ({effect.rows:,} "
            f"rows), slopes are {1 / effect.slope_ratio:.3f} times as large on average{told}; the slope "
            f"that moves most is that of {effect.largest_slope[0]} ({-effect.largest_slope[1]:+.3f}), "
            f"the threshold that moves most one of {effect.largest_threshold[0]} "
            f"({-effect.largest_threshold[1]:+.3f})."
        )


def _parameters(made: Calibration) -> Iterator[str]:
    recipe = made.recipe
    thresholds = " | ".join(f"threshold {k}" for k in range(1, recipe.categories))
    errors = _errors(made)
    yield from ("", "## Parameters", "")
    if errors:
        yield (
            "In brackets the standard errors, from the curvature of the likelihood and the scatter of "
            "people's scores together, so that they hold where answers hang together more than the "
            "model says."
        )
        yield ""
    yield f"| item | dimension | keying | slope | {thresholds} | answers |"
    yield "|---|---|---:" + "|---:" * (recipe.categories + 1) + "|"
    for j in sorted(range(len(recipe.items)), key=lambda j: natural(recipe.items[j].column)):
        item, slope = recipe.items[j], made.fit.slope[j]
        figures = [slope, *(-d / slope for d in made.fit.intercepts[j])]
        cells = " | ".join(
            f"{figure:.3f}" + (f" ({error:.3f})" if error is not None else "")
            for figure, error in zip(figures, errors.get(j, (None,) * len(figures)), strict=True)
        )
        keying = "+" if item.keying == 1 else "-"
        answered = int((made.sample.keyed[:, j] >= 0).sum())
        yield f"| {item.column} | {item.dimension} | {keying} | {cells} | {answered:,} |"


def _errors(made: Calibration) -> dict[int, tuple[float | None, ...]]:
    """Standard errors of slope and thresholds by the item's place among all, where they are known."""
    found: dict[int, tuple[float | None, ...]] = {}
    for own in () if made.whole is None else made.whole.findings:
        if own.errors is None:
            continue
        for place, item in enumerate(own.block.items):
            errors = (own.errors.slope[place], *own.errors.thresholds[place])
            found[int(item)] = tuple(float(error) for error in errors)
    return found


def _agreeing(made: Calibration) -> Iterator[str]:
    if made.whole is None:
        return
    for at, one in made.whole.agreeing.items():
        own = made.whole.findings[at].block.dimensions
        several = len(made.whole.findings) > 1
        about = " and ".join(made.recipe.dimensions[at] for at in own) if several else ""
        yield ""
        yield from card_lines(one, about)
        spans = _spans(made, at)
        if spans:
            yield (
                f"- All gaps in this part have all items as anchors. Over the five rules above, men less "
                f"women is {', '.join(spans)}, so the yardstick matters as well."
            )


def _norms(made: Calibration) -> Iterator[str]:
    shares = " | ".join(f"{share:.0%}" for share in _QUANTILES)
    with_errors = made.norms[0].standard_error is not None
    yield from ("", "## Groups to compare with", "")
    yield (
        "The theta below which a share of the group lies. Each is the mean of its members' "
        "posteriors, which is what endlessly many plausible values would give, and not of their "
        "point scores. A group's posteriors are under its own mean, deviation and correlation: "
        "under those of everyone it would be drawn towards everyone. "
        f"A group needs {made.recipe.norms.least_rows} rows."
        + (
            " In brackets the standard error from drawing other people of the same kind; the "
            "parameters count as known."
            if with_errors
            else ""
        )
    )
    for number, dimension in enumerate(made.recipe.dimensions):
        title = f"{dimension[:1].upper()}{dimension[1:]}"
        yield from ("", f"| {title} | rows | {shares} |", "|---|---:" + "|---:" * 5 + "|")
        for norm in made.norms:
            cells = []
            for share in _QUANTILES:
                error = norm.place_error(share)
                told = "" if error is None else f" ({error[number]:.2f})"
                cells.append(f"{signed(norm.place(share)[number])}{told}")
            yield f"| {norm.name} | {norm.n:,} | {' | '.join(cells)} |"


def _drift(made: Calibration) -> Iterator[str]:
    drift = None if made.whole is None else made.whole.drift
    if drift is None:
        return
    yield from ("", "## Drift of wording", "")
    families = "; ".join(" and ".join(family) for family in drift.families)
    yield (
        "How far figures move between items of this questionnaire that say nearly the same "
        f"({families}), as standard deviations with sampling error taken off:"
    )
    yield ""
    named = (
        ("log of the slope", drift.log_slope),
        ("threshold", drift.threshold),
        ("threshold, beyond what an item's thresholds share", drift.threshold_spacing),
        ("difference between men and women in a threshold", drift.gender_difference),
    )
    for name, spread in named:
        if spread is not None:
            yield f"- {name}: {spread.sd:.3f} (s.e. {spread.se:.3f})"
    yield ""
    yield (
        f"Fresh wording is taken to move figures {drift.factor:g} times as far. That is a judgement, "
        "not an estimate: items of one questionnaire were meant to say the same, in one style and "
        "one sitting. Scoring of adapted items widens by it; of the original items it does not. "
        f"{drift.note}"
    )


def _limits(made: Calibration) -> Iterator[str]:
    yield from ("", "## What it cannot say", "")
    yield f"- {made.recipe.sample.who}"
    yield (
        "- Fairness is shown for the original items and assumed for an adaptation of them until "
        "pooled answers to its own words confirm it. So are all other figures."
    )
    for dimension in made.recipe.dimensions:
        keyings = [item.keying for item in made.recipe.items if item.dimension == dimension]
        turned = keyings.count(-1)
        if turned <= len(keyings) // 4:
            yield (
                f"- Only {turned} of the {len(keyings)} {dimension} items "
                f"{'is' if turned == 1 else 'are'} reversed, so that score is open to yes-saying: "
                "who tends to agree with anything comes out higher."
            )
    yield from _about_groups(made)
    yield (
        "- The model takes answers to be independent given theta. Items that say nearly the same "
        "are not quite, so short tests are less sure than they look."
    )
    for words in () if made.whole is None else made.whole.all_unsaid:
        yield f"- {words}"


def _about_groups(made: Calibration) -> Iterator[str]:
    gender = None if made.whole is None else made.whole.grouping("gender")
    if gender is None:
        yield (
            "- Nothing was asked about how items work for men and women. Differences between groups "
            "take all items to work alike."
        )
        return
    spans = [words for at in range(len(gender.blocks)) for words in _spans(made, at)]
    yield (
        "- Differences between men and women hang on the items taken as the yardstick"
        + (f": {', '.join(spans)} (men less women)" if spans else "")
        + ". They change in size and can change in direction, and no outside criterion is here to "
        "say who is missed. So it must not be said that nobody is."
    )


def _spans(made: Calibration, block: int) -> list[str]:
    """How far men and women are apart over all anchor rules, in words for each dimension of a block."""
    gender = None if made.whole is None else made.whole.grouping("gender")
    fair = None if gender is None else gender.blocks[block].fairness
    if fair is None:
        return []
    return [
        f"{signed(span.latent_difference.low)} to {signed(span.latent_difference.high)} SD on "
        f"{span.dimension}"
        for span in fairness_range(fair)
    ]
