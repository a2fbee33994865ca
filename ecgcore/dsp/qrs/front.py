"""The first stage of ``beatlens``: a trace at 64 Hz, its QRS envelope, and the bumps of that.

The trace is averaged over 20 ms (which mutes mains hum at 50 Hz and most of it at 60 Hz) at the
64 Hz or so of all that follows; a QRS complex has little beyond 25 Hz that a detector needs. A
short complex wavelet then gives the size of what oscillates about as fast as a QRS complex does,
whatever its sign and shape. Every local maximum of that envelope above a small share of the
neighbourhood's usual beat is a candidate.

Both filters run as products of the blocked trace with one banded matrix, which costs less than a
filter that runs from sample to sample.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import median_filter

from ecgcore.dsp.qrs.thinning import strongest
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray

RATE: Final = 64  # Hz, about: the nearest for which input and output steps are small integers
LARGEST_STEPS: Final = 64
AVERAGE_S: Final = 0.020
WAVELET_HZ: Final = 15.0
WAVELET_S: Final = 0.023  # standard deviation of the wavelet's bell
HALF: Final = 6  # samples of the wavelet to either side
NEAREST: Final = 6  # samples, 94 ms: of candidates closer than this the higher one stays
SHARE: Final = 0.1  # of the usual beat's envelope, below which nothing is a candidate
LEVEL_SECONDS: Final = 9  # over which the usual beat is a median
LONG_LEVELS: Final = 17  # medians, 8 s apart, over which the long-term level is one
# What a 32-bit float can't tell from a constant, as a share of the trace's largest value.
ROUNDING: Final = 8 * float(np.finfo(np.float32).eps)
_BLOCK: Final = 64  # samples, one second, of which levels are made
_ROW: Final = 32  # samples a row of the product: more would be more zeros, fewer more overlap
_ROWS: Final = 512  # rows at a time, so that they stay in the processor's cache


@dataclass(frozen=True, kw_only=True, eq=False)
class Front:
    """A trace as the later stages see it: m samples at ``rate`` Hz, c candidates."""

    step: Fraction  # samples of the recording for one of these
    trace: FloatArray  # (m,), mV, averaged
    wave: FloatArray  # (m, 2): even and odd part of the wavelet's response, mV
    envelope: FloatArray  # (m,), mV: their size
    level: FloatArray  # (s,), mV: the usual beat's envelope around each 64 samples
    long_level: FloatArray  # (s,), the same over two minutes
    calm: FloatArray  # (s,), mV: the envelope's mean around each 64 samples
    position: IntArray  # (c,), samples of ``trace``, ascending
    height: FloatArray  # (c,), mV, the envelope there

    def second(self, position: IntArray) -> IntArray:
        """Return the index of the levels that count at ``position``."""
        return np.minimum(position // _BLOCK, self.level.size - 1)

    def recorded(self, position: IntArray) -> DoubleArray:
        """Return where in the recording's own samples ``position`` lies (fractional)."""
        at: DoubleArray = (position.astype(np.float64) + 0.5) * float(self.step) - 0.5
        return at


def steps(fs: float) -> Fraction:
    """Return how many samples at ``fs`` Hz make one at 64 Hz or so."""
    return Fraction(fs / RATE).limit_denominator(LARGEST_STEPS)


def front(x: FloatArray, fs: float, made_up: BoolArray | None = None) -> Front:
    """Return the first stage of ``x`` (n,), mV, finite, n > 0, at ``fs`` Hz.

    ``made_up`` (n,) marks what only bridges a gap: levels are not learned there.
    """
    step = steps(fs)
    trace = averaged(x, step, fs)
    wave, envelope = _response(trace)
    floor = ROUNDING * max(float(x.max()), -float(x.min()))
    silent = None if made_up is None else averaged(made_up.astype(np.float32), step, fs) > 0
    level, long_level, calm = _levels(envelope, floor, silent)
    rises = envelope[1:] > envelope[:-1]
    position = np.flatnonzero(rises[:-1] & ~rises[1:]) + 1
    height = envelope[position]
    usual = np.repeat(level, _BLOCK)[np.minimum(position, level.size * _BLOCK - 1)]
    loud = height > np.maximum(SHARE * usual, floor)
    position, height = position[loud], height[loud]
    kept = strongest(position, height, NEAREST)
    return Front(
        step=step,
        trace=trace,
        wave=wave,
        envelope=envelope,
        level=level,
        long_level=long_level,
        calm=calm,
        position=position[kept],
        height=height[kept],
    )


def nothing(fs: float) -> Front:
    """Return the stage of a trace in which nothing can be heard."""
    none = np.zeros(0, dtype=np.float32)
    return Front(
        step=steps(fs),
        trace=none,
        wave=none.reshape(0, 2),
        envelope=none,
        level=none,
        long_level=none,
        calm=none,
        position=np.zeros(0, dtype=np.int64),
        height=none,
    )


