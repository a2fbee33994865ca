"""Time-domain measures of the 1996 Task Force (its table 1), on NN intervals.

Standard deviations are the sample's (n − 1). Steps of exactly 50 or 20 ms don't exceed it: they
are compared in whole samples, as the beats were timed. Departure: pNN50 is a share of the steps
there are, not of the intervals, because intervals left out leave fewer steps.
"""

from typing import Final

import numpy as np

from ecgcore.features.hrv.measure import Measure, missing, number, too_few
from ecgcore.features.hrv.nn import NN
from ecgcore.schema import DoubleArray

LEAST: Final = 10  # intervals, or steps, for anything that is a spread
SEGMENT_S: Final = 300.0
SEGMENT_SHARE: Final = 0.5  # of a 5-minute segment that NN intervals must cover
LEAST_SEGMENTS: Final = 3


def time_domain(nn: NN) -> list[Measure]:
    """Return the time-domain measures, in order."""
    return [*_location(nn), *_spread(nn), *_segments(nn), *_steps(nn)]


def _location(nn: NN) -> list[Measure]:
    names = ("mean_nn", "mean_hr", "median_nn", "min_nn", "max_nn")
    ms = nn.ms
    if not ms.size:
        return [too_few(name, 1, 0) for name in names]
    mean = ms.mean()
    values = (mean, 60_000 / mean, np.median(ms), ms.min(), ms.max())
    return [number(name, float(value)) for name, value in zip(names, values, strict=True)]


def _spread(nn: NN) -> list[Measure]:
    ms = nn.ms
    if ms.size < LEAST:
        return [too_few(name, LEAST, ms.size) for name in ("sdnn", "cvnn")]
    sdnn = float(ms.std(ddof=1))
    return [number("sdnn", sdnn), number("cvnn", 100 * sdnn / float(ms.mean()))]


def _segments(nn: NN) -> list[Measure]:
    means, spreads = segments(nn)
    if means.size < LEAST_SEGMENTS:
        reason = (
            f"needs {LEAST_SEGMENTS} segments of 5 minutes of which NN intervals cover half, "
            f"there {'is' if means.size == 1 else 'are'} {means.size}"
        )
        return [missing("sdann", reason), missing("sdnn_index", reason)]
    return [
        number("sdann", float(means.std(ddof=1))),
        number("sdnn_index", float(spreads.mean())),
    ]


def segments(nn: NN) -> tuple[DoubleArray, DoubleArray]:
    """Return mean NN and SDNN (s,), ms, of the 5-minute segments that are covered enough.

    Segments are counted from the recording's start.
    """
    ms, segment = nn.ms, (nn.time // SEGMENT_S).astype(np.int64)
    if not ms.size:
        return np.empty(0), np.empty(0)
    count = np.bincount(segment)
    total = np.bincount(segment, ms)
    kept = (total >= SEGMENT_SHARE * SEGMENT_S * 1000) & (count >= LEAST)
    mean = total / np.maximum(count, 1)
    squares = np.bincount(segment, (ms - mean[segment]) ** 2)
    spread = np.sqrt(squares / np.maximum(count - 1, 1))
    return mean[kept], spread[kept]


def _steps(nn: NN) -> list[Measure]:
    first = nn.pairs
    if first.size < LEAST:
        names = ("rmssd", "sdsd", "pnn50", "pnn20")
        return [too_few(n, LEAST, first.size, "steps between NN intervals") for n in names]
    length = nn.length[nn.normal]
    step = length[first + 1] - length[first]  # samples, whole numbers
    ms = step * (1000 / nn.fs)

    def exceed(limit: int) -> float:
        return 100 * float((np.abs(step) * 1000 > limit * nn.fs).mean())

    return [
        number("rmssd", float(np.sqrt((ms**2).mean()))),
        number("sdsd", float(ms.std(ddof=1))),
        number("pnn50", exceed(50)),
        number("pnn20", exceed(20)),
    ]
