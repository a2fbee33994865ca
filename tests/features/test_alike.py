"""Beats most alike: found by brute force, of one's own recording, never the beat itself."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.errors import RecordError
from ecgcore.features import alike as module
from ecgcore.features.alike import ALIKE, how_far, most_alike, typical
from ecgcore.features.rr import rr_features
from ecgcore.features.stack import stack_channels
from ecgcore.schema import Peaks
from tests.make_beats import beats_of


def _peaks(rr: np.ndarray) -> Peaks:
    sample = np.concatenate(([0], np.cumsum(rr))).astype(np.int64)
    return Peaks(sample=sample, source="made", fs=360.0)


def _drawn(seed: int, beats: int) -> tuple[np.ndarray, Peaks, np.ndarray]:
    rng = np.random.default_rng(seed)
    deviation = rng.normal(0, 1, (beats, 16)).astype(np.float32)
    return deviation, _peaks(rng.integers(150, 400, beats - 1)), rng.random(beats) < 0.8


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), beats=st.integers(2, 40), block=st.integers(1, 50))
def test_they_are_the_nearest_by_shape_and_rhythm(seed: int, beats: int, block: int) -> None:
    deviation, peaks, usable = _drawn(seed, beats)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        found = most_alike(deviation, peaks, usable)
    rhythm = rr_features(peaks, ("log_pre_global", "log_post_global", "log_pre_local")).values
    shape = ((deviation[:, None, ::2] - deviation[None, :, ::2]) ** 2).mean(axis=2)
    far = shape + 4 * ((rhythm[:, None] - rhythm[None]) ** 2).sum(axis=2)
    assert found.shape == (beats, max(0, min(ALIKE, usable.sum() - 1)))
    for beat in np.flatnonzero(usable):
        assert beat not in found[beat]
        assert usable[found[beat]].all()
        assert len(set(found[beat])) == found.shape[1]
        others = np.flatnonzero(usable & (np.arange(beats) != beat))
        nearest = np.sort(far[beat, others])[: found.shape[1]]
        np.testing.assert_allclose(np.sort(far[beat, found[beat]]), nearest, rtol=1e-3, atol=1e-4)
    wanted = np.take_along_axis(far, found, axis=1)
    np.testing.assert_allclose(how_far(deviation, peaks, found), wanted, rtol=1e-3, atol=1e-5)
    for beat in np.flatnonzero(~usable):
        assert (found[beat] == beat).all()


def test_of_a_long_recording_every_kth_is_compared_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BEATS", 15)
    deviation, peaks, _ = _drawn(3, 60)
    found = most_alike(deviation, peaks, np.ones(60, dtype=bool))
    assert set(found.ravel()) <= set(range(0, 60, 4))
    assert not (found == np.arange(60)[:, None]).any()


def test_an_early_beat_of_normal_shape_is_averaged_with_early_beats() -> None:
    rng = np.random.default_rng(0)
    rr = np.full(200, 300)
    early = np.arange(10, 200, 10)
    rr[early - 1], rr[early] = 200, 400
    deviation = rng.normal(0, 0.3, (201, 32)).astype(np.float32)
    found = most_alike(deviation, _peaks(rr), np.ones(201, dtype=bool))
    assert np.isin(found[early], early).all()


def test_a_mean_is_of_the_beat_and_of_those_like_it() -> None:
    x = np.arange(12, dtype=np.float32).reshape(4, 3)
    alike = np.array([[1, 2], [0, 2], [2, 2], [0, 1]])
    np.testing.assert_allclose(typical(x, alike)[0], x[[0, 1, 2]].mean(axis=0))
    np.testing.assert_allclose(typical(x, alike)[2], x[2])
    np.testing.assert_array_equal(x, np.arange(12, dtype=np.float32).reshape(4, 3))


def test_no_usable_beat_or_one_is_alone() -> None:
    deviation, peaks, usable = _drawn(0, 10)
    for some in (np.zeros_like(usable), np.arange(10) == 4):
        assert most_alike(deviation, peaks, some).shape == (10, 0)
    with pytest.raises(RecordError, match="two beats"):
        most_alike(deviation[:1], replace(peaks, sample=peaks.sample[:1]), usable[:1])


def test_noise_goes_and_what_a_kind_of_beats_shares_stays() -> None:
    rng = np.random.default_rng(1)
    beats, points = 300, 64
    normal = np.sin(np.linspace(0, 6, points))
    wave = normal + rng.normal(0, 0.05, (beats, points))
    odd = np.arange(5, beats, 20)
    wave[odd, 10:20] += 0.3
    made = beats_of(wave, np.arange(beats) != 7, around=(100.0, 200.0))
    names = ("difference", "typical_difference", "typical_deviation", "previous_typical")
    own, mean, deviation, previous = stack_channels(made, names, "none").swapaxes(0, 1)
    quiet = np.arange(points) > 25
    assert mean[odd][:, quiet].std() < 0.5 * own[odd][:, quiet].std()
    assert mean[odd, 10:20].mean() == pytest.approx(0.3, abs=0.05)
    np.testing.assert_array_equal(previous[1:], deviation[:-1])
    assert not mean[7].any()
    assert not deviation[7].any()
