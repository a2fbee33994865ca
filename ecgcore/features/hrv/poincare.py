"""The Poincaré plot in numbers: each NN interval against the next one.

SD1 and SD2 are the standard deviations across and along the line of identity (M. Brennan,
M. Palaniswami, P. Kamen, IEEE Trans. Biomed. Eng. 48(11), 2001). Only pairs of neighbouring NN
intervals count.
"""

from typing import Final

import numpy as np

from ecgcore.features.hrv.measure import Measure, number, too_few
from ecgcore.features.hrv.nn import NN
from ecgcore.schema import DoubleArray

LEAST: Final = 30  # pairs


def poincare_pairs(nn: NN) -> tuple[DoubleArray, DoubleArray]:
    """Return each NN interval and the one after it (p,), (p,), ms."""
    ms, first = nn.ms, nn.pairs
    return ms[first], ms[first + 1]


def poincare(nn: NN) -> list[Measure]:
    """Return SD1, SD2, their ratio and the ellipse's area."""
    x, y = poincare_pairs(nn)
    if x.size < LEAST:
        names = ("sd1", "sd2", "sd1_sd2", "ellipse_area")
        return [too_few(name, LEAST, x.size, "pairs of NN intervals") for name in names]
    sd1 = float(((y - x) / np.sqrt(2)).std(ddof=1))
    sd2 = float(((y + x) / np.sqrt(2)).std(ddof=1))
    return [
        number("sd1", sd1),
        number("sd2", sd2),
        number("sd1_sd2", sd1 / sd2 if sd2 else float("nan")),
        number("ellipse_area", np.pi * sd1 * sd2),
    ]
