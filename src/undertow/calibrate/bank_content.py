"""What a bank file holds, from a calibration; writing files is left to `bank_writer`, words to the card.

Figures are rounded well above their last digits, which differ between processors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from undertow.bank.checksum import content_checksum
from undertow.calibrate import agreeing_card, fairness
from undertow.calibrate.calibration import EVALUATED_ON, Calibration
from undertow.calibrate.dif_table import natural
from undertow.calibrate.em import PARAMETER_TOLERANCE
from undertow.calibrate.findings import Findings
from undertow.calibrate.likelihood import working_grid
from undertow.calibrate.norming import KNOTS, EstimatedNorm
from undertow.calibrate.whole_recipe import WholeRecipe
from undertow.calibrate.wording_drift import drift_table

SCHEMA = "undertow-bank/1"
_PARAMETER_DIGITS = 6
_SHARE_DIGITS = 5
_LIKELIHOOD_DIGITS = 2
_ERROR_DIGITS = 4
_FIT_DIGITS = 4


def bank_content(made: Calibration) -> dict[str, object]:
    """The content of a bank file, sealed by its checksum.

    With the whole recipe also standard errors and fit of every item, parameters by group, fairness
    under every anchor rule, differences by item, drift of wording, a tendency to agree.
    """
    recipe = made.recipe
    content: dict[str, object] = {
        "schema": SCHEMA,
        "id": recipe.id,
        "title": recipe.title,
        "instrument": recipe.instrument,
        "licence": recipe.licence,
        "source": recipe.source,
        "recipe": {"id": recipe.id, "sha256": recipe.sha256},
        "model": _model(made),
        "dimensions": list(recipe.dimensions),
        "categories": recipe.categories,
        **_correlation(made),
        "borders": {
            name: _rounded(place, _SHARE_DIGITS)
            for name, place in zip(recipe.dimensions, made.norms[0].place(0.5), strict=True)
        },
        "items": _items(made),
        "sample": {
            "name": recipe.sample_name(complete_cases=made.sample.complete_cases),
            "who": recipe.sample.who,
            "collected": recipe.sample.collected,
            "how": recipe.sample.how,
            "data_sha256": made.data_sha256,
            "rows_read": made.rows_read,
            "rows_used": made.rows_used,
            "steps": [{"step": step.step, "rows": step.rows} for step in made.sample.steps],
        },
        "fit": _fit(made),
        "norms": [_norm(norm, made) for norm in made.norms],
        **({} if made.whole is None else _whole(made.whole)),
        "made_on": made.made_on,
    }
    content["checksum"] = content_checksum(content)
    return content


def _model(made: Calibration) -> dict[str, object]:
    nodes = working_grid().nodes
    return {
        "name": model_name(len(made.recipe.dimensions)),
        "formula": "P(X >= k) = logistic(slope * theta + intercept_k) after keying",
        "metric": "mean 0 and variance 1 in the rows used",
        "estimation": "marginal maximum likelihood by EM",
        "nodes": {"from": float(nodes[0]), "to": float(nodes[-1]), "step": 0.2},
        "largest_last_change": PARAMETER_TOLERANCE,
    }


def model_name(dimensions: int) -> str:
    """The fitted model in words."""
    if dimensions == 1:
        return "graded response, one dimension"
    if dimensions == 2:
        return "graded response, two dimensions, simple structure, free correlation"
    return (
        f"graded response, {dimensions} dimensions, simple structure, each fitted alone, "
        "correlations pair by pair"
    )


def _correlation(made: Calibration) -> dict[str, object]:
    if made.correlation is not None:
        return {"correlation": _rounded(made.correlation, _PARAMETER_DIGITS)}
    return {
        "correlations": [
            [_rounded(value, _PARAMETER_DIGITS) for value in row] for row in made.fit.correlations
        ],
        **(
            {}
            if made.whole is None or made.whole.correlation_errors is None
            else {
                "correlation_errors": [
                    [_rounded(error, _ERROR_DIGITS) for error in row]
                    for row in made.whole.correlation_errors
                ]
            }
        ),
    }


def _items(made: Calibration) -> list[dict[str, object]]:
    """Items in the natural order of their columns' names; the recipe groups them by dimension."""
    recipe, fit = made.recipe, made.fit
    more = {} if made.whole is None else _found_of_items(made.whole, made)
    order = sorted(range(len(recipe.items)), key=lambda j: natural(recipe.items[j].column))
    return [
        {
            "id": recipe.items[j].column,
            "dimension": str(recipe.items[j].dimension),
            "keying": recipe.items[j].keying,
            **({} if recipe.items[j].facet is None else {"facet": recipe.items[j].facet}),
            "slope": _rounded(fit.slope[j], _PARAMETER_DIGITS),
            "intercepts": [_rounded(d, _PARAMETER_DIGITS) for d in fit.intercepts[j]],
            "answered": int((made.sample.keyed[:, j] >= 0).sum()),
            **more.get(j, {}),
        }
        for j in order
    ]


