"""resample: what a sinusoid, a gap and a ratio of rates must be afterwards."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.dsp.resample import resample, resampling_ratio
from ecgcore.errors import SignalError

RATES = st.sampled_from([100.0, 128.0, 250.0, 257.0, 360.0, 500.0, 1000.0])


@settings(deadline=None)
@given(fs_from=RATES, fs_to=RATES, hertz=st.floats(0.5, 30), phase=st.floats(0, 6))
def test_a_sinusoid_below_nyquist_stays_itself(
    fs_from: float, fs_to: float, hertz: float, phase: float
) -> None:
    n = round(10 * fs_from)
    wave = np.sin(2 * np.pi * hertz * np.arange(n) / fs_from + phase)
    out = resample(wave, fs_from, fs_to)
    expected = np.sin(2 * np.pi * hertz * np.arange(out.size) / fs_to + phase)
    middle = slice(round(fs_to), -round(fs_to))
    np.testing.assert_allclose(out[middle], expected[middle], atol=0.01)


@settings(deadline=None)
@given(fs_from=RATES, fs_to=RATES, n=st.integers(0, 3000))
def test_samples_are_those_that_fit_before_the_end(fs_from: float, fs_to: float, n: int) -> None:
    out = resample(np.ones(n), fs_from, fs_to)
    assert out.dtype == np.float32
    assert out.size == int(np.ceil(round(n * fs_to / fs_from, 9)))
    # Straight lines, so offsets, survive up to the very ends.
    np.testing.assert_allclose(out, 1, atol=1e-3)


def test_equal_rates_give_a_copy() -> None:
    x = np.arange(5, dtype=np.float32)
    out = resample(x, 360, 360)
    np.testing.assert_array_equal(out, x)
    assert not np.shares_memory(out, x)


@pytest.mark.parametrize(("fs_from", "fs_to"), [(128.05, 128.0), (257.13, 360.0), (359.999, 250.0)])
def test_the_ratio_says_where_samples_lie_in_a_long_signal(fs_from: float, fs_to: float) -> None:
    """A bump after half an hour is where ``resampling_ratio`` says, whatever the rates."""
    n = round(1800 * fs_from)
    at = n - 1000
    bump = np.exp(-(((np.arange(n) - at) / 5) ** 2))
    out = resample(bump, fs_from, fs_to)
    ratio = resampling_ratio(fs_from, fs_to)
    assert out.size == math.ceil(n * ratio)
    assert abs(int(out.argmax()) - float(at * ratio)) <= 0.5


def test_a_gap_stays_where_it_is_and_does_not_ring() -> None:
    t = np.arange(2500) / 250
    x = np.sin(2 * np.pi * 3 * t) + 5
    x[1000:1250] = np.nan
    out = resample(x, 250, 128)
    times = np.arange(out.size) / 128
    np.testing.assert_array_equal(np.isnan(out), (times > 999 / 250) & (times < 1250 / 250))
    whole = np.sin(2 * np.pi * 3 * times) + 5
    away = ~np.isnan(out) & (np.abs(times - 4.5) > 0.65) & (times > 0.2) & (times < 9.8)
    np.testing.assert_allclose(out[away], whole[away], atol=0.02)


def test_leads_are_resampled_by_themselves() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1000, 3)).astype(np.float32)
    x[100:200, 1] = np.nan
    x[:, 2] = np.nan
    out = resample(x, 500, 360)
    for lead in range(3):
        np.testing.assert_allclose(out[:, lead], resample(x[:, lead], 500, 360), atol=1e-6)
    assert np.isnan(out[:, 2]).all()


def test_there_and_back_keeps_a_band_limited_signal() -> None:
    rng = np.random.default_rng(1)
    spectrum = np.zeros(901, dtype=complex)
    spectrum[1:200] = rng.standard_normal(199) + 1j * rng.standard_normal(199)
    x = np.fft.irfft(spectrum, 1800).astype(np.float32)
    back = resample(resample(x, 360, 250), 250, 360)[: x.size]
    middle = slice(200, -200)
    assert np.abs(back[middle] - x[middle]).max() < 0.02 * np.abs(x).max()


@pytest.mark.parametrize(
    ("fs_from", "fs_to"), [(0, 100), (100, -1), (np.nan, 1), (1, np.inf), (1, 1e9)]
)
def test_rates_that_are_none_are_refused(fs_from: float, fs_to: float) -> None:
    with pytest.raises(SignalError, match="resampled"):
        resample(np.ones(10), fs_from, fs_to)
