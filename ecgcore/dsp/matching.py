"""Pairing of detected with reference R-peaks, one to one, as ANSI/AAMI EC57 asks."""

from typing import Final

import numpy as np

from ecgcore.schema import IntArray, PeakMatch

EC57_WINDOW_S: Final = 0.150


def match_peaks(
    reference: IntArray, detected: IntArray, fs: float, window: float = EC57_WINDOW_S
) -> PeakMatch:
    """Pair ``reference`` (r,) with ``detected`` (d,), both ascending samples at ``fs`` Hz.

    A pair lies at most ``window`` seconds apart and each peak is in at most one pair. The number
    of pairs is the largest possible (in order of time, each peak takes the first partner that is
    free, which is optimal on a line), so TP, FP and FN depend on no choice; WFDB's ``bxb`` looks
    for the nearest instead and may lose a pair where beats crowd. Where a peak left over is nearer
    than the partner, it takes the partner's place.
    """
    tolerance = window * fs
    left, right = reference.tolist(), detected.tolist()
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if right[j] < left[i] - tolerance:
            j += 1
        elif right[j] > left[i] + tolerance:
            i += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    paired = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    _take_nearer(paired[:, 0], paired[:, 1], reference, detected)
    _take_nearer(paired[:, 1], paired[:, 0], detected, reference)
    return PeakMatch(
        pairs=paired,
        missed=np.setdiff1d(np.arange(reference.size), paired[:, 0]),
        extra=np.setdiff1d(np.arange(detected.size), paired[:, 1]),
    )


def _take_nearer(fixed: IntArray, moved: IntArray, own: IntArray, other: IntArray) -> None:
    """Let each own[fixed] change, in place, to the nearest free neighbour of other[moved]."""
    free = np.ones(other.size, dtype=np.bool_)
    free[moved] = False
    for spare in np.flatnonzero(free).tolist():
        after = int(np.searchsorted(moved, spare))
        for pair in (after - 1, after):
            # Between this partner and the spare there is none: a step of one keeps the order.
            if not 0 <= pair < moved.size or not free[spare]:
                continue
            distance = abs(int(other[spare]) - int(own[fixed[pair]]))
            if distance < abs(int(other[moved[pair]]) - int(own[fixed[pair]])):
                free[moved[pair]] = True
                free[spare] = False
                moved[pair] = spare
