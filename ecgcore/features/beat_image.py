"""Beats drawn as pictures, by arrays: what an image network sees of a waveform.

Source: the beat-image study after Huang et al. 2019 draws each beat with a plotting library as a
picture of 256 × 256 and feeds it to a 2-D network. Departures, all ours: no library draws, axes
and frame are left out, the picture is grey from 0 (paper) to 1 (line), and smaller by default.
By default all beats share one amplitude axis, so that a beat's size shows; ``limits="own"`` fills
each picture with its own beat, as a plot with free axes does.

A picture's column holds the line from its lowest to its highest place within that column, so
steep slopes are unbroken and no peak is lost between two columns; a pixel is as dark as the share
of its height that the line covers (anti-aliased).
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ecgcore.errors import EcgError
from ecgcore.schema import DoubleArray, FloatArray

_CHUNK: Final = 1 << 20  # pixels drawn at a time: memory is bounded
_FLAT: Final = 1e-6
_MOST: Final = 1024  # pixels on a side


@dataclass(frozen=True, kw_only=True)
class BeatImageSpec:
    """How a beat is drawn.

    ``height`` and ``width`` in pixels; ``limits``: the amplitude at the lower edge of the lowest
    row and at the upper edge of the highest, in the units of the scaled beat (a line beyond them
    is drawn along the edge), or "own" for each beat's own minimum and maximum; ``line``: its
    thickness in pixels. The default limits suit the scale "record"; z-scored beats ("beat") reach
    from about −4 to 7, those divided by their range from −1 to 1.
    """

    height: int = 64
    width: int = 64
    limits: tuple[float, float] | Literal["own"] = (-1.5, 2.0)
    line: float = 1.5

    def __post_init__(self) -> None:
        if not (2 <= self.height <= _MOST and 2 <= self.width <= _MOST):
            raise EcgError(
                f"A beat's picture can't have {self.height} × {self.width} pixels; choose 2 to "
                f"{_MOST} on each side."
            )
        if self.limits != "own" and not self.limits[0] < self.limits[1]:
            raise EcgError(
                f"A picture from {self.limits[0]:g} to {self.limits[1]:g} has no height; name the "
                "lower limit first."
            )
        if not 0 < self.line <= min(self.height, self.width):
            raise EcgError(f"A line of {self.line:g} pixels doesn't fit; choose about 1.5.")


def draw_beats(x: FloatArray, spec: BeatImageSpec) -> FloatArray:
    """Return a picture of each beat (b, 1, height, width), 0 to 1, of ``x`` (b, 1, points).

    Row 0 is the lowest amplitude (as a spectrogram's row 0 is its lowest frequency) and column 0
    the first point; the last point stands at the right edge.
    """
    waveform = x[:, 0]
    image = np.empty((len(waveform), 1, spec.height, spec.width), dtype=np.float32)
    step = max(1, _CHUNK // (spec.height * spec.width))
    for start in range(0, len(waveform), step):
        rows = slice(start, start + step)
        low, high = _column_extent(_in_pixels(waveform[rows], spec), spec.width)
        inside = spec.line / 2, spec.height - spec.line / 2
        image[rows, 0] = _coverage(np.clip(low, *inside), np.clip(high, *inside), spec)
    return image


def row_centres(waveform: FloatArray, spec: BeatImageSpec) -> DoubleArray:
    """Return the amplitude at the middle of each row (height,) of one beat's picture."""
    own = float(waveform.min()), float(waveform.max())
    bottom, top = own if spec.limits == "own" else spec.limits
    middle = (np.arange(spec.height) + 0.5) / spec.height
    centres: DoubleArray = bottom + middle * max(top - bottom, _FLAT)
    return centres


def column_centres(points: int, spec: BeatImageSpec) -> DoubleArray:
    """Return where the middle of each column (width,) lies, counted in the beat's points."""
    centres: DoubleArray = (np.arange(spec.width) + 0.5) / spec.width * (points - 1)
    return centres


def _in_pixels(waveform: FloatArray, spec: BeatImageSpec) -> FloatArray:
    """Return amplitudes (b, points) as heights in pixels."""
    if spec.limits == "own":
        bottom = waveform.min(axis=1, keepdims=True)
        span = np.maximum(waveform.max(axis=1, keepdims=True) - bottom, np.float32(_FLAT))
    else:
        bottom, span = np.float32(spec.limits[0]), np.float32(spec.limits[1] - spec.limits[0])
    height: FloatArray = ((waveform - bottom) * (np.float32(spec.height) / span)).astype(np.float32)
    return height


def _column_extent(y: FloatArray, width: int) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and highest place of the line (b, points) in each column (b, width).

    The line is straight between points, so within a column its extremes are at points or at the
    column's edges: the knots below.
    """
    points = y.shape[1]
    edge = np.linspace(0, points - 1, width + 1)
    inner = np.setdiff1d(np.arange(points, dtype=np.float64), edge)
    knot = np.sort(np.concatenate((edge, inner)))
    left = np.minimum(knot.astype(np.int64), points - 2)
    share = (knot - left).astype(np.float32)
    at_knot = y[:, left] * (1 - share) + y[:, left + 1] * share
    first = np.searchsorted(knot, edge[:-1])
    closing = at_knot[:, np.searchsorted(knot, edge[1:])]
    # reduceat leaves out each column's right edge, which is the next one's left.
    low = np.minimum(np.minimum.reduceat(at_knot[:, :-1], first, axis=1), closing)
    high = np.maximum(np.maximum.reduceat(at_knot[:, :-1], first, axis=1), closing)
    return low, high


def _coverage(low: FloatArray, high: FloatArray, spec: BeatImageSpec) -> FloatArray:
    """Return how much of each pixel (b, height, width) the line from low to high covers.

    Few pixels are touched: only those are visited, column by column from the lowest one up.
    """
    bottom, top = (low - spec.line / 2).ravel(), (high + spec.line / 2).ravel()
    first = np.maximum(np.floor(bottom), 0).astype(np.int64)
    count = np.minimum(np.ceil(top), spec.height).astype(np.int64) - first
    column = np.repeat(np.arange(count.size), count)  # of all beats, counted through
    row = np.arange(column.size) + np.repeat(first - np.cumsum(count) + count, count)
    covered = np.minimum(top[column], row + 1) - np.maximum(bottom[column], row)
    image = np.zeros((len(low), spec.height, spec.width), dtype=np.float32)
    beat, place = np.divmod(column, spec.width)
    image[beat, row, place] = covered
    return image
