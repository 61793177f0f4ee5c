"""The covariance behind an information matrix, where there is one; naming what is not told is left to callers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from undertow.errors import NotReady

Array = NDArray[np.float64]

SMALLEST_SHARE = 1e-10
"""A parameter of which the others leave less than this share of its information has none of its own."""


def inverted(information: Array, too_little: Callable[[int], NotReady]) -> Array:
    """The inverse (P, P) of an information matrix.

    Raises what `too_little` makes of a parameter's place where there is none: of one without
    information, or of the one that the flattest direction rests on most.
    """
    size = np.sqrt(np.maximum(np.diag(information), 0.0))
    unsaid = np.flatnonzero(~(size > 0))
    if unsaid.size:
        raise too_little(int(unsaid[0]))
    scaled = information / np.outer(size, size)
    try:
        # A pivot's square is the share that the parameters before it do not take.
        told = np.diag(np.linalg.cholesky(scaled)).min() ** 2 >= SMALLEST_SHARE
    except np.linalg.LinAlgError:
        # Not even positive: there is a direction without information, found below.
        told = False
    if not told:
        raise too_little(int(np.abs(np.linalg.eigh(scaled)[1][:, 0]).argmax()))
    covariance: Array = np.linalg.inv(scaled) / np.outer(size, size)
    return covariance
