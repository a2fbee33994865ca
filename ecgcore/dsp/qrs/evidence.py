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
from numpy.typing import NDArray

from ecgcore.dsp.qrs.around import around
from ecgcore.dsp.qrs.front import Front
from ecgcore.schema import FloatArray

REACH: Final = 16  # samples of the waveform to either side, 0.25 s
AROUND: Final = 48  # samples of the envelope to either side, 0.75 s …
EVERY: Final = 3  # … of which every third is looked at
SMALLEST: Final = 0.02  # of the usual beat: what is added before a logarithm
NO_SHAPE: Final = 1e-3  # likewise, to the size of a waveform
RANGE: Final = (-4.0, 4.0)  # of the logarithms

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
        odd = waveform @ self.waveform.T
        even = context @ self.context.T + self.bias
        answer = self._rest(even + odd) + self._rest(even - odd)
        return (answer / 2).astype(np.float32, copy=False)

    def _rest(self, units: NDArray[np.floating]) -> NDArray[np.floating]:
        np.maximum(units, 0, out=units)
        second = units @ self.hidden.T + self.hidden_bias
        np.maximum(second, 0, out=second)
        answer: NDArray[np.floating] = second @ self.output + self.output_bias
        return answer


def read_networks() -> tuple[Network, Network]:
    """Return the network of the first look and that of the second, which knows templates."""
    with np.load(WEIGHTS, allow_pickle=False) as arrays:
        return Network.read(arrays, "first"), Network.read(arrays, "second")


def inputs(stage: Front) -> tuple[FloatArray, FloatArray]:
    """Return waveform (c, 33) and context (c, 38) of every candidate."""
    height = stage.height[:, None]
    second = stage.second(stage.position)
    level = stage.level[second, None]
    cut = around(stage.trace, stage.position, REACH)
    # Levelled from the middle value on: a large offset would cost precision.
    waveform: FloatArray = np.matmul(cut - cut[:, REACH, None], _LEVELLING, dtype=np.float32)
    waveform /= height
    bent = waveform[:, 2:] - 2 * waveform[:, 1:-1] + waveform[:, :-2]
    context: FloatArray = np.concatenate(
        (
            around(stage.envelope, stage.position, AROUND)[:, ::EVERY] / level + SMALLEST,
            height / level,
            level / stage.long_level[second, None],
            stage.calm[second, None] / level,
            _size(waveform) + NO_SHAPE,
            _size(bent) + NO_SHAPE,
        ),
        axis=1,
    )
    np.log(context, out=context)
    return waveform, np.clip(context, *RANGE, out=context)


def _size(x: FloatArray) -> FloatArray:
    """Return the root mean square of each row (c, 1)."""
    size: FloatArray = np.sqrt(np.einsum("cj,cj->c", x, x) / x.shape[1])[:, None]
    return size
