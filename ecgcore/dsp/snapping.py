"""R-peaks moved onto the highest point near them.

Annotators and detectors put their mark on different points of the same QRS complex: on its onset,
on R, on S. A network that learned its beats from the one sees those of the other shifted. R is
upright by definition; the largest deflection either way would be R in one beat and S in the next
of a person whose two are about equal.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from ecgcore.dsp.blocks import blocks, by_block
from ecgcore.schema import Peaks, Sliceable


def snapped(
    signal: Sliceable,
    peaks: Peaks,
    reach: float,
    *,
    start: int = 0,
    ratio: Fraction = Fraction(1),
) -> Peaks:
    """Return the peaks, each on the highest sample within ``reach`` seconds.

    ``signal`` (m,) begins at absolute sample ``start`` of the recording and has ``ratio`` samples
    for one of the recording's, as in ``cut_beats``. The nearest of equal ones is taken; a peak
    without any signal in reach stays. Peaks closer than twice the reach may meet, so these are
    places to cut beats at, not a list to compute RR intervals from.
    """
    if not len(peaks) or not len(signal):
        return peaks
    scale = float(ratio)
    steps = round(reach * peaks.fs * scale)
    # From the middle outwards, so that the first of the largest is the nearest.
    offset = np.array(sorted(range(-steps, steps + 1), key=abs), dtype=np.int64)
    centre = np.rint((peaks.sample - start) * scale).astype(np.int64)
    moved = np.zeros(len(peaks), dtype=np.int64)
    short = len(blocks(len(signal), peaks.fs * scale)) == 1
    for rows in by_block(centre, len(signal), peaks.fs * scale):
        first, stop = 0, len(signal)
        if not short:
            first = min(max(int(centre[rows].min()) - steps, 0), len(signal) - 1)
            stop = max(min(int(centre[rows].max()) + steps + 1, len(signal)), first + 1)
        level = np.nan_to_num(signal[first:stop], nan=-np.inf)
        at = centre[rows, None] - first + offset
        inside = (at >= 0) & (at < level.size)
        height = np.where(inside, level[np.clip(at, 0, level.size - 1)], -np.inf)
        best = offset[height.argmax(axis=1)]
        found = np.isfinite(height.max(axis=1))
        moved[rows] = np.where(found, np.rint(best / scale), 0).astype(np.int64)
    return replace(peaks, sample=peaks.sample + moved)
