"""What disturbs a recording: baseline wander, muscle, mains and the amplifier itself."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfilt

from ecgcore.schema import DoubleArray

_RISE_S = 0.4  # how long a burst takes to come and go


@dataclass(frozen=True, kw_only=True)
class Noise:
    """How much of each, in mV (standard deviation; mains: amplitude)."""

    floor: float = 0.006
    wander: float = 0.03
    muscle: float = 0.0  # during bursts
    bursts: tuple[tuple[float, float], ...] = ()  # s: start, stop
    mains: float = 0.0
    mains_hz: float = 60.0


def noise(rng: np.random.Generator, n: int, fs: float, leads: int, kind: Noise) -> DoubleArray:
    """Return (n, leads) of noise, mV; deterministic for a given generator state."""
    time = np.arange(n) / fs
    out = kind.floor * rng.standard_normal((n, leads))
    out += kind.wander * _wander(rng, time, leads)
    if kind.muscle:
        out += kind.muscle * _muscle(rng, n, fs, leads) * _envelope(time, kind.bursts)[:, None]
    if kind.mains:
        swell = 1 + 0.3 * np.sin(2 * np.pi * 0.05 * time + rng.uniform(0, 2 * np.pi))
        phase = 2 * np.pi * kind.mains_hz * time[:, None] + rng.uniform(0, 2 * np.pi, leads)
        out += kind.mains * swell[:, None] * np.sin(phase)
    return out


def _wander(rng: np.random.Generator, time: DoubleArray, leads: int) -> DoubleArray:
    # A dozen sines between 0.04 and 0.4 Hz, weaker towards the fast end, as respiration and
    # electrode drift are; their sum has no period within a recording.
    frequency = rng.uniform(0.04, 0.4, 12)
    weight = 1 / (frequency + 0.08)
    weight /= np.sqrt((weight**2).sum() / 2)
    # Ten points a second draw it to 1 % of its size, which is below the converter's step.
    coarse = np.arange(0, time[-1] + 0.2, 0.1)
    out = np.zeros((leads, coarse.size))
    for f, w in zip(frequency, weight, strict=True):
        phase = rng.uniform(0, 2 * np.pi, leads)
        out += w * np.sin(2 * np.pi * f * coarse + phase[:, None])
    return np.stack([np.interp(time, coarse, lead) for lead in out], axis=1)


def _muscle(rng: np.random.Generator, n: int, fs: float, leads: int) -> DoubleArray:
    sos = butter(2, (20, 120), "bandpass", fs=fs, output="sos")
    out: DoubleArray = sosfilt(sos, rng.standard_normal((n, leads)), axis=0)
    out /= out.std(axis=0)
    return out


def _envelope(time: DoubleArray, bursts: tuple[tuple[float, float], ...]) -> DoubleArray:
    out = np.zeros_like(time)
    for start, stop in bursts:
        edge = np.minimum(time - start, stop - time) / _RISE_S
        out = np.maximum(out, np.clip(edge, 0, 1))
    return out
