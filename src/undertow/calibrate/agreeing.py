"""The graded model with a tendency to agree beside the two dimensions, for groups whose items are equal.

What it changes for people is left to `agreeing_comparison`, how sure it is to `agreeing_errors`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from undertow.calibrate.groups import GroupParameters
from undertow.calibrate.likelihood import (
    Sides,
    boundary_probabilities,
    category_tables,
    parts_of,
    scaled,
)
from undertow.calibrate.workers import Mapper, one_by_one
from undertow.errors import ShapeError
from undertow.measure.grid import Grid

Array = NDArray[np.float64]

_CHUNK_CELLS = 2**17
"""Rows times nodes at a time, so that a chunk stays near the processor whatever the grid."""
_PART_CHUNKS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Tendency:
    """A group's tendency to agree: normal, in logits of a single boundary; deviation 0 is none."""

    mean: float
    deviation: float

    def __post_init__(self) -> None:
        if not self.deviation >= 0:
            raise ShapeError("a tendency's deviation must not be below 0")

    def weights(self, nodes: Array) -> Array:
        """Its share at every node, sum 1; (M,). One node carries all of it."""
        if nodes.size == 1:
            return np.ones(1)
        if self.deviation == 0:
            raise ShapeError("a tendency that does not vary has a grid of one node")
        form = ((nodes - self.mean) / self.deviation) ** 2
        # The smallest form is taken off first: a far group must not underflow.
        weights: Array = np.exp(-(form - form.min()) / 2)
        weights /= weights.sum()
        return weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgreeingParameters:
    """Items and latent moments as without a tendency, all items equal in all groups, and the tendencies.

    P(X_j >= k | group g) = logistic(a_j theta_d + s_j m + d_jk) after keying, with s_j the keying (+1 or
    -1) and m ~ N(mu_g, sigma_g^2), independent of theta within a group: whoever agrees with anything
    comes out higher on straight items and lower on reversed ones. Source: maydeuolivarescoffman2006.
    """

    shared: GroupParameters
    tendencies: tuple[Tendency, ...]

    @property
    def slope(self) -> Array:
        """Every item's slope; (J,)."""
        slope: Array = self.shared.slope[0]
        return slope

    @property
    def intercepts(self) -> Array:
        """Every item's intercepts; (J, K-1)."""
        intercepts: Array = self.shared.intercepts[0]
        return intercepts

    @property
    def groups(self) -> int:
        return len(self.tendencies)

    @classmethod
    def without(cls, shared: GroupParameters) -> AgreeingParameters:
        """The simple model: nobody has a tendency."""
        none = Tendency(mean=0.0, deviation=0.0)
        return cls(shared=shared, tendencies=(none,) * shared.groups)

    def centred(self, weights: Array, keying: Array) -> AgreeingParameters:
        """The same model with the groups' mean tendency at 0; `weights` (G,) are the groups' shares.

        Only differences between groups are known: moving all means by c and intercepts by -s_j c
        changes no probability.
        """
        mean = float(weights @ [one.mean for one in self.tendencies])
        return AgreeingParameters(
            shared=replace(
                self.shared, intercepts=self.shared.intercepts + (keying * mean)[:, None]
            ),
            tendencies=tuple(replace(one, mean=one.mean - mean) for one in self.tendencies),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgreeingGrid:
    """Nodes of theta (Q,), the same for both dimensions, and of the tendency (M,).

    Joint nodes are in the order of the tendency first: m_0 with every theta, then m_1, and so on.
    """

    theta: Grid
    tendency: Array

    @property
    def size(self) -> int:
        """M * Q."""
        return int(self.tendency.size * self.theta.nodes.size)

    @property
    def theta_at(self) -> Array:
        """Theta at every joint node; (M * Q,)."""
        return np.tile(self.theta.nodes, self.tendency.size)


def agreeing_tables(slope: Array, intercepts: Array, keying: Array, grid: AgreeingGrid) -> Array:
    """P(X_j = k) of every item at every joint node; (J, K, M * Q). Source: samejima1969."""
    return _by_item(
        category_tables(*_moved_items(slope, intercepts, keying, grid), grid.theta.nodes), grid
    )


def boundaries(
    slope: Array, intercepts: Array, keying: Array, grid: AgreeingGrid
) -> tuple[Array, Array]:
    """P(X_j >= k) and P(X_j < k), k = 1..K-1, at every joint node; each (J, K-1, M * Q)."""
    above, below = boundary_probabilities(
        *_moved_items(slope, intercepts, keying, grid), grid.theta.nodes
    )
    return _by_item(above, grid), _by_item(below, grid)


def _by_item(tables: Array, grid: AgreeingGrid) -> Array:
    """(M * J, C, Q), items moved by one tendency after the other, as (J, C, M * Q)."""
    size = grid.tendency.size
    apart = tables.reshape(size, -1, *tables.shape[1:])
    joined: Array = apart.transpose(1, 2, 0, 3).reshape(apart.shape[1], tables.shape[1], grid.size)
    return joined


def _moved_items(
    slope: Array, intercepts: Array, keying: Array, grid: AgreeingGrid
) -> tuple[Array, Array]:
    """The items as each tendency makes them: slope (M * J,), intercepts (M * J, K-1)."""
    moved = intercepts + (grid.tendency[:, None] * keying)[:, :, None]
    return np.tile(slope, grid.tendency.size), moved.reshape(-1, intercepts.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layers:
    """A few rows' likelihoods on the joint grid; all (n, M, Q) but `log_likelihood` (n,).

    `first` and `second` are L1 and L2 given the tendency, each divided by its row's maximum, and L1
    by the marginal likelihood and times the tendency's weight too; then first.T @ second times the
    prior is the expected joint count. `margins` are the joint posteriors of tendency and theta.
    """

    rows: slice
    indicators: tuple[Array, Array]
    first: Array
    second: Array
    margins: tuple[Array, Array]
    log_likelihood: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgreeingTables:
    """What all rows of a group share: log P (J_d * K, M * Q) of each side; make it once by `of`.

    `prior` (Q, Q) is over theta, `weights` (M,) over the tendency.
    """

    log_categories: tuple[Array, Array]
    prior: Array
    weights: Array

    @classmethod
    def of(
        cls,
        sides: Sides,
        tables: Array,
        prior: Array,
        weights: Array,
    ) -> AgreeingTables:
        logs = np.log(tables)
        first, second = (logs[side.items].reshape(-1, tables.shape[2]) for side in sides)
        return cls(log_categories=(first, second), prior=prior, weights=weights)

    def layers(self, sides: Sides, rows: slice) -> Layers:
        """The likelihoods of some rows: given the tendency they factorise as L1(theta1) L2(theta2)."""
        one, two = (side.indicators[rows].astype(np.float64) for side in sides)
        shape = one.shape[0], self.weights.size, self.prior.shape[0]
        first, first_peak = scaled(one @ self.log_categories[0])
        second, second_peak = scaled(two @ self.log_categories[1])
        # As plain matrices: products of stacks of them are slower.
        first, second = first.reshape(-1, shape[2]), second.reshape(-1, shape[2])
        second_margin = first @ self.prior
        second_margin *= second
        likelihood = second_margin.sum(axis=1).reshape(shape[:2]) @ self.weights
        share = (self.weights / likelihood[:, None]).reshape(-1, 1)
        first *= share
        second_margin *= share
        first_margin = second @ self.prior.T
        first_margin *= first
        return Layers(
            rows=rows,
            indicators=(one, two),
            first=first.reshape(shape),
            second=second.reshape(shape),
            margins=(first_margin.reshape(shape), second_margin.reshape(shape)),
            log_likelihood=np.log(likelihood) + first_peak + second_peak,
        )

    def chunks(self, sides: Sides, rows: slice) -> Iterator[Layers]:
        """The likelihoods of many rows, a chunk at a time."""
        for own in parts_of(rows.stop - rows.start, self._chunk_rows):
            yield self.layers(sides, slice(rows.start + own.start, rows.start + own.stop))

    def parts(self, sides: Sides) -> list[slice]:
        """What one worker does before it hands over; fixed, so that workers change nothing."""
        return parts_of(sides[0].rows, _PART_CHUNKS * self._chunk_rows)

    @property
    def _chunk_rows(self) -> int:
        return max(64, _CHUNK_CELLS // int(self.weights.size * self.prior.shape[0]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgreeingExpectation:
    """An E-step's sums: `counts` (J, K, M * Q), `joint` (Q, Q) of theta, `tendency` (M,)."""

    counts: Array
    joint: Array
    tendency: Array
    log_likelihood: float


def expect_agreeing(
    sides: Sides,
    parameters: AgreeingParameters,
    group: int,
    keying: Array,
    grid: AgreeingGrid,
    *,
    tables: Array | None = None,
    counted: bool = True,
    mapper: Mapper = one_by_one,
) -> AgreeingExpectation:
    """One E-step over one group's rows; `keying` is (J,) of +1 and -1.

    `tables` are those of `agreeing_tables`, where they are at hand; without `counted` all counts stay
    0, which is quicker where only the log-likelihood is asked for. Source: bockaitkin1981.
    """
    if tables is None:
        tables = agreeing_tables(parameters.slope, parameters.intercepts, keying, grid)
    shared = AgreeingTables.of(
        sides,
        tables,
        parameters.shared.latents[group].prior(grid.theta.nodes),
        parameters.tendencies[group].weights(grid.tendency),
    )
    nodes, tendencies = grid.theta.nodes.size, grid.tendency.size

    def part(rows: slice) -> tuple[list[Array], Array, Array, float]:
        sums = [np.zeros((side.indicators.shape[1], grid.size)) for side in sides]
        joint, tendency, total = np.zeros((nodes, nodes)), np.zeros(tendencies), 0.0
        for own in shared.chunks(sides, rows):
            total += float(own.log_likelihood.sum())
            if not counted:
                continue
            for side_sum, answers, margin in zip(sums, own.indicators, own.margins, strict=True):
                np.add(side_sum, answers.T @ margin.reshape(-1, grid.size), out=side_sum)
            joint += own.first.reshape(-1, nodes).T @ own.second.reshape(-1, nodes)
            tendency += own.margins[1].sum(axis=(0, 2))
        return sums, joint, tendency, total

    counts = np.zeros(tables.shape)
    joint, tendency, total = np.zeros((nodes, nodes)), np.zeros(tendencies), 0.0
    for sums, own_joint, own_tendency, own_total in mapper(part, shared.parts(sides)):
        for side, own in zip(sides, sums, strict=True):
            counts[side.items] += own.reshape(side.items.size, tables.shape[1], grid.size)
        joint += own_joint
        tendency += own_tendency
        total += own_total
    joint *= shared.prior
    return AgreeingExpectation(counts=counts, joint=joint, tendency=tendency, log_likelihood=total)
