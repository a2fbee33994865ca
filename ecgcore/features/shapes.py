"""The shape of beats by class: their mean, their spread, and a few of them as they are."""

from dataclasses import dataclass

import numpy as np

from ecgcore.aami import AAMI_CLASSES
from ecgcore.errors import RecordError
from ecgcore.schema import Beats, FloatArray, IntArray, StrArray

SPREAD = (0.1, 0.9)
# Beyond these numbers neither mean nor quantiles move by what a screen can show.
MOST_BEATS = 5_000
EXAMPLES = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassShape:
    """Beats of one class, point by point, in the unit of the waveform."""

    name: str  # an AAMI class, or "" where classes are not known
    count: int  # usable beats
    left_out: int  # beats without a usable signal
    mean: FloatArray  # (points,)
    low: FloatArray  # (points,), the 10 % quantile
    high: FloatArray  # (points,), the 90 % quantile
    examples: FloatArray  # (k, points), evenly over the recording
    example_beats: IntArray  # (k,), their indices among the beats


def class_shapes(beats: Beats, aami: StrArray | None = None) -> tuple[ClassShape, ...]:
    """Return one shape for each class with a usable beat, in the order of AAMI_CLASSES.

    ``aami`` (b,) are the beats' classes; without it all beats make one shape with no name. Of
    more than 5,000 beats in a class every k-th is used.

    Raises RecordError when no beat is usable.
    """
    if aami is None:
        groups = {"": np.ones(len(beats), dtype=np.bool_)}
    else:
        groups = {name: aami == name for name in AAMI_CLASSES}
    found = []
    for name, member in groups.items():
        usable = np.flatnonzero(member & beats.usable)
        if not usable.size:
            continue
        waveform = beats.waveform[evenly(usable, MOST_BEATS)]
        low, high = np.quantile(waveform, SPREAD, axis=0).astype(np.float32)
        shown = evenly(usable, EXAMPLES)
        found.append(
            ClassShape(
                name=name,
                count=int(usable.size),
                left_out=int(member.sum() - usable.size),
                mean=waveform.mean(axis=0, dtype=np.float64).astype(np.float32),
                low=low,
                high=high,
                examples=beats.waveform[shown],
                example_beats=shown,
            )
        )
    if not found:
        raise RecordError(f"Lead {beats.lead} has no usable beat; choose another lead or window.")
    return tuple(found)


def evenly(index: IntArray, most: int) -> IntArray:
    """Return at most ``most`` of ``index`` (n,), evenly spread over it."""
    if index.size <= most:
        return index
    return index[np.linspace(0, index.size - 1, most).round().astype(np.int64)]
