"""How well a detector finds annotated beats, over one recording or many (ANSI/AAMI EC57).

A pair, a missed beat or an extra detection is left out where its reference beat (an extra
detection: itself) lies in a stretch of ventricular flutter or fibrillation, or in the first five
minutes when those are skipped. Pairing comes first, so that no beat at the edge of a stretch
loses its partner.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgcore.dsp.matching import EC57_WINDOW_S, match_peaks
from ecgcore.records.annotations import annotated_peaks, flutter_stretches
from ecgcore.schema import IntArray, Peaks, Record

LEARNING_PERIOD_S: Final = 300.0  # EC57 gives a detector five minutes before it counts


@dataclass(frozen=True, kw_only=True)
class DetectionScore:
    """Counts, and the shares that follow; shares are NaN where nothing is to be divided."""

    tp: int
    fn: int
    fp: int

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
    record: Record, detected: Peaks, *, skip: float = 0.0, window: float = EC57_WINDOW_S
) -> DetectionScore:
    """Score ``detected`` against the annotated beats of ``record``.

    ``skip`` leaves out the first seconds of the recording (EC57: LEARNING_PERIOD_S). Raises
    RecordError when the recording has no annotated beats.
    """
    reference = annotated_peaks(record).sample
    match = match_peaks(reference, detected.sample, record.fs, window)
    ignored = _ignored(record, skip)
    return DetectionScore(
        tp=_outside(reference[match.pairs[:, 0]], ignored),
        fn=_outside(reference[match.missed], ignored),
        fp=_outside(detected.sample[match.extra], ignored),
    )


def gross(scores: Iterable[DetectionScore]) -> DetectionScore:
    """Return the score of all beats taken together."""
    counts = np.array([(s.tp, s.fn, s.fp) for s in scores], dtype=np.int64).reshape(-1, 3)
    tp, fn, fp = counts.sum(axis=0).tolist()
    return DetectionScore(tp=tp, fn=fn, fp=fp)


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


def _outside(sample: IntArray, stretches: IntArray) -> int:
    after_start = sample[:, None] >= stretches[:, 0]
    before_stop = sample[:, None] < stretches[:, 1]
    return int(sample.size - (after_start & before_stop).any(axis=1).sum())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
