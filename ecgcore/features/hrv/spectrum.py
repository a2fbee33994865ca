"""The power spectrum of NN intervals, two ways, in ms²/Hz so that its area is their variance.

- ``lomb-scargle``: of the NN intervals as they came, at the time of the beat that ends each.
  Nothing is interpolated. The frequencies are multiples of 1 / the whole span.
- ``welch``: the tachogram is resampled at 4 Hz by a cubic spline, cut into segments of 5 minutes
  that overlap by half, each freed of its line, under a Hann window; the mean of their spectra. In
  interruptions the tachogram is a straight line; segments of which NN intervals cover less than
  80 % are left out.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy import signal
from scipy.interpolate import CubicSpline

from ecgcore.features.hrv.lomb import lomb_scargle
from ecgcore.features.hrv.nn import NN
from ecgcore.schema import DoubleArray

Method = Literal["lomb-scargle", "welch"]
METHODS: Final[tuple[Method, ...]] = ("lomb-scargle", "welch")
HIGHEST: Final = 0.4  # Hz, the end of HF
RATE: Final = 4.0  # Hz
SEGMENT_S: Final = 300.0
SEGMENT_SHARE: Final = 0.8
BREAK_S: Final = 2.5  # between two NN intervals' ends; the longest NN interval


@dataclass(frozen=True, kw_only=True, eq=False)
class Spectrum:
    """One-sided power density at even steps of frequency, without frequency 0."""

    method: Method
    frequency: DoubleArray  # (m,), Hz, up to HIGHEST
    density: DoubleArray  # (m,), ms²/Hz
    segments: int = 1  # spectra it is the mean of

    @property
    def step(self) -> float:
        """Hz between two frequencies; 0 without any."""
        return float(self.frequency[0]) if self.frequency.size else 0.0

    def power(self, low: float, high: float) -> float:
        """Return the power from ``low`` to before ``high`` Hz, ms²."""
        inside = (self.frequency >= low) & (self.frequency < high)
        return float(self.density[inside].sum() * self.step)

    def peak(self, low: float, high: float) -> float:
        """Return where the density is highest from ``low`` to before ``high`` Hz; NaN for none."""
        inside = np.flatnonzero((self.frequency >= low) & (self.frequency < high))
        if not inside.size:
            return float("nan")
        return float(self.frequency[inside[self.density[inside].argmax()]])


def spectrum(nn: NN, method: Method = "lomb-scargle") -> Spectrum:
    """Return the spectrum of the NN intervals; empty where there are fewer than 4 of them."""
    if nn.count < 4:
        return _empty(method)
    return _welch(nn) if method == "welch" else _lomb(nn)


def _empty(method: Method) -> Spectrum:
    return Spectrum(method=method, frequency=np.empty(0), density=np.empty(0), segments=0)


def _lomb(nn: NN) -> Spectrum:
    ms, time = nn.ms, nn.time
    span = float(time[-1] - time[0]) * ms.size / (ms.size - 1)
    count = int(HIGHEST * span)
    if count < 1:
        return _empty("lomb-scargle")
    power = lomb_scargle(time, ms - ms.mean(), 1 / span, count)
    return Spectrum(
        method="lomb-scargle",
        frequency=np.arange(1, count + 1) / span,
        # A sine's peak is 1 / span wide and its area is to be A² / 2.
        density=power * (2 * span / ms.size),
    )


def _welch(nn: NN) -> Spectrum:
    time, ms = nn.time, nn.ms
    at = np.arange(time[0], time[-1], 1 / RATE)
    width = min(round(SEGMENT_S * RATE), at.size)
    if width < 8:
        return _empty("welch")
    even = _tachogram(time, ms, at)
    covered = np.concatenate(([0], np.cumsum(_covered(nn, at))))
    first = np.arange(0, at.size - width + 1, max(width // 2, 1))
    first = first[covered[first + width] - covered[first] >= SEGMENT_SHARE * width]
    if not first.size:
        return _empty("welch")
    total = np.zeros(width // 2 + 1)
    for begin in first:  # one by one: a day's segments together would be copied three times
        segment = signal.detrend(even[begin : begin + width])
        frequency, density = signal.periodogram(segment, RATE, window="hann", detrend=False)
        total += density
    inside = (frequency > 0) & (frequency <= HIGHEST)
    return Spectrum(
        method="welch",
        frequency=frequency[inside],
        density=total[inside] / first.size,
        segments=int(first.size),
    )


def _tachogram(time: DoubleArray, ms: DoubleArray, at: DoubleArray) -> DoubleArray:
    """Return the intervals (n,) at even times, straight through interruptions."""
    begin = np.flatnonzero(np.diff(time) > BREAK_S)
    bridges = [np.arange(time[k] + 1, time[k + 1] - 0.5, 1.0) for k in begin]
    if bridges:
        extra = np.concatenate(bridges)
        knots = np.concatenate((time, extra))
        order = np.argsort(knots, kind="stable")
        values = np.concatenate((ms, np.interp(extra, time, ms)))
        time, ms = knots[order], values[order]
    even: DoubleArray = CubicSpline(time, ms)(at)
    return even


def _covered(nn: NN, at: DoubleArray) -> DoubleArray:
    """Return 1 where an even time (n,) lies within an NN interval, else 0."""
    end = nn.time
    following = np.minimum(np.searchsorted(end, at, side="left"), end.size - 1)
    begin = end[following] - nn.ms[following] / 1000
    return (at >= begin - 1e-9).astype(np.float64)
