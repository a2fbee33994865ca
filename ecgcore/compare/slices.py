"""Groups of errors, ranked by what they cost: where to look first.

A slice is all wrong beats of one recording, one true and one predicted class (and one pattern of
clusters, where they are told apart by it). What it costs is the macro F1 that the set would have,
were just these beats right, less the one it has: rare classes weigh as much as common ones, so ten
lost F beats may cost more than a thousand lost N beats. Costs of several slices do not add up.

Macro F1 as in ``training.metrics``: over N, S, V and F where the checkpoint knows them, else over
all classes that occur.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ecgcore.compare.confusion import Confusion
from ecgcore.compare.filters import BeatFilter
from ecgcore.schema import DoubleArray, IntArray
from ecgcore.training.metrics import FOUR

BY: Final = ("record", "true", "predicted")


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A group of errors."""

    record: str
    true: str
    predicted: str
    pattern: str  # "" where beats are not told apart by it
    support: int  # beats
    cost: float  # macro F1 if they were right, less the present one
    confidence: float  # mean probability of the wrong class

    @property
    def wanted(self) -> BeatFilter:
        """The filter that lists its beats."""
        return BeatFilter(
            true=(self.true,),
            predicted=(self.predicted,),
            record=(self.record,),
            pattern=(self.pattern,) if self.pattern else (),
        )


def error_slices(
    matrix: Confusion, table: pd.DataFrame, *, by_pattern: bool = False
) -> tuple[Slice, ...]:
    """Return the slices of the errors in ``table``, the dearest first.

    ``matrix`` and ``table`` are of the same set; beats without usable signal count in the matrix
    and so in F1, but in no slice. With ``by_pattern`` the table needs its column ``pattern``.
    """
    counts, names = square(matrix)
    judged = _headline(names)
    now = macro_f1(counts, judged)
    wrong = table[(table["true"] != "") & (table["true"] != table["predicted"])]
    found = []
    columns = [*BY, "pattern"] if by_pattern else list(BY)
    for key, rows in wrong.groupby(columns, sort=False, observed=True):
        record, true, predicted, *pattern = map(str, key)
        mended = counts.copy()
        row, column = names.index(true), names.index(predicted)
        mended[row, column] -= len(rows)
        mended[row, row] += len(rows)
        found.append(
            Slice(
                record=record,
                true=true,
                predicted=predicted,
                pattern=pattern[0] if pattern else "",
                support=len(rows),
                cost=macro_f1(mended, judged) - now,
                confidence=float(rows["confidence"].mean()),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.cost, -one.support, one.record)))


def square(matrix: Confusion) -> tuple[IntArray, tuple[str, ...]]:
    """Return the counts with a column for every true class too (n, n), and the n classes."""
    counts = np.zeros((len(matrix.truths), len(matrix.truths)), dtype=np.int64)
    counts[:, : len(matrix.classes)] = matrix.counts
    return counts, matrix.truths


def set_macro_f1(matrix: Confusion) -> float:
    """Return the macro F1 of a set as it is; NaN without beats."""
    counts, names = square(matrix)
    return macro_f1(counts, _headline(names))


def macro_f1(counts: IntArray, judged: IntArray) -> float:
    """Return the mean F1 of the ``judged`` classes (indices) that occur; NaN without any."""
    hits = counts.diagonal()[judged].astype(np.float64)
    there: DoubleArray = (counts.sum(axis=0) + counts.sum(axis=1))[judged].astype(np.float64)
    occurs = there > 0
    return float((2 * hits[occurs] / there[occurs]).mean()) if occurs.any() else float("nan")


def _headline(names: tuple[str, ...]) -> IntArray:
    judged = FOUR if set(FOUR) <= set(names) else names
    return np.array([names.index(name) for name in judged], dtype=np.int64)
