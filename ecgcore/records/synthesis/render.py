"""A person's beats as a signal with annotations."""

from dataclasses import dataclass

import numpy as np

from ecgcore.records.synthesis.noise import noise
from ecgcore.records.synthesis.person import Person
from ecgcore.records.synthesis.rhythm import heart_beats
from ecgcore.records.synthesis.waves import LEADS, add_waves
from ecgcore.schema import DoubleArray, IntArray

_SNAP_S = 0.030  # how far an annotation may move to the peak that it names


@dataclass(frozen=True, kw_only=True, eq=False)
class Synthetic:
    """A synthetic recording before it is written."""

    fs: float  # Hz
    clean: DoubleArray  # (n, 2), mV, without noise
    signal: DoubleArray  # (n, 2), mV
    sample: IntArray  # (m,), ascending
    symbol: tuple[str, ...]
    aux: tuple[str, ...]


def synthesize(person: Person, fs: float, rng: np.random.Generator) -> Synthetic:
    """Return a recording of the person at ``fs`` (Hz), deterministic for ``rng``'s state.

    Beats are annotated where the noise-free first lead has its largest deflection within 30 ms
    of the R-peak's time, as an annotator would; rhythm changes get ``+`` with a note, the start
    of a noisy stretch ``~``.
    """
    n = round(person.minutes * 60 * fs)
    clean = np.zeros((n, len(LEADS)))
    beats, changes = heart_beats(person, rng)
    for beat in beats:
        add_waves(clean, fs, beat.time, beat.waves)
    clean += _fibrillation(person, fs, n, rng)
    marks = [(_peak(clean[:, 0], fs, b.time), b.symbol, "") for b in beats if b.symbol]
    marks += [(max(round(c.time * fs), 0), "+", c.rhythm) for c in changes]
    marks += [(round(start * fs), "~", "") for start, _ in person.noise.bursts]
    marks = sorted((mark for mark in marks if mark[0] < n), key=lambda mark: mark[0])
    return Synthetic(
        fs=fs,
        clean=clean,
        signal=clean + noise(rng, n, fs, len(LEADS), person.noise),
        sample=np.array([mark[0] for mark in marks], dtype=np.int64),
        symbol=tuple(mark[1] for mark in marks),
        aux=tuple(mark[2] for mark in marks),
    )


def _peak(lead: DoubleArray, fs: float, time: float) -> int:
    first = max(round((time - _SNAP_S) * fs), 1)
    near = lead[first - 1 : round((time + _SNAP_S) * fs) + 2]
    slope = np.diff(near)
    turns = np.flatnonzero(slope[:-1] * slope[1:] <= 0) + 1
    if not turns.size:  # waves that cancel leave a slope: the time itself stands for the peak
        return round(time * fs)
    return first - 1 + int(turns[np.abs(near[turns]).argmax()])


def _fibrillation(person: Person, fs: float, n: int, rng: np.random.Generator) -> DoubleArray:
    # Fibrillatory waves: a 6 Hz oscillation that wanders in phase and size, larger in V1.
    out = np.zeros((n, len(LEADS)))
    for episode in (e for e in person.episodes if e.rhythm == "(AFIB"):
        first, stop = round(episode.start * fs), round(episode.stop * fs)
        time = np.arange(stop - first) / fs
        knots = np.arange(0, time[-1] + 0.5, 0.5)
        phase = np.interp(time, knots, np.cumsum(rng.normal(0, 0.7, knots.size)))
        size = np.interp(time, knots, np.clip(rng.normal(1, 0.35, knots.size), 0.2, 2.0))
        wave = size * np.sin(2 * np.pi * 6.0 * time + phase)
        out[first:stop] += wave[:, None] * np.array([0.035, 0.075])
    return out
