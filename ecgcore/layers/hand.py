"""What a pointer at a signal means: the beat it is at, or the R-peak near it."""

from typing import Final

import numpy as np

from ecgcore.dsp.snapping import snapped
from ecgcore.schema import FloatArray, IntArray, Peaks

SNAP_S: Final = 0.08  # a click misses R by less; the next wave is farther
NEAR_S: Final = 0.06  # as near to a beat, that beat is meant; two beats are never so close


def beat_near(samples: IntArray, sample: int, fs: float, reach: float = NEAR_S) -> int | None:
    """Return the index of the nearest of ``samples`` (b,) within ``reach`` s; None without one."""
    if not samples.size:
        return None
    index = int(np.abs(samples - sample).argmin())
    return index if abs(int(samples[index]) - sample) <= reach * fs else None


def on_r(signal: FloatArray, start: int, sample: int, fs: float, reach: float = SNAP_S) -> int:
    """Return the sample of the largest deflection up or down near ``sample``, absolute.

    ``signal`` (n,), mV, begins at absolute sample ``start``. Unlike ``snapping``, which serves
    networks that compare beats, a person marks QRS complexes that point down as well: the
    deflection is measured from the median of what is within three times the reach. Where there is
    no signal the sample stays.
    """
    steps = round(3 * reach * fs)
    first, stop = max(0, sample - start - steps), max(0, sample - start + steps + 1)
    around = signal[first:stop]
    if not np.isfinite(around).any():
        return sample
    level = np.abs(around - np.nanmedian(around)).astype(np.float64)
    peaks = Peaks(sample=np.array([sample], dtype=np.int64), source="hand", fs=fs)
    return int(snapped(level, peaks, reach, start=start + first).sample[0])
