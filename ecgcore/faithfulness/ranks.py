"""How alike two maps are: Spearman's rank correlation over a beat's pieces."""

import numpy as np
from scipy.stats import rankdata
from torch import Tensor

from ecgcore.schema import DoubleArray


def rank_correlation(one: Tensor, other: Tensor) -> DoubleArray:
    """Return Spearman's correlation of each beat's maps (B, P) and (B, P): (B,).

    NaN where ``one`` is even, as there is no order to keep; 0 where only ``other`` is.
    """
    a, b = (rankdata(values.double().numpy(), axis=1) for values in (one, other))
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    size_a, size_b = (a**2).sum(axis=1), (b**2).sum(axis=1)
    found: DoubleArray = np.zeros(len(a))
    np.divide((a * b).sum(axis=1), np.sqrt(size_a * size_b), out=found, where=size_a * size_b > 0)
    found[size_a == 0] = np.nan
    return found


def mean(values: DoubleArray) -> float:
    """Return the mean of what is known; NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
