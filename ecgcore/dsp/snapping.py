"""R-peaks moved onto the largest deflection near them.

Annotators and detectors put their mark on different points of the same QRS complex: on its onset,
on R, on S. A network that learned its beats from the one sees those of the other shifted.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ecgcore.schema import Peaks


def snapped(
    signal: NDArray[np.floating],
    peaks: Peaks,
    reach: float,
    *,
    start: int = 0,
    ratio: Fraction = Fraction(1),
) -> Peaks:
    """Return the peaks, each on the sample within ``reach`` seconds furthest from the median.

    ``signal`` (m,) begins at absolute sample ``start`` of the recording and has ``ratio`` samples
    for one of the recording's, as in ``cut_beats``. The nearest of equal ones is taken; a peak
    without any signal in reach stays. Peaks closer than twice the reach may meet, so these are
    places to cut beats at, not a list to compute RR intervals from.
    """
    if not len(peaks) or not signal.size:
        return peaks
    far = np.abs(signal - np.nanmedian(signal)) if np.isfinite(signal).any() else signal
    far = np.nan_to_num(far, nan=-1.0)
    scale = float(ratio)
    steps = round(reach * peaks.fs * scale)
    # From the middle outwards, so that the first of the largest is the nearest.
    offset = np.array(sorted(range(-steps, steps + 1), key=abs), dtype=np.int64)
    centre = np.rint((peaks.sample - start) * scale).astype(np.int64)
    at = centre[:, None] + offset
    inside = (at >= 0) & (at < signal.size)
    height = np.where(inside, far[np.clip(at, 0, signal.size - 1)], -1.0)
    best = offset[height.argmax(axis=1)]
    moved = np.where(height.max(axis=1) >= 0, np.rint(best / scale), 0).astype(np.int64)
    return replace(peaks, sample=peaks.sample + moved)