def averaged(x: FloatArray, step: Fraction, fs: float) -> FloatArray:
    """Return ``x`` (n,) averaged over AVERAGE_S once every ``step`` samples, (n / step,).

    Output k stands at sample (k + 1/2) · step − 1/2 of ``x``. Outputs that lie alike between
    samples are made together: ``step`` is a ratio of small integers.
    """
    every, phases = step.numerator, step.denominator
    count = x.size * phases // every
    groups = -(-count // phases)
    half = max(AVERAGE_S * fs, 1.0) / 2
    margin = int(np.ceil(half)) + 1
    padded = np.pad(x, (margin, max(0, groups * every - x.size) + margin), mode="edge")
    out = np.empty((groups, phases), dtype=np.float32)
    rows = max(1, 65536 // max(phases, every))
    for first in range(0, groups, rows):
        stop = min(first + rows, groups)
        for phase in range(phases):
            centre = (phase + 0.5) * float(step)
            low, high = centre - half, centre + half
            mean = np.zeros(stop - first, dtype=np.float32)
            for sample in range(int(np.floor(low)), int(np.ceil(high))):
                weight = (min(high, sample + 1) - max(low, sample)) / (2 * half)
                begin = margin + sample + first * every
                mean += np.float32(weight) * padded[begin : begin + (stop - first) * every : every]
            out[first:stop, phase] = mean
    return out.reshape(-1)[:count]


def _wavelet() -> FloatArray:
    """Return the even and the odd part (2, 2 HALF + 1), each without mean and of energy 1."""
    time = np.arange(-HALF, HALF + 1) / RATE
    bell = np.exp(-((time / WAVELET_S) ** 2) / 2)
    even = bell * np.cos(2 * np.pi * WAVELET_HZ * time)
    even -= bell * even.sum() / bell.sum()
    odd = bell * np.sin(2 * np.pi * WAVELET_HZ * time)
    parts = np.stack((even, odd))
    unit: FloatArray = (parts / np.sqrt((parts**2).sum(axis=1, keepdims=True))).astype(np.float32)
    return unit


def _band() -> FloatArray:
    """Return the matrix that takes a row of samples to its _ROW responses, even and odd."""
    band = np.zeros((_ROW + 2 * HALF, _ROW, 2), dtype=np.float32)
    for k in range(_ROW):
        band[k : k + 2 * HALF + 1, k] = _wavelet().T
    return band.reshape(-1, 2 * _ROW)


_BAND: Final = _band()


def _response(trace: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the wavelet's response (m, 2) to ``trace`` (m,), and its size (m,)."""
    width = _ROW + 2 * HALF
    blocks = -(-trace.size // _ROW)
    padded = np.pad(trace, (HALF, blocks * _ROW - trace.size + HALF), mode="edge")
    view = sliding_window_view(padded, width)[::_ROW]
    wave = np.empty((blocks, 2 * _ROW), dtype=np.float32)
    envelope = np.empty((blocks, _ROW), dtype=np.float32)
    for first in range(0, blocks, _ROWS):
        rows = slice(first, min(first + _ROWS, blocks))
        # Without each row's mean, a large offset costs no precision.
        block = view[rows] - view[rows].mean(axis=1, keepdims=True, dtype=np.float32)
        response = np.matmul(block, _BAND, out=wave[rows])
        squared = response * response
        np.sqrt(squared[:, ::2] + squared[:, 1::2], out=envelope[rows])
    size = trace.size
    return wave.reshape(-1, 2)[:size], envelope.reshape(-1)[:size]


def _levels(
    envelope: FloatArray, floor: float, silent: BoolArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the usual beat, the same over a long time, and the mean, each second, (s,)."""
    seconds = max(1, envelope.size // _BLOCK)
    rows = envelope[: seconds * _BLOCK].reshape(seconds, -1)
    highest, mean = rows.max(axis=1), rows.mean(axis=1)
    # A second without signal says nothing of the beats beside it.
    loud = highest > floor
    if silent is not None:
        loud &= silent[: seconds * _BLOCK].reshape(seconds, -1).mean(axis=1) < 0.5
    heard = np.flatnonzero(loud)
    if not heard.size:
        nothing = np.full(seconds, max(floor, np.finfo(np.float32).tiny), dtype=np.float32)
        return nothing, nothing, nothing
    highest, mean = highest[heard], mean[heard]
    # Of two seconds, so that a slow heart leaves none without a beat.
    pair = np.maximum(highest, np.append(highest[1:], highest[-1:]))
    level = _running_median(pair, LEVEL_SECONDS)
    long_level = np.repeat(_running_median(level[::8], LONG_LEVELS), 8)[: level.size]
    calm = _running_median(mean, LEVEL_SECONDS)
    nearest = np.clip(np.searchsorted(heard, np.arange(seconds)), 0, heard.size - 1)
    return level[nearest], long_level[nearest], calm[nearest]


def _running_median(x: FloatArray, width: int) -> FloatArray:
    median: FloatArray = median_filter(x, width, mode="nearest")
    return median