def _found_of_items(whole: WholeRecipe, made: Calibration) -> dict[int, dict[str, object]]:
    """Standard errors and fit by the item's place among all."""
    found: dict[int, dict[str, object]] = {j: {} for j in range(made.items)}
    for own in whole.findings:
        for place, item in enumerate(own.block.items):
            if own.errors is not None:
                found[int(item)]["standard_errors"] = {
                    "slope": _rounded(own.errors.slope[place], _ERROR_DIGITS),
                    "intercepts": [
                        _rounded(error, _ERROR_DIGITS) for error in own.errors.intercepts[place]
                    ],
                    "thresholds": [
                        _rounded(error, _ERROR_DIGITS) for error in own.errors.thresholds[place]
                    ],
                }
            if own.items is not None:
                one = own.items[place]
                found[int(item)]["fit"] = {
                    "class": None if one.fit_class is None else one.fit_class.value,
                    "s_x2": _rounded(one.statistic, 1),
                    "df": one.df,
                    "rmsea": _rounded(one.rmsea, _FIT_DIGITS),
                    "gap": _rounded(one.gap, _FIT_DIGITS),
                    "spread": _rounded(one.spread, _FIT_DIGITS),
                }
    return found


def _fit(made: Calibration) -> dict[str, object]:
    return {
        "log_likelihood": _rounded(made.log_likelihood, _LIKELIHOOD_DIGITS),
        "log_likelihood_of": made.fit.likelihood_of,
        "evaluated_on": EVALUATED_ON,
        "iterations": made.iterations,
        "converged": True,
        **(
            {} if made.whole is None else {"blocks": [_block(f, made) for f in made.whole.findings]}
        ),
    }


def _block(own: Findings, made: Calibration) -> dict[str, object]:
    """Model fit, pairs that go together and reliability of dimensions that were fitted together."""
    names = [made.recipe.items[item].column for item in own.block.items]
    dimensions = [made.recipe.dimensions[at] for at in own.block.dimensions]
    table: dict[str, object] = {"dimensions": dimensions}
    if own.errors is not None and len(dimensions) > 1:
        table["correlation_error"] = _rounded(own.errors.correlation, _ERROR_DIGITS)
    if own.model is not None:
        table["model"] = {
            "c2": _rounded(own.model.statistic, 1),
            "df": own.model.df,
            "rmsea": _rounded(own.model.rmsea, _FIT_DIGITS),
            "rmsea_90": [_rounded(end, _FIT_DIGITS) for end in own.model.rmsea_interval],
            "cfi": _rounded(own.model.cfi, _FIT_DIGITS),
            "srmsr": _rounded(own.model.srmsr, _FIT_DIGITS),
            "rows": own.model.rows,
        }
    table["pairs"] = [
        {
            "items": [names[pair.first], names[pair.second]],
            "q3": _rounded(pair.q3, 3),
            "q3_star": _rounded(pair.q3_star, 3),
            "dependence": _rounded(pair.dependence, 3),
            # How much is left of either item's information once the other is answered.
            "information_left": [
                _rounded(own.dependence.information_share(pair.second, pair.first), 3),
                _rounded(own.dependence.information_share(pair.first, pair.second), 3),
            ],
        }
        for pair in own.pairs
    ]
    table["short_tests"] = [
        {
            "dimension": dimensions[one.dimension],
            "items": [names[item] for item in one.items],
            "strays": _rounded(one.strays, 3),
            "inflation": _rounded(one.inflation, 3),
        }
        for one in own.short
    ]
    if own.reliability is not None:
        table["reliability"] = {
            "at": [_rounded(place, 1) for place in own.reliability.at],
            **{
                name: {
                    "psd": [_rounded(v, 3) for v in own.reliability.psd[at]],
                    "reliability": [_rounded(v, 3) for v in own.reliability.by_theta[at]],
                    "marginal": _rounded(own.reliability.marginal[at], 4),
                    "empirical": _rounded(own.reliability.empirical[at], 4),
                }
                for at, name in enumerate(dimensions)
            },
        }
    return table


