"""The cells of a confusion matrix as lists of beats."""

import pandas as pd

from ecgcore.compare.confusion import Confusion
from ecgcore.compare.exemplars import BeatRef

Cell = tuple[str, str]  # true class, predicted class


def worst_cell(matrix: Confusion) -> Cell | None:
    """Return the cell that holds most wrong beats, None where all are right."""
    wrong = matrix.counts.copy()
    for row, name in enumerate(matrix.truths):
        if name in matrix.classes:
            wrong[row, matrix.classes.index(name)] = 0
    if not wrong.any():
        return None
    row, column = divmod(int(wrong.argmax()), len(matrix.classes))
    return matrix.truths[row], matrix.classes[column]


def cells(matrix: Confusion) -> dict[Cell, int]:
    """Return the cells that hold beats: wrong ones first, then right ones, each by number."""
    found = {
        (truth, label): int(matrix.counts[row, column])
        for row, truth in enumerate(matrix.truths)
        for column, label in enumerate(matrix.classes)
        if matrix.counts[row, column]
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
