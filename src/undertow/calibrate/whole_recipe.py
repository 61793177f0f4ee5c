"""Everything that follows the fit, in its order: errors, fit, groups, agreeing, drift, cleaning.

How each is told is left to `bank_content` and the card.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from undertow.bank.drift import WordingDrift
from undertow.calibrate.agreeing_comparison import AgreeingComparison, compare_with_agreeing
from undertow.calibrate.blocks import Block, BlocksFit, alone, tally_blocks
from undertow.calibrate.cleaning_effect import CleaningEffect, cleaning_effect
from undertow.calibrate.correlations import correlation_errors
from undertow.calibrate.findings import Findings, findings_of
from undertow.calibrate.group_findings import GroupFindings, findings_by
from undertow.calibrate.groupings import ends_of, groupings_of
from undertow.calibrate.likelihood import working_grid
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.sample import Sample
from undertow.calibrate.tallies import Tally
from undertow.calibrate.wording_drift import (
    ThresholdDifferences,
    estimate_drift,
    figures_of,
    joined_differences,
    joined_figures,
    threshold_differences,
)
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ConvergenceError, NotReady, ShapeError

Array = NDArray[np.float64]

STAGES = (
    "norms",
    "standard errors and fit",
    "comparing groups",
    "saying yes to anything",
    "drift of wording",
    "what cleaning changes",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeRecipe:
    """What the whole recipe found. `norms` holds the sums that norms are made of.

    `findings` are those of each block, `agreeing` by the block's place, `groups` by grouping;
    `correlation_errors` (D, D) are those between blocks, whose correlations come after the fits. None,
    or left out, where something cannot be told; `unsaid` then says what and why.
    """

    norms: Tally
    findings: tuple[Findings, ...]
    correlation_errors: Array | None
    groups: tuple[GroupFindings, ...]
    agreeing: Mapping[int, AgreeingComparison]
    drift: WordingDrift | None
    cleaning: CleaningEffect | None
    unsaid: tuple[str, ...]

    @property
    def all_unsaid(self) -> tuple[str, ...]:
        """What could not be told here or in any of the findings, in words."""
        return (*self.unsaid, *(words for own in self.findings for words in own.unsaid))

    def grouping(self, name: str) -> GroupFindings | None:
        """The findings by "gender", "age" or "country", None where these were not compared."""
        return next((own for own in self.groups if own.grouping.name == name), None)


def whole_recipe(
    recipe: Recipe,
    sample: Sample,
    uncleaned: Sample,
    *,
    blocks: Sequence[Block],
    fit: BlocksFit,
    members: NDArray[np.bool_],
    following: Callable[[], None],
    mapper: Mapper = one_by_one,
) -> WholeRecipe:
    """All that follows a settled fit of `blocks`, the sample's.

    `uncleaned` is the sample with doubtful rows left in, `members` (G, N) are the norms' groups.
    `following` is called as each of STAGES begins. What the sample is too small for is left out and
    told; a comparison whose fit does not settle is told as well and costs nothing else.
    """
    work = _Work(recipe=recipe, sample=sample, blocks=blocks, mapper=mapper)
    following()
    norms = tally_blocks(blocks, fit, members, mapper=mapper)
    following()
    findings = work.findings(fit)
    sure = work.correlation_errors(fit)
    following()
    groups = work.groups()
    gender = next((own for own in groups if own.grouping.name == "gender"), None)
    following()
    agreeing = work.agreeing(gender)
    following()
    drift = work.drift(findings, gender)
    following()
    return WholeRecipe(
        norms=norms,
        findings=findings,
        correlation_errors=sure,
        groups=groups,
        agreeing=agreeing,
        drift=drift,
        cleaning=work.cleaning(uncleaned, fit),
        unsaid=tuple(work.unsaid),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Work:
    """What every stage needs; `unsaid` collects what could not be told, in words."""

    recipe: Recipe
    sample: Sample
    blocks: Sequence[Block]
    mapper: Mapper
    unsaid: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [item.column for item in self.recipe.items]

    def about(self, block: Block) -> str:
        """What stands before a sentence of one block, where there are several to tell apart."""
        if len(self.blocks) == 1:
            return ""
        return f"On {' and '.join(self.recipe.dimensions[at] for at in block.dimensions)}: "

    def names_of(self, block: Block) -> list[str]:
        return [self.recipe.items[item].column for item in block.items]

    def findings(self, fit: BlocksFit) -> tuple[Findings, ...]:
        return tuple(
            findings_of(
                block,
                own.parameters,
                names=self.names_of(block),
                about=self.about(block),
                mapper=self.mapper,
            )
            for block, own in zip(self.blocks, fit.fits, strict=True)
        )

    def correlation_errors(self, fit: BlocksFit) -> Array | None:
        if len(self.blocks) == 1:
            return None
        try:
            return correlation_errors(
                alone(self.blocks, fit.fits),
                fit.correlations,
                working_grid(),
                names=[self.names_of(block) for block in self.blocks],
                mapper=self.mapper,
            )
        except NotReady as error:
            self.unsaid.append(f"How sure the correlations are is not told. {error}")
            return None

    def groups(self) -> tuple[GroupFindings, ...]:
        groupings = groupings_of(self.sample, self.recipe)
        self.unsaid.extend(groupings.left_out)
        found = []
        # Bias and gap are of two groups, so the ends of a longer row are compared as well.
        ends = [one for one in map(ends_of, groupings.kept) if one is not None]
        for grouping in (*groupings.kept, *ends):
            try:
                own = findings_by(
                    grouping,
                    self.blocks,
                    names=self.names,
                    dimensions=self.recipe.dimensions,
                    with_fairness=len(grouping.words) == 2,
                    # What a person is asked of these is gender; only by that may they be scored.
                    with_parameters=grouping.name == "gender",
                    mapper=self.mapper,
                )
            except NotReady as error:
                self.unsaid.append(f"Not compared by {grouping.name}: {error}")
            except ConvergenceError:
                self.unsaid.append(
                    f"Not compared by {grouping.name}: a fit of its groups did not settle."
                )
            else:
                found.append(own)
                self.unsaid.extend(own.unsaid)
        return tuple(found)

    def agreeing(self, gender: GroupFindings | None) -> Mapping[int, AgreeingComparison]:
        if gender is None:
            return {}
        keying = np.array([item.keying for item in self.recipe.items])
        found = {}
        for at, (block, own) in enumerate(zip(self.blocks, gender.blocks, strict=True)):
            try:
                found[at] = compare_with_agreeing(
                    own.sides,
                    gender.grouping.names,
                    own.comparison.items,
                    keying[block.items],
                    dimension_names=own.dimensions,
                    # With all items as anchors, which is the simple model of the comparison.
                    start=own.comparison.rules[0].fit.parameters,
                    mapper=self.mapper,
                )
            except (NotReady, ConvergenceError) as error:
                self.unsaid.append(f"{self.about(block)}{error}")
        return found

    def drift(
        self, findings: Sequence[Findings], gender: GroupFindings | None
    ) -> WordingDrift | None:
        """The drift between the recipe's families, pooled over the blocks; each stands in one."""
        if not self.recipe.families:
            return None
        at = [number for number, block in enumerate(self.blocks) if self._families_in(block)]
        places = [self.blocks[number].items for number in at]
        figures = []
        for number in at:
            errors = findings[number].errors
            if errors is None:
                self.unsaid.append("The drift of wording is not told, for want of standard errors.")
                return None
            figures.append(figures_of(findings[number].parameters, errors))
        apart = None if gender is None else self._apart(at, findings, gender)
        return estimate_drift(
            self.names,
            self.recipe.families,
            joined_figures(len(self.names), places, figures),
            gender=None if apart is None else joined_differences(len(self.names), places, apart),
        )

    def _families_in(self, block: Block) -> list[tuple[str, ...]]:
        names = set(self.names_of(block))
        return [family for family in self.recipe.families if names.issuperset(family)]

    def _apart(
        self, at: Sequence[int], findings: Sequence[Findings], gender: GroupFindings
    ) -> list[ThresholdDifferences] | None:
        """How far men's and women's thresholds differ, of the items of families, block by block."""
        try:
            return [
                threshold_differences(
                    gender.blocks[number].sides,
                    self.names_of(self.blocks[number]),
                    self._families_in(self.blocks[number]),
                    findings[number].parameters,
                    mapper=self.mapper,
                )
                for number in at
            ]
        except (NotReady, ConvergenceError, ShapeError) as error:
            self.unsaid.append(
                f"The drift of differences between men and women is not told. {error}"
            )
            return None

    def cleaning(self, uncleaned: Sample, fit: BlocksFit) -> CleaningEffect | None:
        if uncleaned.rows == self.sample.rows:
            return None
        try:
            return cleaning_effect(
                uncleaned, fit, self.recipe, names=self.names, mapper=self.mapper
            )
        except ConvergenceError:
            self.unsaid.append("With the doubtful rows left in, the fit did not settle.")
            return None
