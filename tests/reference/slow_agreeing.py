"""The model with a tendency to agree written straight from its definition: every node of all three axes.

Nothing of the code under test is used here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MISSING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowModel:
    """Items and one group's moments; m is normal with `tendency` (mean, deviation)."""

    slope: Array
    intercepts: Array
    keying: Array
    dimension_of: NDArray[np.intp]
    means: Array
    deviations: Array
    correlation: float
    tendency: tuple[float, float]

    def chances(self, item: int, category: int, theta: Array, m: Array) -> Array:
        """P(X = category) as a difference of two boundaries."""
        at = self.slope[item] * theta + self.keying[item] * m

        def at_least(k: int) -> Array:
            if k == 0:
                return np.ones_like(at)
            if k > self.intercepts.shape[1]:
                return np.zeros_like(at)
            return np.asarray(1 / (1 + np.exp(-(at + self.intercepts[item, k - 1]))))

        return at_least(category) - at_least(category + 1)

    def weights(self, theta: Array, tendency: Array) -> Array:
        """The density over theta 1, theta 2 and m, made to sum to 1 over each prior; (Q, Q, M)."""
        x = ((theta - self.means[0]) / self.deviations[0])[:, None]
        y = ((theta - self.means[1]) / self.deviations[1])[None, :]
        r = self.correlation
        plane = np.exp(-(x * x - 2 * r * x * y + y * y) / (2 * (1 - r * r)))
        line = np.exp(-(((tendency - self.tendency[0]) / self.tendency[1]) ** 2) / 2)
        return np.asarray((plane / plane.sum())[:, :, None] * (line / line.sum()))

    def joint(self, person: NDArray[np.int8], theta: Array, tendency: Array) -> Array:
        """Prior times likelihood at every triple of nodes; (Q, Q, M)."""
        axes = np.meshgrid(theta, theta, tendency, indexing="ij")
        product = self.weights(theta, tendency)
        for item, answer in enumerate(person):
            if answer != MISSING:
                place = axes[self.dimension_of[item]]
                product = product * self.chances(item, int(answer), place, axes[2])
        return product

    def log_marginal(self, person: NDArray[np.int8], theta: Array, tendency: Array) -> float:
        return float(np.log(self.joint(person, theta, tendency).sum()))

    def log_likelihood(self, people: NDArray[np.int8], theta: Array, tendency: Array) -> float:
        """Of complete rows: each different pattern once, times how many have it."""
        patterns, times = np.unique(people, axis=0, return_counts=True)
        axes = np.meshgrid(theta, theta, tendency, indexing="ij")
        weights = self.weights(theta, tendency)
        tables = [
            [
                self.chances(item, category, axes[self.dimension_of[item]], axes[2])
                for category in range(self.intercepts.shape[1] + 1)
            ]
            for item in range(self.slope.size)
        ]
        total = 0.0
        for person, count in zip(patterns, times, strict=True):
            product = weights
            for table, answer in zip(tables, person, strict=True):
                product = product * table[answer]
            total += float(count * np.log(product.sum()))
        return total

    def at(self, vector: Array) -> SlowModel:
        """Items by item, slope first, then means, deviations, correlation, the tendency's two."""
        items = self.slope.size * (1 + self.intercepts.shape[1])
        own = vector[:items].reshape(self.slope.size, -1)
        rest = vector[items:]
        return replace(
            self,
            slope=own[:, 0],
            intercepts=own[:, 1:],
            means=rest[:2],
            deviations=rest[2:4],
            correlation=float(rest[4]),
            tendency=(float(rest[5]), float(rest[6])),
        )

    def vector(self) -> Array:
        items = np.concatenate([self.slope[:, None], self.intercepts], axis=1).ravel()
        return np.concatenate(
            [items, self.means, self.deviations, [self.correlation], self.tendency]
        )
