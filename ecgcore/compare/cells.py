"""The cells of a confusion matrix as lists of beats."""

import pandas as pd

from ecgcore.compare.confusion import Confusion
from ecgcore.compare.exemplars import BeatRef

Cell = tuple[str, str]  # true class, predicted class


def cells(matrix: Confusion, table: pd.DataFrame) -> dict[Cell, int]:
    """Return the cells with beats in ``table``: wrong ones first, then right ones, each by number.

    The number is the matrix's, which counts beats without usable signal too; a cell of nothing
    else has no beat to look at and is left out.
    """
    listed = set(zip(table["true"], table["predicted"], strict=True))
    found = {
        (truth, label): int(matrix.counts[row, column])
        for row, truth in enumerate(matrix.truths)
        for column, label in enumerate(matrix.classes)
        if (truth, label) in listed
    }
    return dict(sorted(found.items(), key=lambda item: (item[0][0] == item[0][1], -item[1])))


def beats_in(table: pd.DataFrame, cell: Cell) -> pd.DataFrame:
    """Return the rows of ``beat_table`` in a cell, the most confident first."""
    rows = table[(table["true"] == cell[0]) & (table["predicted"] == cell[1])]
    return rows.sort_values("confidence", ascending=False, kind="stable", ignore_index=True)


def cell_of(table: pd.DataFrame, ref: BeatRef) -> Cell | None:
    """Return the cell that a beat stands in, None where it is not in the table or has no truth."""
    rows = table[(table["record"] == ref.record) & (table["beat"] == ref.beat)]
    if rows.empty or not rows.iloc[0]["true"]:
        return None
    return str(rows.iloc[0]["true"]), str(rows.iloc[0]["predicted"])
