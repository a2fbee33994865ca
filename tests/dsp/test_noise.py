"""Noise around beats: what is put into a recording is found, and nothing else is."""

import numpy as np
import pytest

from ecgcore.dsp import blocks, noise
from ecgcore.dsp.noise import beat_noise, lead_noise
from tests.make_record import make_record


@pytest.mark.parametrize("fs", [128.0, 360.0])
def test_noise_of_a_known_size_is_measured_where_it_is(fs):
    record, peaks = make_record(40, fs=fs)
    rng = np.random.default_rng(1)
    x = record.signal[:, 0].copy()
    half = x.size // 2
    x[half:] += rng.normal(0, 0.2, x.size - half).astype(np.float32)
    found = beat_noise(x, fs, peaks.sample)
    quiet, loud = peaks.sample < half - fs, peaks.sample > half + fs
    # The share of white noise's power that lies between 25 Hz and the band's upper end.
    expected = 0.2 * np.sqrt((min(100.0, 0.45 * fs) - 25) / (fs / 2))
    assert np.median(found[loud]) == pytest.approx(expected, rel=0.25)
    assert found[quiet].max() < 0.3 * found[loud].min()


def test_r_waves_and_baseline_do_not_count():
    record, peaks = make_record(30)
    x = record.signal[:, 0]
    plain = beat_noise(x, 360.0, peaks.sample)
    wander = 0.5 * np.sin(2 * np.pi * 0.3 * np.arange(x.size) / 360).astype(np.float32)
    np.testing.assert_allclose(beat_noise(x + wander, 360.0, peaks.sample), plain, rtol=0.1)
    np.testing.assert_allclose(beat_noise(3 * x, 360.0, peaks.sample), 3 * plain, rtol=1e-3)


def test_gaps_and_edges_have_no_noise_to_tell():
    record, peaks = make_record(10)
    x = record.signal[:, 0].copy()
    x[peaks.sample[4] - 400 : peaks.sample[4] + 400] = np.nan
    found = beat_noise(x, 360.0, np.append(peaks.sample, x.size + 5000))
    assert np.isnan(found[[4, -1]]).all()
    assert np.isfinite(np.delete(found, [4, -1])).any()
    assert beat_noise(x, 360.0, np.empty(0, np.int64)).shape == (0,)


def test_of_a_long_lead_it_is_the_same_block_by_block(monkeypatch):
    record, peaks = make_record(120)
    x = record.signal[:, 0]
    sample = np.append(peaks.sample, x.size + 500)  # one beyond the end
    whole = beat_noise(x, 360.0, sample)
    np.testing.assert_array_equal(lead_noise(x, 360.0, sample), whole)
    monkeypatch.setattr(blocks, "BLOCK_S", 20.0)
    monkeypatch.setattr(noise, "_MARGIN_S", 2.0)
    np.testing.assert_allclose(lead_noise(x, 360.0, sample), whole, rtol=1e-4, atol=1e-7)
