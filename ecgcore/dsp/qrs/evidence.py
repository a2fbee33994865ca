"""How surely a candidate is a QRS complex: what is looked at, and a small network that weighs it.

The network has two inputs. One is the waveform around the candidate, without mean and trend and
divided by the envelope's height, so that gain and offset don't matter; the network answers alike
for a waveform and its mirror image (the mean of both answers), so that polarity doesn't either.
The other, ``context``, has no sign: the envelope around, against the usual beat of the
neighbourhood, and how noisy it is there. What it answers are log odds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ecgcore.dsp.qrs.around import around
from ecgcore.dsp.qrs.front import Front
from ecgcore.schema import FloatArray, IntArray

REACH: Final = 16  # samples of the waveform to either side, 0.25 s
AROUND: Final = 48  # samples of the envelope to either side, 0.75 s …
EVERY: Final = 3  # … of which every third is looked at
SMALLEST: Final = 0.02  # of the usual beat: what is added before a logarithm
NO_SHAPE: Final = 1e-3  # likewise, to the size of a waveform
RANGE: Final = (-4.0, 4.0)  # of the logarithms
_THINNED: Final = 2 * AROUND // EVERY + 1
CONTEXT: Final = _THINNED + 5
ROWS: Final = 4096  # candidates at a time: enough for numpy, few enough for the cache

WEIGHTS: Final = Path(__file__).with_name("weights.npz")


def _without_trend() -> FloatArray:
    """Return the matrix that takes mean and straight line from a waveform."""
    time = np.arange(-REACH, REACH + 1, dtype=np.float64)
    basis = np.stack((np.ones_like(time), time / np.sqrt((time**2).mean()))) / np.sqrt(time.size)
    levelling: FloatArray = (np.eye(time.size) - basis.T @ basis).astype(np.float32)
    return levelling


_LEVELLING: Final = _without_trend()


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """Two layers of rectified units over waveform (33,) and context (f,); see the module."""

    waveform: FloatArray  # (units, 33)
    context: FloatArray  # (units, f), for contexts as they are: their scaling is folded in
    bias: FloatArray  # (units,)
    hidden: FloatArray  # (units 2, units)
    hidden_bias: FloatArray  # (units 2,)
    output: FloatArray  # (units 2,)
    output_bias: FloatArray  # ()

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[np.float32]], name: str) -> Self:
        """Return the network whose arrays are called ``name``.waveform and so on."""
        return cls(**{field: arrays[f"{name}.{field}"] for field in cls.__annotations__})

    def log_odds(self, waveform: FloatArray, context: FloatArray) -> FloatArray:
        """Return log odds (c,) for waveforms (c, 33) and contexts (c, f)."""
        count, found = len(waveform), np.empty(len(waveform), dtype=np.float32)
        both = np.empty((2 * min(count, ROWS), self.bias.size), dtype=np.float32)
        for first in range(0, count, ROWS):
            rows = slice(first, min(first + ROWS, count))
            size = rows.stop - first
            odd = waveform[rows] @ self.waveform.T
            even = context[rows] @ self.context.T
            even += self.bias
            units = both[: 2 * size]  # of the waveform, and of its mirror image
            np.add(even, odd, out=units[:size])
            np.subtract(even, odd, out=units[size:])
            np.maximum(units, 0, out=units)
            second = units @ self.hidden.T
            second += self.hidden_bias
            np.maximum(second, 0, out=second)
            answer = second @ self.output
            found[rows] = (answer[:size] + answer[size:]) / 2 + self.output_bias
        return found


def read_networks() -> tuple[Network, Network]:
    """Return the network of the first look and that of the second, which knows templates."""
    with np.load(WEIGHTS, allow_pickle=False) as arrays:
        return Network.read(arrays, "first"), Network.read(arrays, "second")


class Inputs:
    """What the network sees of the candidates of one trace."""

    def __init__(self, stage: Front) -> None:
        """Take the first stage's candidates."""
        self._stage, self._envelope = stage, _Thinned(stage.envelope)

    def __call__(self, some: slice) -> tuple[FloatArray, FloatArray]:
        """Return waveform (k, 33) and context (k, 38) of ``some`` candidates."""
        stage = self._stage
        position, height = stage.position[some], stage.height[some, None]
        second = stage.second(position)
        level = stage.level[second, None]
        cut = around(stage.trace, position, REACH)
        # Levelled from the middle value on: a large offset would cost precision.
        cut -= cut[:, REACH, None].copy()
        waveform: FloatArray = np.matmul(cut, _LEVELLING)
        waveform /= height
        slope = waveform[:, 1:] - waveform[:, :-1]
        bent = slope[:, 1:] - slope[:, :-1]
        shares = self._envelope(position)
        shares /= level
        shares += np.float32(SMALLEST)
        context: FloatArray = np.empty((position.size, CONTEXT), dtype=np.float32)
        context[:, :_THINNED] = shares
        np.divide(height, level, out=context[:, _THINNED, None])
        np.divide(level, stage.long_level[second, None], out=context[:, _THINNED + 1, None])
        np.divide(stage.calm[second, None], level, out=context[:, _THINNED + 2, None])
        context[:, _THINNED + 3] = _size(waveform) + np.float32(NO_SHAPE)
        context[:, _THINNED + 4] = _size(bent) + np.float32(NO_SHAPE)
        np.log(context, out=context)
        np.clip(context, *RANGE, out=context)
        return waveform, context


def inputs(stage: Front) -> tuple[FloatArray, FloatArray]:
    """Return waveform (c, 33) and context (c, 38) of every candidate."""
    return Inputs(stage)(slice(None))


class _Thinned:
    """Every third value around many places, of rows that lie together in memory."""

    def __init__(self, x: FloatArray) -> None:
        padded = np.pad(x, (AROUND, AROUND + -x.size % EVERY), mode="edge")
        thinned = padded.reshape(-1, EVERY).T
        self._length = thinned.shape[1]
        self._rows = sliding_window_view(thinned.ravel(), _THINNED)

    def __call__(self, position: IntArray) -> FloatArray:
        """Return what stands around each position (k,), (k, 33)."""
        row, phase = np.divmod(position, EVERY)
        rows: FloatArray = self._rows[phase * self._length + row]
        return rows


def _size(x: FloatArray) -> FloatArray:
    """Return the root mean square of each row (c,)."""
    size: FloatArray = np.sqrt(np.einsum("cj,cj->c", x, x) / np.float32(x.shape[1]))
    return size
