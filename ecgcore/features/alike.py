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

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgcore.features.rr import rr_features
from ecgcore.features.templates import LONG, MOST_BEATS, Rows
from ecgcore.schema import BoolArray, FloatArray, IntArray, Peaks

ALIKE: Final = 8  # beats that are averaged with a beat
_RHYTHM: Final = ("log_pre_global", "log_post_global", "log_pre_local")
_WEIGHT: Final = 2.0  # of a difference in log RR against one of the whole beat's deviation
_EVERY: Final = 2  # points of the shape that are compared: every second one says as much
_BLOCK: Final = 1024  # beats compared at a time
_GROUP: Final = 16  # distances of which the least bounds what the nearest can be


@dataclass(frozen=True, kw_only=True, eq=False)
class Alike:
    """Which beats each of b beats is most like."""

    pool: IntArray  # (p,), the beats that any is averaged with, ascending
    place: IntArray  # (b, k), where in the pool; without meaning for beats that are not usable
    deviation: FloatArray | None = None  # (p, points), the pool's
    difference: FloatArray | None = None


def typical(x: FloatArray, alike: IntArray, among: FloatArray | None = None) -> FloatArray:
    """Return each beat of ``x`` (b, points) averaged with those most ``alike`` (b, k).

    ``alike`` are rows of ``among`` (p, points), of ``x`` itself where there is none.
    """
    others = x if among is None else among
    total = x.astype(np.float32, copy=True)
    for column in alike.T:
        total += others[column]
    total /= np.float32(1 + alike.shape[1])
    return total


def find_alike(
    deviation: Rows,
    peaks: Peaks,
    usable: BoolArray,
    progress: Callable[[float], None] | None = None,
) -> Alike:
    """Return which beats each is most like; parameters and errors as ``most_alike``."""
    alike = most_alike(deviation, peaks, usable, progress=progress)
    pool = np.unique(alike[usable])
    place = np.searchsorted(pool, alike).clip(0, max(pool.size - 1, 0))
    return Alike(pool=pool, place=place.astype(np.int32))


def most_alike(
    deviation: Rows,
    peaks: Peaks,
    usable: BoolArray,
    count: int = ALIKE,
    progress: Callable[[float], None] | None = None,
) -> IntArray:
    """Return for each beat the indices of the ``count`` usable beats most like it (b, k).

    Parameters: ``deviation`` (b, points), as the channel of that name, of which rows are taken; b
    ``peaks``; ``usable`` (b,). Fewer than ``count`` columns where the recording has fewer other
    beats. A beat is never among its own; one that is not usable stands for itself. Of more than
    5,000 usable beats every k-th is compared with, evenly over the record. Raises RecordError with
    fewer than two beats; ``progress`` is told the share that is done, and may raise.
    """
    place = _places(deviation, peaks)
    mine = np.flatnonzero(usable)
    others = mine[:: max(1, -(-mine.size // MOST_BEATS))]
    found = min(count, mine.size - 1, others.size)
    alike = np.tile(np.arange(len(usable))[:, None], (1, max(found, 0)))
    if found < 1:
        return alike
    against = place(others)
    size = (against**2).sum(axis=1)
    against *= np.float32(-2)
    nearest = _nearest if mine.size > LONG else _nearest_of_few
    for start in range(0, mine.size, _BLOCK):
        if progress is not None:
            progress(start / mine.size)
        rows = mine[start : start + _BLOCK]
        far = place(rows) @ against.T
        far += size  # the squared distance, but for the row's own size
        at = np.searchsorted(others, rows)
        itself = (at < others.size) & (others[np.minimum(at, others.size - 1)] == rows)
        far[np.flatnonzero(itself), at[itself]] = np.inf
        alike[rows] = others[nearest(far, found)]
    return alike


def how_far(deviation: Rows, peaks: Peaks, alike: IntArray) -> FloatArray:
    """Return the distance of each beat to those most ``alike`` (b, k), as the formula above (b, k).

    ``deviation`` and ``peaks`` as in ``most_alike``, which gave ``alike``. Raises as that.
    """
    place = _places(deviation, peaks)
    pool = np.unique(alike)  # few of a long recording: each stands in many rows
    there = place(pool)
    far = np.empty(alike.shape, dtype=np.float32)
    for start in range(0, len(alike), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(alike)))
        here = place(rows)
        for k, others in enumerate(np.searchsorted(pool, alike[rows]).T):
            far[rows, k] = ((here - there[others]) ** 2).sum(axis=1)
    return far


def _places(deviation: Rows, peaks: Peaks) -> Callable[[IntArray], FloatArray]:
    """Return what gives beats' places (k, q), whose squared distance is the formula above."""
    rhythm = _WEIGHT * rr_features(peaks, _RHYTHM).values

    def place(rows: IntArray) -> FloatArray:
        shape = deviation[rows][:, ::_EVERY]
        parts = [shape / np.float32(np.sqrt(shape.shape[1])), rhythm[rows]]
        return np.concatenate(parts, axis=1).astype(np.float32, copy=False)

    return place


def _nearest_of_few(far: FloatArray, count: int) -> IntArray:
    """Return the columns (k, count) of each row's least distances in ``far`` (k, n)."""
    least: IntArray = np.argpartition(far, count - 1, axis=1)[:, :count]
    return least


def _nearest(far: FloatArray, count: int) -> IntArray:
    """Return what ``_nearest_of_few`` does, nearest first, in a third of the time.

    The count-th least of the least distances of groups is no less than the count-th least of all:
    only what is within it is sorted. The order in which beats are averaged moves their mean's last
    bit, so that only recordings of more than ``LONG`` beats are done so.
    """
    rows, n = far.shape
    groups = n // _GROUP
    if groups < count:
        return np.argsort(far, axis=1, kind="stable")[:, :count]
    least = far[:, : groups * _GROUP].reshape(rows, _GROUP, groups).min(axis=1)
    bound = np.partition(least, count - 1, axis=1)[:, count - 1, None]
    row, column = np.divmod(np.flatnonzero(far <= bound), n)
    order = np.lexsort((far[row, column], row))
    row, column = row[order], column[order]
    first = np.searchsorted(row, np.arange(rows))
    nearest: IntArray = column[first[:, None] + np.arange(count)]
    return nearest
