"""Which candidate peaks are QRS complexes: the adaptive rules of Pan, Tompkins and Hamilton.

For the papers see ``pan_tompkins``. A candidate is judged against two thresholds, one for its
height in the integrated and one in the band-passed signal; both must be passed. Each lies a
quarter of the way from the noise level to the signal level (1985), the levels being medians of
the last eight peaks of either kind (1986: medians did better than the running averages of 1985,
and one artefact doesn't move them).

Departures, each because a recording isn't a patient at the bedside:

- Levels are learnt as Hamilton's open-source detector learns them (2002): the largest candidate
  in each of eight seconds. When no beat was seen for eight seconds they are learnt anew from the
  eight that follow, so that a calibration pulse or an artefact doesn't silence the rest.
- The thresholds aren't halved while the rhythm is irregular (1985): on long stretches of atrial
  fibrillation that might take T waves for beats (not measured); search-back finds what is missed.
- Search-back skips the 360 ms after the last beat, where a T wave would be the largest.
- When all of the last eight RR intervals lie outside the limits of regular ones, they become the
  regular ones; the rule as printed could never follow a lasting change of rate.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ecgcore.schema import BoolArray, DoubleArray, IntArray, StrArray

MEMORY: Final = 8  # beats, noise peaks and RR intervals remembered (1985, 1986)
THRESHOLD_SHARE: Final = 0.25  # of the way from noise to signal (1985)
SEARCH_BACK_SHARE: Final = 0.5  # of the threshold, in search-back (1985)
SEARCH_BACK_RR: Final = 1.66  # of the regular RR average (1985)
REGULAR_RR: Final = (0.92, 1.16)  # of the regular RR average (1985)
REFRACTORY_S: Final = 0.200  # no heart beats twice within (1985)
T_WAVE_S: Final = 0.360  # a candidate this early may be a T wave … (1985)
T_WAVE_SLOPE: Final = 0.5  # … and is, when less steep than this share of the beat before (1985)
LEARNING_S: Final = 8.0  # (2002)

Label = Literal["qrs", "search-back", "noise", "t-wave"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """Peaks of the integrated signal, c of them, ascending."""

    position: IntArray  # (c,), sample
    deflection: IntArray  # (c,), sample of the largest band-passed deflection nearby
    integrated: DoubleArray  # (c,), height in the integrated signal
    bandpassed: DoubleArray  # (c,), height of that deflection
    slope: DoubleArray  # (c,), steepest slope nearby


@dataclass(frozen=True, kw_only=True, eq=False)
class Decisions:
    """What became of each candidate, with the thresholds in force when it was judged; all (c,)."""

    label: StrArray  # one of Label
    threshold_integrated: DoubleArray
    threshold_bandpassed: DoubleArray

    @property
    def is_qrs(self) -> BoolArray:
        """Whether each candidate was taken for a QRS complex (c,)."""
        taken: BoolArray = np.isin(self.label, ("qrs", "search-back"))
        return taken


def decide(candidates: Candidates, fs: float) -> Decisions:
    """Judge the candidates in order of time; ``fs`` is the rate of their samples, Hz."""
    judge = _Judge(candidates, fs)
    for k in range(candidates.position.size):
        judge.judge(k)
    return Decisions(
        label=np.array(judge.label, dtype="<U11"),
        threshold_integrated=np.array(judge.threshold_integrated, dtype=np.float64),
        threshold_bandpassed=np.array(judge.threshold_bandpassed, dtype=np.float64),
    )


class _Level:
    """Signal and noise level of one of the two signals, and the threshold between them."""

    def __init__(self) -> None:
        self.learn(())

    def learn(self, beats: Iterable[float]) -> None:
        self._beats: deque[float] = deque(beats, MEMORY)
        self._noise: deque[float] = deque(maxlen=MEMORY)
        self._beat_level, self._noise_level = _median(self._beats), 0.0
        self._update()

    def add_beat(self, height: float) -> None:
        self._beats.append(height)
        self._beat_level = _median(self._beats)
        self._update()

    def add_noise(self, height: float) -> None:
        self._noise.append(height)
        self._noise_level = _median(self._noise)
        self._update()

    def _update(self) -> None:
        self.threshold = self._noise_level + THRESHOLD_SHARE * (
            self._beat_level - self._noise_level
        )


class _Rhythm:
    """The two RR averages of 1985: of the last intervals, and of the last regular ones."""

    def __init__(self) -> None:
        self._recent: deque[int] = deque(maxlen=MEMORY)
        self._regular: deque[int] = deque(maxlen=MEMORY)
        self.average = 0.0  # of the regular ones; 0 before the first

    def add(self, rr: int) -> None:
        self._recent.append(rr)
        if not self._regular or self._is_regular(rr):
            self._regular.append(rr)
        elif len(self._recent) == MEMORY and not any(map(self._is_regular, self._recent)):
            self._regular = self._recent.copy()
        self.average = sum(self._regular) / len(self._regular)

    def _is_regular(self, rr: int) -> bool:
        return REGULAR_RR[0] * self.average <= rr <= REGULAR_RR[1] * self.average


class _Judge:
    """The state that runs along with the candidates. Plain lists: NumPy scalars are slow here."""

    def __init__(self, candidates: Candidates, fs: float) -> None:
        self._fs = fs
        self._at: list[int] = candidates.deflection.tolist()
        self._integrated: list[float] = candidates.integrated.tolist()
        self._bandpassed: list[float] = candidates.bandpassed.tolist()
        self._slope: list[float] = candidates.slope.tolist()
        self._level_integrated, self._level_bandpassed = _Level(), _Level()
        self._rhythm = _Rhythm()
        self._last: int | None = None  # the last beat
        self._heard: float = -np.inf  # sample of the last beat or the last learning
        self.label: list[Label] = ["noise"] * len(self._at)
        self.threshold_integrated: list[float] = []
        self.threshold_bandpassed: list[float] = []

    def judge(self, k: int) -> None:
        """Decide on candidate ``k``; those before it are decided."""
        self._search_back(k)
        if self._at[k] - self._heard > LEARNING_S * self._fs:
            self._learn(k)
        self.threshold_integrated.append(self._level_integrated.threshold)
        self.threshold_bandpassed.append(self._level_bandpassed.threshold)
        since = np.inf if self._last is None else self._at[k] - self._at[self._last]
        if since < REFRACTORY_S * self._fs:
            return
        if not self._passes(k, 1.0):
            self._reject(k, "noise")
        elif since < T_WAVE_S * self._fs and self._is_gentle(k):
            self._reject(k, "t-wave")
        else:
            self._accept(k, "qrs")

    def _learn(self, k: int) -> None:
        """Take the largest candidate in each of the seconds that begin at ``k`` for beats."""
        largest: dict[int, int] = {}
        for j in range(k, len(self._at)):
            second = int((self._at[j] - self._at[k]) / self._fs)
            if second >= LEARNING_S:
                break
            if second not in largest or self._integrated[j] > self._integrated[largest[second]]:
                largest[second] = j
        self._level_integrated.learn(self._integrated[j] for j in largest.values())
        self._level_bandpassed.learn(self._bandpassed[j] for j in largest.values())
        self._rhythm = _Rhythm()
        self._heard = self._at[k]

    def _search_back(self, k: int) -> None:
        """Where a beat is overdue by ``k``, take the largest candidate above the low thresholds."""
        while self._last is not None and self._rhythm.average:
            if self._at[k] - self._at[self._last] <= SEARCH_BACK_RR * self._rhythm.average:
                return
            earliest = self._at[self._last] + T_WAVE_S * self._fs
            passed = [
                j
                for j in range(self._last + 1, k)
                if self._at[j] >= earliest and self._passes(j, SEARCH_BACK_SHARE)
            ]
            if not passed:
                return
            self._accept(max(passed, key=self._integrated.__getitem__), "search-back")

    def _passes(self, k: int, share: float) -> bool:
        return (
            self._integrated[k] > share * self._level_integrated.threshold
            and self._bandpassed[k] > share * self._level_bandpassed.threshold
        )

    def _is_gentle(self, k: int) -> bool:
        return self._last is not None and self._slope[k] < T_WAVE_SLOPE * self._slope[self._last]

    def _accept(self, k: int, label: Label) -> None:
        if self._last is not None and self._heard == self._at[self._last]:
            self._rhythm.add(self._at[k] - self._at[self._last])
        self._last = k
        self._heard = self._at[k]
        self.label[k] = label
        self._level_integrated.add_beat(self._integrated[k])
        self._level_bandpassed.add_beat(self._bandpassed[k])

    def _reject(self, k: int, label: Label) -> None:
        self.label[k] = label
        self._level_integrated.add_noise(self._integrated[k])
        self._level_bandpassed.add_noise(self._bandpassed[k])


def _median(values: deque[float]) -> float:
    ordered = sorted(values)
    n = len(ordered)
    return (ordered[(n - 1) // 2] + ordered[n // 2]) / 2 if n else 0.0
