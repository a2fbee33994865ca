"""What was claimed against what was right."""

import numpy as np
import pytest

from ecgcore.training.calibration import BINS, reliability


def _sure(n: int = 200_000):
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, n).astype(np.float32)
    return rng, sure, np.stack([sure, 1 - sure], axis=1)


def test_the_error_is_small_for_honest_confidence_and_large_for_the_opposite():
    rng, sure, probability = _sure()
    honest = (rng.random(sure.size) >= sure).astype(np.int64)
    assert reliability(probability, honest).error < 0.01
    assert reliability(probability, 1 - honest).error > 0.4
    always = np.zeros(sure.size, np.int64)
    assert reliability(probability, always).error == pytest.approx(1 - sure.mean(), abs=1e-4)


def test_the_bins_hold_every_beat_and_their_own_confidence():
    _, sure, probability = _sure(5000)
    found = reliability(probability, np.zeros(sure.size, np.int64))
    assert sum(found.beats) == sure.size
    for place, (beats, confidence) in enumerate(zip(found.beats, found.confidence, strict=True)):
        if beats:
            assert place / BINS <= confidence <= (place + 1) / BINS


def test_no_beats():
    empty = reliability(np.empty((0, 2), np.float32), np.empty(0, np.int64))
    assert np.isnan(empty.error)
    assert sum(empty.beats) == 0
