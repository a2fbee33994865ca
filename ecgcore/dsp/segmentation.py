"""Beats cut out of a trace around their R-peaks, each with the same number of points.

No beat is ever lost: the result has one row for each peak given. Where a window reaches beyond
the recording the edge value is repeated (``padded``). ``usable`` is False where the window touches
a gap, lies outside, sees only a constant, or where at least UNUSABLE_SHARE of it carries no ECG in
the lead as it was recorded (``quality``): a filter turns a flat stretch or a calibration signal
into something that looks like one.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import numpy as np

from ecgcore.dsp.blocks import blocks, by_block
from ecgcore.dsp.interpolation import interpolate_rows
from ecgcore.dsp.no_ecg import no_ecg, together
from ecgcore.errors import SignalError
from ecgcore.schema import (
    Beats,
    BoolArray,
    DoubleArray,
    FloatArray,
    IntArray,
    Peaks,
    Recording,
    Sliceable,
)

DAEAC_AFTER_PREVIOUS_S: Final = 0.14
DAEAC_AFTER_S: Final = 0.28
# One beat alone has no RR interval: a heart rate of 60 per minute stands in.
LONE_BEAT_RR_S: Final = 1.0
# The longest true pause in mitdb (232) is about 6 s; anything beyond 10 s is a stretch without
# annotations, and a window over it would show everything but the beat.
LONGEST_RR_S: Final = 10.0
# A third of an ordinary window is 0.29 s: more than a clipped QRS complex, less than what a flat
# second covers of the window around any R-peak within it.
UNUSABLE_SHARE: Final = 1 / 3
# A constant comes out of the interpolation with rounding errors of single precision.
_ROUNDING: Final = 1e-5
_CUTTING: Final = (
    0.75  # of the time that beats take; the rest goes to finding where there is no ECG
)


@dataclass(frozen=True, kw_only=True)
class WindowSpec:
    """Which stretch around an R-peak is its beat; windows are half-open, in seconds.

    ``fixed``: ``before`` seconds before R to ``after`` seconds after it. ``cycle``: the middle of
    the RR interval before to the middle of the one after. ``daeac``: previous R + 0.14 s to
    R + 0.28 s (the beat of the DAEAC studies). ``before`` and ``after`` count for ``fixed`` only.

    Raises SignalError for an unknown kind or a fixed window without length.
    """

    kind: Literal["fixed", "cycle", "daeac"] = "fixed"
    before: float = 0.36
    after: float = 0.5

    def __post_init__(self) -> None:
        if self.kind not in ("fixed", "cycle", "daeac"):
            raise SignalError(
                f"There is no beat window {self.kind!r}; there are fixed, cycle, daeac."
            )
        if self.kind == "fixed" and not 0 < self.before + self.after <= 60:
            raise SignalError(
                f"A beat window from {self.before:g} s before to {self.after:g} s after R is no "
                "stretch of 0 to 60 s; choose other bounds."
            )

    def bounds(self, peaks: Peaks) -> tuple[DoubleArray, DoubleArray]:
        """Return where each beat's window begins and ends (b,), (b,), in absolute samples.

        The first beat's previous RR and the last beat's next RR are the record's median RR.
        """
        r = peaks.sample.astype(np.float64)
        if self.kind == "fixed":
            return r - self.before * peaks.fs, r + self.after * peaks.fs
        previous, following = _neighbour_rr(r, peaks.fs)
        if self.kind == "cycle":
            return r - previous / 2, r + following / 2
        return r - previous + DAEAC_AFTER_PREVIOUS_S * peaks.fs, r + DAEAC_AFTER_S * peaks.fs


def cut_beats(
    record: Recording,
    peaks: Peaks,
    window: WindowSpec,
    points: int,
    lead: str | None = None,
    signal: Sliceable | None = None,
    ratio: Fraction = Fraction(1),
    progress: Callable[[float], None] | None = None,
) -> Beats:
    """Cut one beat a peak and resample each to ``points`` points.

    ``signal`` (m,), mV, is used instead of the record's lead where it is filtered or resampled; it
    must start and end where the record does. ``ratio`` is the number of its samples for one of the
    record's (``resampling_ratio``). It and the lead are looked at block by block, so that a day is
    never in memory. Points are evenly spaced over the half-open window, point k at start + k (stop
    − start) / points, so that a fixed window of as many points as it has samples returns the
    samples themselves. See ``interpolation`` for what lies between samples and for the low-pass
    where points lie further apart than samples. ``progress`` is told the share that is done, block
    by block; what it raises ends the work.

    Returns Beats with waveform (b, points), mV, float32. Raises SignalError when ``points`` is
    not positive, the trace has another length than the record, or the peaks another rate;
    RecordError for an unknown lead.
    """
    own = record.lead(lead)
    trace = own if signal is None else signal
    _check(record, peaks, points, trace, ratio)
    begin, end = window.bounds(peaks)
    spacing = (end - begin) / points
    waveform, touches_gap = _interpolated(
        record, peaks, trace, begin, spacing, points, ratio, _part(progress, 0.0, _CUTTING)
    )
    last = begin + (points - 1) * spacing
    outside = (peaks.sample < record.start) | (peaks.sample >= record.stop)
    bad = together(no_ecg(own, record.fs, progress=_part(progress, _CUTTING, 1.0)))
    spoilt = _share(bad, len(own), begin - record.start, end - record.start) >= UNUSABLE_SHARE
    return Beats(
        waveform=waveform,
        peaks=peaks,
        start=begin,
        stop=last,
        lead=record.lead_name(lead),
        padded=(begin < record.start) | (last > record.stop - 1),
        usable=~(touches_gap | outside | _constant(waveform) | spoilt),
    )


def _interpolated(
    record: Recording,
    peaks: Peaks,
    trace: Sliceable,
    begin: DoubleArray,
    spacing: DoubleArray,
    points: int,
    ratio: Fraction,
    progress: Callable[[float], None] | None,
) -> tuple[FloatArray, BoolArray]:
    """Return the beats (b, points), and which met a gap (b,), each from its own block."""
    scale = float(ratio)
    start, step = (begin - record.start) * scale, spacing * scale
    waveform = np.zeros((len(peaks), points), dtype=np.float32)
    touches = np.zeros(len(peaks), dtype=np.bool_)
    length = record.stop - record.start
    every = by_block(peaks.sample - record.start, length, record.fs)
    short = len(blocks(length, record.fs)) == 1
    for k, rows in enumerate(every):
        first, stop = 0, len(trace)
        if not short:  # even where all beats lie in one block: it is the lead that is long
            beyond = 2 * max(float(step[rows].max()), 1.0) + 2
            low = float(start[rows].min()) - beyond
            high = float((start[rows] + points * step[rows]).max()) + beyond
            first = min(max(math.floor(low), 0), len(trace) - 1)
            stop = max(min(math.ceil(high), len(trace)), first + 1)
        waveform[rows], touches[rows] = interpolate_rows(
            np.asarray(trace[first:stop]), start[rows] - first, step[rows], points
        )
        if progress is not None:
            progress((k + 1) / len(every))
    return waveform, touches


def _part(
    progress: Callable[[float], None] | None, begin: float, end: float
) -> Callable[[float], None] | None:
    """Return what tells ``progress`` of work that is its part from ``begin`` to ``end``."""
    if progress is None:
        return None
    return lambda share: progress(begin + (end - begin) * share)


def _constant(waveform: FloatArray) -> BoolArray:
    """Return which rows (b,) of ``waveform`` (b, points) show one value, but for rounding."""
    if waveform.shape[1] < 2:
        return np.zeros(waveform.shape[0], dtype=np.bool_)
    constant: BoolArray = np.ptp(waveform, axis=1) <= _ROUNDING * np.abs(waveform).max(axis=1)
    return constant


def _share(bad: IntArray, length: int, begin: DoubleArray, end: DoubleArray) -> DoubleArray:
    """Return which share (b,) of each window begin[i]…end[i] lies in the stretches ``bad``."""
    first, stop = (np.clip(np.rint(at).astype(np.int64), 0, length) for at in (begin, end))
    edges = np.concatenate(([0], bad.ravel(), [length])).astype(np.float64)
    before = np.concatenate(([0], np.cumsum(bad[:, 1] - bad[:, 0]))).repeat(2)
    marked = np.interp(stop, edges, before) - np.interp(first, edges, before)
    share: DoubleArray = marked / np.maximum(stop - first, 1)
    return share


def _neighbour_rr(r: DoubleArray, fs: float) -> tuple[DoubleArray, DoubleArray]:
    """Return the RR interval before and after each beat (b,), (b,), in samples."""
    intervals = np.diff(r)
    typical = float(np.median(intervals)) if intervals.size else LONE_BEAT_RR_S * fs
    padded = np.concatenate(([typical], intervals, [typical]))
    padded = np.minimum(padded, LONGEST_RR_S * fs)
    return padded[: r.size], padded[1 : r.size + 1]


def _check(record: Recording, peaks: Peaks, points: int, trace: Sliceable, ratio: Fraction) -> None:
    if points < 1:
        raise SignalError(f"A beat can't have {points} points; ask for 1 or more.")
    length = math.ceil((record.stop - record.start) * ratio)
    if len(trace) != length:
        raise SignalError(
            f"The filtered trace has {len(trace)} samples, but {record.header.name} has "
            f"{length}; filter the very stretch that was read."
        )
    if peaks.fs != record.fs:
        raise SignalError(
            f"The R-peaks are counted at {peaks.fs:g} Hz and {record.header.name} is sampled at "
            f"{record.fs:g} Hz; take the peaks of this recording."
        )
