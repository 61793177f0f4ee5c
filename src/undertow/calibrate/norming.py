"""Named comparison groups from the posteriors of a sample; reading them is left to `bank.norms`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import Answers, Parameters, posteriors, reporting_grid
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.sample import Sample

Array = NDArray[np.float64]

Group = tuple[str, str | None, str | None, NDArray[np.bool_]]
"""Name, gender or None, age band or None, who belongs to it (N,)."""

KNOTS = np.linspace(-4.0, 4.0, 81)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EstimatedNorm:
    """A group's F(theta) at the knots; `cdf` is (2, T)."""

    name: str
    n: int
    gender: str | None
    age_band: str | None
    cdf: Array


def estimate_norms(
    first: Answers,
    second: Answers,
    parameters: Parameters,
    sample: Sample,
    recipe: Recipe,
    *,
    pooled_only: bool,
) -> tuple[EstimatedNorm, ...]:
    """F(theta) of each group: the mean of its members' posteriors, pooled first.

    That is what plausible values estimate with noise; point scores would be too narrow.
    """
    groups = _groups(sample, recipe, pooled_only=pooled_only)
    grid = reporting_grid()
    mass = np.zeros((len(groups), 2, grid.nodes.size))
    members = np.stack([member for *_, member in groups]).astype(np.float32)
    for rows, _, _, own, mixed, _ in posteriors(first, second, parameters, grid):
        mass[:, 0] += members[:, rows] @ own
        mass[:, 1] += members[:, rows] @ mixed
    share = mass / mass.sum(axis=2, keepdims=True)
    # A node's mass is spread evenly over its cell, so half of it lies below the node itself.
    below = np.cumsum(share, axis=2) - share / 2
    return tuple(
        EstimatedNorm(
            name=name,
            n=int(member.sum()),
            gender=gender,
            age_band=age_band,
            cdf=np.stack([np.interp(KNOTS, grid.nodes, below[g, d]) for d in (0, 1)]),
        )
        for g, (name, gender, age_band, member) in enumerate(groups)
    )


def _groups(sample: Sample, recipe: Recipe, *, pooled_only: bool) -> list[Group]:
    everyone = np.ones(sample.rows, dtype=bool)
    groups: list[Group] = [(recipe.norm_names["pooled"], None, None, everyone)]
    if pooled_only or sample.gender is None or sample.age is None:
        return groups
    genders = {word: sample.gender == word for word in ("man", "woman")}
    bands = {}
    for band in recipe.norm_ages:
        low, high = (int(part) for part in band.split("-"))
        bands[band] = (sample.age >= low) & (sample.age <= high)
    candidates: list[Group] = [(recipe.norm_names[g], g, None, m) for g, m in genders.items()]
    candidates += [(f"people aged {_span(b)}", None, b, m) for b, m in bands.items()]
    candidates += [
        (f"{recipe.norm_names[g]} aged {_span(b)}", g, b, m & n)
        for g, m in genders.items()
        for b, n in bands.items()
    ]
    groups += [c for c in candidates if c[3].sum() >= recipe.norm_least_rows]
    return groups


def _span(band: str) -> str:
    return band.replace("-", " to ")
