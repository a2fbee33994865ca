"""Beats laid over each other in seconds, R at 0, whatever window a network takes."""

from typing import Final

import numpy as np

from ecgcore.dsp.blocks import by_block
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray, Recording

STEP_S: Final = 0.004
AXIS: Final[DoubleArray] = np.arange(-75.0, 138.0, dtype=np.float64) * np.float64(
    STEP_S
)  # from P to beyond T: −0.30 to 0.548 s
_MOST: Final = 400  # beats of a median


def aligned(record: Recording, lead: str, sample: IntArray) -> DoubleArray:
    """Return beats on ``AXIS`` (k, points), in the lead's unit, each less its own median.

    ``sample`` (k,), absolute R-peaks. The median over the beat stands for the isoelectric level:
    baseline wander moves beats, not their shape. NaN beyond the recording and in its gaps.
    """
    trace = record.lead(lead)
    place = (sample - record.start)[:, None] + AXIS * record.fs
    found = np.full(place.shape, np.nan)
    for rows in by_block(sample - record.start, len(trace), record.fs):
        first = max(int(place[rows].min()), 0)
        stop = min(int(place[rows].max()) + 2, len(trace))
        if first < stop:
            part = np.asarray(trace[first:stop])
            x = np.arange(first, stop)
            found[rows] = np.interp(place[rows], x, part, left=np.nan, right=np.nan)
    level = np.median(found, axis=1, keepdims=True)
    # A beat at the recording's edge has no median over all of it: over what is there.
    cut = np.isnan(level[:, 0])
    for row in np.flatnonzero(cut):
        there = found[row][np.isfinite(found[row])]
        level[row] = np.median(there) if there.size else np.nan
    aligned_beats: DoubleArray = found - level
    return aligned_beats


def ordinary_beat(
    record: Recording, lead: str, sample: IntArray, usable: BoolArray
) -> DoubleArray | None:
    """Return the recording's median beat on ``AXIS`` (points,), None without usable beats.

    Of many beats, 400 spread evenly over the recording are taken.
    """
    there = sample[usable]
    if not there.size:
        return None
    some = there[np.linspace(0, there.size - 1, min(_MOST, there.size)).astype(np.int64)]
    beats = aligned(record, lead, some)
    whole = beats[np.isfinite(beats).all(axis=1)]
    return np.median(whole, axis=0) if len(whole) else None


def smooth(x: FloatArray | DoubleArray, points: int = 5) -> DoubleArray:
    """Return the running mean of ``x`` (n,) over an odd number of points."""
    side = points // 2
    found: DoubleArray = np.convolve(
        np.pad(x.astype(np.float64), side, mode="edge"), np.full(points, 1 / points), "valid"
    )
    return found
