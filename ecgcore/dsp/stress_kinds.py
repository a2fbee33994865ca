"""Noise of single kinds, simpler than ``stress.motion_noise``, which our detector learnt from.

They show what it owes to that noise: each is drawn by a rule of its own, of one thing that happens
to electrodes. Steps that die away are among what it learnt from too, with rounder edges and other
things besides. Added by the same protocol.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy import signal

from ecgcore.schema import DoubleArray

Noise = Callable[[int, float, np.random.Generator], DoubleArray]  # samples, Hz, rng -> (n,)

STEPS_PER_S, DECAY_S = 0.7, 0.4
BURST_HZ: Final = (1.0, 10.0)
BURST_S: Final = (0.5, 4.0)  # how long one lasts, and how long until the next
MUSCLE_HZ: Final = (20.0, 120.0)


def steps_noise(n: int, fs: float, rng: np.random.Generator) -> DoubleArray:
    """Return jumps at random times that die away exponentially, each as sharp as a sample."""
    jumps = np.zeros(n)
    at = rng.integers(0, n, rng.poisson(STEPS_PER_S * n / fs))
    np.add.at(jumps, at, rng.normal(size=at.size))
    decayed: DoubleArray = signal.lfilter([1.0], [1.0, -np.exp(-1 / (DECAY_S * fs))], jumps)
    return decayed


def bursts_noise(n: int, fs: float, rng: np.random.Generator) -> DoubleArray:
    """Return noise of 1 to 10 Hz, as slow as T waves and QRS complexes, that comes and goes."""
    return _band(n, fs, BURST_HZ, rng) * _coming_and_going(n, fs, rng)


def muscle_noise(n: int, fs: float, rng: np.random.Generator) -> DoubleArray:
    """Return muscle activity: noise from 20 Hz on whose size wanders."""
    size = np.exp(np.interp(np.arange(n) / fs, *_knots(n / fs, 1.0, rng)))
    return _band(n, fs, MUSCLE_HZ, rng) * size


NOISES: Final[dict[str, Noise]] = {
    "steps that die away": steps_noise,
    "bursts of 1–10 Hz": bursts_noise,
    "muscle": muscle_noise,
}


def _band(n: int, fs: float, edges: tuple[float, float], rng: np.random.Generator) -> DoubleArray:
    high = min(edges[1], 0.45 * fs)
    sections = signal.butter(3, (edges[0], high), "bandpass", fs=fs, output="sos")
    noise: DoubleArray = signal.sosfilt(sections, rng.normal(size=n))
    return noise


def _coming_and_going(n: int, fs: float, rng: np.random.Generator) -> DoubleArray:
    """Return 1 in stretches and 0 between them, with edges of 0.1 s."""
    edges = np.cumsum(rng.uniform(*BURST_S, 2 + int(n / fs / BURST_S[0])))
    there = np.searchsorted(edges, np.arange(n) / fs) % 2
    width = max(1, round(0.1 * fs))
    smooth: DoubleArray = np.convolve(there, np.ones(width) / width, mode="same")
    return smooth


def _knots(
    seconds: float, every: float, rng: np.random.Generator
) -> tuple[DoubleArray, DoubleArray]:
    time = np.arange(0, seconds + 2 * every, every)
    return time, rng.normal(0, 0.6, time.size)
