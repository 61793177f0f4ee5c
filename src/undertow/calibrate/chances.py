"""Tails of chi-square and normal distributions, from scipy; it loads when the first one is asked for.

A fit alone needs none of them, so it starts at once, and works where scipy is not installed.
"""

from __future__ import annotations

from typing import Any

from undertow.errors import InputError


def check_chances(what: str, *, otherwise: str = "") -> None:
    """Raises InputError where scipy is missing: to be asked before the work and not after it.

    `what` needs it; `otherwise` is a sentence on what can be done without.
    """
    try:
        _special()
    except ImportError:
        raise InputError(
            f"{what} needs a package that is not installed here: scripts/setup calibrate, or "
            f"pip install 'undertow[calibrate]'.{otherwise and f' {otherwise}'}"
        ) from None


def chi_square_above(statistic: float, df: int) -> float:
    """P(chi-square on `df` degrees of freedom > statistic)."""
    return float(_special().chdtrc(df, statistic))


def chi_square_below(statistic: float, df: int, noncentrality: float = 0.0) -> float:
    """P(noncentral chi-square < statistic)."""
    if noncentrality == 0:
        return float(_special().chdtr(df, statistic))
    return float(_special().chndtr(statistic, df, noncentrality))


def normal_below(z: float) -> float:
    """P(standard normal < z)."""
    return float(_special().ndtr(z))


def _special() -> Any:
    from scipy import special  # noqa: PLC0415

    return special
