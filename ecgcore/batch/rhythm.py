"""The rhythm of a recording in a few figures."""

import numpy as np

from ecgcore.features.intervals import intervals
from ecgcore.schema import Peaks, StrArray

NORMAL = "N"


def rhythm_figures(peaks: Peaks, label: StrArray | None) -> dict[str, float | int | None]:
    """Return heart rate and the spread of the intervals between beats.

    ``label`` (b,): the beats' classes, by which only intervals between two normal beats count
    (NN); None where they are not known. Gaps are left out (``features.intervals``). SDNN is the
    standard deviation of the intervals, RMSSD the root mean square of the differences between
    intervals that follow each other, pNN50 the share of those above 50 ms (Task Force of the ESC
    and NASPE, Circulation 93(5), 1996). None with too few intervals. Raises RecordError with
    fewer than two beats.
    """
    rr = intervals(peaks)
    keep = rr.regular
    if label is not None:
        normal = label == NORMAL
        keep = keep & normal[1:] & normal[:-1]
    nn = 1000 * rr.between[keep]
    steps = 1000 * np.abs(np.diff(rr.between)[keep[1:] & keep[:-1]])
    return {
        "heart_rate_bpm": 60 / rr.global_mean,
        "intervals": int(nn.size),
        "mean_nn_ms": float(nn.mean()) if nn.size else None,
        "sdnn_ms": float(nn.std(ddof=1)) if nn.size > 1 else None,
        "rmssd_ms": float(np.sqrt((steps**2).mean())) if steps.size else None,
        "pnn50_percent": float(100 * (steps > 50).mean()) if steps.size else None,
    }
