"""Beats drawn as pictures by arrays: pictures a second at three sizes, one thread."""

from time import perf_counter
from typing import Any

import numpy as np

from ecgcore.features.beat_image import BeatImageSpec, draw_beats

BEATS = 4096
POINTS = 128
REPEATS = 3
SIDES = (64, 128, 256)  # 256 is the source's


def run() -> dict[str, Any]:
    """Return pictures a second (the best of three) and the share of pixels with ink, by size."""
    steps = np.random.default_rng(0).normal(0, 0.1, (BEATS, 1, POINTS)).astype(np.float32)
    x = steps.cumsum(axis=-1)
    found: dict[str, Any] = {"beats": BEATS, "points": POINTS}
    for side in SIDES:
        spec = BeatImageSpec(height=side, width=side)
        some = x[: BEATS * SIDES[0] // side]  # no more memory than the others
        seconds = min(_timed(some, spec) for _ in range(REPEATS))
        found[f"pictures_per_second_{side}"] = len(some) / seconds
        found[f"share_with_ink_{side}"] = float((draw_beats(some[:256], spec) > 0).mean())
    return found


def _timed(x: np.ndarray, spec: BeatImageSpec) -> float:
    start = perf_counter()
    draw_beats(x, spec)
    return perf_counter() - start


if __name__ == "__main__":
    print(run())
