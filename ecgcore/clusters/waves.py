"""Waves of the cardiac cycle by position alone: which wave stands where around the R-peaks.

Textbook durations, not fitted to anything: QRS from 50 ms before R to 60 ms after; P from 220 to
80 ms before R with the PR segment behind it; the ST segment to 120 ms after R and the T wave to
400 ms, both stretched by the square root of the RR interval in seconds, as the QT interval is
(Bazett 1920); what is left is baseline. Each R-peak of the recording counts, so a window of two
seconds has its neighbours' waves as well. Beats are taken to be ordinary: an ectopic beat has no P
wave where this rule puts one.
"""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ecgcore.schema import BoolArray, DoubleArray, IntArray

Wave = Literal["baseline", "P", "PR", "QRS", "ST", "T"]
WAVES: Final[tuple[Wave, ...]] = ("baseline", "P", "PR", "QRS", "ST", "T")

WaveArray = NDArray[np.int8]  # index into WAVES

_P_S: Final = (0.22, 0.08)  # before the next R
_QRS_S: Final = (0.05, 0.06)  # before and after R
_T_S: Final = (0.12, 0.40)  # after R, times the square root of RR
_LONGEST_RR_S: Final = 1.5  # a pause does not stretch the T wave
# Where a point counts to the next beat: the last third of the cycle, where P and PR are.
_BEFORE: Final = 0.35


def around(sample: DoubleArray, peak: IntArray, fs: float) -> tuple[DoubleArray, DoubleArray]:
    """Return seconds from the last R-peak and to the next one, each of the shape of ``sample``.

    Before the first peak and after the last one the median interval stands in. ``peak`` (b,),
    ascending, absolute samples as ``sample``; with one peak alone the interval is one second.
    """
    usual = float(np.median(np.diff(peak))) if peak.size > 1 else fs
    bounded = np.concatenate(([peak[0] - usual], peak, [peak[-1] + usual]))
    place = np.clip(np.searchsorted(bounded, sample, side="right"), 1, bounded.size - 1)
    since, until = sample - bounded[place - 1], bounded[place] - sample
    return since / fs, until / fs


def wave_at(since: DoubleArray, until: DoubleArray) -> WaveArray:
    """Return the wave by position, of seconds ``since`` the last R-peak and ``until`` the next."""
    root = np.sqrt(np.clip(since + until, 0.2, _LONGEST_RR_S))
    found = np.zeros(np.shape(since), dtype=np.int8)
    # Later lines win: at fast rates the P wave rides on the T wave before it.
    found[since < _T_S[1] * root] = WAVES.index("T")
    found[since < _T_S[0] * root] = WAVES.index("ST")
    found[until <= _P_S[0]] = WAVES.index("P")
    found[until <= _P_S[1]] = WAVES.index("PR")
    found[(since < _QRS_S[1]) | (until <= _QRS_S[0])] = WAVES.index("QRS")
    return found


def before_beat(since: DoubleArray, until: DoubleArray) -> BoolArray:
    """Return which points belong to the beat that comes, not to the one that was."""
    before: BoolArray = until < _BEFORE * np.clip(since + until, 0, _LONGEST_RR_S)
    return before
