"""What a comparison with a tendency to agree says: as figures for a file, and as lines for a card.

Every sentence hangs on the figures; how these come about is left to `agreeing_comparison`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from undertow.calibrate.agreeing_comparison import (
    FAR,
    LEAST_EACH_WAY,
    AgreeingComparison,
    HalfFigures,
    ItemFigures,
    ModelFigures,
    MoveFigures,
)

_LIKELIHOOD_DIGITS = 2
_DIGITS = 4
_SURE = 1.96
_FEW_MOVE = 0.05
_GREAT_CHANGE = 0.1
_HIGH_CORRELATION = 0.95
_LEAST_SPLIT = 0.02
_WAYS = {1: "straight", -1: "reversed"}


def as_table(
    comparison: AgreeingComparison, words: Sequence[str] | None = None
) -> dict[str, object]:
    """All figures, rounded, as what JSON can hold; None where a figure is not there.

    Lists of figures by model are in the order of `models`, those by group in that of `groups`, which
    `words` name for programs. A dimension without items is left out.
    """
    names = comparison.dimension_names
    return {
        "groups": list(comparison.group_names if words is None else words),
        "rows": list(comparison.rows),
        "tendency_found": comparison.found,
        "standard_errors_from": "cross-products of scores",
        "models": [_model_table(model, names) for model in comparison.models],
        "halves": [_half_table(half, names) for half in comparison.halves],
        "places": [
            _moves_table(moves, comparison.models[moves.model].label, names)
            for moves in comparison.moves
        ],
        "items": [_item_table(item, names) for item in comparison.items],
        "conclusions": list(conclusions(comparison)),
    }


def _model_table(model: ModelFigures, names: Sequence[str]) -> dict[str, object]:
    tendency = model.tendency
    used = [at for at, gap in enumerate(model.difference) if gap is not None]
    return {
        "tendency_moves": model.label,
        "log_likelihood": round(model.log_likelihood, _LIKELIHOOD_DIGITS),
        "parameters": model.parameters,
        "aic": round(model.aic, _LIKELIHOOD_DIGITS),
        "bic": round(model.bic, _LIKELIHOOD_DIGITS),
        "difference": {names[at]: _round(model.difference[at]) for at in used},
        "difference_errors": {names[at]: _round(model.difference_errors[at]) for at in used},
        "correlation": _round(model.correlation),
        "correlations": None if model.correlations is None else _rounded(model.correlations),
        "tendency": {
            "deviations": _rounded(tendency.deviations),
            "deviation_errors": _rounded(tendency.deviation_errors),
            "difference": _round(tendency.difference),
            "difference_error": _round(tendency.difference_error),
            "one_deviation_moves_an_answer_by": _round(tendency.reach),
        },
    }


def _half_table(half: HalfFigures, names: Sequence[str]) -> dict[str, object]:
    return {
        "dimension": names[half.dimension],
        "keying": _WAYS[half.keying],
        "items": half.items,
        "mean_slopes": _rounded(half.slopes),
        "sum_difference_observed": _round(half.observed),
        "sum_difference_expected": None if half.expected is None else _rounded(half.expected),
        "left_over_mean": _rounded(half.left),
        "left_over_size": _rounded(half.left_size),
    }


def _moves_table(moves: MoveFigures, label: str, names: Sequence[str]) -> dict[str, object]:
    return {
        "tendency_moves": label,
        "dimension": names[moves.dimension],
        "correlation": _round(moves.correlation),
        "mean_move": _rounded(moves.mean_move),
        "moved_further_than": FAR,
        "share": _rounded(moves.share_far),
    }


def _item_table(item: ItemFigures, names: Sequence[str]) -> dict[str, object]:
    return {
        "item": item.name,
        "dimension": names[item.dimension],
        "keying": _WAYS[item.keying],
        "observed": _round(item.observed),
        "standard_error": _round(item.standard_error),
        "left_over": _rounded(item.left),
    }


def _rounded(figures: Sequence[float | None]) -> list[float | None]:
    return [_round(figure) for figure in figures]


def _round(figure: float | None) -> float | None:
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return None if figure is None else round(figure, _DIGITS) + 0.0


def conclusions(comparison: AgreeingComparison) -> Iterator[str]:
    """What the tendency changes for the two groups, in plain sentences."""
    if not comparison.found:
        yield "No tendency to agree was found, so the bank stays with the simple model."
        return
    simple, agreeing = comparison.simple, comparison.agreeing
    gain = agreeing.log_likelihood - simple.log_likelihood
    worth = (
        "This is worth it by BIC." if agreeing.bic < simple.bic else "BIC finds that too little."
    )
    yield (
        f"A tendency to agree makes the answers more likely. The log-likelihood gains {gain:,.0f} "
        f"for {agreeing.parameters - simple.parameters} more figures. {worth}"
    )
    yield (
        f"One SD of it moves an answer by {agreeing.tendency.reach:.2f} of a step towards “agree”. "
        f"{_gap_in_agreeing(comparison)}"
    )
    for dimension, name in enumerate(comparison.dimension_names):
        straight, turned = comparison.half(dimension, 1), comparison.half(dimension, -1)
        if straight is None and turned is None:
            continue
        yield _places(comparison, dimension)
        if straight is not None and turned is not None and _both_ways(straight, turned):
            yield from _split(comparison, name, straight, turned)
        else:
            yield _lone(comparison, dimension, straight, turned)
    yield _verdict(comparison)


def _gap_in_agreeing(comparison: AgreeingComparison) -> str:
    first, second = comparison.group_names
    tendency = comparison.agreeing.tendency
    error = tendency.difference_error
    if error is None or abs(tendency.difference) <= _SURE * error:
        return f"No sure gap between {first} and {second} in it was found."
    way = "more" if tendency.difference > 0 else "less"
    spread = sum(tendency.deviations) / len(tendency.deviations)
    return (
        f"{_capital(first)} tend to agree {way} than {second}, by "
        f"{abs(tendency.difference) / spread:.2f} SD of it (standard error {error / spread:.2f})."
    )


def _places(comparison: AgreeingComparison, dimension: int) -> str:
    first, second = comparison.group_names
    moves = next(one for one in comparison.moves if (one.model, one.dimension) == (1, dimension))
    shares = " and ".join(
        f"{share:.1%} of {group}"
        for share, group in zip(moves.share_far, comparison.group_names, strict=True)
    )
    return (
        f"On {comparison.dimension_names[dimension]} the gap ({first} less {second}) goes from "
        f"{_signed(comparison.simple.difference[dimension])} to "
        f"{_signed(comparison.agreeing.difference[dimension])} SD. {_capital(shares)} move by more "
        f"than {FAR} SD. Places with and without it correlate at {moves.correlation:.3f}."
    )


def _both_ways(straight: HalfFigures, turned: HalfFigures) -> bool:
    return min(straight.items, turned.items) >= LEAST_EACH_WAY


def _split(
    comparison: AgreeingComparison, name: str, straight: HalfFigures, turned: HalfFigures
) -> Iterator[str]:
    """How far the tendency explains that groups differ otherwise on straight and on reversed items."""
    first, second = comparison.group_names
    shares = explained_shares(straight, turned)
    if shares is not None:
        explained = ", ".join(
            f"{share:.0%} if it moves {model.label}"
            for share, model in zip(shares[1:], comparison.models[1:], strict=True)
        )
        yield (
            f"On straight {name} items {first} less {second} is {_signed(straight.observed)} SD, on "
            f"reversed ones {_signed(turned.observed)}. The simple model expects no such split. The "
            f"tendency explains some or all of it: {explained}."
        )
    yield (
        f"Single reversed {name} items still work their own way for {first} and {second}. What is "
        f"left is {turned.left_size[0]:.2f} of a step without the tendency and "
        f"{turned.left_size[1]:.2f} with it."
    )


def explained_shares(straight: HalfFigures, turned: HalfFigures) -> tuple[float, ...] | None:
    """How much of the halves' split that the simple model leaves over each model explains; (V,).

    0 for none, 1 for all; above 1 or below 0 where a model goes too far or the wrong way. None where
    there is no split to speak of.
    """
    if straight.observed is None or turned.observed is None:
        return None
    if straight.expected is None or turned.expected is None:
        return None
    splits = [one - other for one, other in zip(straight.expected, turned.expected, strict=True)]
    left = straight.observed - turned.observed - splits[0]
    if abs(left) < _LEAST_SPLIT:
        return None
    return tuple((split - splits[0]) / left for split in splits)


def _lone(
    comparison: AgreeingComparison,
    dimension: int,
    straight: HalfFigures | None,
    turned: HalfFigures | None,
) -> str:
    """That a dimension keyed one way only cannot say what agreeing does to it."""
    name = comparison.dimension_names[dimension]
    count = 0 if turned is None else turned.items
    total = count + (0 if straight is None else straight.items)
    said = [
        f"This part is weak: {count} of the {total} {name} items {'is' if count == 1 else 'are'} "
        "reversed, so the tendency there is learnt from other items."
    ]
    for model in comparison.models[2:]:
        gain = model.log_likelihood - comparison.agreeing.log_likelihood
        way = "more" if gain > 0 else "less"
        said.append(
            f"If it moves {model.label}, the answers are {way} likely than if it moves all (by "
            f"{abs(gain):,.0f}), and the gap is {_signed(model.difference[dimension])}."
        )
    return " ".join(said)


def _verdict(comparison: AgreeingComparison) -> str:
    """Whether the bank should stay with the simple model, by rule: the rule is a judgement."""
    change = max(
        abs(gap - simple)
        for model in comparison.models
        for gap, simple in zip(model.difference, comparison.simple.difference, strict=True)
        if gap is not None and simple is not None
    )
    apart = min(moves.correlation for moves in comparison.moves)
    if change > _GREAT_CHANGE or apart < _HIGH_CORRELATION:
        return (
            "Our judgement: the simple model needs a second look. The tendency moves a gap by up "
            f"to {change:.2f} SD, and places correlate at as little as {apart:.3f}."
        )
    touched = [
        name
        for dimension, name in enumerate(comparison.dimension_names)
        if any(
            max(moves.share_far) > _FEW_MOVE
            for moves in comparison.moves
            if moves.dimension == dimension
        )
    ]
    better = min(model.bic for model in comparison.models[1:]) < comparison.simple.bic
    though = ", though it fits less well" if better else ""
    said = (
        f"Our judgement: the bank stays with the simple model{though}. No gap moves by more than "
        f"{change:.2f} SD, whichever items the tendency moves. It is not sure that this is agreeing: "
        "reversed items also ask about other things."
    )
    if touched:
        names = " and ".join(touched)
        said += (
            f" The price is named: one person's place on {names} may lean by more than {FAR} SD "
            "towards yes or no, and a short test can't tell."
        )
    return said


def card_lines(comparison: AgreeingComparison, about: str = "") -> Iterator[str]:
    """Lines of Markdown for the card: what was asked, the models side by side, what follows.

    `about` names the dimensions in the heading, where there are others that are told apart.
    """
    first, second = comparison.group_names
    yield from (f"## Saying yes to anything{about and f', {about}'}", "")
    yield (
        "Some people tend to agree with whatever is asked. That lifts straight items and lowers "
        "reversed ones. Here models with such a tendency stand beside the simple one, on the same "
        f"{sum(comparison.rows):,} rows ({first} and {second}). All items are equal for both. The "
        "columns say which items the tendency moves. Standard errors are in brackets; they come "
        "from cross-products of scores."
    )
    labels = " | ".join(model.label for model in comparison.models)
    yield from ("", f"| | {labels} |", "|---" + "|---:" * len(comparison.models) + "|")
    for label, cells in _rows(comparison):
        yield f"| {label} | {' | '.join(cells)} |"
    yield ""
    for sentence in conclusions(comparison):
        yield f"- {sentence}"


def _rows(comparison: AgreeingComparison) -> Iterator[tuple[str, list[str]]]:
    models, names = comparison.models, comparison.dimension_names
    first, second = comparison.group_names
    yield "log-likelihood", [f"{model.log_likelihood:,.1f}" for model in models]
    yield "figures fitted", [str(model.parameters) for model in models]
    yield "AIC", [f"{model.aic:,.0f}" for model in models]
    yield "BIC", [f"{model.bic:,.0f}" for model in models]
    for group, name in enumerate(comparison.group_names):
        yield (
            f"SD of the tendency, {name} (logits)",
            [
                _bracketed(
                    f"{model.tendency.deviations[group]:.2f}",
                    model.tendency.deviation_errors[group],
                )
                for model in models
            ],
        )
    yield (
        f"tendency, {first} less {second} (logits)",
        [
            _with_error(model.tendency.difference, model.tendency.difference_error)
            for model in models
        ],
    )
    for dimension, name in enumerate(names):
        if models[0].difference[dimension] is not None:
            yield (
                f"{name}, {first} less {second} (SD)",
                [
                    _with_error(model.difference[dimension], model.difference_errors[dimension])
                    for model in models
                ],
            )
    if models[0].correlation is not None:
        yield "correlation of the two", [_signed(model.correlation) for model in models]
    for half in comparison.halves:
        label = f"{_WAYS[half.keying]} {names[half.dimension]} items"
        yield f"{label}: mean slope", [f"{slope:.2f}" for slope in half.slopes]
        if half.expected is not None:
            yield (
                f"{label}: expected sum, {first} less {second} (SD; seen {_signed(half.observed)})",
                [_signed(gap) for gap in half.expected],
            )
        yield (
            f"{label}: item differences left over, mean size (steps)",
            [f"{size:.3f}" for size in half.left_size],
        )
    for dimension, name in enumerate(names):
        own = [moves for moves in comparison.moves if moves.dimension == dimension]
        for group, who in enumerate(comparison.group_names):
            if own:
                yield (
                    f"{name}: {who} moved by more than {FAR} SD",
                    ["–", *(f"{moves.share_far[group]:.1%}" for moves in own)],
                )


def _with_error(figure: float | None, error: float | None) -> str:
    return _bracketed(_signed(figure), error)


def _bracketed(figure: str, error: float | None) -> str:
    return figure if error is None else f"{figure} ({error:.3f})"


def _signed(figure: float | None) -> str:
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return "–" if figure is None else f"{round(figure, 2) + 0.0:+.2f}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
