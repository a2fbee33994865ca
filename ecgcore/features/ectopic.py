"""How much of a beat is the recording's own ectopic beat: where fusion beats lie between two.

A fusion beat is one that a sinus impulse and a ventricular one share: in shape a mixture of the
person's normal and ventricular beat (Marriott, Schwartz and Bix 1962), so its difference from the
median beat lies along that of the person's ventricular beats and is shorter.

Our own construction, without labels: early beats of an odd shape stand for the ectopic ones; the
first principal direction of their differences, each of unit length and not centred, is what they
share; a beat's part is the projection of its difference on it, in units of theirs. Where fewer than
three beats are early and odd there is no direction, and all parts are zero.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgcore.features.rr import rr_features
from ecgcore.features.templates import MOST_BEATS, Rows, row_blocks
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray, Peaks

_EARLY: Final = -0.08  # log of the interval before over the mean of the last ten
_ODD: Final = 2.5  # times as different as the least different quarter of the beats …
_LEAST: Final = 0.1  # … and by so much, root mean square, in the difference's unit
_FEWEST: Final = 3
_FULL: Final = 0.75  # quantile of the ectopic beats' projections that counts as one whole beat
_MOST: Final = 2.0  # whole beats; no part is larger
_SIZE: Final = 0.5  # root mean square of one whole beat's part


@dataclass(frozen=True, kw_only=True, eq=False)
class EctopicParts:
    """How much of b beats is the recording's ectopic beat."""

    share: FloatArray  # (b,), whole beats
    whole: DoubleArray  # (points,), what one of them is

    def rows(self, index: IntArray) -> FloatArray:
        """Return the parts (k, points) of beats ``index`` (k,)."""
        part: FloatArray = (self.share[index, None] * self.whole).astype(np.float32)
        return part


def ectopic_part(difference: FloatArray, peaks: Peaks, usable: BoolArray) -> FloatArray:
    """Return the part of each beat's ``difference`` (b, points) along the ectopic direction.

    A waveform (b, points) of root mean square 0.5 for a typical ectopic beat, near zero for a
    normal one. Raises RecordError with fewer than two beats.
    """
    found = find_ectopic(difference, peaks, usable)
    return np.zeros_like(difference) if found is None else found.rows(np.arange(len(usable)))


def find_ectopic(difference: Rows, peaks: Peaks, usable: BoolArray) -> EctopicParts | None:
    """Return the parts of ``ectopic_part``; None where there is no direction. Errors as there."""
    early = rr_features(peaks, ("log_pre_local",)).values[:, 0] < _EARLY
    if not usable.any():
        return None
    blocks = row_blocks(len(usable))
    size = np.concatenate([np.sqrt((difference[rows] ** 2).mean(axis=1)) for rows in blocks])
    odd = size > max(_ODD * float(np.quantile(size[usable], 0.25)), _LEAST)
    some = np.flatnonzero(usable & early & odd)
    if some.size < _FEWEST:
        return None
    ectopic = difference[some[:: -(-some.size // MOST_BEATS)]].astype(np.float64)
    unit = ectopic / np.linalg.norm(ectopic, axis=1, keepdims=True)
    direction = np.linalg.eigh(unit.T @ unit)[1][:, -1]
    along = ectopic @ direction
    if np.median(along) < 0:
        direction, along = -direction, -along
    whole = float(np.quantile(np.maximum(along, 0), _FULL))
    if whole <= 0:
        return None
    single = direction.astype(np.float32)
    along = np.concatenate([difference[rows] @ single for rows in blocks])
    return EctopicParts(
        share=np.clip(along / whole, -_MOST, _MOST),
        whole=_SIZE * np.sqrt(direction.size) * direction,
    )
