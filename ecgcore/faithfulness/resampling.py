"""Intervals of mean gains over drawn recordings, not beats: beats of one heart are much alike.

The difference of two methods is taken over the same beats: what a recording has of both is drawn
together, so that a recording on which every map does well widens no difference.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ecgcore.schema import DoubleArray, IntArray, StrArray

_DRAWS: Final = 1000


@dataclass(frozen=True, kw_only=True, eq=False)
class Groups:
    """What is drawn: G recordings, or, where there is one only, its beats."""

    of: Literal["recordings", "beats"]
    index: IntArray  # (B,), the group of each beat; groups are in order of their names
    beats: IntArray  # (G,), in each

    def means(self, value: DoubleArray) -> DoubleArray:
        """Return the mean of the beats' values (B,) in each group (G,)."""
        found: DoubleArray = np.bincount(self.index, value) / self.beats
        return found


def groups_of(record: StrArray) -> Groups:
    """Return the groups of beats of recordings (B,), at least one."""
    names, index = np.unique(record, return_inverse=True)
    if names.size < 2:
        index = np.arange(record.size)
    return Groups(
        of="beats" if names.size < 2 else "recordings",
        index=index,
        beats=np.bincount(index),
    )


def interval(mean: DoubleArray, beats: IntArray, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean over beats of groups' means (G,).

    Draws are the same for the same seed and number of groups, whichever method's means they are.
    """
    total = mean * beats
    drawn = np.random.default_rng(seed).integers(0, total.size, (_DRAWS, total.size))
    low, high = np.quantile(total[drawn].sum(axis=1) / beats[drawn].sum(axis=1), (0.025, 0.975))
    return float(low), float(high)
