"""A recording's course: heart rate, beats by class and signal quality, minute by minute."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgcore.aami import AAMI_CLASSES
from ecgcore.dsp.stretches import share_covered
from ecgcore.features.hrv.nn import REASONS, nn_intervals
from ecgcore.schema import DoubleArray, FloatArray, IntArray, Peaks

MOST_BINS: Final = 1440  # the minutes of a day
NOWHERE: Final = np.empty((0, 2), dtype=np.int64)
LEAST_S: Final = 10.0  # fewer beats than ten seconds hold make no heart rate


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """What happened in each of m equal stretches of a recording, from its start."""

    width: float  # s
    rate: FloatArray  # (m,), heart rate, 1/min; NaN where no interval can be trusted
    counts: dict[str, IntArray]  # class -> (m,) beats; empty where classes are not known
    no_ecg: DoubleArray  # (m,), share without ECG, 0 to 1
    noisy: DoubleArray  # (m,), share that is noisy, 0 to 1

    @property
    def start(self) -> DoubleArray:
        """Where each stretch begins (m,), s."""
        return np.arange(self.rate.size, dtype=np.float64) * self.width


def course(
    peaks: Peaks | None, bad: IntArray, length: int, fs: float, noisy: IntArray = NOWHERE
) -> Course:
    """Return the course of a recording of ``length`` samples.

    ``bad`` without ECG, and ``noisy``: stretches (k, 2), [start, stop); intervals that touch one,
    and gaps (``hrv.nn``), don't count for the heart rate. All other intervals do, those of ectopic
    beats too. An interval belongs where its second beat is.
    """
    duration = length / fs
    bins = int(max(1, min(MOST_BINS, duration // LEAST_S)))
    width = duration / bins
    empty = np.full(bins, np.nan, dtype=np.float32)
    rate, counts = (empty, {}) if peaks is None else _beats(peaks, bad, noisy, bins, width)
    return Course(
        width=width,
        rate=rate,
        counts=counts,
        no_ecg=share_covered(bad, bins, width * fs),
        noisy=share_covered(noisy, bins, width * fs),
    )


def _beats(
    peaks: Peaks, bad: IntArray, noisy: IntArray, bins: int, width: float
) -> tuple[FloatArray, dict[str, IntArray]]:
    nn = nn_intervals(peaks, bad, noisy)
    trusted = ~np.isin(nn.reason, [REASONS.index(name) for name in ("gap", "no ECG", "noisy")])
    place = _place(nn.sample[trusted], peaks.fs, bins, width)
    number = np.bincount(place, minlength=bins)
    seconds = np.bincount(place, nn.length[trusted] / peaks.fs, minlength=bins)
    with np.errstate(invalid="ignore"):
        rate = (60 * number / seconds).astype(np.float32)
    if peaks.aami is None:
        return rate, {}
    at = _place(peaks.sample, peaks.fs, bins, width)
    counts = {
        name: np.bincount(at[peaks.aami == name], minlength=bins).astype(np.int64)
        for name in AAMI_CLASSES
    }
    return rate, {name: count for name, count in counts.items() if count.any()}


def _place(sample: IntArray, fs: float, bins: int, width: float) -> IntArray:
    place: IntArray = np.minimum((sample / fs / width).astype(np.int64), bins - 1)
    return place
