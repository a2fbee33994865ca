"""The smallest and the largest sample of every half second of a lead: what a day is drawn from."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecgcore.schema import DoubleArray, FloatArray

BIN_S: Final = 0.5
_LEAST_BINS: Final = 4096  # of a short recording, whose bins are shorter


@dataclass(frozen=True, kw_only=True, eq=False)
class Envelope:
    """Extremes of consecutive bins of ``width`` samples; NaN where a bin has no sample at all."""

    width: int
    length: int  # samples of the lead
    low: FloatArray  # (bins,), mV
    high: FloatArray  # (bins,), mV

    def points(self, most: int) -> tuple[DoubleArray, FloatArray]:
        """Return sample numbers (m,) and mV (m,) of at most ``most`` points, for a line.

        Bins are joined evenly until they are few enough; each gives its low and its high, a
        quarter and three quarters of the way through it.
        """
        joined = max(1, -(-self.low.size * 2 // max(most, 2)))
        low, high = _joined(self.low, joined, np.fmin), _joined(self.high, joined, np.fmax)
        begin = np.arange(low.size) * (joined * self.width)
        span = np.minimum(begin + joined * self.width, self.length) - begin
        at = np.stack((begin + span / 4, begin + span * 3 / 4), axis=1).ravel()
        return at, np.stack((low, high), axis=1).ravel()

    @property
    def limits(self) -> tuple[float, float]:
        """The lead's smallest and largest sample, mV; NaN where it has none."""
        if not self.low.size:
            return float("nan"), float("nan")
        return float(np.fmin.reduce(self.low)), float(np.fmax.reduce(self.high))


def bin_width(length: int, fs: float) -> int:
    """Return how many samples a bin of a recording should have."""
    return max(1, min(round(BIN_S * fs), length // _LEAST_BINS))


def empty_envelope(length: int, width: int) -> Envelope:
    """Return an envelope to be filled by ``fill``."""
    bins = -(-length // width)
    low, high = (np.full(bins, np.nan, dtype=np.float32) for _ in range(2))
    return Envelope(width=width, length=length, low=low, high=high)


def fill(envelope: Envelope, x: NDArray[np.floating], start: int) -> None:
    """Take in the samples ``x`` (n,) from ``start`` on, in place; in any order, any cut."""
    if not x.size:
        return
    width = envelope.width
    first = start // width
    edges = np.arange(first * width, start + x.size, width) - start
    edges[0] = 0
    into = slice(first, first + edges.size)
    for kept, extreme in ((envelope.low, np.fmin), (envelope.high, np.fmax)):
        kept[into] = extreme(kept[into], extreme.reduceat(x, edges))


def _joined(x: FloatArray, count: int, extreme: np.ufunc) -> FloatArray:
    if count == 1 or not x.size:
        return x
    joined: FloatArray = extreme.reduceat(x, np.arange(0, x.size, count))
    return joined
