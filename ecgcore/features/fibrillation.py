"""How likely the rhythm around a beat is atrial fibrillation, by its irregularity alone.

Where the atria fibrillate, an early beat is no ectopic one, whatever it looks like. A logistic
regression on four measures of the surroundings (``irregularity``): the scatter of pairs of
intervals, the share of steps over 10 %, the logarithms of the median step and of the spread. Our
own; it was fitted to drawn rhythms and to no recording: fibrillation against ectopy of many kinds,
sinus arrhythmia, block and regular rhythm (``training.rhythms``; its test fits it anew). It finds
all of the fibrillation that experts marked in DS1, and takes no more than 0.2 % of other beats for
it but in 201 (7 %, at its edges) and 208 (17 %, with much ectopy).
"""

from typing import Final

import numpy as np

from ecgcore.features import irregularity
from ecgcore.features.intervals import Intervals, intervals
from ecgcore.schema import DoubleArray, Peaks

WEIGHTS: Final = (16.7, 11.0, -3.6, -11.7)
CONSTANT: Final = 15.2
_LEAST: Final = 0.03  # added before a logarithm is taken: what is less irregular is regular
_MOST: Final = 6.0  # of the log odds, either way
_REACH: Final = 30  # beats on either side whose odds are averaged: it seldom lasts for a few beats


def fibrillation_odds(rr: Intervals) -> DoubleArray:
    """Return the log odds that the rhythm around each beat is atrial fibrillation (b,), -6 to 6."""
    odds = np.clip(measures(rr) @ np.array(WEIGHTS) + CONSTANT, -_MOST, _MOST)
    total = np.concatenate(([0.0], np.cumsum(odds)))
    beat = np.arange(odds.size)
    start, stop = np.maximum(beat - _REACH, 0), np.minimum(beat + _REACH + 1, odds.size)
    mean: DoubleArray = (total[stop] - total[start]) / (stop - start)
    return mean


def fibrillation(peaks: Peaks) -> DoubleArray:
    """Return the probability that each beat stands in atrial fibrillation (b,).

    Raises RecordError with fewer than two beats.
    """
    probability: DoubleArray = 1 / (1 + np.exp(-fibrillation_odds(intervals(peaks))))
    return probability


def measures(rr: Intervals) -> DoubleArray:
    """Return the four measures (b, 4) that the odds are a weighted sum of."""
    columns = (
        irregularity.scatter(rr),
        irregularity.step_share(rr),
        np.log(irregularity.median_step(rr) + _LEAST),
        np.log(irregularity.log_spread(rr) + _LEAST),
    )
    return np.stack(columns, axis=1)
