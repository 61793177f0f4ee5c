"""A table of the report as Markdown; what stands in it is left to `report`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells under their columns. Raises ValueError for a row of another length."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"a row of {len(row)} cells under {len(columns)} columns")
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)
