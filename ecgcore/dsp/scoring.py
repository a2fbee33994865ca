"""How well a detector finds annotated beats, over one recording or many (ANSI/AAMI EC57).

A pair, a missed beat or an extra detection is left out where its reference beat (an extra
detection: itself) lies in a stretch of ventricular flutter or fibrillation, or in the first five
minutes when those are skipped. Pairing comes first, so that no beat at the edge of a stretch
loses its partner.

Some recordings are annotated in part only: ecgid marks the first ten beats or so, and some of
nsrdb begin with half a minute of a calibration signal before the first beat. Scored as if
annotated in full, every beat found in the rest would count as an extra one. EC57 knows no such
recordings; we score the stretch that the annotations span, see ``scored_stretch``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ecgcore.dsp.matching import EC57_WINDOW_S, match_peaks
from ecgcore.dsp.quality import unusable_by_reason
from ecgcore.dsp.stretches import outside, runs
from ecgcore.records.annotations import annotated_peaks, flutter_stretches
from ecgcore.schema import IntArray, PeakMatch, Peaks, Record

LEARNING_PERIOD_S: Final = 300.0  # EC57 gives a detector five minutes before it counts
UNANNOTATED_RR: Final = 3.0  # median RR intervals without a beat at an end …
UNANNOTATED_S: Final = 5.0  # … and seconds: longer than both is taken for not annotated


@dataclass(frozen=True, kw_only=True)
class DetectionScore:
    """Counts, and the shares that follow; shares are NaN where nothing is to be divided."""

    tp: int
    fn: int
    fp: int
    scored_seconds: float = field(default=0.0, compare=False)  # of the recording, the rest left out

    @property
    def se(self) -> float:
        """Sensitivity, TP / (TP + FN)."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def ppv(self) -> float:
        """Positive predictivity, TP / (TP + FP)."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def f1(self) -> float:
        """Harmonic mean of the two, 2 TP / (2 TP + FN + FP)."""
        return _share(2 * self.tp, 2 * self.tp + self.fn + self.fp)


@dataclass(frozen=True, kw_only=True)
class AverageScore:
    """Means over recordings, each counting alike; recordings without the share are left out."""

    se: float
    ppv: float
    f1: float


def score_detection(
    record: Record,
    detected: Peaks,
    *,
    skip: float = 0.0,
    window: float = EC57_WINDOW_S,
    lead: str | None = None,
) -> DetectionScore:
    """Score ``detected`` against the annotated beats of ``record``.

    ``skip`` leaves out the first seconds of the recording (EC57: LEARNING_PERIOD_S); what
    ``unannotated`` says of ``lead``, where the peaks were found, is left out too. Raises
    RecordError when the recording has no annotated beats.
    """
    reference = annotated_peaks(record).sample
    match = match_peaks(reference, detected.sample, record.fs, window)
    ignored = np.concatenate((_ignored(record, skip), unannotated(record, lead)))
    scored = leave_out(match, reference, detected.sample, ignored)
    return DetectionScore(
        tp=len(scored.pairs),
        fn=len(scored.missed),
        fp=len(scored.extra),
        scored_seconds=_samples_left(record, ignored) / record.fs,
    )


def scored_stretch(record: Record) -> tuple[int, int]:
    """Return [start, stop), absolute samples: what the annotations of ``record`` span.

    An end is taken for not annotated where the first (last) beat lies more than three median RR
    intervals and more than 5 s away from it; the stretch then ends 150 ms beyond that beat. Else
    it reaches to the recording's end. A rule of our own: no recording of mitdb or qtdb is cut by
    it. With fewer than two beats there is no RR interval, and nothing is cut.
    Raises RecordError when the recording has no annotated beats.
    """
    return annotated_stretch(annotated_peaks(record), record.start, record.stop)


def annotated_stretch(peaks: Peaks, start: int, stop: int) -> tuple[int, int]:
    """Return ``scored_stretch`` of a recording [start, stop) by its annotated peaks."""
    sample = peaks.sample
    if sample.size < 2:
        return start, stop
    longest = max(UNANNOTATED_S * peaks.fs, UNANNOTATED_RR * float(np.median(np.diff(sample))))
    beside = round(EC57_WINDOW_S * peaks.fs)
    first, last = int(sample[0]), int(sample[-1])
    return (
        first - beside if first - start > longest else start,
        last + beside + 1 if stop - 1 - last > longest else stop,
    )


def unannotated(record: Record, lead: str | None = None) -> IntArray:
    """Return the stretches (k, 2), [start, stop), of a partly annotated recording left unscored.

    Absolute samples: what lies outside ``scored_stretch`` and, inside it, where ``lead`` is flat or
    holds a calibration signal. Empty where the annotations span the recording: what a
    detector does in such parts of it counts. Raises RecordError as ``scored_stretch`` does.
    """
    peaks = annotated_peaks(record)
    if annotated_stretch(peaks, record.start, record.stop) == (record.start, record.stop):
        return np.empty((0, 2), dtype=np.int64)  # no need to look for what is empty
    reasons = unusable_by_reason(record.lead(lead), record.fs)
    empty = np.array(runs(reasons["flat"] | reasons["calibration"]), dtype=np.int64)
    return unannotated_stretches(
        peaks, record.start, record.stop, [empty.reshape(-1, 2) + record.start]
    )


def unannotated_stretches(
    peaks: Peaks, start: int, stop: int, empty: Sequence[IntArray]
) -> IntArray:
    """Return ``unannotated`` of a recording [start, stop) by its annotated peaks.

    ``empty``: where it is flat or holds a calibration signal, (k, 2) each.
    """
    first, last = annotated_stretch(peaks, start, stop)
    if (first, last) == (start, stop):
        return np.empty((0, 2), dtype=np.int64)
    outside = np.array([[start, first], [last, stop]], dtype=np.int64)
    return np.concatenate((outside, *empty))


def leave_out(
    match: PeakMatch, reference: IntArray, detected: IntArray, stretches: IntArray
) -> PeakMatch:
    """Return ``match`` of ``reference`` (r,) with ``detected`` (d,) less what lies in stretches.

    ``stretches`` (k, 2) are [start, stop); a pair lies where its reference beat does.
    """
    return PeakMatch(
        pairs=match.pairs[outside(reference[match.pairs[:, 0]], stretches)],
        missed=match.missed[outside(reference[match.missed], stretches)],
        extra=match.extra[outside(detected[match.extra], stretches)],
    )


def gross(scores: Iterable[DetectionScore]) -> DetectionScore:
    """Return the score of all beats taken together."""
    every = list(scores)
    counts = np.array([(s.tp, s.fn, s.fp) for s in every], dtype=np.int64).reshape(-1, 3)
    tp, fn, fp = counts.sum(axis=0).tolist()
    return DetectionScore(tp=tp, fn=fn, fp=fp, scored_seconds=sum(s.scored_seconds for s in every))


def average(scores: Iterable[DetectionScore]) -> AverageScore:
    """Return the mean of the recordings' shares."""
    shares = [(s.se, s.ppv, s.f1) for s in scores]
    se, ppv, f1 = (
        float(np.mean(known)) if (known := [v for v in column if v == v]) else float("nan")
        for column in (zip(*shares, strict=True) if shares else ((), (), ()))
    )
    return AverageScore(se=se, ppv=ppv, f1=f1)


def _ignored(record: Record, skip: float) -> IntArray:
    """Return the stretches (k, 2), [start, stop), that don't count."""
    first = np.array([[0, round(skip * record.fs)]], dtype=np.int64)
    if record.annotations is None:
        return first
    return np.concatenate((first, flutter_stretches(record.annotations, record.header.length)))


def _samples_left(record: Record, stretches: IntArray) -> int:
    left = np.ones(record.stop - record.start, dtype=np.bool_)
    for first, stop in (stretches - record.start).clip(0, left.size).tolist():
        left[first:stop] = False
    return int(left.sum())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
