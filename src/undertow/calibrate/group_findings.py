"""All that is asked of one grouping of a sample: men and women, ages, countries; telling it is left to the card.

Each block of dimensions is compared on its own, so an instrument of any number of dimensions works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from undertow.calibrate.anchors import PURIFIED, parse_anchors
from undertow.calibrate.blocks import Block
from undertow.calibrate.by_group import ByGroup, fit_by_group
from undertow.calibrate.comparison import Comparison, compare
from undertow.calibrate.dif import ItemDif, adjusted, item_tests
from undertow.calibrate.dif_table import Row, natural, rows_of
from undertow.calibrate.fairness import Fairness, fairness
from undertow.calibrate.group_information import score_sums
from undertow.calibrate.groupings import Grouping
from undertow.calibrate.groups import sides_of_groups
from undertow.calibrate.likelihood import Sides, dimensions_of
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import NotReady


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlockGroups:
    """One block's groups compared. `sides` are the groups' rows, `dimensions` the block's by name.

    `fairness` and `by_group` are None where they were not asked for or cannot be told; `unsaid` then
    says why.
    """

    dimensions: tuple[str, ...]
    sides: tuple[Sides, ...]
    comparison: Comparison
    difs: tuple[ItemDif, ...]
    fairness: Fairness | None
    by_group: ByGroup | None
    unsaid: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupFindings:
    """A grouping and what its blocks say."""

    grouping: Grouping
    blocks: tuple[BlockGroups, ...]

    @property
    def rows(self) -> list[Row]:
        """An item a row, of all blocks, in the natural order of names; groups in words for programs."""
        found = [
            row
            for own in self.blocks
            for row in rows_of(
                own.comparison, own.difs, own.sides, own.dimensions, self.grouping.words
            )
        ]
        return sorted(found, key=lambda row: natural(str(row["item"])))

    @property
    def unsaid(self) -> tuple[str, ...]:
        return tuple(words for own in self.blocks for words in own.unsaid)


def findings_by(
    grouping: Grouping,
    blocks: Sequence[Block],
    *,
    names: Sequence[str],
    dimensions: Sequence[str],
    anchors: str = PURIFIED,
    with_fairness: bool = False,
    with_parameters: bool = False,
    mapper: Mapper = one_by_one,
) -> GroupFindings:
    """Compares a grouping's groups in every block.

    `names` and `dimensions` are those of all items and dimensions. `anchors` is a rule's name or
    items with commas between. Fairness and parameters by group are of two groups.
    Raises what `parse_anchors` and `compare` raise.
    """
    dimension_of = np.empty(len(names), dtype=np.intp)
    for block in blocks:
        dimension_of[block.items] = np.array(block.dimensions)[dimensions_of(block.sides)]
    rule = parse_anchors(anchors, grouping.labels, names, dimension_of, words=grouping.words)
    found = []
    for block in blocks:
        own_names = [names[item] for item in block.items]
        sides = sides_of_groups(block.sides, grouping.members)
        chosen = rule if isinstance(rule, str) else replace(rule, items=rule.items[block.items])
        comparison = compare(sides, grouping.labels, own_names, chosen=chosen, mapper=mapper)
        sums = score_sums(sides, comparison.chosen.fit.parameters, mapper=mapper)
        found.append((sides, comparison, sums))
    tests = [
        item_tests(comparison, sides, sums=sums, mapper=mapper) for sides, comparison, sums in found
    ]
    # Once, over all items that the grouping is asked about, whatever was fitted together.
    together = iter(adjusted([one for of_block in tests for one in of_block]))
    told = []
    for block, (sides, comparison, sums), of_block in zip(blocks, found, tests, strict=True):
        own_dimensions = tuple(dimensions[at] for at in block.dimensions)
        difs = tuple(islice(together, len(of_block)))
        fair, unsaid = None, []
        if with_fairness:
            try:
                fair = fairness(comparison, sides, own_dimensions, sums=sums, mapper=mapper)
            except NotReady as error:
                about = f"On {' and '.join(own_dimensions)}: " if len(blocks) > 1 else ""
                unsaid.append(f"{about}{error}")
        told.append(
            BlockGroups(
                dimensions=own_dimensions,
                sides=tuple(sides),
                comparison=comparison,
                difs=difs,
                fairness=fair,
                by_group=fit_by_group(comparison, difs, sides, mapper=mapper)
                if with_parameters
                else None,
                unsaid=tuple(unsaid),
            )
        )
    return GroupFindings(grouping=grouping, blocks=tuple(told))
