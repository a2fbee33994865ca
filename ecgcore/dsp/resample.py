"""Another sampling rate for a trace: polyphase filtering, gaps kept.

``scipy.signal.resample_poly`` (a Kaiser-windowed low-pass below the lower of the two Nyquist
frequencies) with the ratio of the rates as a fraction. Gaps are bridged by straight lines before
and cut out again after, so that they don't ring into the signal; so are the ends.
"""

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from ecgcore.errors import SignalError
from ecgcore.schema import BoolArray, FloatArray

MAX_DENOMINATOR: Final = 1000  # 250 to 128 Hz is 64/125; 250 to 360 Hz is 36/25


def resample(x: NDArray[np.floating], fs_from: float, fs_to: float) -> FloatArray:
    """Return ``x`` (n,) or (n, leads) at ``fs_to`` Hz, float32, along its first axis.

    With r = ``resampling_ratio(fs_from, fs_to)``, which comes close to fs_to / fs_from, sample k
    of the result lies at sample k / r of ``x``; there are as many as fit before its end: ceil(n r).
    Whoever brings positions to the result's samples multiplies them by r and not by fs_to /
    fs_from: over a long recording the two would drift apart. One sample is NaN where either of its
    two neighbours in ``x`` is. r = 1: a copy.

    Raises SignalError unless both rates are positive and finite, and not thousandfold apart.
    """
    ratio = resampling_ratio(fs_from, fs_to)
    values = np.asarray(x, dtype=np.float32)
    if ratio == 1:
        return values.copy()
    up, down = ratio.numerator, ratio.denominator
    length = -(-values.shape[0] * up // down)
    missing = np.isnan(values)
    if length == 0 or missing.all():
        return np.full((length, *values.shape[1:]), np.nan, dtype=np.float32)
    if values.shape[0] == 1:  # no line goes through one point
        return np.repeat(values, length, axis=0)
    filled = _bridged(values, missing) if missing.any() else values
    out = resample_poly(filled, up, down, axis=0, padtype="line").astype(np.float32)
    if missing.any():
        before = np.arange(length) * down // up
        after = np.minimum(-(-np.arange(length) * down // up), values.shape[0] - 1)
        out[missing[before] | missing[after]] = np.nan
    return out


def resampling_ratio(fs_from: float, fs_to: float) -> Fraction:
    """Return how many samples of ``resample``'s result there are for one of ``x``, exactly.

    The fraction nearest to fs_to / fs_from with a denominator up to MAX_DENOMINATOR. Raises
    SignalError as ``resample`` does.
    """
    if 0 < fs_from < np.inf and 0 < fs_to < np.inf:
        ratio = Fraction(fs_to / fs_from).limit_denominator(MAX_DENOMINATOR)
        if 0 < ratio <= MAX_DENOMINATOR:
            return ratio
    raise SignalError(
        f"A signal can't be resampled from {fs_from:g} to {fs_to:g} Hz; choose another rate."
    )


def reach(ratio: Fraction) -> int:
    """Return how many samples of ``x`` away one still counts for a sample of the result."""
    half = 10 * max(
        ratio.numerator, ratio.denominator
    )  # of the low-pass, as resample_poly makes it
    return -(-half // ratio.numerator) + ratio.denominator


def _bridged(x: FloatArray, missing: BoolArray) -> FloatArray:
    """Fill each column's gaps with straight lines; before its first sample, and all, with edges."""
    columns = x.reshape(x.shape[0], -1).copy()
    gaps = missing.reshape(columns.shape)
    at = np.arange(x.shape[0])
    for column, gap in zip(columns.T, gaps.T, strict=True):
        column[gap] = np.interp(at[gap], at[~gap], column[~gap]) if not gap.all() else 0
    return columns.reshape(x.shape)
