"""NN intervals: the RR intervals between beats of sinus rhythm, and why the others are left out.

The stated rule, in this order; an interval is left out for the first reason that holds:

- *gap*: shorter than 0.3 s or longer than 2.5 s, or a third or three times the recording's median
  (beats were missed, or nobody annotated here);
- *no ECG*: it touches a stretch that the caller names: bad signal, ventricular flutter;
- *noisy*: it touches a second that ``dsp.quality_seconds`` calls noisy: there a beat may be
  missed, made up or misplaced, whoever found it;
- *ectopic*: one of its two beats is no sinus beat: its WFDB symbol is none of N, L, R, B. Both the
  coupling interval and the pause after an ectopic beat go;
- *irregular*, only where beats have no class: it differs by more than a fifth from the median of
  the 11 intervals around it, as intervals next to an ectopic or a wrongly detected beat do.

Nothing is put in the place of what is left out. Differences are taken between neighbouring NN
intervals only, never across one that was left out.

Sources: Task Force of the ESC and NASPE, Circulation 93(5), 1996, for NN; the fifth: M. Malik et
al., European Heart Journal 10, 1989 (there against the interval before; the median around it
keeps the interval after an ectopic one).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.ndimage import median_filter

from ecgcore.features.intervals import GAP_RATIO
from ecgcore.schema import BoolArray, DoubleArray, IntArray, Peaks

SINUS_SYMBOLS: Final = ("N", "L", "R", "B")
SHORTEST_S, LONGEST_S = 0.3, 2.5
AROUND: Final = 11  # intervals
IRREGULAR_SHARE: Final = 0.2
Stretches = Sequence[tuple[int, int]] | IntArray  # [start, stop), absolute samples
REASONS: Final = ("gap", "no ECG", "noisy", "ectopic", "irregular")


@dataclass(frozen=True, kw_only=True, eq=False)
class NN:
    """RR intervals of a recording or a stretch of it, and which of them are NN intervals."""

    fs: float  # Hz
    sample: IntArray  # (n,), absolute: the beat that ends each interval
    length: IntArray  # (n,), samples
    normal: BoolArray  # (n,), True: an NN interval
    reason: IntArray  # (n,), why not: index into REASONS, -1 where it is one

    @property
    def ms(self) -> DoubleArray:
        """The NN intervals (k,), ms."""
        intervals: DoubleArray = self.length[self.normal].astype(np.float64) * (1000 / self.fs)
        return intervals

    @property
    def time(self) -> DoubleArray:
        """When each NN interval ended (k,), s from the recording's start."""
        ended: DoubleArray = self.sample[self.normal] / self.fs
        return ended

    @property
    def pairs(self) -> IntArray:
        """NN intervals whose next interval is one too: (p,), places among the NN intervals."""
        place = np.cumsum(self.normal) - 1
        follow = self.normal[:-1] & self.normal[1:]
        first: IntArray = place[:-1][follow].astype(np.int64)
        return first

    @property
    def count(self) -> int:
        """How many NN intervals there are."""
        return int(self.normal.sum())

    @property
    def share(self) -> float:
        """Which share of the RR intervals they are; NaN without any."""
        return self.count / self.normal.size if self.normal.size else float("nan")

    @property
    def span(self) -> float:
        """Seconds from the first NN interval's beginning to the last one's end."""
        at = np.flatnonzero(self.normal)
        if not at.size:
            return 0.0
        begin = self.sample[at[0]] - self.length[at[0]]
        return float((self.sample[at[-1]] - begin) / self.fs)

    def left_out(self) -> dict[str, int]:
        """Return how many intervals are left out for each reason that occurs."""
        counts = {name: int((self.reason == k).sum()) for k, name in enumerate(REASONS)}
        return {name: count for name, count in counts.items() if count}

    def within(self, start: float, stop: float) -> "NN":
        """Return the intervals that end from ``start`` to before ``stop``, s."""
        first, last = np.searchsorted(self.sample, [start * self.fs, stop * self.fs])
        some = slice(int(first), int(last))
        return replace(
            self,
            sample=self.sample[some],
            length=self.length[some],
            normal=self.normal[some],
            reason=self.reason[some],
        )


def nn_intervals(peaks: Peaks, bad: Stretches = (), noisy: Stretches = ()) -> NN:
    """Return the intervals between consecutive beats and which are NN; see the module.

    ``bad`` without ECG, and ``noisy``: stretches [start, stop) in absolute samples that no interval
    may touch. Fewer than two beats give no interval and no error.
    """
    length = np.diff(peaks.sample).astype(np.int64)
    masks = (
        _gap(length, peaks.fs),
        _touches(peaks.sample, bad),
        _touches(peaks.sample, noisy),
        _ectopic(peaks) if peaks.symbol is not None else np.zeros(length.size, dtype=np.bool_),
        _irregular(length) if peaks.symbol is None else np.zeros(length.size, dtype=np.bool_),
    )
    reason = np.full(length.size, -1, dtype=np.int64)
    for k in reversed(range(len(masks))):
        reason[masks[k]] = k
    return NN(fs=peaks.fs, sample=peaks.sample[1:], length=length, normal=reason < 0, reason=reason)


def _gap(length: IntArray, fs: float) -> BoolArray:
    if not length.size:
        return np.zeros(0, dtype=np.bool_)
    middle = float(np.median(length))
    gap: BoolArray = (length < max(SHORTEST_S * fs, middle / GAP_RATIO)) | (
        length > min(LONGEST_S * fs, middle * GAP_RATIO)
    )
    return gap


def _touches(sample: IntArray, stretches: Stretches) -> BoolArray:
    """Return which intervals (n - 1,) between samples (n,) overlap a stretch [start, stop)."""
    bad = np.asarray(stretches, dtype=np.int64).reshape(-1, 2)
    if not bad.size or sample.size < 2:
        return np.zeros(max(sample.size - 1, 0), dtype=np.bool_)
    bad = bad[np.argsort(bad[:, 0])]
    stop = np.maximum.accumulate(bad[:, 1])
    # The first stretch that ends after the interval begins is the only one that need be asked.
    ahead = np.searchsorted(stop, sample[:-1], side="right")
    start = np.append(bad[:, 0], np.iinfo(np.int64).max)[ahead]
    touches: BoolArray = start < sample[1:]
    return touches


def _ectopic(peaks: Peaks) -> BoolArray:
    sinus = np.isin(peaks.symbol if peaks.symbol is not None else [], SINUS_SYMBOLS)
    ectopic: BoolArray = ~(sinus[:-1] & sinus[1:])
    return ectopic


def _irregular(length: IntArray) -> BoolArray:
    if not length.size:
        return np.zeros(0, dtype=np.bool_)
    around = median_filter(length, size=min(AROUND, length.size // 2 * 2 + 1), mode="nearest")
    irregular: BoolArray = np.abs(length - around) > IRREGULAR_SHARE * around
    return irregular
