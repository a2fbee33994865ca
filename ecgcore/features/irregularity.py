"""How irregular the rhythm around a beat is, without the beat itself.

An early beat in a regular rhythm is ectopy; the same interval within atrial fibrillation is not.
The first three measures look at up to 15 intervals on either side and leave out the two that touch
the beat, so that they describe its surroundings and never its own prematurity. ``scatter`` looks at
pairs of consecutive intervals, up to 81 around a beat, the beat's own among them: ectopic beats
come in a few patterns, whose pairs lie close to one another in the Poincaré plane, however
irregular the rhythm is; in atrial fibrillation no pair is like another. All are functions of ratios
only: neither the heart rate nor the sampling rate moves them.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from ecgcore.features.intervals import Intervals
from ecgcore.schema import DoubleArray

REACH = 15
FAR: Final = 40  # pairs of intervals on either side
_LIKE: Final = 3  # the pair nearest but two says how far a pair lies from its like
_BLOCK: Final = 8192  # beats at a time: a day's windows together would take 100 MB
_FEWEST: Final = 20  # pairs around a beat, below which scatter says nothing
_LEAST: Final = 0.005  # added to distances: half a percent, as fine as R-peaks are known
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


def scatter(rr: Intervals) -> DoubleArray:
    """Return how scattered pairs of intervals around each beat are (b,), log of a log ratio.

    A pair's distance is that from (log RR, log next RR) to the third nearest of the 40 pairs before
    it and after it; a beat's scatter is the log of the median distance of the 81 pairs around it.
    That of no scatter at all, -5.3, where there are fewer than 20 pairs.
    """
    log = np.where(rr.regular, np.log(rr.between), np.nan)
    distance = np.concatenate([np.empty(0), *_by_block(_third_nearest, log[:-1], log[1:])])
    # Beat k stands between the two intervals of pair k - 1.
    return np.concatenate(list(_by_block(_log_median, np.pad(distance, 1, constant_values=np.nan))))


def _third_nearest(first: DoubleArray, second: DoubleArray) -> DoubleArray:
    """Return the distance (k,) from the middle pair of each window (k, 81) to its third nearest."""
    apart = np.hypot(first - first[:, FAR, None], second - second[:, FAR, None])
    apart[:, FAR] = np.inf  # itself
    apart[np.isnan(apart)] = np.inf
    third = np.partition(apart, _LIKE - 1, axis=1)[:, _LIKE - 1]
    return np.where(np.isinf(third), np.nan, third)


def _log_median(distance: DoubleArray) -> DoubleArray:
    enough = np.isfinite(distance).sum(axis=1) >= _FEWEST
    found: DoubleArray = np.log(np.where(enough, _median(distance), 0.0) + _LEAST)
    return found


def _by_block(what: Callable[..., DoubleArray], *x: DoubleArray) -> Iterator[DoubleArray]:
    """Yield ``what`` of the windows (k, 81) around k values of each ``x`` (n,) at a time."""
    if not x[0].size:
        return
    windows = [
        np.lib.stride_tricks.sliding_window_view(
            np.pad(each, FAR, constant_values=np.nan), 2 * FAR + 1
        )
        for each in x
    ]
    for start in range(0, x[0].size, _BLOCK):
        yield what(*(each[start : start + _BLOCK] for each in windows))


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
