"""Named comparison groups and their curves; sums over people are left to `tallies`, reading to `bank.norms`.

A person's plausible values are draws from their posterior, given the group. The mean of all
posteriors of a group is what endlessly many draws would give, so a share is a mean over people of each
one's posterior probability to lie below a place, and its standard error comes from how much people
differ in what they contribute to it. Source: mislevy1991.
"""

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
    """A group's F(theta) at the knots with its standard error; both (D, T).

    The standard error is that of drawing other people of the same kind. The parameters count as
    known: what they add is left out. `standard_error` is None where the squares were not tallied.
    """

    name: str
    n: int
    gender: str | None
    age_band: str | None
    cdf: Array
    standard_error: Array | None = None

    def place(self, share: float) -> tuple[float, ...]:
        """The theta below which `share` of the group lies, on each dimension."""
        return tuple(float(np.interp(share, row, KNOTS)) for row in self.cdf)

    def place_error(self, share: float) -> tuple[float, ...] | None:
        """The standard error of `place`: that of the share there, over the curve's steepness."""
        if self.standard_error is None:
            return None
        return tuple(
            float(np.interp(place, KNOTS, error) / np.interp(place, KNOTS, np.gradient(row, KNOTS)))
            for place, row, error in zip(
                self.place(share), self.cdf, self.standard_error, strict=True
            )
        )


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


def norms_from(
    groups: tuple[Group, ...], mass: Array, squares: Array | None = None
) -> tuple[EstimatedNorm, ...]:
    """F(theta) of each group from its members' summed posteriors (G, D, Q), as `tally_by_group` gives them.

    That is what plausible values estimate with noise; point scores would be too narrow. With
    `squares` (G, D, T) each share has its standard error, sqrt(variance over people / n).
    Source: mislevy1991.
    """
    made = []
    for number, group in enumerate(groups):
        n = int(group.member.sum())
        share = mass[number] / mass[number].sum(axis=1, keepdims=True)
        raw = below_knots(share)
        cdf = np.maximum.accumulate(np.clip(raw, 0.0, 1.0), axis=1)
        error = None
        if squares is not None:
            # One person alone says nothing of how people differ; then the most they could.
            spread = squares[number] / n - raw**2 if n > 1 else cdf * (1 - cdf)
            error = np.sqrt(np.maximum(spread, 0.0) / max(n - 1, 1))
        made.append(
            EstimatedNorm(
                name=group.name,
                n=n,
                gender=group.gender,
                age_band=group.age_band,
                cdf=cdf,
                standard_error=error,
            )
        )
    return tuple(made)


def below_knots(weights: Array) -> Array:
    """The weight below each knot, (n, T), from weights on the reporting grid, (n, Q).

    Linear in the weights, so a group's share is the mean of its members' shares to the last digit.
    """
    # The trapezoid rule up to a node takes half of the node's own mass; the last term is the rule's
    # first correction (Euler and Maclaurin), without which F is off by up to 2e-4.
    below = np.cumsum(weights, axis=1) - weights / 2 - np.gradient(weights, axis=1) / 12
    nodes = reporting_grid().nodes
    return np.stack([np.interp(KNOTS, nodes, row) for row in below])


def _span(band: str) -> str:
    return band.replace("-", " to ")
