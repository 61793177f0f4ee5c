"""Named comparison groups from the posteriors of a sample; reading them is left to `bank.norms`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.likelihood import reporting_grid
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.sample import Sample

Array = NDArray[np.float64]

KNOTS = np.linspace(-4.0, 4.0, 81)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Who belongs to a norm: `member` is (N,); `gender` and `age_band` are None for "any"."""

    name: str
    gender: str | None
    age_band: str | None
    member: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EstimatedNorm:
    """A group's F(theta) at the knots; `cdf` is (D, T)."""

    name: str
    n: int
    gender: str | None
    age_band: str | None
    cdf: Array

    def place(self, share: float) -> tuple[float, float]:
        """The theta below which `share` of the group lies, on each dimension."""
        anxiety, avoidance = (float(np.interp(share, row, KNOTS)) for row in self.cdf)
        return anxiety, avoidance


def groups_of(sample: Sample, recipe: Recipe) -> tuple[Group, ...]:
    """Everyone first, then men, women, age bands and both together, where enough rows are there.

    A sample of complete cases of any age has no groups but everyone.
    """
    norms = recipe.norms
    everyone = Group(
        name=recipe.sample_name(complete_cases=sample.complete_cases),
        gender=None,
        age_band=None,
        member=np.ones(sample.rows, dtype=bool),
    )
    if sample.complete_cases:
        return (everyone,)
    genders: dict[str, NDArray[np.bool_]] = {}
    bands: dict[str, NDArray[np.bool_]] = {}
    if sample.gender is not None:
        genders = {word: sample.gender == word for word in norms.genders}
    if sample.age is not None:
        bands = {
            band.name: (sample.age >= band.lowest) & (sample.age <= band.highest)
            for band in norms.ages
        }
    candidates = [
        Group(name=norms.genders[word], gender=word, age_band=None, member=member)
        for word, member in genders.items()
    ]
    candidates += [
        Group(name=f"people aged {_span(band)}", gender=None, age_band=band, member=member)
        for band, member in bands.items()
    ]
    candidates += [
        Group(
            name=f"{norms.genders[word]} aged {_span(band)}",
            gender=word,
            age_band=band,
            member=own & aged,
        )
        for word, own in genders.items()
        for band, aged in bands.items()
    ]
    return (everyone, *(g for g in candidates if g.member.sum() >= norms.least_rows))


def norms_from(groups: tuple[Group, ...], mass: Array) -> tuple[EstimatedNorm, ...]:
    """F(theta) of each group from its members' summed posteriors on the reporting grid (G, D, Q).

    That is what plausible values estimate with noise; point scores would be too narrow.
    """
    nodes = reporting_grid().nodes
    share = mass / mass.sum(axis=2, keepdims=True)
    # The trapezoid rule up to a node takes half of the node's own mass; the last term is the rule's
    # first correction (Euler and Maclaurin), without which F is off by up to 2e-4.
    below = np.cumsum(share, axis=2) - share / 2 - np.gradient(share, axis=2) / 12
    below = np.maximum.accumulate(np.clip(below, 0.0, 1.0), axis=2)
    return tuple(
        EstimatedNorm(
            name=group.name,
            n=int(group.member.sum()),
            gender=group.gender,
            age_band=group.age_band,
            cdf=np.stack([np.interp(KNOTS, nodes, row) for row in cdf]),
        )
        for group, cdf in zip(groups, below, strict=True)
    )


def _span(band: str) -> str:
    return band.replace("-", " to ")
