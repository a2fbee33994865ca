"""How irregular the rhythm around a beat is, without the beat itself.

An early beat in a regular rhythm is ectopy; the same interval within atrial fibrillation is not.
The three measures look at up to 15 intervals on either side and leave out the two that touch the
beat, so that they describe its surroundings and never its own prematurity. They are functions of
ratios only: neither the heart rate nor the sampling rate moves them.
"""

import numpy as np

from ecgcore.features.intervals import Intervals
from ecgcore.schema import DoubleArray

REACH = 15
STEP_LIMIT = 0.1


def median_step(rr: Intervals) -> DoubleArray:
    """Return the median of |Δ log RR| of neighbouring intervals around each beat (b,)."""
    return _median(np.abs(_steps(rr)))


def step_share(rr: Intervals) -> DoubleArray:
    """Return the share of |Δ log RR| greater than 0.1 around each beat (b,), 0 to 1."""
    steps = np.abs(_steps(rr))
    count = np.isfinite(steps).sum(axis=1)
    share: DoubleArray = (steps > STEP_LIMIT).sum(axis=1) / np.maximum(count, 1)
    return share


def log_spread(rr: Intervals) -> DoubleArray:
    """Return the standard deviation of log RR around each beat (b,)."""
    values = np.concatenate(_sides(rr), axis=1)
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, values, 0.0).sum(axis=1) / count
    square = np.where(known, (values - mean[:, None]) ** 2, 0.0).sum(axis=1)
    spread: DoubleArray = np.sqrt(square / count)
    return spread


def _sides(rr: Intervals) -> tuple[DoubleArray, DoubleArray]:
    """Return log intervals before and after each beat, each (b, REACH), NaN where there is none.

    The interval from beat k to k + 1 is ``between[k]``, so ``between[k - 1]`` and ``between[k]``
    touch beat k.
    """
    log = np.where(rr.regular, np.log(rr.between), np.nan)
    padding = np.full(REACH + 1, np.nan)
    rows = np.lib.stride_tricks.sliding_window_view(
        np.concatenate((padding, log, padding)), 2 * REACH + 2
    )
    return rows[:, :REACH], rows[:, REACH + 2 :]


def _steps(rr: Intervals) -> DoubleArray:
    """Return Δ log RR within either side of each beat (b, 2 (REACH - 1)), NaN where none."""
    before, after = _sides(rr)
    return np.concatenate((np.diff(before, axis=1), np.diff(after, axis=1)), axis=1)


def _median(x: DoubleArray) -> DoubleArray:
    """Return the median of each row without its NaNs; 0 for a row of nothing else."""
    count = np.isfinite(x).sum(axis=1)
    ordered = np.sort(x, axis=1)  # NaN last
    row = np.arange(len(x))
    low = ordered[row, np.maximum((count - 1) // 2, 0)]
    high = ordered[row, np.minimum(count // 2, x.shape[1] - 1)]
    median: DoubleArray = np.where(count > 0, (low + high) / 2, 0.0)
    return median
