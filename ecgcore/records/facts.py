"""What tells whether a signal is odd, gathered stretch by stretch."""

from dataclasses import dataclass

import numpy as np

from ecgcore.schema import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Facts:
    """Of n samples of each lead: how many are missing, and their extremes."""

    samples: int
    missing: IntArray  # (leads,), samples that are NaN
    low: FloatArray  # (leads,), NaN where all are missing
    high: FloatArray  # (leads,)

    def joined(self, other: "Facts") -> "Facts":
        """Return the facts of both stretches together."""
        return Facts(
            samples=self.samples + other.samples,
            missing=self.missing + other.missing,
            low=np.fmin(self.low, other.low),
            high=np.fmax(self.high, other.high),
        )

    def is_empty(self, fs: float) -> bool:
        """Tell whether every lead is missing throughout, or constant for at least a second."""
        if not self.samples:
            return False
        absent = self.missing == self.samples
        if absent.all():
            return True
        return self.samples >= fs and bool((absent | (self.low == self.high)).all())


def facts_of(signal: FloatArray) -> Facts:
    """Return the facts of samples (n, leads)."""
    # Lead by lead: along rows of two or three NumPy takes ten times as long.
    leads = [np.ascontiguousarray(lead) for lead in signal.T]
    ends = [(np.fmin.reduce(x), np.fmax.reduce(x)) if x.size else (np.nan, np.nan) for x in leads]
    low, high = np.array(ends, dtype=np.float32).reshape(-1, 2).T
    missing = np.array([np.isnan(lead).sum() for lead in leads], dtype=np.int64)
    return Facts(samples=int(signal.shape[0]), missing=missing, low=low, high=high)
