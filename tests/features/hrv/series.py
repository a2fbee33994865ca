"""Made-up R-peaks with known variability: what our figures and NeuroKit2's are both taken of.

NumPy alone, so that NeuroKit2's own environment can make the very same beats.
"""

import numpy as np


def rest() -> tuple[np.ndarray, float]:
    """Five minutes at rest at 1000 Hz: waves at 0.1 and 0.25 Hz."""
    return _beats(300, 1000.0, seed=1, mean=0.85, lf=0.030, hf=0.020, slow=0.0), 1000.0


def hour() -> tuple[np.ndarray, float]:
    """An hour at 256 Hz, with a slow drift of 1/f kind."""
    return _beats(3600, 256.0, seed=2, mean=0.80, lf=0.025, hf=0.015, slow=0.03), 256.0


def day() -> tuple[np.ndarray, float]:
    """A day at 128 Hz, slower at night."""
    return _beats(
        86_400, 128.0, seed=3, mean=0.78, lf=0.030, hf=0.015, slow=0.04, night=0.12
    ), 128.0


SERIES = {"rest": rest, "hour": hour, "day": day}


def _beats(
    seconds: float,
    fs: float,
    *,
    seed: int,
    mean: float,
    lf: float,
    hf: float,
    slow: float,
    night: float = 0.0,
) -> np.ndarray:
    """Return R-peaks (b,), samples: each interval is read off smooth curves where it begins."""
    rng = np.random.default_rng(seed)
    count = int(seconds / (mean - night) * 1.2)
    drift = slow * _pink(rng, count)
    jitter = rng.normal(0, 0.005, count)
    time, times = 0.5, []
    for k in range(count):
        if time >= seconds:
            break
        times.append(time)
        time += (
            mean
            + lf * np.sin(2 * np.pi * 0.1 * time)
            + hf * np.sin(2 * np.pi * 0.25 * time + 1)
            + night * np.sin(2 * np.pi * time / 86_400)
            + drift[k]
            + jitter[k]
        )
    return np.rint(np.array(times) * fs).astype(np.int64)


def _pink(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return noise whose power falls as 1/f, with unit spread."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    spectrum[1:] /= np.sqrt(np.arange(1, spectrum.size))
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, count)
    return noise / noise.std()
