"""What several seeds and several patients say together.

Everything is from counts: a confusion matrix (truth in rows) with the beats that were missed or
invented beside it. Leading axes may be seeds, records or draws.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ecgcore.schema import DoubleArray, IntArray

RESAMPLES: Final = 1000
_SEED: Final = 0
_LEVEL: Final = 95.0  # percent


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """Beats by truth and prediction; (…, c, c), (…, c), (…, c)."""

    confusion: IntArray
    missed: IntArray  # true beats that no peak was found for
    extra: IntArray  # beats found where none is

    def weighted(self, weights: IntArray) -> "Counts":
        """Return draws (d, …) of the records, the last leading axis, each so many times (d, r)."""
        return Counts(
            confusion=np.einsum("dr,...rij->d...ij", weights, self.confusion),
            missed=np.einsum("dr,...ri->d...i", weights, self.missed),
            extra=np.einsum("dr,...ri->d...i", weights, self.extra),
        )

    def figures(self, columns: Sequence[int]) -> dict[str, DoubleArray]:
        """Return the macro F1 over ``columns``, the accuracy and each class's F1; (…)."""
        f1 = self.f1()
        hits = np.trace(self.confusion, axis1=-2, axis2=-1)
        total = self.confusion.sum((-2, -1)) + self.missed.sum(-1) + self.extra.sum(-1)
        there = f1[..., list(columns)]
        known = ~np.isnan(there)
        macro = np.where(known, there, 0).sum(-1) / np.maximum(known.sum(-1), 1)
        return {"macro_f1": macro, "accuracy": hits / np.maximum(total, 1)}

    def f1(self) -> DoubleArray:
        """Return each class's F1 (…, c); NaN where it is neither true nor predicted."""
        hits = np.diagonal(self.confusion, axis1=-2, axis2=-1)
        there = self.confusion.sum(-1) + self.missed + self.confusion.sum(-2) + self.extra
        found: DoubleArray = np.where(there > 0, 2 * hits / np.maximum(there, 1), np.nan)
        return found


def patient_intervals(
    counts: Counts, classes: Sequence[str], columns: Sequence[int]
) -> dict[str, list[float | None]]:
    """Return 95 % intervals over draws of the patients: figure -> [low, high].

    ``counts`` is of seeds × records. As many records as there are, drawn with replacement 1000
    times by a fixed seed; figures are averaged over the seeds in each draw, so that the interval
    is of the mean and tells how far it depends on who was tested.
    """
    records = counts.confusion.shape[-3]
    rng = np.random.default_rng(_SEED)
    weights = rng.multinomial(records, np.full(records, 1 / records), RESAMPLES)
    drawn = counts.weighted(weights)
    f1 = drawn.f1()
    figures = {
        **drawn.figures(columns),
        **{f"f1_{name}": f1[..., place] for place, name in enumerate(classes)},
    }
    return {name: _interval(values) for name, values in figures.items()}


def without_each(counts: Counts, columns: Sequence[int]) -> DoubleArray:
    """Return the macro F1 with each record left out (…, r), of ``counts`` (…, r)."""
    records = counts.confusion.shape[-3]
    others = 1 - np.eye(records, dtype=np.int64)
    left: DoubleArray = counts.weighted(others).figures(columns)["macro_f1"]  # (r, …)
    return np.moveaxis(left, 0, -1)


def summary(seeds: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float | int | None]]:
    """Return mean and standard deviation (n − 1) of every figure, by its name with dots.

    The deviation of one seed is None; a seed without a figure doesn't count for it.
    """
    flat = [dict(_leaves(one)) for one in seeds]
    found: dict[str, dict[str, float | int | None]] = {}
    for name in dict.fromkeys(name for one in flat for name in one):
        values = [one[name] for one in flat if name in one]
        spread = float(np.std(values, ddof=1)) if len(values) > 1 else None
        found[name] = {"mean": float(np.mean(values)), "std": spread, "n": len(values)}
    return found


def _leaves(node: Mapping[str, Any], place: str = "") -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for key, value in node.items():
        if isinstance(value, Mapping):
            found += _leaves(value, f"{place}{key}.")
        elif isinstance(value, int | float) and np.isfinite(value):
            found.append((f"{place}{key}", float(value)))
    return found


def _interval(values: DoubleArray) -> list[float | None]:
    """Return the middle 95 % of draws (d,) or of their mean over seeds (d, s)."""
    if values.ndim > 1:
        known = ~np.isnan(values)
        total = np.where(known, values, 0).sum(-1)
        values = np.where(known.any(-1), total / np.maximum(known.sum(-1), 1), np.nan)
    values = values[~np.isnan(values)]
    if not values.size:
        return [None, None]
    tail = (100 - _LEVEL) / 2
    return [float(edge) for edge in np.percentile(values, [tail, 100 - tail])]
