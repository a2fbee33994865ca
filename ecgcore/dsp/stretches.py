"""Stretches of samples: where a trace has signal, between its gaps, and what lies outside them."""

import numpy as np
from numpy.typing import NDArray

from ecgcore.schema import BoolArray, DoubleArray, IntArray


def finite_stretches(x: NDArray[np.floating]) -> list[tuple[int, int]]:
    """Return (first, stop) of each longest run of finite samples of ``x`` (n,), in order."""
    return runs(np.isfinite(x))


def runs(mask: NDArray[np.bool_], least: int = 1) -> list[tuple[int, int]]:
    """Return (first, stop) of each longest run of True in ``mask`` (n,), in order.

    Runs shorter than ``least`` samples are left out.
    """
    padded = np.concatenate(([False], mask, [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)
    long = edges[edges[:, 1] - edges[:, 0] >= least]
    return [(int(first), int(stop)) for first, stop in long]


def merged(stretches: NDArray[np.int64]) -> IntArray:
    """Return stretches (k, 2), [start, stop), in order, those that touch or overlap made one."""
    ordered = stretches[np.argsort(stretches[:, 0], kind="stable")].reshape(-1, 2)
    if not len(ordered):
        return ordered
    stop = np.maximum.accumulate(ordered[:, 1])
    begins = np.concatenate(([True], ordered[1:, 0] > stop[:-1]))
    last = np.concatenate((np.flatnonzero(begins)[1:] - 1, [len(ordered) - 1]))
    return np.stack((ordered[begins, 0], stop[last]), axis=1)


def outside(sample: IntArray, stretches: IntArray) -> BoolArray:
    """Return which samples (n,) lie in none of the stretches (k, 2), [start, stop)."""
    every = merged(stretches)
    if not len(every):
        return np.ones(sample.shape, dtype=np.bool_)
    nearest = np.searchsorted(every[:, 0], sample, side="right") - 1
    inside: BoolArray = (nearest >= 0) & (sample < every[np.maximum(nearest, 0), 1])
    return ~inside


def share_covered(stretches: IntArray, count: int, width: float) -> DoubleArray:
    """Return which share (count,) of each bin, ``width`` samples wide from sample 0, is covered.

    ``stretches`` (k, 2) of samples, [start, stop), none of them twice.
    """
    edges = np.arange(count + 1) * width
    covered = np.zeros(count + 1)
    for first, stop in stretches.tolist():
        covered += np.clip(edges - first, 0, stop - first)
    share: DoubleArray = np.diff(covered) / width
    return share
