"""A trace whose R-peaks are known."""

import numpy as np


def made_ecg(
    fs: float = 250.0, seconds: float = 40.0, noise: float = 0.02, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return a trace with narrow QRS, broad T waves and noise, and where its R-peaks are."""
    rng = np.random.default_rng(seed)
    r = np.cumsum(rng.uniform(0.7, 1.0, size=int(1.5 * seconds)))
    r = r[r < seconds - 0.5]
    time = np.arange(int(seconds * fs)) / fs
    trace = noise * rng.normal(size=time.size)
    for at in r:
        trace += 0.12 * np.exp(-0.5 * ((time - at + 0.16) / 0.02) ** 2)
        trace += 1.2 * np.exp(-0.5 * ((time - at) / 0.012) ** 2)
        trace -= 0.25 * np.exp(-0.5 * ((time - at - 0.035) / 0.012) ** 2)
        trace += 0.3 * np.exp(-0.5 * ((time - at - 0.28) / 0.05) ** 2)
    return trace.astype(np.float32), np.round(r * fs).astype(np.int64)
