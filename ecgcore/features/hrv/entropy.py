"""Sample and approximate entropy of NN intervals.

Sources: J. S. Richman, J. R. Moorman, Am. J. Physiol. 278, 2000; S. M. Pincus, PNAS 88, 1991.
m = 2; alike means within r = 0.2 SDNN in each of the m intervals (the largest difference counts).
Runs of intervals that one left out interrupts are not taken together.

Both suppose a stationary stretch and compare every interval with every other; beyond MOST
intervals they are read in the windows over the day instead.
"""

from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from ecgcore.features.hrv.measure import Measure, missing, number, too_few
from ecgcore.features.hrv.nn import NN
from ecgcore.schema import DoubleArray, IntArray

LENGTH: Final = 2  # m
TOLERANCE: Final = 0.2  # r, of the standard deviation
LEAST: Final = 100  # 10^m, of Richman and Moorman's advice 10^m to 20^m
MOST: Final = 10_000
NAMES: Final = ("sample_entropy", "approximate_entropy")


def entropy(nn: NN) -> list[Measure]:
    """Return sample and approximate entropy."""
    ms = nn.ms
    if ms.size < LEAST:
        return [too_few(name, LEAST, ms.size) for name in NAMES]
    if ms.size > MOST:
        reason = (
            f"supposes a stationary stretch of at most {MOST:,} intervals, there are "
            f"{ms.size:,}; read it in windows over the day"
        )
        return [missing(name, reason) for name in NAMES]
    tolerance = TOLERANCE * float(ms.std(ddof=1))
    if not tolerance:
        return [number(name, float("nan")) for name in NAMES]
    return [_sample_entropy(ms, nn, tolerance), _approximate_entropy(ms, nn, tolerance)]


def _sample_entropy(ms: DoubleArray, nn: NN, tolerance: float) -> Measure:
    # Runs of m that have a next interval, so that both counts are over the same beginnings.
    start = _starts(nn, LENGTH + 1)
    alike = [_pairs_alike(_runs(ms, start, n), tolerance) for n in (LENGTH, LENGTH + 1)]
    if not alike[0] or not alike[1]:
        return missing("sample_entropy", "no two runs of intervals are alike")
    return number("sample_entropy", float(np.log(alike[0] / alike[1])))


def _approximate_entropy(ms: DoubleArray, nn: NN, tolerance: float) -> Measure:
    phi = []
    for n in (LENGTH, LENGTH + 1):
        runs = _runs(ms, _starts(nn, n), n)
        if not len(runs):
            return missing("approximate_entropy", "no run of NN intervals is long enough")
        alike = cKDTree(runs).query_ball_point(
            runs, _within(tolerance), p=np.inf, return_length=True
        )
        phi.append(float(np.log(np.asarray(alike) / len(runs)).mean()))
    return number("approximate_entropy", phi[0] - phi[1])


def _starts(nn: NN, length: int) -> IntArray:
    """Return the NN intervals (k,) that begin a run of ``length`` without an interruption."""
    follows = np.zeros(nn.count, dtype=np.bool_)
    follows[nn.pairs] = True
    whole = np.ones(max(nn.count - length + 1, 0), dtype=np.bool_)
    for k in range(length - 1):
        whole &= follows[k : k + whole.size]
    starts: IntArray = np.flatnonzero(whole).astype(np.int64)
    return starts


def _runs(ms: DoubleArray, start: IntArray, length: int) -> DoubleArray:
    runs: DoubleArray = ms[start[:, None] + np.arange(length)]
    return runs


def _pairs_alike(runs: DoubleArray, tolerance: float) -> int:
    """Return how many pairs of different runs lie within ``tolerance`` of each other."""
    if not len(runs):
        return 0
    tree = cKDTree(runs)
    return (int(tree.count_neighbors(tree, _within(tolerance), p=np.inf)) - len(runs)) // 2


def _within(tolerance: float) -> float:
    """Return the tolerance with room for rounding: a difference of exactly r is alike."""
    return tolerance * (1 + 1e-9)
