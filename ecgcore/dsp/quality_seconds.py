"""Signal quality second by second: good, or why not to trust a beat there.

What carries no ECG (missing, flat, saturated, calibration) is told by ``quality``. *Noisy* is where
``beatlens`` can't well tell beats from bumps: over the nine seconds around, too many candidates'
log odds are near zero. The bound was set on mitdb 100, 119, 201 and 208, clean and with noise.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.ndimage import uniform_filter1d

from ecgcore.dsp.blocks import blocks
from ecgcore.dsp.qrs.detector import MAX_FS, MIN_FS, listen
from ecgcore.dsp.stretches import runs, share_covered
from ecgcore.schema import BoolArray, DoubleArray, IntArray, Sliceable, StrArray

GOOD: Final = "good"
NOISY: Final = "noisy"
AROUND: Final = 9  # seconds over which decisions are averaged
DECIDED: Final = 0.65  # the mean decision below which it is noisy
SPOILT: Final = 1 / 3  # share of a second without ECG, from which it is not good


def decision(log_odds: DoubleArray) -> DoubleArray:
    """Return how decided candidates are (c,): 0 at even odds, 1 where there is no doubt."""
    sure: DoubleArray = np.tanh(np.abs(log_odds) / 4) ** 2
    return sure


def quality_seconds(trace: Sliceable, fs: float, no_ecg: Mapping[str, IntArray]) -> StrArray:
    """Return the quality of each second (s,) of ``trace`` (n,), mV; the last may be cut short.

    ``no_ecg``: reason -> stretches (k, 2) of samples [start, stop), as of ``Survey``. The first of
    its reasons that spoils a third of a second is told; a noisy second that carries ECG is
    "noisy". At a rate that no detector takes nothing is said of noise.
    """
    count = int(np.ceil(len(trace) / fs))
    quality = np.full(count, GOOD, dtype="<U16")
    if MIN_FS <= fs <= MAX_FS:
        quality[_noisy(trace, fs, count)] = NOISY
    for reason, stretches in reversed(tuple(no_ecg.items())):
        quality[share_covered(stretches, count, fs) >= SPOILT] = reason
    return quality


def quality_at(sample: IntArray, quality: StrArray, fs: float) -> StrArray:
    """Return the quality (b,) of the seconds in which samples (b,) of the recording lie."""
    if not quality.size:
        return np.full(sample.size, GOOD, dtype="<U16")
    found: StrArray = quality[np.clip((sample / fs).astype(np.int64), 0, quality.size - 1)]
    return found


def bad_stretches(quality: StrArray) -> list[tuple[int, int, str]]:
    """Return (first second, second after the last, reason) of each run that is not good."""
    edges = np.flatnonzero(quality[1:] != quality[:-1]) + 1
    bounds = np.concatenate(([0], edges, [quality.size])).tolist()
    return [
        (first, stop, str(quality[first]))
        for first, stop in pairwise(bounds)
        if first < quality.size and quality[first] != GOOD
    ]


def noisy_stretches(quality: StrArray, fs: float, start: int = 0) -> IntArray:
    """Return the runs of noisy seconds (k, 2), [first, stop), absolute samples.

    ``start``: the absolute sample of the trace whose ``quality`` it is.
    """
    seconds = np.array(runs(quality == NOISY), dtype=np.int64).reshape(-1, 2)
    samples: IntArray = np.ceil(seconds * fs).astype(np.int64) + start
    return samples


def _noisy(trace: Sliceable, fs: float, count: int) -> BoolArray:
    decided, candidates = np.zeros(count), np.zeros(count)
    for block in blocks(len(trace), fs):
        heard = listen(trace[block.begin : block.end], fs)
        at = heard.peak + block.begin
        own = (at >= block.first) & (at < block.stop)
        second = np.minimum((at[own] / fs).astype(np.int64), count - 1)
        decided += np.bincount(second, decision(heard.log_odds[own].astype(np.float64)), count)
        candidates += np.bincount(second, minlength=count)
    width = min(AROUND, max(count, 1))
    mean = uniform_filter1d(decided, width, mode="nearest")
    number = uniform_filter1d(candidates, width, mode="nearest")
    noisy: BoolArray = (number > 1e-9) & (mean < DECIDED * number)
    return noisy
