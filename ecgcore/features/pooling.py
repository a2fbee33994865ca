"""A spectrogram of no more cells than a screen can show: neighbouring cells become their mean.

The mean is one of power, before the logarithm (as Welch averages), over the cells that are known.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from ecgcore.schema import DoubleArray, FloatArray

# A wide figure has about so many columns of pixels, and rows of two or more.
MOST_COLUMNS: Final = 800
MOST_ROWS: Final = 200
MOST_CELLS: Final = 80_000
_HELD: Final = 1 << 23  # numbers that are held at once, before they are pooled


def steps(rows: int, columns: int, most: int = MOST_CELLS) -> tuple[int, int]:
    """Return how many rows and how many columns become one; ``most`` cells are left at most."""
    down = -(-rows // MOST_ROWS)
    kept = -(-rows // down)
    return down, -(-columns // max(min(MOST_COLUMNS, most // kept), 1))


def pooled(power: FloatArray, down: int, along: int) -> FloatArray:
    """Return the mean of each ``down`` rows and ``along`` columns of ``power`` (rows, columns).

    The last ones may be of fewer. A cell none of which is known is NaN.
    """
    if down == along == 1:
        return power
    rows, columns = -(-power.shape[0] // down), -(-power.shape[1] // along)
    whole = np.full((rows * down, columns * along), np.nan, dtype=np.float64)
    whole[: power.shape[0], : power.shape[1]] = power
    cells = whole.reshape(rows, down, columns, along)
    known = np.isfinite(cells)
    count = known.sum(axis=(1, 3))
    total = np.where(known, cells, 0).sum(axis=(1, 3))
    with np.errstate(invalid="ignore"):
        mean: FloatArray = (total / np.where(count, count, np.nan)).astype(np.float32)
    return mean


def pooled_axis(values: DoubleArray, every: int) -> DoubleArray:
    """Return where the pooled cells lie: in the middle of ``every`` of the evenly spaced values.

    The last one too, though it may be of fewer, so that they stay even.
    """
    if every == 1 or values.size < 2:
        return values
    step = float(values[1] - values[0])
    middles: DoubleArray = values[::every] + step * (every - 1) / 2
    return middles


def in_parts(
    part: Callable[[int, int], FloatArray], size: int, columns: int, down: int, along: int
) -> FloatArray:
    """Return ``pooled`` of columns that ``part(first, stop)`` makes, never many at once.

    ``size``: how many numbers one column takes while it is made.
    """
    held = max(_HELD // max(size, 1) // along, 1) * along
    return np.concatenate(
        [
            pooled(part(first, min(first + held, columns)), down, along)
            for first in range(0, columns, held)
        ],
        axis=1,
    )
