"""The shape of beats by class: their mean, their spread, and a few of them as they are."""

from dataclasses import dataclass, replace

import numpy as np

from ecgcore.aami import AAMI_CLASSES
from ecgcore.dsp.segmentation import WindowSpec, cut_beats
from ecgcore.errors import RecordError
from ecgcore.schema import (
    Beats,
    DoubleArray,
    FloatArray,
    IntArray,
    Peaks,
    Recording,
    Sliceable,
    StrArray,
)

SPREAD = (0.1, 0.9)
# Beyond these numbers neither mean nor quantiles move by what a screen can show.
MOST_BEATS = 5_000
EXAMPLES = 24
_REACHED = 0.95
_SLACK = 1e-9  # s; rounding must not cut the first point off


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassShape:
    """Beats of one class, point by point, in the unit of the waveform.

    Mean and quantiles are NaN where fewer than half of the beats have a value.
    """

    name: str  # an AAMI class, or "" where classes are not known
    count: int  # usable beats
    left_out: int  # beats without a usable signal
    mean: FloatArray  # (points,)
    low: FloatArray  # (points,), the 10 % quantile
    high: FloatArray  # (points,), the 90 % quantile
    examples: FloatArray  # (k, points), evenly over the recording
    example_beats: IntArray  # (k,), their indices among the beats


def aligned_on_r(
    record: Recording,
    peaks: Peaks,
    window: WindowSpec,
    points: int,
    lead: str | None = None,
    signal: Sliceable | None = None,
) -> tuple[Beats, DoubleArray]:
    """Return beats on one time axis with R at 0, and that axis (points,), s.

    Each beat is NaN outside its own window, so that windows that follow the rhythm can be laid
    over each other without being stretched. The axis reaches as far as 95 % of the windows do.
    Parameters and errors are those of ``cut_beats``; RecordError without any peak.
    """
    if not len(peaks):
        raise RecordError(f"There is no R-peak in lead {record.lead_name(lead)}; choose another.")
    begin, end = window.bounds(peaks)
    before, after = (peaks.sample - begin) / peaks.fs, (end - peaks.sample) / peaks.fs
    wide = WindowSpec(
        before=float(np.quantile(before, _REACHED)), after=float(np.quantile(after, _REACHED))
    )
    beats = cut_beats(record, peaks, wide, points, lead=lead, signal=signal)
    axis = -wide.before + np.arange(points) * (wide.before + wide.after) / points
    outside = (axis < -before[:, None] - _SLACK) | (axis > after[:, None] + _SLACK)
    waveform = np.where(outside, np.float32(np.nan), beats.waveform)
    return replace(beats, waveform=waveform), axis


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
        enough = np.isfinite(waveform).mean(axis=0) >= 0.5
        low, mean, high = np.full((3, waveform.shape[1]), np.nan, dtype=np.float32)
        low[enough], high[enough] = np.nanquantile(waveform[:, enough], SPREAD, axis=0)
        mean[enough] = np.nanmean(waveform[:, enough], axis=0, dtype=np.float64)
        shown = evenly(usable, EXAMPLES)
        found.append(
            ClassShape(
                name=name,
                count=int(usable.size),
                left_out=int(member.sum() - usable.size),
                mean=mean,
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
