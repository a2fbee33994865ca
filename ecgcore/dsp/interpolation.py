"""A trace read at many evenly spaced, fractional positions at once.

Cubic convolution (Keys, IEEE Trans. Acoust. Speech Signal Process. 29(6), 1981, a = −1/2): exact
at samples and for straight lines. Where the points wanted lie further apart than the samples, the
kernel is stretched by that ratio (and its weights divided by their sum), which makes it the
low-pass that keeps what lies above the new Nyquist frequency from folding down; each row has its
own ratio, because beats differ in length.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecgcore.schema import BoolArray, DoubleArray, FloatArray

# Points in one block: the temporary arrays stay within the processor's cache.
_BLOCK_POINTS: Final = 32_768


def interpolate_rows(
    trace: NDArray[np.floating], start: DoubleArray, spacing: DoubleArray, points: int
) -> tuple[FloatArray, BoolArray]:
    """Return ``trace`` (n,) at start[i] + k spacing[i], k < points, and which rows met a gap.

    Positions are in samples from trace[0]; beyond either end the edge value holds. Returns
    (rows, points) float32, zeros in rows that touch NaN (or when the trace is empty), and
    (rows,) bool, True for those rows.
    """
    rows = start.size
    out = np.zeros((rows, points), dtype=np.float32)
    if trace.size == 0:
        return out, np.ones(rows, dtype=np.bool_)
    missing = np.isnan(trace)
    filled = np.where(missing, 0, trace).astype(np.float32)
    reach = 2 * np.maximum(spacing, 1.0)
    touches = _touches(missing, start - reach, start + (points - 1) * spacing + reach)
    todo = np.flatnonzero(~touches)
    todo = todo[np.argsort(spacing[todo], kind="stable")]  # a block shares one number of taps
    step = max(1, _BLOCK_POINTS // points)
    for first in range(0, todo.size, step):
        block = todo[first : first + step]
        out[block] = _convolve(filled, start[block], spacing[block], points)
    return out, touches


def _convolve(
    trace: FloatArray, start: DoubleArray, spacing: DoubleArray, points: int
) -> FloatArray:
    position = start[:, None] + np.arange(points) * spacing[:, None]
    stretch = np.maximum(spacing, 1.0)[:, None].astype(np.float32)
    reach = int(np.ceil(2 * stretch.max()))
    whole = np.floor(position).astype(np.int64)
    fraction = (position - whole).astype(np.float32)
    total = np.zeros(position.shape, dtype=np.float32)
    weights = np.zeros(position.shape, dtype=np.float32)
    for tap in range(1 - reach, reach + 1):
        weight = _keys(np.abs(tap - fraction) / stretch)
        index = np.clip(whole + tap, 0, trace.size - 1)
        total += weight * trace[index]
        weights += weight
    return total / weights


def _keys(distance: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return Keys' kernel, a = −1/2, at |distance|; zero from 2 on."""
    d = np.minimum(distance, np.float32(2))
    near = (np.float32(1.5) * d - np.float32(2.5)) * d * d + np.float32(1)
    far = ((np.float32(-0.5) * d + np.float32(2.5)) * d - np.float32(4)) * d + np.float32(2)
    weight: NDArray[np.floating] = np.where(d < 1, near, far)
    return weight


def _touches(missing: BoolArray, low: DoubleArray, high: DoubleArray) -> BoolArray:
    """Return for each stretch low[i]…high[i] of positions whether a missing sample is in it."""
    before = np.concatenate(([0], np.cumsum(missing)))
    first = np.clip(np.ceil(low).astype(np.int64), 0, missing.size - 1)
    last = np.clip(np.floor(high).astype(np.int64), 0, missing.size - 1)
    return before[last + 1] > before[first]
