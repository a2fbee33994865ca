"""10,000 beat spectrograms at once against a loop over ``scipy.signal.spectrogram``."""

from time import perf_counter
from typing import Any

import numpy as np
import scipy.signal

from ecgcore.features.spectrogram import SpectrogramSpec, spectrogram

BEATS = 10_000
POINTS = 310  # R − 0.36 s to R + 0.5 s at 360 Hz
FS = 360.0
REPEATS = 3
SPEC = SpectrogramSpec(length=0.2, overlap=0.9, scale="linear")


def run() -> dict[str, Any]:
    """Return seconds of either (the best of three), their ratio and the largest difference."""
    x = np.random.default_rng(0).normal(size=(BEATS, POINTS)).astype(np.float32)
    ours = min(_timed(lambda: spectrogram(x, FS, SPEC).power) for _ in range(REPEATS))
    loop = min(_timed(lambda: _loop(x)) for _ in range(REPEATS))
    batched = min(_timed(lambda: _scipy(x)) for _ in range(REPEATS))
    found, expected = spectrogram(x, FS, SPEC).power, _scipy(x)
    return {
        "beats": BEATS,
        "shape": list(found.shape[1:]),
        "seconds": ours,
        "scipy_loop_seconds": loop,
        "scipy_batched_seconds": batched,
        "times_faster_than_loop": loop / ours,
        "times_faster_than_batched": batched / ours,
        "largest_relative_difference": float(np.abs(found - expected).max() / expected.max()),
    }


def _loop(x: np.ndarray) -> np.ndarray:
    return np.stack([_scipy(beat) for beat in x])


def _scipy(x: np.ndarray) -> np.ndarray:
    length = SPEC.samples(FS)
    _, _, power = scipy.signal.spectrogram(
        x,
        FS,
        window=SPEC.window,
        nperseg=length,
        noverlap=length - SPEC.hop(FS),
        nfft=SPEC.size(FS),
        detrend="constant",
        scaling="density",
    )
    return power


def _timed(work: Any) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    print(run())