def _norm(norm: EstimatedNorm, made: Calibration) -> dict[str, object]:
    recipe = made.recipe
    table: dict[str, object] = {
        "name": norm.name,
        "who": recipe.sample.who,
        "collected": recipe.sample.collected,
        "how": recipe.sample.how,
        "n": norm.n,
        "gender": norm.gender,
        "age_band": norm.age_band,
        "theta": {"from": float(KNOTS[0]), "to": float(KNOTS[-1]), "step": 0.1},
        "cdf": {
            name: [_rounded(share, _SHARE_DIGITS) for share in row]
            for name, row in zip(recipe.dimensions, norm.cdf, strict=True)
        },
    }
    if norm.standard_error is not None:
        table["standard_error"] = {
            name: [_rounded(error, _SHARE_DIGITS) for error in row]
            for name, row in zip(recipe.dimensions, norm.standard_error, strict=True)
        }
    return table


def _whole(whole: WholeRecipe) -> dict[str, object]:
    content: dict[str, object] = {}
    by_group = [
        own.by_group.as_table(grouping.grouping.words)
        for grouping in whole.groups
        for own in grouping.blocks
        if own.by_group is not None
    ]
    if by_group:
        content["by_group"] = {"gender": by_group}
    fair = {
        grouping.grouping.name: [
            fairness.as_table(own.fairness, grouping.grouping.words)
            for own in grouping.blocks
            if own.fairness is not None
        ]
        for grouping in whole.groups
    }
    content["fairness"] = {name: tables for name, tables in fair.items() if tables}
    content["dif"] = {
        grouping.grouping.name: {
            "groups": list(grouping.grouping.words),
            "items": [_short_row(row) for row in grouping.rows],
        }
        for grouping in whole.groups
    }
    gender = whole.grouping("gender")
    if gender is not None and whole.agreeing:
        content["agreeing"] = [
            agreeing_card.as_table(one, gender.grouping.words) for one in whole.agreeing.values()
        ]
    if whole.drift is not None:
        content["drift"] = drift_table(whole.drift)
    if whole.cleaning is not None:
        effect = whole.cleaning
        content["without_cleaning"] = {
            "rows_used": effect.rows,
            # Without cleaning against with it, as the key of the table says.
            "slope_ratio": _rounded(1 / effect.slope_ratio, 4),
            "largest_slope_change": {
                effect.largest_slope[0]: _rounded(-effect.largest_slope[1], 4)
            },
            "largest_threshold_change": {
                effect.largest_threshold[0]: _rounded(-effect.largest_threshold[1], 4)
            },
        }
    if whole.all_unsaid:
        content["unsaid"] = list(whole.all_unsaid)
    return content


def _short_row(row: Mapping[str, object]) -> dict[str, object]:
    """A row without what stands elsewhere in the file, and p to few digits, which differ least."""
    left = {"anchors", "anchor_rule", "p_method", "statistic"}
    kept = {key: value for key, value in row.items() if key not in left}
    p = row["p_adjusted"]
    if isinstance(p, float):
        # Far in the tail the exact p hangs on the last digits of the fit.
        kept["p_adjusted"] = 0.0 if p < 1e-10 else float(f"{p:.2g}")
    return kept


def _rounded(value: float, digits: int) -> float | None:
    if not math.isfinite(value):
        return None
    # Adding 0.0 turns -0.0 into 0.0, so that a sign without meaning can't change the checksum.
    return round(float(value), digits) + 0.0
