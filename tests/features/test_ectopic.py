"""The ectopic part: long along early, odd beats, short along mixtures, none without such beats."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.errors import RecordError
from ecgcore.features.ectopic import ectopic_part
from ecgcore.schema import Peaks

POINTS = 64
SHAPE = np.sin(np.linspace(0, 9, POINTS)).astype(np.float32)
EARLY = np.arange(10, 200, 10)


def _recording(seed: int = 0) -> tuple[np.ndarray, Peaks, np.ndarray]:
    """Return differences (200, 64) of noise, with SHAPE in the early beats."""
    rng = np.random.default_rng(seed)
    rr = np.full(199, 300)
    rr[EARLY - 1], rr[EARLY[:-1]] = 200, 400
    sample = np.concatenate(([0], np.cumsum(rr))).astype(np.int64)
    difference = rng.normal(0, 0.02, (200, POINTS)).astype(np.float32)
    difference[EARLY] += SHAPE * rng.uniform(0.9, 1.1, (EARLY.size, 1)).astype(np.float32)
    peaks = Peaks(sample=sample, source="made", fs=360.0)
    return difference, peaks, np.ones(200, dtype=bool)


def _size(part: np.ndarray) -> np.ndarray:
    return np.sqrt((part**2).mean(axis=1))


@given(share=st.floats(0.2, 0.8), seed=st.integers(0, 100))
def test_a_mixture_s_part_is_its_share_of_an_ectopic_one(share: float, seed: int) -> None:
    difference, peaks, usable = _recording(seed)
    fusions = EARLY + 4  # at the usual time
    difference[fusions] += np.float32(share) * SHAPE
    part = ectopic_part(difference, peaks, usable)
    size = _size(part)
    assert part.dtype == np.float32
    assert np.median(size[EARLY]) == pytest.approx(0.5, abs=0.05)
    assert np.median(size[fusions]) == pytest.approx(share * 0.5, abs=0.04)
    rest = np.setdiff1d(np.arange(200), [*EARLY, *fusions])
    assert size[rest].max() < 0.05
    # It points the way the ectopic beats' differences do, whichever sign the direction came with.
    assert (part[EARLY] * SHAPE).sum(axis=1).min() > 0


def test_it_is_blind_to_how_large_ectopic_beats_are() -> None:
    difference, peaks, usable = _recording()
    part = ectopic_part(difference, peaks, usable)
    np.testing.assert_allclose(ectopic_part(3 * difference, peaks, usable), part, atol=1e-4)


def test_beats_that_are_odd_and_on_time_or_early_and_alike_give_no_direction() -> None:
    difference, peaks, usable = _recording()
    on_time = replace(peaks, sample=np.arange(200, dtype=np.int64) * 300)
    assert not ectopic_part(difference, on_time, usable).any()
    noise = np.random.default_rng(1).normal(0, 0.02, difference.shape).astype(np.float32)
    assert not ectopic_part(noise, peaks, usable).any()
    few = usable.copy()
    few[EARLY[2:]] = False
    assert not ectopic_part(difference, peaks, few).any()
    assert not ectopic_part(difference, peaks, np.zeros_like(usable)).any()


def test_a_single_beat_has_no_rhythm_to_be_early_in() -> None:
    difference, peaks, usable = _recording()
    one = replace(peaks, sample=peaks.sample[:1])
    with pytest.raises(RecordError, match="two beats"):
        ectopic_part(difference[:1], one, usable[:1])
