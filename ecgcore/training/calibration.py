"""How far a classifier's confidence is right (Guo et al. 2017)."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgcore.schema import FloatArray, IntArray

BINS: Final = 15


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """Of equal bins of confidence, in order: what was claimed and what was right.

    A bin without beats has 0 beats and sums of 0.
    """

    beats: tuple[int, ...]
    confidence: tuple[float, ...]  # mean probability of the predicted class; 0 without beats
    accuracy: tuple[float, ...]  # share that was right; 0 without beats

    @property
    def error(self) -> float:
        """The expected calibration error: the mean gap, weighted by beats; NaN without beats."""
        count = np.array(self.beats)
        if not count.sum():
            return math.nan
        gap = np.abs(np.array(self.accuracy) - np.array(self.confidence))
        return float((gap * count).sum() / count.sum())


def reliability(probability: FloatArray, truth: IntArray) -> Reliability:
    """Return the reliability of the most likely class.

    ``probability`` (n, classes), ``truth`` (n,) column indices.
    """
    if not len(truth):
        return Reliability(beats=(0,) * BINS, confidence=(0.0,) * BINS, accuracy=(0.0,) * BINS)
    confidence = probability.max(axis=1).astype(np.float64)
    right = probability.argmax(axis=1) == truth
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    some = np.maximum(count, 1)
    return Reliability(
        beats=tuple(count.tolist()),
        confidence=tuple((np.bincount(bins, confidence, minlength=BINS) / some).tolist()),
        accuracy=tuple((np.bincount(bins, right, minlength=BINS) / some).tolist()),
    )
