"""Where a wrong beat is closer to the class it was taken for than to its own.

Point by point: the wrong beat's distance from the median of right beats of its true class, less
its distance from that of right beats of the predicted class, in units of how far such beats spread
around their median. Marked are stretches where both classes differ, the beat is outside what is
usual for its own class and clearly nearer to the other.

Where a neighbour's QRS complex reaches into view nothing is compared.

The right beats are of the wrong beat's own recording where it has enough of them. Where they are
another person's, and classes are beat types, what is compared is each beat's departure from its own
recording's median beat, put on the wrong beat's own median: a ventricular beat of somebody else
then stands here as it would look in this heart and lead. Where classes are people, the waveform
itself is what tells them apart, and it is compared as it is.

After figure 11 of Kim and Jung 2022, who compared one beat of each class by eye.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgcore.clusters.waves import WAVES, WaveArray, wave_at
from ecgcore.compare.aligned import AXIS, STEP_S, aligned, ordinary_beat, qrs_extent, smooth
from ecgcore.compare.exemplars import BeatRef, RightBeats
from ecgcore.dsp.stretches import runs
from ecgcore.features.intervals import intervals
from ecgcore.schema import BoolArray, DoubleArray, IntArray, Peaks, Predictions, Recording

MOST: Final = 40  # right beats of a class
LEAST: Final = 5  # of the own recording, or another one is taken
_MAD_TO_SD: Final = 1.4826
_FLOOR: Final = 0.04  # of the wrong beat's range: no spread is taken to be smaller
# Spreads that a marked point is nearer to the other class, that both classes are apart, and, half
# as much again, that it is outside its own; the second where the first marks nothing.
_NEARER: Final = (1.0, 0.5)
_SHORTEST_S: Final = 0.016
_JOINED_S: Final = 0.012  # marks so near to each other are one
_QRS_S: Final = 0.08  # that a neighbour's QRS complex reaches towards this beat
_USUAL_RR_S: Final = 0.8
_ST_S: Final = 0.04  # that the ST segment takes at least, however long the QRS complex
# The baseline shifted if the beat is so far from both classes behind its QRS complex, of its range,
# and so many spreads.
_SHIFTED: Final = (0.1, 3.0)
_BEHIND_S: Final = 0.12


@dataclass(frozen=True, kw_only=True, eq=False)
class Band:
    """Right beats of a class, point by point on ``AXIS``, in the lead's unit."""

    label: str
    record: str
    count: int
    median: DoubleArray  # (points,)
    spread: DoubleArray  # (points,), as a standard deviation
    ratio: float  # median of RR before / mean of the last ten; NaN where unknown
    reach: tuple[float, float]  # s from R at which few of them meet their neighbours' QRS complexes


@dataclass(frozen=True, kw_only=True, eq=False)
class Difference:
    """A wrong beat between two classes."""

    wrong: DoubleArray  # (points,), NaN beyond the recording
    true: Band
    predicted: Band
    closer: DoubleArray  # (points,), spreads; above 0 nearer to the predicted class
    marks: tuple[tuple[float, float], ...]  # s from R: where it is clearly nearer …
    slight: bool  # … or, as it clearly is nowhere, slightly
    wave: WaveArray  # (points,), index into clusters.waves.WAVES
    ratio: float  # of the wrong beat, as the bands'
    unit: str
    departures: bool  # whether other recordings' beats stand on this one's median beat
    shift: float = 0.0  # of the wrong beat's baseline from before its QRS complex to behind it

    @property
    def marked(self) -> BoolArray:
        """Which points are in a mark (points,)."""
        inside = np.zeros(AXIS.size, dtype=np.bool_)
        for first, last in self.marks:
            inside |= (first - 1e-9 <= AXIS) & (last + 1e-9 >= AXIS)
        return inside


def difference(
    wrong: BeatRef,
    true: RightBeats,
    predicted: RightBeats,
    records: Mapping[str, Recording],
    predictions: Mapping[str, Predictions],
    *,
    departures: bool,
) -> Difference:
    """Return how a wrong beat stands between right ones of two classes.

    ``records`` and ``predictions`` by name hold the three beats' recordings; ``departures``: what
    is compared across recordings, see the module's text.
    """
    part, record = predictions[wrong.record], records[wrong.record]
    own = np.array([wrong.beat])
    x = aligned(record, part.lead, part.peaks.sample[own])[0]
    base = _base(record, part) if departures else None
    bands = [
        _band(
            one, records[one.record], predictions[one.record], base, same=one.record == wrong.record
        )
        for one in (true, predicted)
    ]
    floor = _FLOOR * float(np.nanmax(x) - np.nanmin(x)) if np.isfinite(x).any() else 1.0
    spread = np.sqrt((bands[0].spread ** 2 + bands[1].spread ** 2) / 2 + floor**2)
    far, near = (np.abs(x - band.median) / spread for band in bands)
    apart = np.abs(bands[0].median - bands[1].median) / spread
    reach = _reach(part.peaks, own)
    alone = (max(reach[0], *(band.reach[0] for band in bands)) < AXIS) & (
        min(reach[1], *(band.reach[1] for band in bands)) > AXIS
    )
    closer = np.where(alone, np.nan_to_num(far - near), 0.0)
    marks: tuple[tuple[float, float], ...] = ()
    slight = False
    for least in _NEARER:
        slight = least != _NEARER[0]
        clear = (closer > least) & (np.nan_to_num(far) > 1.5 * least) & (apart > least)
        if marks := _marks(clear):
            break
    pre, post = _beside(part.peaks, wrong.beat)
    return Difference(
        wrong=x,
        true=bands[0],
        predicted=bands[1],
        closer=closer,
        marks=marks,
        slight=slight,
        wave=_waves(pre, post, (x, bands[0].median, bands[1].median)),
        ratio=float(_ratios(part.peaks)[wrong.beat]),
        unit=record.header.units[record.header.leads.index(part.lead)],
        departures=departures and any(band.record != wrong.record for band in bands),
        shift=_shift(x, (bands[0].median, bands[1].median), spread, alone),
    )


