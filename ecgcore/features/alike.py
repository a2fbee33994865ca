"""The beats of a recording that are most alike a beat, and their mean: a beat with less noise.

A P wave is often no higher than the noise of one beat. A patient's beats of one kind come many
times, though: the mean of a beat and the ones most like it keeps what the kind has and loses what
the one beat has by chance. Only beats of the same recording are compared, without labels.

Our own. The distance of two beats is of their shape and of the rhythm around them, so that an early
beat with the shape of a normal one is averaged with early beats:

    mean over the points of (Δ deviation)² + 4 · Σ (Δ log RR)²

with three logarithms: the interval before over the record's mean and over the mean of the last
ten, and the interval after over the record's mean.
"""

from typing import Final

import numpy as np

from ecgcore.features.rr import rr_features
from ecgcore.features.templates import MOST_BEATS
from ecgcore.schema import BoolArray, FloatArray, IntArray, Peaks

ALIKE: Final = 8  # beats that are averaged with a beat
_RHYTHM: Final = ("log_pre_global", "log_post_global", "log_pre_local")
_WEIGHT: Final = 2.0  # of a difference in log RR against one of the whole beat's deviation
_EVERY: Final = 2  # points of the shape that are compared: every second one says as much
_BLOCK: Final = 1024  # beats compared at a time


def typical(x: FloatArray, alike: IntArray) -> FloatArray:
    """Return each beat of ``x`` (b, points) averaged with those most ``alike`` (b, k)."""
    total = x.astype(np.float32, copy=True)
    for column in alike.T:
        total += x[column]
    total /= np.float32(1 + alike.shape[1])
    return total


def most_alike(
    deviation: FloatArray, peaks: Peaks, usable: BoolArray, count: int = ALIKE
) -> IntArray:
    """Return for each beat the indices of the ``count`` usable beats most like it (b, k).

    Parameters: ``deviation`` (b, points), as the channel of that name; b ``peaks``; ``usable``
    (b,). Fewer than ``count`` columns where the recording has fewer other beats. A beat is never
    among its own; one that is not usable stands for itself. Of more than 5,000 usable beats every
    k-th is compared with, evenly over the record. Raises RecordError with fewer than two beats.
    """
    rhythm = rr_features(peaks, _RHYTHM).values
    shape = deviation[:, ::_EVERY]
    place = np.concatenate([shape / np.float32(np.sqrt(shape.shape[1])), _WEIGHT * rhythm], axis=1)
    mine = np.flatnonzero(usable)
    others = mine[:: max(1, -(-mine.size // MOST_BEATS))]
    found = min(count, mine.size - 1, others.size)
    alike = np.tile(np.arange(len(usable))[:, None], (1, max(found, 0)))
    if found < 1:
        return alike
    against = place[others].astype(np.float32)
    size = (against**2).sum(axis=1)
    for start in range(0, mine.size, _BLOCK):
        rows = mine[start : start + _BLOCK]
        far = size - 2 * (place[rows].astype(np.float32) @ against.T)  # but for the row's own size
        at = np.searchsorted(others, rows)
        itself = (at < others.size) & (others[np.minimum(at, others.size - 1)] == rows)
        far[np.flatnonzero(itself), at[itself]] = np.inf
        alike[rows] = others[np.argpartition(far, found - 1, axis=1)[:, :found]]
    return alike
