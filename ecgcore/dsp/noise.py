"""How noisy the signal around a beat is: muscle and mains, away from the QRS complexes.

A measure of our own, of one number a beat: the part of the trace above 25 Hz, where P and T waves
have next to nothing, as 1.4826 times the median of its size (the standard deviation of normal
noise) over R − 350 ms to R + 450 ms, samples within 80 ms of any R-peak left out. Baseline wander
is below 25 Hz and does not count.
"""

from typing import Final

import numpy as np

from ecgcore.dsp.blocks import blocks, by_block
from ecgcore.dsp.filters import BandPass, apply_filters
from ecgcore.schema import DoubleArray, FloatArray, IntArray, Sliceable

LOW_HZ: Final = 25.0
HIGH_HZ: Final = 100.0
_AROUND_S: Final = (0.35, 0.45)
_QRS_S: Final = 0.08
_MAD_TO_SD: Final = 1.4826
_MARGIN_S: Final = 5.0  # over which the filter forgets what it began with
_AT_ONCE: Final = 2_048  # beats; a day's windows together would take gigabytes


def beat_noise(x: FloatArray, fs: float, peak: IntArray) -> DoubleArray:
    """Return the noise around each R-peak (b,), in the unit of ``x``; NaN where nothing is left.

    Parameters: ``x`` (n,), a lead, NaN in its gaps; ``peak`` (b,), indices into ``x``; those
    outside it have no samples of their own.
    """
    band = BandPass(low=LOW_HZ, high=min(HIGH_HZ, 0.45 * fs))
    size = np.abs(apply_filters(x, fs, (band,)))
    reach = round(_QRS_S * fs)
    mask = np.zeros(x.size + 1, dtype=np.int64)
    np.add.at(mask, np.clip(peak - reach, 0, x.size), 1)
    np.add.at(mask, np.clip(peak + reach + 1, 0, x.size), -1)
    size[np.cumsum(mask[:-1]) > 0] = np.nan
    window = np.arange(-round(_AROUND_S[0] * fs), round(_AROUND_S[1] * fs))
    found: DoubleArray = np.full(peak.size, np.nan)
    for first in range(0, peak.size, _AT_ONCE):
        at = peak[first : first + _AT_ONCE, None] + window
        inside = (at >= 0) & (at < x.size)
        values = np.where(inside, size[np.clip(at, 0, x.size - 1)], np.nan)
        found[first : first + _AT_ONCE] = _MAD_TO_SD * _medians(values)
    return found


def lead_noise(trace: Sliceable, fs: float, peak: IntArray) -> DoubleArray:
    """Return ``beat_noise`` of a lead of any length (b,), read block by block."""
    if len(blocks(len(trace), fs)) == 1:
        return beat_noise(np.asarray(trace[: len(trace)]), fs, peak)
    found: DoubleArray = np.full(peak.size, np.nan)
    margin = round(_MARGIN_S * fs)
    for rows in by_block(peak, len(trace), fs):
        first = int(np.clip(peak[rows].min() - margin, 0, len(trace) - 1))
        stop = int(np.clip(peak[rows].max() + margin, first + 1, len(trace)))
        near = np.flatnonzero((peak >= first) & (peak < stop))
        near = np.union1d(near, rows)  # one outside the lead has no samples of its own
        noise = beat_noise(np.asarray(trace[first:stop]), fs, peak[near] - first)
        found[rows] = noise[np.searchsorted(near, rows)]
    return found


def _medians(values: FloatArray) -> DoubleArray:
    """Return each row's median of what is not NaN (b,), NaN for a row of nothing else.

    ``np.nanmedian`` takes one row after another; sorted, NaNs stand last in all rows at once.
    """
    ordered = np.sort(values, axis=1).astype(np.float64)
    count = np.isfinite(ordered).sum(axis=1)
    row, middle = np.arange(len(ordered)), np.maximum(count - 1, 0)
    median: DoubleArray = (ordered[row, middle // 2] + ordered[row, (middle + 1) // 2]) / 2
    return median
