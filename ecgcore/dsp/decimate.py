"""A long trace thinned out for drawing, without losing a spike."""

import numpy as np
from numpy.typing import NDArray

from ecgcore.dsp.stretches import finite_stretches
from ecgcore.schema import FloatArray, IntArray


def min_max(x: NDArray[np.floating], points: int) -> tuple[IntArray, FloatArray]:
    """Return index (m,) and value (m,) of at most about ``points`` samples of ``x`` (n,).

    The trace is divided into points / 2 equal bins and the smallest and the largest sample of
    each are kept, in order of time, with the first and the last sample: what is drawn has the
    extremes of what is not. A bin that touches a gap keeps its extremes and one NaN where the
    gap begins, so that the line breaks there. A trace of no more than ``points`` samples comes
    back whole.
    """
    n = int(x.size)
    if n <= max(points, 4):
        return np.arange(n, dtype=np.int64), np.asarray(x, dtype=np.float32)
    width = -(-n // max(points // 2, 1))
    whole = n // width
    body = x[: whole * width].reshape(whole, width)
    offset = np.arange(whole, dtype=np.int64) * width
    low, high = body.argmin(axis=1) + offset, body.argmax(axis=1) + offset  # NaN wins either
    gaps = _gap_starts(x, body, low, offset)
    if gaps.size:
        touched = np.flatnonzero(np.isnan(x[low]))
        low[touched] = np.where(np.isnan(body[touched]), np.inf, body[touched]).argmin(1)
        high[touched] = np.where(np.isnan(body[touched]), -np.inf, body[touched]).argmax(1)
        low[touched] += offset[touched]
        high[touched] += offset[touched]
    tail = _tail(x, whole * width)
    index = np.unique(np.concatenate(([0], low, high, gaps, tail, [n - 1]))).astype(np.int64)
    return index, np.asarray(x[index], dtype=np.float32)


def _gap_starts(
    x: NDArray[np.floating], body: NDArray[np.floating], low: IntArray, offset: IntArray
) -> IntArray:
    """Return, for each bin that touches a gap, where its first missing sample is."""
    touched = np.flatnonzero(np.isnan(x[low]))
    starts: IntArray = np.isnan(body[touched]).argmax(axis=1) + offset[touched]
    return starts


def _tail(x: NDArray[np.floating], start: int) -> IntArray:
    """Return the extremes of each stretch in the last, shorter bin, and where its gaps begin."""
    rest = x[start:]
    kept = [
        np.array([first + rest[first:stop].argmin(), first + rest[first:stop].argmax(), stop])
        for first, stop in finite_stretches(rest)
    ]
    if rest.size and np.isnan(rest[0]):  # no stretch ends where this gap begins
        kept.append(np.array([0]))
    index = np.concatenate(kept) + start if kept else np.empty(0, dtype=np.int64)
    within: IntArray = np.minimum(index, x.size - 1).astype(np.int64)
    return within
