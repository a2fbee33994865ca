"""Geometric measures of the 1996 Task Force: of the histogram of NN intervals.

The bins are 1/128 s wide, as the Task Force has it, and begin at its multiples; an interval that
is such a multiple is in the bin that begins there, whatever its last binary digit says.
"""

from typing import Final

import numpy as np

from ecgcore.features.hrv.measure import Measure, number, too_short
from ecgcore.features.hrv.nn import NN
from ecgcore.schema import DoubleArray

BIN_MS: Final = 1000 / 128
LEAST_S: Final = 20 * 60.0  # Task Force: at least 20 minutes


def geometric(nn: NN) -> list[Measure]:
    """Return the HRV triangular index and TINN."""
    ms = nn.ms
    covered = float(ms.sum()) / 1000
    if covered < LEAST_S:
        return [too_short(name, LEAST_S, covered) for name in ("triangular_index", "tinn")]
    place = np.floor(ms / BIN_MS + 1e-6).astype(np.int64)
    height = np.bincount(place - place.min()).astype(np.float64)
    return [
        number("triangular_index", ms.size / float(height.max())),
        number("tinn", triangle_base(height) * BIN_MS),
    ]


def triangle_base(height: DoubleArray) -> float:
    """Return the base, in bins, of the triangle that fits a histogram (k,) best.

    The triangle stands on the highest bin and falls to zero at a bin on its left and one on its
    right; the squared differences over all bins are least. Either side is sought by itself.
    """
    top = int(height.argmax())
    return _reach(height[: top + 1][::-1]) + _reach(height[top:])


def _reach(side: DoubleArray) -> float:
    """Return how far from the top, ``side[0]``, the triangle's side meets zero."""
    # One bin further than the last: there the histogram is zero.
    side = np.append(side, 0.0)
    distance = np.arange(side.size)
    reach = np.arange(1, side.size)[:, None]
    line = side[0] * np.maximum(1 - distance / reach, 0)
    return float(reach[((side - line) ** 2).sum(axis=1).argmin(), 0])