def _waves(pre: float, post: float, beats: tuple[DoubleArray, ...]) -> WaveArray:
    """Return the wave at each point, by position around R-peaks ``pre`` and ``post`` s away.

    The QRS complex lasts as long as the longest of ``beats``, each (points,): what is only in a
    broad one's end belongs to no ST segment.
    """
    found = wave_at(
        np.where(AXIS < 0, np.maximum(pre + AXIS, 0), AXIS),
        np.where(AXIS < 0, -AXIS, np.maximum(post - AXIS, 0)),
    )
    extents = [qrs_extent(beat) for beat in beats]
    first, last = min(begin for begin, _ in extents), max(end for _, end in extents)
    pr, qrs, st, t = (WAVES.index(name) for name in ("PR", "QRS", "ST", "T"))
    found[(found == qrs) & (-pre / 2 < AXIS) & (AXIS < 0)] = pr
    found[(found == qrs) & (post / 2 > AXIS) & (AXIS > 0)] = st
    found[(found == t) & (AXIS > 0) & (last + _ST_S > AXIS)] = st
    found[(first - 1e-9 <= AXIS) & (last + 1e-9 >= AXIS)] = qrs
    return found


def _shift(
    x: DoubleArray, medians: tuple[DoubleArray, ...], spread: DoubleArray, alone: BoolArray
) -> float:
    """Return how far the beat lies off both classes all along behind its QRS complex.

    0 where it does not: a T wave of its own takes a part of that stretch alone.
    """
    behind = alone & (_BEHIND_S < AXIS) & np.isfinite(x)
    if not behind.any():
        return 0.0
    off = [float(np.median((x - median)[behind])) for median in medians]
    least = min(off, key=abs)
    enough = max(_SHIFTED[0] * float(np.nanmax(x) - np.nanmin(x)), 0.0)
    clear = abs(least) > max(enough, _SHIFTED[1] * float(np.median(spread[behind])))
    return least if clear and off[0] * off[1] > 0 else 0.0


def _band(
    one: RightBeats, record: Recording, part: Predictions, base: DoubleArray | None, *, same: bool
) -> Band:
    values = aligned(record, part.lead, part.peaks.sample[one.beats])
    if base is not None and not same:
        there = _base(record, part)
        values = values - (0 if there is None else there) + base
    values = values[np.isfinite(values).all(axis=1)] if len(values) > 1 else values
    if not len(values):
        values = np.zeros((1, AXIS.size))
    median = np.median(values, axis=0)
    spread = _MAD_TO_SD * np.median(np.abs(values - median), axis=0)
    return Band(
        label=one.label,
        record=one.record,
        count=len(values),
        median=median,
        spread=smooth(spread, 9),
        ratio=_median(_ratios(part.peaks)[one.beats]),
        reach=_reach(part.peaks, one.beats),
    )


def _median(values: DoubleArray) -> float:
    there = values[np.isfinite(values)]
    return float(np.median(there)) if there.size else float("nan")


def _base(record: Recording, part: Predictions) -> DoubleArray | None:
    return ordinary_beat(record, part.lead, part.peaks.sample, part.usable)


def _marks(clear: BoolArray) -> tuple[tuple[float, float], ...]:
    """Return the stretches of ``clear`` points, s; near ones joined, short ones left out."""
    joined = clear.copy()
    for first, stop in runs(~clear):
        if first > 0 and stop < clear.size and (stop - first) * STEP_S <= _JOINED_S + 1e-9:
            joined[first:stop] = True
    least = round(_SHORTEST_S / STEP_S)
    return tuple((float(AXIS[a]), float(AXIS[b - 1])) for a, b in runs(joined, least))


def _ratios(peaks: Peaks) -> DoubleArray:
    """Return RR before each beat over the mean of the ten before it; NaN for the first beats."""
    found: DoubleArray = np.full(len(peaks), np.nan)
    if len(peaks) < 3:
        return found
    # The interval itself is left out of what it is compared with: eleven premature beats apart.
    known = intervals(peaks)
    found[2:] = known.pre[2:] / known.local_mean[1:-1]
    return found


def _reach(peaks: Peaks, beats: IntArray) -> tuple[float, float]:
    """Return from where to where nine of ten beats stand alone, s from R."""
    beside = np.array([_beside(peaks, int(beat)) for beat in beats])
    pre, post = np.quantile(beside, 0.1, axis=0)
    return _QRS_S - float(pre), float(post) - _QRS_S


def _beside(peaks: Peaks, beat: int) -> tuple[float, float]:
    """Return RR before and after a beat, s; the usual one at the recording's ends."""
    at = peaks.sample / peaks.fs
    pre = float(at[beat] - at[beat - 1]) if beat else _USUAL_RR_S
    post = float(at[beat + 1] - at[beat]) if beat + 1 < at.size else _USUAL_RR_S
    return pre, post
