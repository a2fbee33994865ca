"""Beats laid over each other in seconds, R at 0, whatever window a network takes.

Zero is the level before the QRS complex, the median of where TP and PR segments are: a baseline
that shifts behind it (a moved electrode) would carry a level taken over the whole beat with it, and
the PR segment alone is too short to be sure of.
"""

from typing import Final

import numpy as np

from ecgcore.dsp.blocks import by_block
from ecgcore.dsp.stretches import runs
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray, Recording

STEP_S: Final = 0.004
AXIS: Final[DoubleArray] = np.arange(-75.0, 138.0, dtype=np.float64) * np.float64(
    STEP_S
)  # from P to beyond T: −0.30 to 0.548 s
_MOST: Final = 400  # beats of a median
# The QRS complex: as long as it is so steep (of its steepest point) or so large (of its largest
# deflection), with lulls as short as a notch; a third or so of a wide one is no steeper than a T.
_STEEP: Final = 0.07
_LARGE: Final = 0.5
_LULL_S: Final = 0.016
_AROUND_R_S: Final = 0.1  # its steepest and its largest point lie within
_LONGEST_S: Final = (-0.12, 0.14)
_SHORTEST_S: Final = (-0.03, 0.04)
_BEFORE_S: Final = 0.012  # a level ends so long before a QRS complex


def aligned(record: Recording, lead: str, sample: IntArray) -> DoubleArray:
    """Return beats on ``AXIS`` (k, points), in the lead's unit, each less its own level.

    ``sample`` (k,), absolute R-peaks, of beats of one kind: the level is that of each one before
    the QRS complex of their median. Baseline wander moves beats, not their shape. NaN beyond the
    recording and in its gaps.
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
    aligned_beats: DoubleArray = found - _levels(found)
    return aligned_beats


def qrs_extent(beat: DoubleArray) -> tuple[float, float]:
    """Return where the QRS complex of a beat (points,) on ``AXIS`` begins and ends, s from R.

    By its slope and its size, so that a broad one, or one with a notch, is told whole. At least
    the 70 ms around R that every QRS complex takes, at most from 0.12 s before to 0.14 s behind.
    """
    first, last = _SHORTEST_S
    known = np.isfinite(beat)
    if not known.any():
        return first, last
    before = known & (_LONGEST_S[0] > AXIS)
    y = smooth(np.nan_to_num(beat - np.median(beat[before if before.any() else known])), 3)
    slope, size = np.abs(np.gradient(y)), np.abs(y)
    near = np.abs(AXIS) <= _AROUND_R_S
    within = (_LONGEST_S[0] - 1e-9 <= AXIS) & (_LONGEST_S[1] + 1e-9 >= AXIS)
    active = (slope > _STEEP * slope[near].max()) | (size > _LARGE * size[near].max())
    active &= within
    for begin, stop in runs(within & ~active):
        if (stop - begin) * STEP_S <= _LULL_S + 1e-9 and begin > 0 and active[begin - 1]:
            active[begin:stop] = stop < active.size and bool(active[stop])
    for begin, stop in runs(active):
        if AXIS[begin] < last and AXIS[stop - 1] > first:  # of what lies around R
            first, last = min(first, float(AXIS[begin])), max(last, float(AXIS[stop - 1]))
    return first, last


def _levels(beats: DoubleArray) -> DoubleArray:
    """Return the level of each beat (k, 1) before the QRS complex of their median.

    Of a beat that the recording's edge cuts off there, the median of what is there; NaN of none.
    """
    onset, _ = qrs_extent(_medians(beats - _medians(beats, 1), 0)[0])
    level = _medians(beats[:, onset - _BEFORE_S >= AXIS], 1)
    return np.where(np.isnan(level), _medians(beats, 1), level)


def _medians(values: DoubleArray, axis: int) -> DoubleArray:
    """Return medians of what is known, the axis kept; NaN where nothing is, without a warning."""
    known = np.isfinite(values).any(axis=axis, keepdims=True)
    there = np.nanmedian(np.where(known, values, 0.0), axis=axis, keepdims=True)
    found: DoubleArray = np.where(known, there, np.nan)
    return found


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
