"""Annotations made by hand."""

import numpy as np

from ecgcore.aami import aami_classes
from ecgcore.layers.marks import Change, Mark
from ecgcore.schema import Annotations


def annotations(*marks: tuple[int, str] | tuple[int, str, str]) -> Annotations:
    """Return annotations of (sample, symbol[, note]); V beats have subtype 2."""
    symbol = np.array([mark[1] for mark in marks], dtype=np.str_)
    return Annotations(
        sample=np.array([mark[0] for mark in marks], dtype=np.int64),
        symbol=symbol,
        aami=aami_classes(symbol),
        aux=tuple(mark[2] if len(mark) > 2 else "" for mark in marks),
        fields=np.array([(2 * (mark[1] == "V"), 0, 0) for mark in marks], np.int64).reshape(-1, 3),
    )


def said(found: Annotations) -> list[tuple[int, str, str, str, tuple[int, ...]]]:
    """Return all that annotations say, to compare."""
    fields = np.zeros((found.sample.size, 3), np.int64) if found.fields is None else found.fields
    rows = zip(
        found.sample.tolist(),
        found.symbol.tolist(),
        found.aami.tolist(),
        found.aux,
        fields.tolist(),
        strict=True,
    )
    return [(*row[:-1], tuple(row[-1])) for row in rows]


def add(sample: int, symbol: str = "N") -> Change:
    return Change(before=None, after=Mark(sample=sample, symbol=symbol))


BASE = annotations(
    (0, "+", "(N"), (100, "N"), (180, "~"), (180, "V", "odd"), (260, "N"), (340, "["), (420, "]")
)
