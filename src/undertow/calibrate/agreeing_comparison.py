"""Two groups under the model with a tendency to agree and under the simple one: what it changes for whom.

The fits are left to `agreeing_fit`, tables and sentences to `agreeing_card`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.bank.item import DIMENSIONS
from undertow.calibrate.accelerate import Progress
from undertow.calibrate.agreeing import AgreeingParameters
from undertow.calibrate.agreeing_errors import AgreeingErrors, agreeing_errors
from undertow.calibrate.agreeing_fit import (
    AgreeingFit,
    fit_agreeing,
    fit_simple,
)
from undertow.calibrate.agreeing_places import (
    Observed,
    everyone,
    expected_answers,
    posterior_means,
    reach_of,
    summed,
)
from undertow.calibrate.groups import GroupParameters, shares_of
from undertow.calibrate.likelihood import Sides, dimensions_of
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import NotReady, ShapeError

Array = NDArray[np.float64]

DIMENSION_NAMES = tuple(str(dimension) for dimension in DIMENSIONS)
SIMPLE, ALL = "no tendency", "all items"
FAR = 0.2
"""Of a person's place, in SD: a fifth is about the psd that all 36 items leave."""
LEAST_EACH_WAY = 2
"""Straight and reversed items of one dimension without which agreeing can't be told from theta."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TendencyFigures:
    """The tendency to agree, in logits: deviations (G,), the first group's mean less the second's.

    With standard errors; None where no tendency was found. `reach` is how far one deviation moves an
    answer, in categories, as a mean over the items that it moves and over people.
    """

    deviations: tuple[float, ...]
    deviation_errors: tuple[float | None, ...]
    difference: float
    difference_error: float | None
    reach: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFigures:
    """One model on all rows; `label` says which items its tendency moves.

    `difference` (D,) is the first group's latent mean less the second's, in pooled SD, with standard
    errors. `correlation` is that of the dimensions over both groups, `correlations` (G,) inside
    each. Where a dimension has no items its figures are None.
    """

    label: str
    log_likelihood: float
    parameters: int
    aic: float
    bic: float
    difference: tuple[float | None, ...]
    difference_errors: tuple[float | None, ...]
    correlation: float | None
    correlations: tuple[float, ...] | None
    tendency: TendencyFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfFigures:
    """The items of one dimension that are keyed one way, under each model; (V,) in their order.

    Mean slopes; the first group less the second in the items' sum, in SD of the sum within groups,
    as `observed` among rows that answer all of them and as each model expects it; and the mean and
    mean size of the items' differences that a model leaves over (see `ItemFigures`).
    """

    dimension: int
    keying: int
    items: int
    slopes: tuple[float, ...]
    observed: float | None
    expected: tuple[float, ...] | None
    left: tuple[float, ...]
    left_size: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFigures:
    """One item: the first group's mean answer less the second's, in categories, after keying.

    `left` (V,) is what each model does not expect of it: how differently the item works for the
    groups, with all items as anchors. `standard_error` is that of `observed`.
    """

    name: str
    dimension: int
    keying: int
    observed: float
    standard_error: float
    left: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFigures:
    """How people's posterior means of one dimension move from the simple model to another (`model`).

    In SD; all are placed by the same pooled prior, so that only answers move them. `mean_move` and
    `share_far` (moved by more than FAR) are by group, (G,). Rows without answers there are left out.
    """

    model: int
    dimension: int
    correlation: float
    mean_move: tuple[float, ...]
    share_far: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeingComparison:
    """Models on the same rows and grids, two groups whose items are all equal.

    `dimension_names` (2,) are those of the sides, "" for one without items. `models` (V,) are the
    simple one and the one whose tendency moves all items. Where only one of two
    dimensions has items keyed both ways, two more say what hangs on that: one whose tendency moves
    that dimension alone, and, where the other has a lone item keyed the other way, one whose tendency
    spares that item.
    """

    group_names: tuple[str, ...]
    dimension_names: tuple[str, str]
    rows: tuple[int, ...]
    models: tuple[ModelFigures, ...]
    halves: tuple[HalfFigures, ...]
    items: tuple[ItemFigures, ...]
    moves: tuple[MoveFigures, ...]

    @property
    def simple(self) -> ModelFigures:
        return self.models[0]

    @property
    def agreeing(self) -> ModelFigures:
        return self.models[1]

    @property
    def found(self) -> bool:
        """Whether any tendency to agree was found."""
        return any(max(model.tendency.deviations) > 0 for model in self.models)

    def half(self, dimension: int, keying: int) -> HalfFigures | None:
        for one in self.halves:
            if (one.dimension, one.keying) == (dimension, keying):
                return one
        return None


def compare_with_agreeing(
    sides_by_group: Sequence[Sides],
    group_names: Sequence[str],
    item_names: Sequence[str],
    keying: Sequence[int] | NDArray[np.integer],
    *,
    dimension_names: Sequence[str] = DIMENSION_NAMES,
    start: GroupParameters | None = None,
    mapper: Mapper = one_by_one,
    progress: Progress | None = None,
) -> AgreeingComparison:
    """Fits P(X_j >= k) = logistic(a_j theta_d + s_j m + d_jk) and the same without m; compares them.

    `sides_by_group` holds the rows of two groups, `keying` (J,) is +1 or -1 in the order of all
    items, `dimension_names` are those of both sides, or of the one that has items, `start` is a simple
    fit of the same rows where there is one, and `progress` hears of the cycles of one fit after the
    other. Standard errors are from cross-products of scores. Either
    dimension may be without items. Raises NotReady where no dimension has LEAST_EACH_WAY items keyed
    each way or the answers say too little for standard errors, ShapeError for other than two groups,
    and ConvergenceError with its trace when a fit does not settle.
    Source: maydeuolivarescoffman2006.
    """
    dimension_of = dimensions_of(sides_by_group[0])
    signs = np.asarray(keying, dtype=np.float64)
    if not len(sides_by_group) == len(group_names) == 2:
        raise ShapeError("agreeing is compared for two groups: give two, with their names")
    if not len(item_names) == signs.size == dimension_of.size:
        raise ShapeError("item names and keying must each be as many as the items")
    if not np.isin(signs, (-1, 1)).all():
        raise ShapeError("keying must be +1 or -1")
    dimensions = _by_side(dimension_names, sides_by_group[0])
    variants = _variants(signs, dimension_of, item_names, dimensions)
    simple = fit_simple(sides_by_group, signs, start, mapper=mapper, progress=progress)
    fits = [
        simple,
        *(
            fit_agreeing(sides_by_group, own, simple, mapper=mapper, progress=progress)
            for own in list(variants.values())[1:]
        ),
    ]
    observed = Observed.of(sides_by_group)
    models, means, expected = [], [], []
    for fit, (label, own) in zip(fits, variants.items(), strict=True):
        pooled = everyone(fit.parameters, shares_of(sides_by_group))
        errors = agreeing_errors(
            sides_by_group, fit.parameters, own, fit.grid, items=item_names, mapper=mapper
        )
        reach = reach_of(pooled, own, dimension_of)
        models.append(
            _model(
                sides_by_group, fit, errors, label=label, loadings=own, pooled=pooled, reach=reach
            )
        )
        means.append(posterior_means(sides_by_group, pooled, own, mapper=mapper))
        expected.append(expected_answers(fit.parameters, own, dimension_of))
    items = _items(item_names, signs, dimension_of, observed, expected)
    return AgreeingComparison(
        group_names=tuple(group_names),
        dimension_names=dimensions,
        rows=tuple(own[0].rows for own in sides_by_group),
        models=tuple(models),
        halves=tuple(
            _half(sides_by_group, items, own, fits, expected)
            for dimension in (0, 1)
            for key in (1, -1)
            if (own := (dimension_of == dimension) & (signs == key)).any()
        ),
        items=items,
        moves=tuple(
            _moves(sides_by_group, dimension, model, means)
            for model in range(1, len(models))
            for dimension in (0, 1)
            if sides_by_group[0][dimension].items.size
        ),
    )


def _by_side(names: Sequence[str], sides: Sides) -> tuple[str, str]:
    """A name for each side, "" where it has no items and none was given."""
    used = [at for at, side in enumerate(sides) if side.items.size]
    if len(names) == len(sides):
        return names[0], names[1]
    if len(names) != len(used):
        raise ShapeError(f"dimension names must be as many as the dimensions, {len(used)}")
    return (names[0], "") if used == [0] else ("", names[0])


def _variants(
    keying: Array,
    dimension_of: NDArray[np.intp],
    item_names: Sequence[str],
    dimension_names: tuple[str, str],
) -> dict[str, Array]:
    """What the tendency does to each item (J,), 0 or its keying, in each model by its label."""
    both_ways, rarer = [], []
    for dimension in (0, 1):
        own = dimension_of == dimension
        counts = {key: int((own & (keying == key)).sum()) for key in (1, -1)}
        both_ways.append(min(counts.values()) >= LEAST_EACH_WAY)
        rarer.append(1 if counts[1] < counts[-1] else -1)
    if not any(both_ways):
        raise NotReady(
            "A tendency to agree can't be told from the place itself here: no dimension has at "
            f"least {LEAST_EACH_WAY} straight and {LEAST_EACH_WAY} reversed items. Use the simple "
            "model alone."
        )
    found = {SIMPLE: np.zeros_like(keying), ALL: keying}
    known = np.array(both_ways)[dimension_of]
    lone = ~known & (keying == np.array(rarer)[dimension_of])
    if not known.all():
        names = [name for name, way in zip(dimension_names, both_ways, strict=True) if way]
        found[f"{' and '.join(names)} items only"] = np.where(known, keying, 0.0)
    if lone.any():
        names = [name for name, spared in zip(item_names, lone, strict=True) if spared]
        found[f"all but {' and '.join(names)}"] = np.where(lone, 0.0, keying)
    return found


def _model(
    sides: Sequence[Sides],
    fit: AgreeingFit,
    errors: AgreeingErrors,
    *,
    label: str,
    loadings: Array,
    pooled: AgreeingParameters,
    reach: float,
) -> ModelFigures:
    rows = sum(own[0].rows for own in sides)
    latents, tendencies = fit.parameters.shared.latents, fit.parameters.tendencies
    asked = [bool(side.items.size) for side in sides[0]]
    figures = fit.parameters.slope.size + fit.parameters.intercepts.size
    # Means and deviations of the second group against the first's, and correlations.
    figures += 2 * sum(asked) + (len(sides) if all(asked) else 0)
    # Each group's deviation of the tendency, and the difference of its means.
    figures += len(sides) + 1 if loadings.any() else 0
    return ModelFigures(
        label=label,
        log_likelihood=fit.log_likelihood,
        parameters=figures,
        aic=2 * figures - 2 * fit.log_likelihood,
        bic=float(figures * np.log(rows)) - 2 * fit.log_likelihood,
        difference=tuple(
            float(gap) if known else None
            for gap, known in zip(latents[0].means - latents[1].means, asked, strict=True)
        ),
        difference_errors=tuple(_known(error) for error in errors.latents[1, :2]),
        correlation=pooled.shared.latents[0].correlation if all(asked) else None,
        correlations=tuple(one.correlation for one in latents) if all(asked) else None,
        tendency=TendencyFigures(
            deviations=tuple(one.deviation for one in tendencies),
            deviation_errors=tuple(_known(error) for error in errors.tendency_deviations),
            difference=tendencies[0].mean - tendencies[1].mean,
            difference_error=_known(errors.tendency_means[1]),
            reach=reach,
        ),
    )


def _known(figure: float) -> float | None:
    return None if np.isnan(figure) else float(figure)


def _items(
    names: Sequence[str],
    keying: Array,
    dimension_of: NDArray[np.intp],
    observed: Observed,
    expected: Sequence[Array],
) -> tuple[ItemFigures, ...]:
    left = np.stack([observed.gaps - (own[0] - own[1]) for own in expected], axis=1)  # (J, V)
    return tuple(
        ItemFigures(
            name=name,
            dimension=int(dimension_of[item]),
            keying=int(keying[item]),
            observed=float(observed.gaps[item]),
            standard_error=float(observed.errors[item]),
            left=tuple(left[item].tolist()),
        )
        for item, name in enumerate(names)
    )


def _half(
    sides: Sequence[Sides],
    items: Sequence[ItemFigures],
    own: NDArray[np.bool_],
    fits: Sequence[AgreeingFit],
    expected: Sequence[Array],
) -> HalfFigures:
    chosen = [item for item, inside in zip(items, own, strict=True) if inside]
    dimension = chosen[0].dimension
    first, second = (summed(side[dimension], own[side[dimension].items]) for side in sides)
    gap, expected_gaps = None, None
    freedom = first.size + second.size - 2
    spread = (first.size * first.var() + second.size * second.var()) / freedom if freedom > 0 else 0
    if spread > 0 and min(first.size, second.size) > 0:
        gap = float((first.mean() - second.mean()) / np.sqrt(spread))
        expected_gaps = tuple(
            float((answers[0] - answers[1])[own].sum() / np.sqrt(spread)) for answers in expected
        )
    left = np.array([item.left for item in chosen])
    return HalfFigures(
        dimension=dimension,
        keying=chosen[0].keying,
        items=len(chosen),
        slopes=tuple(float(fit.parameters.slope[own].mean()) for fit in fits),
        observed=gap,
        expected=expected_gaps,
        left=tuple(left.mean(axis=0).tolist()),
        left_size=tuple(np.abs(left).mean(axis=0).tolist()),
    )


def _moves(
    sides: Sequence[Sides], dimension: int, model: int, means: Sequence[tuple[Array, ...]]
) -> MoveFigures:
    heard = [own[dimension].indicators.any(axis=1) for own in sides]
    before, after = (
        [one[:, dimension][own] for one, own in zip(placed, heard, strict=True)]
        for placed in (means[0], means[model])
    )
    moved = [new - old for old, new in zip(before, after, strict=True)]
    return MoveFigures(
        model=model,
        dimension=dimension,
        correlation=float(np.corrcoef(np.concatenate(before), np.concatenate(after))[0, 1]),
        mean_move=tuple(float(one.mean()) for one in moved),
        share_far=tuple(float((np.abs(one) > FAR).mean()) for one in moved),
    )
