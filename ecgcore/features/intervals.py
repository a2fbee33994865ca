"""The RR intervals around each beat: what every RR feature is computed from.

Edges. The first beat has no interval before it and the last none after it: both are filled by
the record's median interval, so that no feature is ever NaN and an edge beat looks like an
ordinary one rather than like an ectopic one.

Gaps. An interval shorter than a third or longer than three times the record's median is taken
for a gap in the annotation or the signal rather than for rhythm: it stays what it is in the
features of the two beats that it touches, but it is left out of the record's mean, of the mean of
the last ten and of the local irregularity, which one such interval would otherwise move far.
"""

from dataclasses import dataclass

import numpy as np

from ecgcore.errors import RecordError
from ecgcore.schema import BoolArray, DoubleArray, Peaks

GAP_RATIO = 3.0
LOCAL_BEATS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Intervals:
    """RR intervals of b consecutive beats, seconds."""

    pre: DoubleArray  # (b,), from the beat before; the first is the record's median
    post: DoubleArray  # (b,), to the beat after; the last is the record's median
    local_mean: DoubleArray  # (b,), mean of ``pre`` over the beat and the nine before it, no gaps
    global_mean: float  # mean over the record, without gaps
    between: DoubleArray  # (b - 1,), the intervals themselves
    regular: BoolArray  # (b - 1,), False where the interval is a gap


def intervals(peaks: Peaks) -> Intervals:
    """Return the intervals around each beat.

    ``local_mean`` is over those of the last ten intervals that there are and that are no gaps;
    where none is left it is the record's median. ``global_mean`` is the mean, as the source has
    it, not the median: with bigeminy the median jumps between the short and the long interval as
    their share changes, the mean does not. Leaving gaps out is our departure.

    Raises RecordError with fewer than two beats.
    """
    if len(peaks) < 2:
        raise RecordError(
            f"RR features are not available: they need two beats and there "
            f"{'is one' if len(peaks) else 'are none'}; choose a longer stretch or other R-peaks."
        )
    samples = np.diff(peaks.sample)
    # Compared in samples: in seconds an interval of exactly three medians could fall either way.
    middle = float(np.median(samples))
    regular = (samples * GAP_RATIO >= middle) & (samples <= middle * GAP_RATIO)
    between = samples / peaks.fs
    median = middle / peaks.fs
    pre = np.concatenate(([median], between))
    return Intervals(
        pre=pre,
        post=np.concatenate((between, [median])),
        local_mean=_mean_of_last(pre, np.concatenate(([True], regular)), LOCAL_BEATS, median),
        global_mean=float(between[regular].mean()) if regular.any() else median,
        between=between,
        regular=regular,
    )


def _mean_of_last(x: DoubleArray, keep: BoolArray, count: int, none: float) -> DoubleArray:
    """Return the mean of those of the last ``count`` values that are kept; ``none`` without any."""
    total = np.concatenate(([0.0], np.cumsum(np.where(keep, x, 0.0))))
    kept = np.concatenate(([0], np.cumsum(keep)))
    stop = np.arange(1, x.size + 1)
    start = np.maximum(stop - count, 0)
    there = kept[stop] - kept[start]
    mean = (total[stop] - total[start]) / np.maximum(there, 1)
    return np.where(there > 0, mean, none)
