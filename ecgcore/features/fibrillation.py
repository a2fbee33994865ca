"""How likely the rhythm around a beat is atrial fibrillation, by its irregularity alone.

Where the atria fibrillate, an early beat is no ectopic one, whatever it looks like. A logistic
regression on four measures of the surroundings (``irregularity``): the scatter of pairs of
intervals, the share of steps over 10 %, the logarithms of the median step and of the spread. Our
own; it was fitted to drawn rhythms and to no recording: fibrillation against ectopy of many kinds,
sinus arrhythmia, block and regular rhythm (``training.rhythms``; its test fits it anew).

By experts' marks in DS1, where its averaging was compared and the drawn fibrillation's spread was
set, it finds all fibrillation (201, 203). Of other beats it takes 7 % of 201's for it, at the
edges, 19 % of 208's, with much ectopy, and all of 203's, which are flutter with a changing block;
of the other recordings' no more than 0.2 %. In DS2, which it has not met, it finds 71 % of the
beats marked as fibrillation. Where there are few beats even sinus arrhythmia has scattered pairs:
of fewer than 100 nothing is said.
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
_FEWEST: Final = 100  # beats of a recording; its test tells what fewer are taken for
_REACH: Final = 30  # beats on either side whose odds are averaged: it seldom lasts for a few beats


def fibrillation_odds(rr: Intervals) -> DoubleArray:
    """Return the log odds that the rhythm around each beat is atrial fibrillation (b,), -6 to 6."""
    odds = np.clip(measures(rr) @ np.array(WEIGHTS) + CONSTANT, -_MOST, _MOST)
    total = np.concatenate(([0.0], np.cumsum(odds)))
    beat = np.arange(odds.size)
    start, stop = np.maximum(beat - _REACH, 0), np.minimum(beat + _REACH + 1, odds.size)
    mean: DoubleArray = (total[stop] - total[start]) / (stop - start)
    return mean


def fibrillation_probability(peaks: Peaks) -> DoubleArray:
    """Return the probability that each beat stands in atrial fibrillation (b,).

    0 for all of a recording of fewer than 100 beats. Raises RecordError with fewer than two.
    """
    if 2 <= len(peaks) < _FEWEST:
        return np.zeros(len(peaks))
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
