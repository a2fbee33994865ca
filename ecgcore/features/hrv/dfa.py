"""Detrended fluctuation analysis of NN intervals.

Source: C.-K. Peng, S. Havlin, H. E. Stanley, A. L. Goldberger, Chaos 5(1), 1995. The intervals,
less their mean, are summed up; in boxes of n beats a line is taken out; the fluctuation is the
root mean square of what is left. α is the slope of its logarithm over that of n, for every n from
4 to 16 (α1) and 16 to 64 (α2). Boxes don't overlap. Intervals that were left out are closed up:
Z. Chen et al., Phys. Rev. E 65, 2002, found that cutting out and stitching hardly moves α where
it is above 0.5.
"""

from typing import Final

import numpy as np

from ecgcore.features.hrv.measure import Measure, number, too_few
from ecgcore.features.hrv.nn import NN
from ecgcore.schema import DoubleArray

SCALES: Final = {"dfa_alpha1": (4, 16), "dfa_alpha2": (16, 64)}  # beats, both ends in
LEAST_BOXES: Final = 4  # of the longest scale


def dfa(nn: NN) -> list[Measure]:
    """Return α1 and α2."""
    ms = nn.ms
    found = []
    for name, (shortest, longest) in SCALES.items():
        least = LEAST_BOXES * longest
        if ms.size < least:
            found.append(too_few(name, least, ms.size))
            continue
        scales = np.arange(shortest, longest + 1)
        fluctuation = fluctuations(ms, scales)
        if not (fluctuation > 0).all():
            found.append(number(name, float("nan")))
            continue
        found.append(number(name, float(np.polyfit(np.log(scales), np.log(fluctuation), 1)[0])))
    return found


def fluctuations(x: DoubleArray, scales: np.ndarray) -> DoubleArray:
    """Return the fluctuation (s,) of ``x`` (n,) at each scale (s,), in x's unit."""
    profile = np.cumsum(x - x.mean())
    found = np.empty(len(scales))
    for k, n in enumerate(scales.tolist()):
        boxes = profile[: profile.size // n * n].reshape(-1, n)
        boxes = boxes - boxes.mean(axis=1, keepdims=True)
        line = np.arange(n) - (n - 1) / 2
        boxes = boxes - np.outer(boxes @ line / (line @ line), line)
        found[k] = np.sqrt((boxes**2).mean())
    return found
