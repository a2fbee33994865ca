"""The record's own median beat: what an ordinary beat of this person looks like in this lead."""

import numpy as np

from ecgcore.errors import RecordError
from ecgcore.schema import Beats, BoolArray, FloatArray

OUTLIER_CORRELATION = 0.8
# The median of a random 5,000 beats is within a fraction of the noise of that of 100,000.
MOST_BEATS = 5_000
_SMOOTHED = 9  # points over which the spread is averaged
_MAD_TO_SD = 1.4826  # of a normal distribution


def median_beat(beats: Beats, *, keep: BoolArray | None = None) -> FloatArray:
    """Return the point-wise median of the usable beats (points,), mV.

    ``keep`` (b,) leaves further beats out, for example those that ``ordinary`` rejects. The
    median, not the mean, so that ectopic beats do not show in it while they are fewer than half.
    Of more than 5,000 beats, every k-th is used, evenly over the record, which keeps a day's
    recording fast. No labels are used, but the whole recording is.

    Raises RecordError when no usable beat is left.
    """
    use = beats.usable if keep is None else beats.usable & keep
    chosen = np.flatnonzero(use)
    if chosen.size == 0:
        raise RecordError(
            f"Lead {beats.lead} has no usable beat to take a median of; choose another lead."
        )
    chosen = chosen[:: -(-chosen.size // MOST_BEATS)]
    median: FloatArray = np.median(beats.waveform[chosen], axis=0).astype(np.float32)
    return median


def usual_spread(beats: Beats) -> FloatArray:
    """Return how far the usable beats usually are from their median at each point (points,), mV.

    The median of |beat − median beat|, times 1.4826, averaged over nine neighbouring points: noise
    and breathing count, ectopic beats don't while they are fewer than half. Of many beats every
    k-th is used, as in ``median_beat``. Raises RecordError as that.
    """
    median = median_beat(beats)
    chosen = np.flatnonzero(beats.usable)
    chosen = chosen[:: -(-chosen.size // MOST_BEATS)]
    spread = _MAD_TO_SD * np.median(np.abs(beats.waveform[chosen] - median), axis=0)
    side = _SMOOTHED // 2
    padded = np.pad(spread, side, mode="edge")
    smooth: FloatArray = np.convolve(padded, np.full(_SMOOTHED, 1 / _SMOOTHED), "valid").astype(
        np.float32
    )
    return smooth


def ordinary(beats: Beats, least: float = OUTLIER_CORRELATION) -> BoolArray:
    """Return which usable beats correlate with the median beat by at least ``least`` (b,)."""
    template = median_beat(beats).astype(np.float64)
    template -= template.mean()
    x = np.where(beats.usable[:, None], beats.waveform, 0.0).astype(np.float64)
    x -= x.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(x, axis=1) * np.linalg.norm(template)
    alike: BoolArray = beats.usable & (x @ template >= least * norm) & (norm > 0)
    return alike
