"""The record's own median beat: what an ordinary beat of this person looks like in this lead."""

from typing import Protocol

import numpy as np

from ecgcore.errors import RecordError
from ecgcore.schema import Beats, BoolArray, FloatArray, IntArray

OUTLIER_CORRELATION = 0.8
# The median of a random 5,000 beats is within a fraction of the noise of that of 100,000.
MOST_BEATS = 5_000
# More beats than an hour and a half has at any heart rate: what is computed in blocks beyond, or of
# every k-th beat, may come out different in its last bits.
LONG = 20_000
_BLOCK = 16_384
_SMOOTHED = 9  # points over which the spread is averaged
_MAD_TO_SD = 1.4826  # of a normal distribution


class Rows(Protocol):
    """Something of b beats, (b, points), of which rows are taken: an array, or what makes them."""

    def __getitem__(self, rows: IntArray, /) -> FloatArray:
        """Return the rows (k, points)."""
        ...


def median_beat(beats: Beats, *, keep: BoolArray | None = None) -> FloatArray:
    """Return the point-wise median of the usable beats (points,), mV.

    ``keep`` (b,) leaves further beats out, for example those that ``ordinary`` rejects. The
    median, not the mean, so that ectopic beats do not show in it while they are fewer than half.
    Of more than 5,000 beats, every k-th is used, evenly over the record, which keeps a day's
    recording fast. No labels are used, but the whole recording is.

    Raises RecordError when no usable beat is left.
    """
    use = beats.usable if keep is None else beats.usable & keep
    return middle(beats.waveform[chosen_beats(beats, use)])


def chosen_beats(beats: Beats, use: BoolArray) -> IntArray:
    """Return which of the beats to ``use`` (b,) stand for all of them: every k-th, to 5,000.

    Raises RecordError when there are none.
    """
    chosen = np.flatnonzero(use)
    if chosen.size == 0:
        raise RecordError(
            f"Lead {beats.lead} has no usable beat to take a median of; choose another lead."
        )
    return chosen[:: -(-chosen.size // MOST_BEATS)]


def middle(x: FloatArray) -> FloatArray:
    """Return the point-wise median (points,) of beats (k, points)."""
    median: FloatArray = np.median(x, axis=0).astype(np.float32)
    return median


def spread(x: FloatArray) -> FloatArray:
    """Return how far beats (k, points) usually are from their median at each point (points,).

    The median of |beat − median beat|, times 1.4826, averaged over nine neighbouring points: noise
    and breathing count, ectopic beats don't while they are fewer than half.
    """
    far = _MAD_TO_SD * np.median(np.abs(x - middle(x)), axis=0)
    side = _SMOOTHED // 2
    padded = np.pad(far, side, mode="edge")
    smooth: FloatArray = np.convolve(padded, np.full(_SMOOTHED, 1 / _SMOOTHED), "valid").astype(
        np.float32
    )
    return smooth


def usual_spread(beats: Beats) -> FloatArray:
    """Return ``spread`` of the usable beats (points,), mV, of many of every k-th.

    Raises RecordError as ``median_beat``.
    """
    return spread(beats.waveform[chosen_beats(beats, beats.usable)])


def row_blocks(count: int) -> list[IntArray]:
    """Return the rows of ``count`` beats block by block; up to ``LONG`` are one block."""
    every = np.arange(count)
    step = max(count, 1) if count <= LONG else _BLOCK
    return [every[first : first + step] for first in range(0, count, step)]


def ordinary(beats: Beats, least: float = OUTLIER_CORRELATION) -> BoolArray:
    """Return which usable beats correlate with the median beat by at least ``least`` (b,)."""
    template = median_beat(beats).astype(np.float64)
    template -= template.mean()
    x = np.where(beats.usable[:, None], beats.waveform, 0.0).astype(np.float64)
    x -= x.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(x, axis=1) * np.linalg.norm(template)
    alike: BoolArray = beats.usable & (x @ template >= least * norm) & (norm > 0)
    return alike
