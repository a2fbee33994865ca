"""Which beats of a set are listed: a filter that is a line of text in an address.

``true:S;pred:N;rec:232,222;conf:0.9-1;noise:-0.05`` lists beats of S taken for N, of two
recordings, confidently so, with little noise. Values are escaped as in a URL, so names of records
and people may hold anything.
"""

import math
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd

# What can be listed by its value: name in the text -> column of ``beat_table``.
CHOICES: Final = {"true": "true", "pred": "predicted", "rec": "record", "pat": "pattern"}
RANGES: Final = {
    "conf": "confidence",
    "pre": "pre_rr",
    "post": "post_rr",
    "noise": "noise",
    "unc": "uncertainty",
}
WRONG: Final = "wrong"
ANY: Final = "any"  # a line that asks for nothing: every beat


@dataclass(frozen=True, kw_only=True)
class BeatFilter:
    """What a listed beat must be; empty fields ask for nothing."""

    true: tuple[str, ...] = ()
    predicted: tuple[str, ...] = ()
    record: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()  # of clusters, see ``measures``
    ranges: tuple[tuple[str, float, float], ...] = ()  # (column, low, high), both included
    wrong: bool = False  # only beats whose predicted class is not the true one

    def range_of(self, column: str) -> tuple[float, float]:
        """Return what is asked of a column; without bounds where nothing is."""
        found = [(low, high) for name, low, high in self.ranges if name == column]
        return found[0] if found else (-math.inf, math.inf)

    def with_range(self, column: str, low: float, high: float) -> "BeatFilter":
        """Return the filter with other bounds for a column; infinite ones ask for nothing."""
        rest = tuple(part for part in self.ranges if part[0] != column)
        asked = ((column, low, high),) if math.isfinite(low) or math.isfinite(high) else ()
        return replace(self, ranges=rest + asked)

    def with_choice(self, column: str, values: tuple[str, ...]) -> "BeatFilter":
        """Return the filter with other values for one of the columns of ``CHOICES``."""
        return replace(self, **{column: values})  # type: ignore[arg-type]  # a column of names

    @property
    def cell(self) -> tuple[str, str] | None:
        """The one cell of the matrix that the filter asks for, where it is one."""
        one = len(self.true) == len(self.predicted) == 1
        return (self.true[0], self.predicted[0]) if one else None

    @property
    def beyond_cell(self) -> bool:
        """Whether more is asked than a true and a predicted class."""
        return self != BeatFilter(true=self.true, predicted=self.predicted)


def of_cell(cell: tuple[str, str]) -> BeatFilter:
    """Return the filter that lists one cell of the confusion matrix."""
    return BeatFilter(true=(cell[0],), predicted=(cell[1],))


def apply_filter(table: pd.DataFrame, wanted: BeatFilter) -> pd.DataFrame:
    """Return the rows of ``beat_table`` that pass, in their order, with their index.

    Beats whose true class is unknown never pass: there is nothing to compare. A range over a
    column that the table lacks passes nothing; a beat without a value passes no range over it.
    """
    keep = np.array(table["true"] != "", dtype=np.bool_)
    for column in CHOICES.values():
        asked = getattr(wanted, column)
        if asked:
            there = column in table
            keep &= table[column].isin(asked).to_numpy() if there else np.zeros(len(table), bool)
    for column, low, high in wanted.ranges:
        value = table[column].to_numpy() if column in table else np.full(len(table), np.nan)
        keep &= (value >= low) & (value <= high)
    if wanted.wrong:
        keep &= (table["true"] != table["predicted"]).to_numpy()
    return table[keep]


def to_text(wanted: BeatFilter) -> str:
    """Return the filter as a line of text; "" where nothing is asked."""
    parts = [
        f"{name}:{','.join(quote(value, safe='') for value in getattr(wanted, column))}"
        for name, column in CHOICES.items()
        if getattr(wanted, column)
    ]
    short = {column: name for name, column in RANGES.items()}
    parts += [
        f"{short[column]}:{_number(low)}-{_number(high)}" for column, low, high in wanted.ranges
    ]
    return ";".join([*parts, *([WRONG] if wanted.wrong else [])])


def from_text(text: str) -> BeatFilter:
    """Return the filter that a line of text says; what it says wrongly is asked of nobody."""
    found = BeatFilter()
    for part in text.split(";"):
        found = _with_part(found, part) or found
    return found


def misread(text: str) -> tuple[str, ...]:
    """Return the parts of a line that say nothing that a filter knows."""
    parts = text.split(";")
    return tuple(one for one in parts if one not in ("", ANY) and not _with_part(BeatFilter(), one))


def _with_part(found: BeatFilter, part: str) -> BeatFilter | None:
    """Return the filter with what one part of a line asks; None where it asks for nothing known."""
    name, _, value = part.partition(":")
    if name == WRONG and not value:
        return replace(found, wrong=True)
    if name in CHOICES and value:
        values = tuple(unquote(piece) for piece in value.split(",") if piece)
        return found.with_choice(CHOICES[name], values)
    if name in RANGES:
        low, _, high = value.partition("-")
        try:
            bounds = float(low or -math.inf), float(high or math.inf)
        except ValueError:
            return None
        if bounds[0] <= bounds[1]:
            return found.with_range(RANGES[name], *bounds)
    return None


def _number(value: float) -> str:
    """Return a bound as the text holds it, without an exponent; "" where there is none."""
    return f"{value:.4f}".rstrip("0").rstrip(".") if math.isfinite(value) else ""
