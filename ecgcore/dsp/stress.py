"""Recordings made worse on purpose: synthetic electrode-motion noise by the noise stress test.

Protocol and signal-to-noise ratio are those of WFDB's ``nst`` (G. B. Moody, W. K. Muldrow, R. G.
Mark, "A noise stress test for arrhythmia detectors", Computers in Cardiology 11, 1984): five clean
minutes, then two noisy and two clean ones in turn; signal power is the square of the mean
peak-to-peak QRS amplitude over 8, noise power the square of the mean standard deviation of its
seconds, both of the first 300 without the largest and smallest 5 %.

The published test adds a recording of real electrode motion. Where there is none, ``motion_noise``
stands in: what moving electrodes do (steps that recover, bumps as wide as QRS complexes, a
wandering coloured background, some muscle), drawn at random. It is no recording of anything, and
figures on it are not figures on the published test.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from ecgcore.schema import DoubleArray, FloatArray, IntArray

LEARNING_S: Final = 300.0
PERIOD_S: Final = 120.0
MEASURED: Final = 300  # beats, and seconds of noise
OUTER: Final = 0.05  # left out at either end
QRS_HALF_S: Final = 0.05


def motion_noise(n: int, fs: float, rng: np.random.Generator) -> DoubleArray:
    """Return ``n`` samples of noise at ``fs`` Hz, of no particular size; each call another kind."""
    noise = rng.uniform(0.3, 1.2) * _coloured(n, fs, rng)
    noise *= _wandering(n, fs, rng.uniform(0.7, 3.0), rng.uniform(0.3, 0.9), rng)
    noise += rng.uniform(0.3, 1.0) * _recoveries(n, fs, rng)
    noise += rng.uniform(0.1, 0.6) * _bumps(n, fs, rng)
    muscle = rng.normal(size=n) * _wandering(n, fs, 2.0, 0.7, rng)
    return noise + rng.uniform(0.0, 0.08) * muscle


def noise_gain(
    x: NDArray[np.floating],
    beats: IntArray,
    noise: NDArray[np.floating],
    fs: float,
    decibels: float,
) -> float:
    """Return by what ``noise`` is multiplied to stand ``decibels`` below ``x`` (n,), mV.

    ``beats`` are annotated, counted from x[0].
    """
    half = round(QRS_HALF_S * fs)
    inside = beats[(beats >= half) & (beats < x.size - half)][:MEASURED]
    swing = np.array([np.ptp(x[at - half : at + half + 1]) for at in inside.tolist()])
    second = round(fs)
    whole = noise[: min(MEASURED, noise.size // second) * second].reshape(-1, second)
    signal_power = _inner_mean(swing) ** 2 / 8
    return float(
        np.sqrt(signal_power / _inner_mean(whole.std(axis=1)) ** 2 / 10 ** (decibels / 10))
    )


def stressed(
    x: NDArray[np.floating],
    beats: IntArray,
    noise: NDArray[np.floating],
    fs: float,
    decibels: float,
) -> FloatArray:
    """Return ``x`` (n,), mV, with ``noise`` (n,) added by the protocol; see the module."""
    gain = noise_gain(x, beats, noise, fs, decibels)
    spoilt = x.astype(np.float64)
    for begin in np.arange(LEARNING_S, x.size / fs, 2 * PERIOD_S):
        part = slice(round(begin * fs), round((begin + PERIOD_S) * fs))
        # Without a step where the noise begins.
        spoilt[part] += gain * (noise[part] - noise[part.start])
    return spoilt.astype(np.float32)


def _inner_mean(values: NDArray[np.floating]) -> float:
    outer = round(OUTER * values.size)
    return float(np.sort(values)[outer : values.size - outer].mean())


def _coloured(n: int, fs: float, rng: np.random.Generator) -> DoubleArray:
    """Return noise from 0.25 to 40 Hz whose power falls with a random power of frequency."""
    frequency = np.fft.rfftfreq(n, 1 / fs)
    amplitude = np.zeros_like(frequency)
    band = (frequency > 0.25) & (frequency < 40)
    amplitude[band] = frequency[band] ** (-rng.uniform(1.2, 2.6) / 2)
    phase = np.exp(2j * np.pi * rng.random(frequency.size))
    return _of_size_one(np.fft.irfft(amplitude * phase, n))


def _wandering(
    n: int, fs: float, seconds: float, spread: float, rng: np.random.Generator
) -> DoubleArray:
    """Return a positive factor that changes every ``seconds`` or so, log-normal."""
    knots = max(4, int(n / fs / seconds)) + 1
    logarithm: DoubleArray = np.interp(
        np.arange(n), np.linspace(0, n, knots), rng.normal(0, spread, knots)
    )
    return np.exp(logarithm)


def _recoveries(n: int, fs: float, rng: np.random.Generator) -> DoubleArray:
    """Return steps at random times, of heavy-tailed size, that die away."""
    steps = _impulses(n, rng.uniform(0.2, 1.2) * n / fs, rng)
    slow, fast = rng.uniform(0.08, 0.8), rng.uniform(0.01, 0.06)
    time = np.arange(int(5 * slow * fs) + 1) / fs
    shape = np.exp(-time / slow) - np.exp(-time / fast)
    return _of_size_one(signal.fftconvolve(steps, shape)[:n])


def _bumps(n: int, fs: float, rng: np.random.Generator) -> DoubleArray:
    """Return humps, biphasic and triphasic waves of 10 to 70 ms at random times."""
    bumps = np.zeros(n)
    count = rng.uniform(0.3, 2.5) * n / fs / 4
    for _ in range(4):
        width = rng.uniform(0.010, 0.070)
        time = np.arange(-int(4 * width * fs) - 1, int(4 * width * fs) + 2) / fs / width
        bell = np.exp(-(time**2) / 2)
        shape = (bell, -time * bell, (1 - time**2) * bell)[int(rng.integers(3))]
        bumps += signal.fftconvolve(
            _impulses(n, count, rng), shape / np.abs(shape).max(), mode="same"
        )[:n]
    return _of_size_one(bumps)


def _impulses(n: int, count: float, rng: np.random.Generator) -> DoubleArray:
    impulses = np.zeros(n)
    at = rng.integers(0, n, rng.poisson(count))
    impulses[at] = rng.standard_t(4, at.size)
    return impulses


def _of_size_one(x: DoubleArray) -> DoubleArray:
    unit: DoubleArray = x / (x.std() + 1e-12)
    return unit
